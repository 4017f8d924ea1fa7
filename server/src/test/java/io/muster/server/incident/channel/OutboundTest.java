package io.muster.server.incident.channel;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.hc.core5.ssl.SSLContexts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutboundTest {

    final List<AutoCloseable> open = new ArrayList<>();
    final List<String> heard = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (var resource : open) resource.close();
    }

    /** Each of these means this machine, or what only this machine may reach; somebody listens there. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://127.0.0.1:PORT/",
                "http://127.0.0.1:PORT/",
                "http://localhost:PORT/",
                "http://localhost.:PORT/",
                "http://127.1:PORT/",
                "http://2130706433:PORT/",
                "http://017700000001:PORT/",
                "http://[::1]:PORT/",
                "http://[::ffff:127.0.0.1]:PORT/",
                "http://[::ffff:7f00:1]:PORT/",
                "http://[0:0:0:0:0:0:0:1]:PORT/",
                "http://0.0.0.0:PORT/",
                "http://0:PORT/",
                "http://[::]:PORT/",
                "https://169.254.169.254/latest/meta-data/",
                "https://[fd00:ec2::254]/",
                "https://10.0.0.1/",
                "https://[fe80::1%25lo]/",
                "https://localhost/",
                "https://169.254.43518/",
                "HTTPS://LOCALHOST/"
            })
    void no_way_of_writing_an_inner_address_gets_through(String url) {
        var port = listen("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        var outbound = new Outbound(new OutboundAllow(""));
        assertThatThrownBy(() -> post(outbound, url.replace("PORT", "" + port))).isInstanceOf(IOException.class);
        assertThat(heard).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://a.example/", "file:///etc/passwd", "jar:http://a.example/!/", "//a.example/", "a.example",
                "https://", "https:///x", "https://user:hunter2@a.example/", "https://a.example/#x",
                        "https://a.example:0/",
                "https://a.example:65536/", "https://a.example\r\nX: y/", "https://bücher.example/", "https://a b/", "",
                "https://a.example:-1/"
            })
    void what_is_no_plain_url_is_objected_to_without_being_shown(String url) {
        var objection = new Outbound(new OutboundAllow("0.0.0.0/0")).objection(url);
        assertThat(objection).isPresent();
        assertThat(objection.get()).doesNotContain("hunter2");
    }

    @Test
    void http_and_other_ports_are_objected_to_where_no_network_is_listed() {
        assertThat(new Outbound(new OutboundAllow("")).objection("http://a.example/"))
                .isPresent();
        assertThat(new Outbound(new OutboundAllow("")).objection("https://a.example:8443/"))
                .isPresent();
        assertThat(new Outbound(new OutboundAllow("")).objection("https://a.example/"))
                .isEmpty();
        assertThat(new Outbound(new OutboundAllow("10.0.0.0/8")).objection("http://a.example/"))
                .isEmpty();
    }

    /** The first answer is checked; a client that asked again would be led elsewhere. */
    @Test
    void a_name_is_resolved_once_and_only_its_permitted_addresses_are_called() throws IOException {
        var port = listen("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        var asked = new AtomicInteger();
        var outbound = outbound("127.0.0.2/32", host -> {
            assertThat(host).isEqualTo("rebind.example");
            return asked.getAndIncrement() == 0
                    ? new InetAddress[] {InetAddress.getByName("10.0.0.1"), InetAddress.getByName("127.0.0.2")}
                    : new InetAddress[] {InetAddress.getByName("127.0.0.1")};
        });
        assertThat(post(outbound, "http://rebind.example:" + port + "/x?y=1").status())
                .isEqualTo(200);
        assertThat(asked).hasValue(1);
        assertThat(heard)
                .singleElement()
                .asString()
                .startsWith("/127.0.0.2 POST /x?y=1 HTTP/1.1")
                .contains("Host: rebind.example:" + port);
    }

    @Test
    void a_redirect_is_an_answer_and_not_followed() throws IOException {
        var inner = listen("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret");
        var port = listen("HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:" + inner + "/\r\nContent-Length: 0\r\n\r\n");
        var answer = post(outbound("127.0.0.0/8", InetAddress::getAllByName), "http://127.0.0.1:" + port + "/");
        assertThat(answer.status()).isEqualTo(307);
        assertThat(heard).hasSize(1);
    }

    @Test
    void an_endless_answer_is_cut_off() throws IOException {
        var port = listen("HTTP/1.1 200 OK\r\n\r\n" + "x".repeat(3 << 20));
        var answer = post(outbound("127.0.0.0/8", InetAddress::getAllByName), "http://127.0.0.1:" + port + "/");
        assertThat(answer.body()).hasSize(Outbound.LONGEST_ANSWER);
    }

    @Test
    void an_answer_that_drips_ends_with_our_patience() throws IOException {
        var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        open.add(server);
        Thread.ofVirtual().start(() -> {
            try (var socket = server.accept()) {
                var out = socket.getOutputStream();
                out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(US_ASCII));
                for (var i = 0; i < 100_000; i++) {
                    out.write('x');
                    out.flush();
                    java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
                }
            } catch (IOException gone) {
                // as it should be
            }
        });
        var began = System.nanoTime();
        var outbound = outbound("127.0.0.0/8", InetAddress::getAllByName);
        assertThatThrownBy(() -> post(outbound, "http://127.0.0.1:" + server.getLocalPort() + "/"))
                .hasMessageContaining("no whole answer within 2 s");
        assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began)).isLessThan(10);
    }

    @Test
    void nobody_listening_is_said_so() {
        var outbound = outbound("127.0.0.0/8", InetAddress::getAllByName);
        assertThatThrownBy(() -> post(outbound, "http://127.0.0.1:1/"))
                .satisfies(failure ->
                        assertThat(RetryAfter.reason((IOException) failure)).startsWith("no connection"));
    }

    @Test
    void https_asks_for_the_name_and_trusts_only_a_certificate_of_that_name(@TempDir Path folder) throws Exception {
        var names = new CopyOnWriteArrayList<String>();
        var tls = certificateFor("hooks.example", folder);
        var server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        open.add(() -> server.stop(0));
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        server.createContext("/", call -> {
            var session = (ExtendedSSLSession) ((com.sun.net.httpserver.HttpsExchange) call).getSSLSession();
            names.add(session.getRequestedServerNames() + " "
                    + call.getRequestHeaders().getFirst("Host"));
            call.sendResponseHeaders(200, -1);
            call.close();
        });
        server.start();
        var port = server.getAddress().getPort();
        var trusting = new Outbound(
                new OutboundAllow("127.0.0.0/8"),
                _ -> InetAddress.getAllByName("127.0.0.1"),
                tls,
                Duration.ofSeconds(5));
        assertThat(post(trusting, "https://hooks.example:" + port + "/").status())
                .isEqualTo(200);
        assertThat(names).singleElement().asString().contains("hooks.example").endsWith(" hooks.example:" + port);
        assertThatThrownBy(() -> post(trusting, "https://other.example:" + port + "/"))
                .isInstanceOf(javax.net.ssl.SSLException.class);
        var strange = outbound("127.0.0.0/8", _ -> InetAddress.getAllByName("127.0.0.1"));
        assertThatThrownBy(() -> post(strange, "https://hooks.example:" + port + "/"))
                .isInstanceOf(javax.net.ssl.SSLException.class);
        assertThat(names).hasSize(1);
    }

    private static SSLContext certificateFor(String name, Path folder) throws Exception {
        var file = folder.resolve("keys.p12");
        var made = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-alias",
                        "a",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "SAN=dns:" + name,
                        "-storepass",
                        "secret",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString())
                .redirectErrorStream(true)
                .start();
        assertThat(made.waitFor(60, TimeUnit.SECONDS)).isTrue();
        var store = KeyStore.getInstance("PKCS12");
        try (var in = Files.newInputStream(file)) {
            store.load(in, "secret".toCharArray());
        }
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, "secret".toCharArray());
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        var roots = KeyStore.getInstance("PKCS12");
        roots.load(null, null);
        roots.setCertificateEntry("a", store.getCertificate("a"));
        trust.init(roots);
        var tls = SSLContext.getInstance("TLS");
        tls.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return tls;
    }

    private static Outbound outbound(String allow, Outbound.Resolver resolver) {
        return new Outbound(
                new OutboundAllow(allow), resolver, SSLContexts.createSystemDefault(), Duration.ofSeconds(2));
    }

    private static Outbound.Answer post(Outbound outbound, String url) throws IOException {
        return outbound.post(url, Map.of("Content-Type", "application/json"), "{}".getBytes(US_ASCII));
    }

    /** Says {@code answer} to each that connects, on all addresses of this machine. */
    private int listen(String answer) {
        try {
            var server = new ServerSocket(0);
            open.add(server);
            Thread.ofVirtual().start(() -> {
                while (!server.isClosed()) {
                    try (var socket = server.accept()) {
                        socket.setSoTimeout(200);
                        var buffer = new byte[8192];
                        var text = new StringBuilder(socket.getLocalAddress() + " ");
                        while (!text.toString().endsWith("{}")) {
                            text.append(new String(
                                    buffer,
                                    0,
                                    Math.max(0, socket.getInputStream().read(buffer)),
                                    US_ASCII));
                        }
                        heard.add(text.toString());
                        socket.getOutputStream().write(answer.getBytes(US_ASCII));
                    } catch (IOException over) {
                        // closed, or cut off
                    }
                }
            });
            return server.getLocalPort();
        } catch (IOException failure) {
            throw new java.io.UncheckedIOException(failure);
        }
    }
}
