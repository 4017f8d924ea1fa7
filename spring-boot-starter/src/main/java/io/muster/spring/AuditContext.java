package io.muster.spring;

import java.security.Principal;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * From where, and by whom, something is asked for.
 *
 * @param principal who is signed in; with Spring Security an {@code Authentication}. Null: nobody, or not yet
 * @param ip who called, past the proxies that are trusted
 * @param traceId of W3C's {@code traceparent}
 * @param headers of the request, names in lower case; without {@code authorization} and {@code cookie}
 */
public record AuditContext(
        @Nullable Principal principal,
        @Nullable String ip,
        @Nullable String userAgent,
        @Nullable String traceId,
        Map<String, String> headers) {
    /** Outside of any request. */
    static final AuditContext NONE = new AuditContext(null, null, null, null, Map.of());

    /** The first of that name. */
    public @Nullable String header(String name) {
        return headers.get(name.toLowerCase(Locale.ROOT));
    }

    AuditContext with(@Nullable Principal other) {
        return new AuditContext(other, ip, userAgent, traceId, headers);
    }
}
