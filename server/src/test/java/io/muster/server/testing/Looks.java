package io.muster.server.testing;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Looks at pages as people do, in light, dark and on a telephone; pictures of what is wrong go to {@code target/pages}. */
public final class Looks implements AutoCloseable {
    private record View(int width, ColorScheme scheme, String name) {}

    private static final List<View> VIEWS = List.of(
            new View(1440, ColorScheme.LIGHT, "light"),
            new View(1440, ColorScheme.DARK, "dark"),
            new View(390, ColorScheme.LIGHT, "mobile"));

    /** Where the reader is: not where the server and its UTC are. */
    public static final String ZONE = "America/New_York";

    private final Chromium chromium = new Chromium();
    private final Http http;
    private final Map<View, Page> pages = new HashMap<>();
    private List<String> findings = new ArrayList<>();
    private String at = "";

    public Looks(Http http) {
        this.http = http;
    }

    /** What is wrong with the page: accessibility, errors of scripts and of the content policy, sideways scroll. */
    public List<String> findings(String path) {
        return findings(path, _ -> {});
    }

    /** The same, once {@code first} was done there. */
    public List<String> findings(String path, Consumer<Page> first) {
        findings = new ArrayList<>();
        for (var view : VIEWS) {
            open(view, path, page -> {
                first.accept(page);
                if ((boolean) page.evaluate("document.documentElement.scrollWidth > innerWidth")) {
                    findings.add(at + ": scrolls sideways");
                }
                new AxeBuilder(page)
                        .setLegacyMode(true) // there are no frames, so that no second page is needed
                        .withTags(List.of("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"))
                        .analyze()
                        .getViolations()
                        .forEach(rule -> findings.add(at + ": " + rule.getId() + " "
                                + rule.getNodes().getFirst().getHtml()));
            });
        }
        return findings;
    }

    /** The page at 1440 px, light, while {@code look} holds it. */
    public void at(String path, Consumer<Page> look) {
        open(VIEWS.getFirst(), path, look);
    }

    private void open(View view, String path, Consumer<Page> look) {
        at = path + " " + view.name;
        int before = findings.size();
        boolean well = false;
        var page = pages.computeIfAbsent(view, this::open);
        try {
            page.navigate(http.base() + path);
            look.accept(page);
            well = findings.size() == before;
        } finally {
            if (!well) page.screenshot(picture(path, view));
        }
    }

    private static Page.ScreenshotOptions picture(String path, View view) {
        var name = path.equals("/") ? "overview" : path.substring(1).replaceAll("[^a-z0-9]+", "-");
        return new Page.ScreenshotOptions()
                .setFullPage(true)
                .setPath(Path.of("target/pages", name + "-" + view.name + ".png"));
    }

    private Page open(View view) {
        var page = chromium.browser()
                .newContext(new Browser.NewContextOptions()
                        .setExtraHTTPHeaders(Map.of("X-Api-Key", http.adminKey()))
                        .setColorScheme(view.scheme)
                        .setTimezoneId(ZONE)
                        .setReducedMotion(ReducedMotion.REDUCE)
                        .setViewportSize(view.width, 900))
                .newPage();
        page.onConsoleMessage(message -> {
            if (List.of("error", "warning").contains(message.type())) findings.add(at + ": " + message.text());
        });
        page.onPageError(error -> findings.add(at + ": " + error));
        return page;
    }

    @Override
    public void close() {
        chromium.close();
    }
}
