package io.muster.client;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Takes audit events as the contract says, or fails to in the ways in which servers fail. */
public final class AuditServer implements AutoCloseable {
    public static final String KEY = "msw_0123456789012345678901234567";

    private static final JsonMapper JSON = new JsonMapper();
    private static final int LARGEST_BODY = 16 << 20;
    private static final Map<String, Integer> TEXTS = Map.ofEntries(
            Map.entry("tenantId", 63),
            Map.entry("action", 200),
            Map.entry("timestamp", 100),
            Map.entry("eventId", 36),
            Map.entry("status", 20),
            Map.entry("userId", 500),
            Map.entry("resource", 2000),
            Map.entry("ip", 100),
            Map.entry("userAgent", 2000),
            Map.entry("service", 200),
            Map.entry("region", 100),
            Map.entry("traceId", 200),
            Map.entry("subjectId", 500));

    /** What it does with one request, instead of answering well. */
    public enum Fault {
        /** 429 and {@code Retry-After: 1}. */
        BUSY,
        /** 503 without a word. */
        AWAY,
        /** 500. */
        FAILS,
        /** Records, and breaks the connection before it has answered. */
        BREAKS_AFTER,
        BREAKS_BEFORE,
        /** Says nothing until it is closed. */
        SILENT,
        /** 200 and a page that wants people to sign in, as a proxy's. */
        ELSEWHERE
    }

    private final HttpServer http;
    private final CountDownLatch over = new CountDownLatch(1);
    private final Deque<Fault> faults = new ArrayDeque<>(); // guarded by this, as all down to requests
    private final Map<String, JsonNode> byId = new HashMap<>();
    private final Map<String, Integer> places = new HashMap<>();
    private final List<JsonNode> recorded = new ArrayList<>();
    private final List<Long> requests = new ArrayList<>();
    private final List<Integer> sizes = new ArrayList<>();
    private volatile Fault always;
    public volatile String key = KEY;
    public volatile Set<String> tenants = Set.of("acme", "globex");
    /** The action of an event that makes the whole request a 400. */
    public volatile String unreadable = "";
    /** The action of an event at which the server fails with 500. */
    public volatile String deadly = "";

    public AuditServer() throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        http.createContext("/api/v1/audit/events", this::take);
        http.start();
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            var body = exchange.getRequestBody().readAllBytes();
            Fault fault;
            synchronized (this) {
                requests.add(System.nanoTime());
                fault = faults.isEmpty() ? always : faults.remove();
            }
            switch (fault) {
                case BUSY -> {
                    exchange.getResponseHeaders().add("Retry-After", "1");
                    answer(exchange, 429, problem("Too many at once."));
                }
                case AWAY -> exchange.sendResponseHeaders(503, -1);
                case FAILS -> answer(exchange, 500, problem("A bug."));
                case ELSEWHERE -> answer(exchange, 200, "<html>Please sign in</html>");
                case BREAKS_BEFORE -> {}
                case BREAKS_AFTER -> all(exchange, body);
                case SILENT -> await();
                case null -> {
                    var answer = all(exchange, body);
                    answer(exchange, answer.status, answer.body);
                }
            }
        }
    }

    private void await() {
        try {
            over.await(1, TimeUnit.MINUTES);
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private record Said(int status, String body) {}

    private Said all(HttpExchange exchange, byte[] body) {
        if (!("Bearer " + key).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            return new Said(401, problem("This needs a key."));
        }
        if (!"application/json".equals(exchange.getRequestHeaders().getFirst("Content-Type"))) {
            return new Said(415, problem("This takes application/json."));
        }
        if (body.length > LARGEST_BODY) {
            return new Said(413, problem("A body has 16 MiB at most."));
        }
        var text = new String(body, StandardCharsets.UTF_8);
        JsonNode events;
        try {
            events = JSON.readTree(text);
        } catch (JacksonException notJson) {
            return new Said(400, problem("The body is not JSON."));
        }
        if (!events.isArray() || events.size() > 1000 || text.contains("\\u0000")) {
            return new Said(400, problem("An array of 1,000 events at most, without NUL."));
        }
        for (var event : events) {
            if (event.path("action").asString("").equals(unreadable)) {
                return new Said(400, problem("The body is not JSON."));
            }
            if (event.path("action").asString("").equals(deadly)) {
                return new Said(500, problem("A bug."));
            }
        }
        var items = new ArrayList<Map<String, Object>>();
        synchronized (this) {
            sizes.add(events.size());
            events.forEach(event -> items.add(one(event)));
        }
        long refused =
                items.stream().filter(item -> (int) item.get("status") >= 400).count();
        return new Said(
                refused == 0 ? 201 : refused == items.size() ? 422 : 207,
                JSON.writeValueAsString(
                        Map.of("items", items, "recorded", items.size() - refused, "refused", refused)));
    }

    private Map<String, Object> one(JsonNode event) {
        var wrong = wrongWith(event);
        if (wrong != null) {
            return refusal(422, wrong);
        }
        var tenant = event.get("tenantId").asString();
        if (!tenants.contains(tenant)) {
            return refusal(404, "There is no tenant " + tenant + ".");
        }
        var id = event.get("eventId").asString();
        var before = byId.putIfAbsent(tenant + " " + id, event);
        if (before == null) {
            places.put(id, recorded.size());
            recorded.add(event);
        } else if (!before.equals(event)) {
            return refusal(409, "The event " + id + " has another content.");
        }
        return new LinkedHashMap<>(Map.of(
                "status",
                before == null ? 201 : 200,
                "eventId",
                id,
                "tenantId",
                tenant,
                "sequence",
                places.get(id),
                "leafHash",
                Base64.getEncoder().encodeToString(new byte[32]),
                "receivedAt",
                "2026-03-01T03:00:00.000Z",
                "duplicate",
                before != null));
    }

    private static String wrongWith(JsonNode event) {
        for (var required : List.of("tenantId", "action", "timestamp")) {
            if (!event.has(required)) {
                return required + " is missing";
            }
        }
        for (var member : event.properties()) {
            var longest = TEXTS.get(member.getKey());
            var value = member.getValue();
            if (longest != null) {
                if (!value.isString()
                        || value.asString().isBlank()
                        || value.asString().length() > longest) {
                    return member.getKey() + " must have 1 to " + longest + " characters";
                }
            } else if (!Set.of("details", "dataCategories").contains(member.getKey())) {
                return member.getKey() + " is not a member of an event";
            }
        }
        Instant.parse(event.get("timestamp").asString());
        UUID.fromString(event.get("eventId").asString());
        if (!Set.of("SUCCESS", "FAILURE", "DENIED")
                .contains(event.path("status").asString("SUCCESS"))) {
            return "status must be SUCCESS, FAILURE or DENIED";
        }
        if (event.toString().getBytes(StandardCharsets.UTF_8).length > 256 * 1024) {
            return "an event may have 262144 bytes at most";
        }
        return depth(event) > 16 ? "details is nested deeper than 16" : null;
    }

    private static int depth(JsonNode node) {
        int deepest = 0;
        for (var inner : node) {
            deepest = Math.max(deepest, depth(inner));
        }
        return node.isContainer() ? deepest + 1 : 0;
    }

    private static Map<String, Object> refusal(int status, String why) {
        return status == 422
                ? Map.of(
                        "status",
                        422,
                        "type",
                        "/problems/invalid",
                        "detail",
                        "The event is not recorded.",
                        "errors",
                        List.of(Map.of("field", why.split(" ", 2)[0], "message", why.split(" ", 2)[1])))
                : Map.of("status", status, "type", "/problems/refused", "detail", why);
    }

    private static String problem(String detail) {
        return JSON.writeValueAsString(Map.of("type", "/problems/refused", "detail", detail));
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    /** Of the next requests, one each. */
    public synchronized void next(Fault... some) {
        faults.addAll(List.of(some));
    }

    /** Of every request from now on that has none of its own; null: none. */
    public void always(Fault fault) {
        always = fault;
    }

    /** In order, each once. */
    public synchronized List<JsonNode> recorded() {
        return List.copyOf(recorded);
    }

    public List<String> actions() {
        return recorded().stream().map(event -> event.get("action").asString()).toList();
    }

    /** When they came, by {@code System.nanoTime()}. */
    public synchronized List<Long> requests() {
        return List.copyOf(requests);
    }

    /** How many events were in each request that was read. */
    public synchronized List<Integer> sizes() {
        return List.copyOf(sizes);
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + http.getAddress().getPort());
    }

    @Override
    public void close() {
        over.countDown();
        http.stop(0);
    }
}
