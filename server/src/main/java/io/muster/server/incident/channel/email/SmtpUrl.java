package io.muster.server.incident.channel.email;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.muster.server.embedded.CannotStart;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * {@code MUSTER_SMTP_URL}: {@code smtp://user:password@host:587} goes on to TLS (STARTTLS) before anything is said, unless
 * the host is this machine; {@code smtps://} begins with TLS. User and password may be percent-encoded. With
 * {@code ?from=alerts@acme.example} mail comes from there.
 */
record SmtpUrl(
        boolean tls,
        String host,
        int port,
        @Nullable String user,
        @Nullable String password,
        Optional<String> from) {

    private static final String FORM =
            "MUSTER_SMTP_URL must be like smtp://user:password@mail.example.com:587 or smtps://...:465, with"
                    + " ?from=alerts@example.com if need be";

    /** What is said about a wrong one never shows it: it holds a password. */
    static SmtpUrl of(String text) {
        URI url;
        try {
            url = new URI(text.strip());
        } catch (URISyntaxException wrong) {
            throw new CannotStart(FORM); // without its cause, which shows the text
        }
        var tls = "smtps".equalsIgnoreCase(url.getScheme());
        var path = url.getRawPath();
        if (!tls && !"smtp".equalsIgnoreCase(url.getScheme())
                || url.getHost() == null
                || url.getRawFragment() != null
                || path != null && !path.isEmpty() && !path.equals("/")) {
            throw new CannotStart(FORM);
        }
        var login = url.getRawUserInfo() == null
                ? new String[0]
                : url.getRawUserInfo().split(":", 2);
        return new SmtpUrl(
                tls,
                url.getHost().replaceAll("^\\[|]$", ""),
                url.getPort() != -1 ? url.getPort() : tls ? 465 : 587,
                login.length > 0 ? decoded(login[0]) : null,
                login.length > 1 ? decoded(login[1]) : null,
                from(url.getRawQuery()));
    }

    private static Optional<String> from(@Nullable String query) {
        if (query == null || query.isEmpty()) return Optional.empty();
        if (!query.startsWith("from=") || query.contains("&")) throw new CannotStart(FORM);
        return Optional.of(decoded(query.substring("from=".length())));
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), UTF_8);
        } catch (IllegalArgumentException wrong) {
            throw new CannotStart(FORM); // as above
        }
    }

    /** Whether nobody can listen on the way: then a password may go without TLS. */
    boolean isThisMachine() {
        try {
            return Arrays.stream(InetAddress.getAllByName(host)).allMatch(InetAddress::isLoopbackAddress);
        } catch (UnknownHostException unknown) {
            return false;
        }
    }

    @Override
    public String toString() {
        return (tls ? "smtps://" : "smtp://") + host + ":" + port;
    }
}
