package io.muster.server.access;

import io.muster.server.embedded.CannotStart;
import io.muster.server.embedded.ReadFirst;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** The address that people and jobs use: {@code MUSTER_BASE_URL}, by default {@code http://localhost:<port>}. */
@ReadFirst
@Component
public class BaseUrl {

    private final String given;
    private final Environment environment;
    private volatile @Nullable String own;

    public BaseUrl(@Value("${muster.base-url:}") String given, Environment environment) {
        this.environment = environment;
        this.given = given.isBlank() ? "" : checked("MUSTER_BASE_URL", given);
    }

    /** {@code path}, which begins with a slash, as an address to click on or to ping. */
    public String url(String path) {
        return (given.isEmpty() ? own() : given) + path;
    }

    /** Kept from when the port is open: a look into the environment costs more than a whole check in a list does. */
    private String own() {
        var known = own;
        if (known != null) return known;
        var open = environment.getProperty("local.server.port");
        var address = "http://localhost:" + (open == null ? environment.getProperty("muster.port", "8080") : open);
        if (open != null) own = address;
        return address;
    }

    boolean isHttps() {
        return given.startsWith("https://");
    }

    /** The scheme and host that {@code setting} gives, without a slash: of another name than this address. */
    public String another(String setting, String given) {
        var other = checked(setting, given);
        if (URI.create(other).getHost().equalsIgnoreCase(URI.create(url("")).getHost())) {
            throw new CannotStart(setting + " must have another host name than MUSTER_BASE_URL; got " + given);
        }
        return other;
    }

    private static String checked(String setting, String given) {
        var text = given.strip();
        try {
            var url = URI.create(text);
            var known = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
            var rest = url.getRawPath()
                    + (url.getRawQuery() == null ? "" : "?")
                    + (url.getRawFragment() == null ? "" : "#");
            if (known
                    && url.getHost() != null
                    && url.getRawUserInfo() == null
                    && (rest.isEmpty() || rest.equals("/"))) {
                return url.getScheme() + "://" + url.getRawAuthority();
            }
        } catch (IllegalArgumentException notAUrl) {
            // told below
        }
        throw new CannotStart(setting + " must be like https://muster.example.com, without a path; got " + text);
    }
}
