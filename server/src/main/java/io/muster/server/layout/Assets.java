package io.muster.server.layout;

import org.springframework.stereotype.Component;
import org.springframework.web.servlet.resource.ResourceUrlProvider;

/** Static files by names that change with their content, so that browsers may keep them for a year. */
@Component
public class Assets {
    private final ResourceUrlProvider urls;

    Assets(ResourceUrlProvider urls) {
        this.urls = urls;
    }

    /** {@code vendor/htmx.min.js} is {@code /assets/vendor/htmx.min-<hash>.js}. */
    public String url(String file) {
        var url = urls.getForLookupPath("/assets/" + file);
        if (url == null) {
            throw new IllegalArgumentException("no file static/assets/" + file);
        }
        return url;
    }
}
