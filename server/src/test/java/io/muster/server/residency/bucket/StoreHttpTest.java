package io.muster.server.residency.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.muster.server.testing.LocalHttp;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every bucket's requests keep to. */
class StoreHttpTest {

    @TempDir
    Path folder;

    @Test
    void certificate_that_nobody_vouches_for_is_refused() throws Exception {
        var server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(selfSigned()));
        server.start();
        try (var http = new StoreHttp(Duration.ofSeconds(10))) {
            var uri = URI.create("https://127.0.0.1:" + server.getAddress().getPort() + "/b?sig=secret");
            assertThatThrownBy(() -> http.get(uri, Map.of()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("SSLHandshakeException")
                    .hasMessageNotContaining("secret");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void redirect_is_an_answer_and_an_answer_that_never_ends_is_not_waited_for() throws Exception {
        var over = new CountDownLatch(1);
        try (var server = new LocalHttp(exchange -> {
                    if (exchange.getRequestURI().getPath().equals("/moved")) {
                        exchange.getResponseHeaders().add("Location", "/slow");
                        exchange.sendResponseHeaders(307, -1);
                    } else {
                        exchange.sendResponseHeaders(200, 0);
                        exchange.getResponseBody().write('<');
                        exchange.getResponseBody().flush();
                        awaitUninterruptibly(over);
                    }
                });
                var http = new StoreHttp(Duration.ofSeconds(1))) {
            assertThat(http.get(URI.create(server.url("/moved")), Map.of()).status())
                    .isEqualTo(307);
            assertThatThrownBy(() -> http.get(URI.create(server.url("/slow")), Map.of()))
                    .hasMessage("no whole answer within 1 s");
            assertThatThrownBy(() -> http.get(URI.create(server.url("/slow")), Map.of()))
                    .as("all requests of a look share its time")
                    .hasMessage("no whole answer within 1 s");
        } finally {
            over.countDown();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch over) {
        try {
            if (!over.await(1, TimeUnit.MINUTES)) throw new IllegalStateException("the test did not end");
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    private SSLContext selfSigned() throws Exception {
        var file = folder.resolve("self.p12");
        var keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "self",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=127.0.0.1",
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        "changeit")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.log").toFile())
                .start();
        assertThat(keytool.waitFor()).isZero();
        var own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(KeyStore.getInstance(file.toFile(), "changeit".toCharArray()), "changeit".toCharArray());
        var tls = SSLContext.getInstance("TLS");
        tls.init(own.getKeyManagers(), null, null);
        return tls;
    }
}
