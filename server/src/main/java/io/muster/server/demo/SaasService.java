package io.muster.server.demo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** What the SaaS itself serves, on loopback: the copying that a script asks for, and the inbox that Muster's alerts reach. */
class SaasService implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(SaasService.class);
    private static final int LARGEST_ALERT = 1 << 20;

    private final JsonMapper json = new JsonMapper();
    private final HttpServer server;
    private final Saas saas;

    SaasService(Saas saas) throws IOException {
        this.saas = saas;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/replicate/", this::replicate);
        server.createContext("/inbox", this::told);
        server.start();
    }

    String address() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    URI replication() {
        return URI.create("http://" + address() + "/replicate");
    }

    private void replicate(HttpExchange request) throws IOException {
        var region = request.getRequestURI().getPath().substring("/replicate/".length());
        try {
            var home = saas.bringHome(Table.USERS, region);
            answer(request, 200, home.rows() + " users of " + home.tenants().size() + " tenants brought home");
        } catch (SQLException failure) {
            answer(request, 502, DemoJob.reason(failure));
        }
    }

    private void told(HttpExchange request) throws IOException {
        var body = new String(request.getRequestBody().readNBytes(LARGEST_ALERT), StandardCharsets.UTF_8);
        try {
            var alert = json.readTree(body);
            var data = alert.path("data");
            log.info(
                    "on-call was told: {}, {} tenants, {}",
                    alert.path("type").asString("?"),
                    data.path("tenants_total").asString("0"),
                    data.path("cause").asString(""));
            answer(request, 204, "");
        } catch (JacksonException broken) {
            answer(request, 400, "not JSON");
        }
    }

    private static void answer(HttpExchange request, int status, String text) throws IOException {
        try (request) {
            var bytes = text.getBytes(StandardCharsets.UTF_8);
            request.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            request.getResponseBody().write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
