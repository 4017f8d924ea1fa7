package io.muster.server.demo;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions.ContainsTextOptions;
import com.microsoft.playwright.assertions.LocatorAssertions.IsVisibleOptions;
import io.muster.server.testing.Chromium;
import io.muster.server.testing.ServerProcess;
import io.muster.server.testing.ServerProcess.Start;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.util.FileSystemUtils;

/**
 * The demo as a newcomer meets it: a process of its own, real databases, real jobs, a browser that only waits. All that is
 * changed are times: jobs run each second, the one that breaks does so soon, and half a minute is promised. Pictures go to
 * {@code target/demo}.
 */
@Tag("browser")
class DemoTest {
    private static final String JOB = "users-to-eu-central-1";

    /** For what happens by itself within seconds, on a machine that is busy with other tests. */
    private static final double SOON = 60_000;

    private Path folder;

    @BeforeEach
    void newFolder() throws Exception {
        folder = Files.createTempDirectory("muster-demo-");
    }

    @AfterEach
    void removeFolder() throws Exception {
        FileSystemUtils.deleteRecursively(folder);
    }

    @Test
    void a_real_exposure_opens_is_told_and_closes_before_one_s_eyes() throws Exception {
        var catalogue = Files.readString(Path.of("../examples/demo.yaml"));
        var soon = catalogue.replace("max_dwell: PT2M}", "max_dwell: PT30S}");
        assertThat(soon).isNotEqualTo(catalogue);
        var demo = Start.demo(folder.resolve("data"))
                .with(
                        "--break-after=10s",
                        "--muster.demo.every=1s",
                        "--muster.demo.catalogue=" + Files.writeString(folder.resolve("demo.yaml"), soon));
        try (var chromium = new Chromium();
                var browser =
                        chromium.browser().newContext(new Browser.NewContextOptions().setViewportSize(1440, 900))) {
            watch(demo, browser.newPage());
            comeBack(demo, browser.newPage());
        }
    }

    private void watch(Start demo, Page page) throws Exception {
        try (var server = demo.startAndAwait()) {
            assertThat(server.printed())
                    .contains("40 customers sign up users at us-east-1", server.base() + "/exposures", "--heal " + JOB);
            signIn(page, server);

            page.navigate(server.base() + "/exposures"); // from here on it shows by itself what happens
            var rows = page.locator("tbody tr");
            var atRisk = rows.filter(new Locator.FilterOptions().setHasText("at risk"));
            assertThat(atRisk.first()).isVisible(new IsVisibleOptions().setTimeout(SOON));
            picture(page, "1-at-risk");
            assertThat(atRisk.first()).containsText("Users to Frankfurt");
            var violation = rows.filter(new Locator.FilterOptions().setHasText("violation"));
            assertThat(violation.first()).isVisible(new IsVisibleOptions().setTimeout(SOON));
            picture(page, "2-violation");

            var one = server.base()
                    + violation
                            .first()
                            .locator("a[href^='/exposures/']")
                            .first()
                            .getAttribute("href");
            page.navigate(one);
            assertThat(page.locator("main")).containsText("us-east-1");
            assertThat(page.locator("main")).containsText("eu-only");
            picture(page, "3-one-exposure");
            page.navigate(server.base() + "/");
            assertThat(page.locator("main")).containsText("Users to Frankfurt");
            picture(page, "4-overview");
            page.navigate(server.base() + "/channels");
            assertThat(page.getByText("Sent", new Page.GetByTextOptions().setExact(true))
                            .first())
                    .isVisible(new IsVisibleOptions().setTimeout(SOON));
            assertThat(page.locator("main")).containsText("on-call");
            picture(page, "5-told");
            assertThat(server.printed()).containsPattern("on-call was told: (exposure|job)\\.\\w+, \\d+ tenants, \\S");
            assertThat(server.get("/api/v1/deliveries?channel=on-call&state=sent")
                            .body())
                    .contains("\"state\":\"sent\"");

            assertThat(muster("demo", "--heal", JOB, "--port", "" + server.port(), "--data", "" + server.data()))
                    .isEqualTo(JOB + " works again\n");
            page.navigate(one);
            assertThat(page.locator(".facts .pill")).containsText("Closed", new ContainsTextOptions().setTimeout(SOON));
            picture(page, "6-closed");
            page.navigate(server.base() + "/exposures");
            assertThat(page.getByText("Nothing is out of place")).isVisible(new IsVisibleOptions().setTimeout(SOON));
            picture(page, "7-nothing-out-of-place");
        }
    }

    /** The account is there, so no link is printed any more; but there is always another. */
    private void comeBack(Start demo, Page page) throws Exception {
        try (var again = demo.startAndAwait()) {
            assertThat(again.printed())
                    .contains(JOB + " was broken and healed before")
                    .doesNotContain("Sign in: ");
            var key = again.data().resolve("admin.key").toString();
            var said = muster("sign-in-link", "--server", again.base(), "--key-file", key);
            page.navigate(said.replaceFirst("^Sign in: ", "").strip());
            assertThat(page.getByText("Which account is yours?")).isVisible();
            var closed = again.get("/api/v1/exposures?state=closed&limit=1").body();
            assertThat(closed).contains("\"state\":\"closed\"");
        }
    }

    /** By the link that the first start prints. */
    private static void signIn(Page page, ServerProcess server) {
        var link = Pattern.compile("Sign in: (\\S+)").matcher(server.printed());
        assertThat(link.find()).isTrue();
        page.navigate(link.group(1));
        page.getByLabel("E-mail").fill("newcomer@example.com");
        page.getByLabel("Password").fill("a pass phrase of some length");
        page.getByText("Make the first account").click();
        assertThat(page.getByText("Does everything pass muster?")).isVisible();
    }

    /** {@code ./muster}, with the client that the build has made. */
    private String muster(String... arguments) throws Exception {
        var client = Path.of("../cli/target/muster-cli.jar");
        assertThat(client).as("build it first: ./muster build").exists();
        var command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-jar", client.toString()));
        command.addAll(List.of(arguments));
        var out = folder.resolve("out");
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("MUSTER_"));
        var process = builder.start();
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(out)).isZero();
        return Files.readString(out);
    }

    private static void picture(Page page, String name) {
        page.screenshot(new Page.ScreenshotOptions().setFullPage(true).setPath(Path.of("target/demo", name + ".png")));
    }
}
