package io.muster.benchmarks;

import io.muster.benchmarks.Bench.Benchmark;
import io.muster.benchmarks.Bench.Figure;
import io.muster.benchmarks.Bench.Promise;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * How long searches and proofs take when there are many events: a million, or as many as {@code MUSTER_BENCH_EVENTS} says; and whether
 * an event costs more to store then than before. One caller, so it is what the server takes, not what a queue does.
 */
final class SearchBench implements Benchmark {
    private static final int SENDERS = 8;
    private static final long FIRST = 200_000;
    private static final int WARM_UPS = 100;
    private static final int MEASURED = 400;
    private static final Duration PART = Duration.ofSeconds(5);

    /** Until the server has done what it does behind its writers. */
    private static final Duration REST = Duration.ofSeconds(15);

    private static final Pattern EVENT = Pattern.compile("\"eventId\":\"([0-9a-f-]{36})\"");

    private record Filled(double microsBefore, double microsAfter, long events) {}

    @Override
    public List<Figure> run(Path folder) throws Exception {
        long wanted = Long.parseLong(System.getenv().getOrDefault("MUSTER_BENCH_EVENTS", "1000000"));
        try (var server = Server.start(folder.resolve("data"));
                var http = HttpClient.newHttpClient();
                var db = server.connect("muster_owner")) {
            AuditEvents.declare(http, server);
            var filled = fill(server, db, wanted);
            Thread.sleep(REST);
            var figures = new ArrayList<Figure>();
            figures.add(new Figure("events", filled.events(), "", new Promise.None()));
            figures.add(new Figure(
                    "processor for an event, after the first 200,000",
                    filled.microsBefore(),
                    "us",
                    new Promise.None()));
            figures.add(new Figure(
                    "at the end, for each of these",
                    filled.microsAfter() / filled.microsBefore(),
                    "",
                    new Promise.AtMost(1.25)));
            search(
                    figures,
                    server,
                    http,
                    "what a user did",
                    20,
                    random -> "userId=user-" + random.nextInt(AuditEvents.USERS) + "@example.com");
            search(
                    figures,
                    server,
                    http,
                    "an action",
                    20,
                    random -> "action=" + AuditEvents.ACTIONS.get(random.nextInt(AuditEvents.ACTIONS.size())));
            search(figures, server, http, "a word of few events", 300, random -> "q=" + random.nextInt(100_000));
            search(
                    figures,
                    server,
                    http,
                    "words of many events",
                    300,
                    random -> "q=documents+"
                            + List.of("update", "export", "invoice", "login").get(random.nextInt(4)));
            search(
                    figures,
                    server,
                    http,
                    "an address",
                    300,
                    random -> "ip=198.51.100." + random.nextInt(AuditEvents.USERS));
            var random = new Random(3);
            var ids = new ArrayList<String>();
            while (ids.size() < 1_000) {
                var found = EVENT.matcher(
                        get(server, http, "/api/v1/audit?limit=100&tenantId=t-" + AuditEvents.zipf(random)));
                while (found.find()) ids.add(found.group(1));
            }
            figures.add(new Figure(
                    "proof of an event: 99 of 100 within",
                    slowest(
                            server,
                            http,
                            () -> "/api/v1/audit/events/" + ids.get(random.nextInt(ids.size())) + "/proof"),
                    "ms",
                    new Promise.AtMost(10)));
            return figures;
        }
    }

    private static Filled fill(Server server, Connection db, long wanted) throws Exception {
        var random = new Random(2);
        double before = 0;
        double last = 0;
        long events = 0;
        while (events < wanted) {
            var batches = new ArrayList<byte[]>(); // others each time: in the long run what is searched for is rare
            for (int i = 0; i < 64; i++) batches.add(AuditEvents.request(server, AuditEvents.batch(random)));
            double cpu = server.processorSeconds();
            Load.runAny(server.port(), SENDERS, batches, PART);
            long now = AuditEvents.count(db);
            last = (server.processorSeconds() - cpu) * 1e6 / (now - events);
            events = now;
            if (before == 0 && events > FIRST) before = last;
        }
        return new Filled(before, last, events);
    }

    private static void search(
            List<Figure> figures,
            Server server,
            HttpClient http,
            String what,
            double promise,
            Function<Random, String> terms)
            throws Exception {
        var random = new Random(what.hashCode());
        figures.add(new Figure(
                what + " in 30 days: 99 of 100 within",
                slowest(
                        server,
                        http,
                        () -> "/api/v1/audit?dateRange=last30days&tenantId=t-" + AuditEvents.zipf(random) + "&"
                                + terms.apply(random)),
                "ms",
                new Promise.AtMost(promise)));
    }

    private interface Paths {
        String next();
    }

    private static double slowest(Server server, HttpClient http, Paths paths) throws Exception {
        for (int i = 0; i < WARM_UPS; i++) get(server, http, paths.next());
        var nanos = new long[MEASURED];
        for (int i = 0; i < MEASURED; i++) {
            var path = paths.next();
            long begun = System.nanoTime();
            get(server, http, path);
            nanos[i] = System.nanoTime() - begun;
        }
        Arrays.sort(nanos);
        return nanos[MEASURED * 99 / 100 - 1] / 1e6;
    }

    private static String get(Server server, HttpClient http, String path) throws IOException, InterruptedException {
        var answer = http.send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + path))
                        .header("X-Api-Key", server.adminKey())
                        .build(),
                BodyHandlers.ofString());
        if (answer.statusCode() != 200) throw new IOException(path + ": " + answer.body());
        return answer.body();
    }
}
