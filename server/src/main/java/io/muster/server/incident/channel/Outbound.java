package io.muster.server.incident.channel;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.ssl.SSLContexts;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * Posts to a URL that somebody else chose. The name is resolved once, each address is checked, and the connection goes to
 * a checked address: a name that means something else a moment later gains nothing. No redirect is followed, no proxy and
 * no cookie used, no certificate error forgiven; time and answer are bounded.
 */
@Component
public class Outbound {

    /** What is read of an answer. */
    static final int LONGEST_ANSWER = 64 << 10;

    private static final int LONGEST_URL = 2_000;
    private static final Timeout CONNECT = Timeout.ofSeconds(10);
    private static final Timeout SILENCE = Timeout.ofSeconds(20);
    private static final Duration ALL_TOGETHER = Duration.ofSeconds(30);

    /** What came back. Header names are in lower case; of several of one name, the last. */
    public record Answer(int status, Map<String, String> headers, String body) {

        /** The first characters of the body, for people. */
        public String excerpt() {
            var text = body.strip();
            return text.isEmpty() ? "" : ", “" + text.substring(0, Math.min(200, text.length())) + "”";
        }
    }

    /** The call was not made, for the address may not be called. */
    public static final class NotAllowed extends IOException {
        private static final long serialVersionUID = 1;

        NotAllowed(String why) {
            super(why);
        }
    }

    /** How names become addresses; a test may lie. */
    interface Resolver {
        InetAddress[] resolve(String host) throws UnknownHostException;
    }

    private final OutboundAllow allow;
    private final Resolver resolver;
    private final SSLContext tls;
    private final Duration patience;

    @Autowired
    public Outbound(OutboundAllow allow) {
        this(allow, InetAddress::getAllByName, SSLContexts.createSystemDefault(), ALL_TOGETHER);
    }

    Outbound(OutboundAllow allow, Resolver resolver, SSLContext tls, Duration patience) {
        this.allow = allow;
        this.resolver = resolver;
        this.tls = tls;
        this.patience = patience;
    }

    /** Why {@code url} can never be called, whatever its name means; empty if it perhaps can. */
    public Optional<String> objection(String url) {
        try {
            var target = Target.of(url);
            return target.isOrdinary() || !allow.isEmpty() ? Optional.empty() : Optional.of(Target.RULE);
        } catch (NotAllowed refused) {
            return Optional.of(String.valueOf(refused.getMessage()));
        }
    }

    /** Posts {@code body}; any status is an answer. */
    public Answer post(String url, Map<String, String> headers, byte[] body) throws IOException {
        var target = Target.of(url);
        var request = new HttpPost(target.uri());
        headers.forEach(request::setHeader);
        request.setEntity(new ByteArrayEntity(body, null));
        var exchange = new FutureTask<>(() -> exchange(target, request));
        Thread.ofVirtual().name("outbound").start(exchange);
        try {
            return exchange.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException slow) {
            request.abort();
            exchange.cancel(true);
            throw new IOException("no whole answer within " + patience.toSeconds() + " s", slow);
        } catch (InterruptedException stopping) {
            request.abort();
            Thread.currentThread().interrupt();
            throw new IOException("the server is stopping", stopping);
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof IOException known ? known : new IOException(failed.getCause());
        }
    }

    private Answer exchange(Target target, HttpPost request) throws IOException {
        var addresses = permitted(target);
        var connections = PoolingHttpClientConnectionManagerBuilder.create()
                .setDnsResolver(new Only(target.host(), addresses))
                .setTlsSocketStrategy(new DefaultClientTlsStrategy(tls))
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(CONNECT)
                        .setSocketTimeout(SILENCE)
                        .build())
                .setDefaultTlsConfig(
                        TlsConfig.custom().setHandshakeTimeout(CONNECT).build())
                .build();
        try (var client = HttpClients.custom()
                .setConnectionManager(connections)
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setRedirectsEnabled(false)
                        .setAuthenticationEnabled(false)
                        .setResponseTimeout(SILENCE)
                        .setProtocolUpgradeEnabled(false)
                        .build())
                .setUserAgent("Muster")
                .disableRedirectHandling()
                .disableAutomaticRetries()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableContentCompression()
                .build()) {
            try (var response = client.executeOpen(null, request, null)) {
                return answer(request, response);
            }
        }
    }

    /** Reads what fits and no more: what follows is cut off with the connection. */
    private static Answer answer(HttpPost request, ClassicHttpResponse response) throws IOException {
        var headers = new HashMap<String, String>();
        for (var header : response.getHeaders()) {
            headers.put(header.getName().toLowerCase(Locale.ROOT), String.valueOf(header.getValue()));
        }
        var entity = response.getEntity();
        var body = new byte[0];
        if (entity != null) {
            body = entity.getContent().readNBytes(LONGEST_ANSWER);
            if (body.length == LONGEST_ANSWER) request.abort();
        }
        return new Answer(response.getCode(), headers, new String(body, UTF_8));
    }

    private InetAddress[] permitted(Target target) throws IOException {
        InetAddress[] all;
        try {
            all = resolver.resolve(target.host());
        } catch (UnknownHostException unknown) {
            throw new IOException("no such host: " + target.host(), unknown);
        }
        var permitted = Arrays.stream(all)
                .filter(address -> allow.permits(address, target.https(), target.port()))
                .toArray(InetAddress[]::new);
        if (permitted.length == 0) throw new NotAllowed(target.host() + " may not be called: " + Target.RULE);
        return permitted;
    }

    /** Knows one name, and of that only the addresses that were checked. */
    private record Only(String host, InetAddress[] addresses) implements DnsResolver {

        @Override
        public InetAddress[] resolve(String asked) throws UnknownHostException {
            if (!bare(asked).equalsIgnoreCase(bare(host))) throw new UnknownHostException(asked);
            return addresses.clone();
        }

        @Override
        public String resolveCanonicalHostname(String asked) {
            return asked;
        }

        private static String bare(String host) {
            return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        }
    }

    /** A URL that can be called. What is said about a wrong one never shows it: it may be a secret. */
    private record Target(URI uri, boolean https, String host, int port) {

        static final String RULE = "https on port 443 goes to public addresses; plain http, another port or a private"
                + " address only to networks in MUSTER_OUTBOUND_ALLOW";

        static Target of(String url) throws NotAllowed {
            if (url.length() > LONGEST_URL) throw new NotAllowed("must have at most " + LONGEST_URL + " characters");
            var uri = parse(url);
            var https = uri != null && "https".equalsIgnoreCase(uri.getScheme());
            if (uri == null || !https && !"http".equalsIgnoreCase(uri.getScheme()) || uri.getHost() == null) {
                throw new NotAllowed("must be a URL such as https://alerts.example.com/hook");
            }
            if (uri.getRawUserInfo() != null) throw new NotAllowed("must not hold a user or password");
            if (uri.getRawFragment() != null) throw new NotAllowed("must not have a fragment (#)");
            var port = uri.getPort() == -1 ? https ? 443 : 80 : uri.getPort();
            if (port < 1 || port > 65_535) throw new NotAllowed("must have a port from 1 to 65535");
            return new Target(uri, https, uri.getHost(), port);
        }

        /** Not {@link URI#create}: its exception shows the text. */
        private static @Nullable URI parse(String url) {
            try {
                return new URI(url);
            } catch (java.net.URISyntaxException wrong) {
                return null;
            }
        }

        boolean isOrdinary() {
            return https && port == 443;
        }

        @Override
        public String toString() {
            return host;
        }
    }
}
