package io.muster.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Takes reports as a server does, or fails to in the ways in which servers fail. */
final class ReportServer implements AutoCloseable {
    /** What it does with a report. */
    enum Mood {
        WELL,
        /** 503, and nothing is recorded. */
        BUSY,
        /** Takes the request, and says nothing until {@link #wakeUp}. */
        SILENT,
        /** 404. */
        KNOWS_NO_CHECK,
        /** 302, as a proxy that wants people to sign in. */
        ELSEWHERE
    }

    /**
     * A report that was recorded.
     *
     * @param said what follows the check's address
     */
    record Seen(String method, String check, String said, String rid, byte[] body) {
        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        @Override
        public String toString() {
            return said + (body.length == 0 ? "" : " " + text());
        }
    }

    private final HttpServer http;
    private final List<Seen> recorded = new ArrayList<>(); // guarded by this
    private final CountDownLatch awake = new CountDownLatch(1);
    private volatile Mood mood = Mood.WELL;
    private volatile int requests;
    volatile int bodyLimit = 10_000;
    volatile int slowMillis;
    /** Answers to what is no report, by path. */
    final Map<String, String> api = new java.util.concurrent.ConcurrentHashMap<>();

    ReportServer() throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        http.createContext("/", this::answer);
        http.start();
    }

    private void answer(HttpExchange exchange) throws IOException {
        var body = exchange.getRequestBody().readAllBytes();
        var path = exchange.getRequestURI().getPath();
        if (api.containsKey(path)) {
            var answer = api.get(path).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
            return;
        }
        requests++;
        switch (mood) {
            case WELL -> {
                record(exchange, path, body);
                exchange.getResponseHeaders().add("Ping-Body-Limit", Integer.toString(bodyLimit));
                exchange.sendResponseHeaders(200, 2);
                exchange.getResponseBody().write("OK".getBytes(StandardCharsets.US_ASCII));
            }
            case BUSY -> exchange.sendResponseHeaders(503, -1);
            case SILENT -> {
                try {
                    awake.await(1, TimeUnit.MINUTES);
                } catch (InterruptedException ended) {
                    Thread.currentThread().interrupt();
                }
                exchange.sendResponseHeaders(503, -1);
            }
            case KNOWS_NO_CHECK -> exchange.sendResponseHeaders(404, -1);
            case ELSEWHERE -> exchange.sendResponseHeaders(302, -1);
        }
        exchange.close();
    }

    private void record(HttpExchange exchange, String path, byte[] body) {
        var parts = path.replaceFirst("^/ping/", "").split("(?=/(start|log|fail|[0-9]+)$)", 2);
        var query = exchange.getRequestURI().getQuery();
        var seen = new Seen(
                exchange.getRequestMethod(),
                parts[0],
                parts.length == 2 ? parts[1] : "",
                query == null ? "" : query.replaceFirst("^rid=", ""),
                body);
        synchronized (this) {
            recorded.add(seen);
        }
        if (slowMillis > 0) {
            java.util.concurrent.locks.LockSupport.parkNanos(slowMillis * 1_000_000L);
        }
    }

    synchronized List<Seen> recorded() {
        return List.copyOf(recorded);
    }

    /** What was said, in order. */
    List<String> said() {
        return recorded().stream().map(Seen::said).toList();
    }

    /** How many came, recorded or not. */
    int requests() {
        return requests;
    }

    void is(Mood other) {
        mood = other;
    }

    /** Ends all silence. */
    void wakeUp() {
        mood = Mood.WELL;
        awake.countDown();
    }

    String url() {
        return "http://127.0.0.1:" + http.getAddress().getPort();
    }

    @Override
    public void close() {
        awake.countDown();
        http.stop(0);
    }
}
