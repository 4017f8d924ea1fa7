package io.muster.server.incident.channel;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Another's service, on 127.0.0.1. A subclass judges what comes as strictly as the service does. */
public abstract class Listener implements AutoCloseable {

    /** What came. */
    public record Call(Map<String, List<String>> headers, byte[] bytes) {

        public String header(String name) {
            return headers.entrySet().stream()
                    .filter(header -> header.getKey().equalsIgnoreCase(name))
                    .map(header -> header.getValue().getFirst())
                    .findAny()
                    .orElse("");
        }

        public String body() {
            return new String(bytes, StandardCharsets.UTF_8);
        }

        public JsonNode json() {
            return new JsonMapper().readTree(body());
        }
    }

    /** What it says. */
    public record Says(int status, String body, Map<String, String> headers) {
        public static Says just(int status) {
            return new Says(status, "", Map.of());
        }
    }

    public final List<Call> calls = new CopyOnWriteArrayList<>();
    private final HttpServer server;

    /** What it says instead of what it would say; null: nothing else. */
    public volatile Says instead;

    protected Listener() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/hook/secret-in-the-path";
    }

    public Call last() {
        return calls.getLast();
    }

    /** What the service says to this. */
    protected abstract Says judge(Call call);

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            var call = new Call(
                    Map.copyOf(exchange.getRequestHeaders()),
                    exchange.getRequestBody().readAllBytes());
            var says = judge(call);
            calls.add(call);
            if (instead != null) says = instead;
            says.headers().forEach(exchange.getResponseHeaders()::set);
            var body = says.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(says.status(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
