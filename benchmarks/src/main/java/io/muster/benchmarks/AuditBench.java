package io.muster.benchmarks;

import io.muster.benchmarks.Bench.Benchmark;
import io.muster.benchmarks.Bench.Figure;
import io.muster.benchmarks.Bench.Promise;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.postgresql.PGConnection;

/**
 * How many audit events a second are made durable, in batches and one by one, sealed and indexed as all are. Beside it, in the same run and
 * database, what PostgreSQL alone does with the very rows that were stored: COPY into a table with the same indexes, over as many
 * connections as there are processors.
 */
final class AuditBench implements Benchmark {
    private static final int TENANTS = 1_000;
    private static final int USERS = 100;
    private static final int BATCH = 500;
    private static final int SENDERS = 8;
    private static final int CONNECTIONS = 256;
    private static final int COPIED_TOGETHER = 2_000;
    private static final Duration WARM_UP = Duration.ofSeconds(20);
    private static final Duration MEASURED = Duration.ofSeconds(60);
    private static final List<String> ACTIONS = List.of(
            "UPDATE_USER_PROFILE",
            "login",
            "document.read",
            "document.update",
            "export.create",
            "role.grant",
            "invoice.paid",
            "secret.read");

    @Override
    public List<Figure> run(Path folder) throws Exception {
        var random = new Random(1);
        try (var server = Server.start(folder.resolve("data"));
                var http = HttpClient.newHttpClient();
                var db = server.connect("muster_owner")) {
            declare(http, server);
            var batches = new ArrayList<byte[]>();
            for (int i = 0; i < 64; i++) batches.add(request(server, batch(random)));
            var singles = new ArrayList<byte[]>();
            for (int i = 0; i < 2_000; i++) singles.add(request(server, event(random)));

            Load.runAny(server.port(), SENDERS, batches, WARM_UP);
            double cpuBefore = server.processorSeconds();
            var many = Load.runAny(server.port(), SENDERS, batches, MEASURED);
            double micros = (server.processorSeconds() - cpuBefore) * 1e6 / (many.answered() * BATCH);
            long stored = count(db);
            Load.runAny(server.port(), CONNECTIONS, singles, WARM_UP);
            var ones = Load.runAny(server.port(), CONNECTIONS, singles, WARM_UP);
            double raw = copy(server, db);
            double perSecond = many.perSecond() * BATCH;
            return List.of(
                    new Figure("events in batches of 500, for 60 s", perSecond, "1/s", new Promise.AtLeast(25_000)),
                    new Figure("half of the batches wait at most", many.millis(0.5), "ms", new Promise.None()),
                    new Figure("processor for an event", micros, "us", new Promise.None()),
                    new Figure("the same rows by COPY alone", raw, "1/s", new Promise.None()),
                    new Figure("events for each of these", perSecond / raw, "", new Promise.AtLeast(0.5)),
                    new Figure("single events, 256 connections", ones.perSecond(), "1/s", new Promise.AtLeast(10_000)),
                    new Figure("99 of 100 wait at most", ones.millis(0.99), "ms", new Promise.AtMost(60)),
                    new Figure("events in the database at the end of the batches", stored, "", new Promise.None()));
        }
    }

    private static void declare(HttpClient http, Server server) throws IOException, InterruptedException {
        var yaml = new StringBuilder(
                "muster: v1\nset: bench\npolicies: [{id: anywhere, name: Anywhere, default: allow, max_dwell: P1D}]\ntenants:\n");
        for (int i = 0; i < TENANTS; i++) {
            yaml.append("  - {id: t-").append(i).append(", name: T").append(i);
            yaml.append(", tier: gold, policy: anywhere, home: eu-west-1}\n");
        }
        var answer = http.send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + "/api/v1/apply"))
                        .header("X-Api-Key", server.adminKey())
                        .header("Content-Type", "application/yaml")
                        .POST(BodyPublishers.ofString(yaml.toString()))
                        .build(),
                BodyHandlers.ofString());
        if (answer.statusCode() != 200) throw new IOException("apply: " + answer.body());
    }

    /** The i-th tenant has 1/i as many events as the first: Zipf's law. */
    private static int zipf(Random random) {
        return (int) Math.min(TENANTS - 1, Math.pow(TENANTS + 1, random.nextDouble()) - 1);
    }

    private static String batch(Random random) {
        var body = new StringBuilder("[");
        for (int i = 0; i < BATCH; i++) body.append(i == 0 ? "" : ",").append(event(random));
        return body.append(']').toString();
    }

    private static String event(Random random) {
        int user = random.nextInt(USERS);
        return "{\"tenantId\":\"t-" + zipf(random) + "\",\"userId\":\"user-" + user + "@example.com\",\"action\":\""
                + ACTIONS.get(random.nextInt(ACTIONS.size())) + "\",\"timestamp\":\""
                + Instant.now().truncatedTo(ChronoUnit.MILLIS) + "\",\"resource\":\"/documents/"
                + random.nextInt(100_000)
                + "\",\"status\":\"" + (random.nextInt(20) == 0 ? "DENIED" : "SUCCESS") + "\",\"ip\":\"198.51.100."
                + user % 256
                + "\",\"userAgent\":\"Mozilla/5.0 (X11; Linux x86_64) Firefox/136." + user % 10
                + "\",\"service\":\"documents\",\"traceId\":\"" + Long.toHexString(random.nextLong())
                + "\",\"details\":{\"fieldChanged\":\"title\",\"oldValue\":\"draft " + random.nextInt(1000)
                + "\",\"newValue\":\"final " + random.nextInt(1000) + "\",\"bytes\":" + random.nextInt(100_000) + "}}";
    }

    private static byte[] request(Server server, String body) throws IOException {
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        var head = ("POST /api/v1/audit/events HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: " + server.adminKey()
                        + "\r\nContent-Type: application/json\r\nContent-Length: " + bytes.length + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        var all = Arrays.copyOf(head, head.length + bytes.length);
        System.arraycopy(bytes, 0, all, head.length, bytes.length);
        return all;
    }

    private static long count(Connection db) throws SQLException {
        try (var sql = db.createStatement();
                var rows = sql.executeQuery("select sum(size) from audit_head")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /** Rows a second, over two connections, each part of {@value #COPIED_TOGETHER} rows in a transaction of its own. */
    private static double copy(Server server, Connection db) throws Exception {
        var leaf = "";
        try (var sql = db.createStatement();
                var rows = sql.executeQuery(
                        "select audit_month(now()), set_config('synchronize_seqscans', 'off', false)")) {
            rows.next();
            leaf = rows.getString(1);
        }
        var parts = new ArrayList<byte[]>();
        var copies = db.unwrap(PGConnection.class).getCopyAPI();
        for (int i = 0; i < 100; i++) {
            var out = new ByteArrayOutputStream();
            copies.copyOut(
                    "copy (select * from " + leaf + " offset " + i * COPIED_TOGETHER + " limit " + COPIED_TOGETHER
                            + ") to stdout (format binary)",
                    out);
            parts.add(out.toByteArray());
        }
        try (var sql = db.createStatement()) {
            sql.execute("create table copied (like " + leaf + " including all)");
        }
        long begun = System.nanoTime();
        try (var threads = Executors.newFixedThreadPool(2)) {
            var halves = new ArrayList<Callable<Void>>();
            for (int half = 0; half < 2; half++) {
                int first = half;
                halves.add(() -> {
                    try (var own = server.connect("muster_owner")) {
                        var api = own.unwrap(PGConnection.class).getCopyAPI();
                        for (int i = first; i < parts.size(); i += 2) {
                            api.copyIn(
                                    "copy copied from stdin (format binary)", new ByteArrayInputStream(parts.get(i)));
                        }
                        return null;
                    }
                });
            }
            for (var half : threads.invokeAll(halves)) half.get();
        }
        return parts.size() * COPIED_TOGETHER / ((System.nanoTime() - begun) / 1e9);
    }
}
