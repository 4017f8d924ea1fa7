package io.muster.server.layout;

import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import io.muster.server.access.Access;
import io.muster.server.access.Caller;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.Base64;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.info.BuildProperties;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.ModelAndView;

/** Makes pages, and answers those that ask whether they are still true. */
@Component
public class Pages {
    /** What a live part is called in the page and by htmx. */
    static final String LIVE = "live";

    private static final int SECONDS = 5;
    /** What differs each time although nothing has changed: how long ago things were, and what forms send back. */
    private static final Pattern RESTLESS =
            Pattern.compile("(<time [^>]*data-t=[^>]*>)[^<]*|(name=\"_csrf\" value=)\"[^\"]*\"");

    private final Access access;
    private final Assets assets;
    private final InstantSource clock;
    private final TemplateEngine templates;
    private final ObjectProvider<NavCount> counts;
    private final String version;

    Pages(
            Access access,
            Assets assets,
            InstantSource clock,
            TemplateEngine templates,
            ObjectProvider<NavCount> counts,
            ObjectProvider<BuildProperties> build) {
        this.access = access;
        this.assets = assets;
        this.clock = clock;
        this.templates = templates;
        this.counts = counts;
        var properties = build.getIfAvailable();
        this.version = properties == null ? "dev" : String.valueOf(properties.getVersion());
    }

    public Page page(String title, @Nullable Nav active) {
        var caller = access.caller();
        var now = clock.instant();
        var counted = new EnumMap<Nav, NavCount.Count>(Nav.class);
        counts.forEach(each -> each.attention(caller, now).ifPresent(count -> counted.put(each.nav(), count)));
        return new Page(title, active, counted, caller, now, access.csrf(), assets, version);
    }

    public Caller caller() {
        return access.caller();
    }

    /** A page that stays as it is. */
    public ModelAndView show(Page page, String template, Map<String, ?> model) {
        return new ModelAndView(template, Map.of("page", page)).addAllObjects(model);
    }

    /**
     * The page {@code template}, around the part {@code <template>-live} of the same model. Null if this was that part
     * asking for itself: it has its answer.
     */
    public @Nullable ModelAndView live(
            Page page, String template, Map<String, ?> model, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        var all = new HashMap<String, Object>(model);
        all.put("page", page);
        var html = render(template + "-live.jte", all);
        var hash = hash(html + page.counts());
        var query = request.getQueryString();
        var url = request.getRequestURI() + (query == null ? "" : "?" + query);
        var live = new Live(url, SECONDS, html, hash);
        response.setHeader("Vary", "HX-Target");
        if (!LIVE.equals(request.getHeader("HX-Target"))) {
            return new ModelAndView(template, all).addObject(LIVE, live);
        }
        if (hash.equals(request.getHeader("Live-Hash"))) {
            response.setStatus(HttpServletResponse.SC_NO_CONTENT);
            return null;
        }
        response.setContentType("text/html;charset=UTF-8");
        response.getWriter().write(render("layout/answer.jte", Map.of("page", page, LIVE, live)));
        return null;
    }

    private String render(String template, Map<String, Object> model) {
        var output = new StringOutput();
        templates.render(template, model, output);
        return output.toString();
    }

    private static String hash(String html) {
        var still = RESTLESS.matcher(html).replaceAll("$1$2");
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(still.getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(digest)
                    .substring(0, 16);
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }
}
