package io.muster.server.incident.channel;

import com.sun.net.httpserver.HttpExchange;
import io.muster.server.testing.LocalHttp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
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
    private final LocalHttp server = new LocalHttp(this::answer);

    /** What it says instead of what it would say; null: nothing else. */
    public volatile Says instead;

    public String url() {
        return server.url("/hook/secret-in-the-path");
    }

    public Call last() {
        return calls.getLast();
    }

    /** What the service says to this. */
    protected abstract Says judge(Call call);

    private void answer(HttpExchange exchange) throws IOException {
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

    @Override
    public void close() {
        server.close();
    }
}
