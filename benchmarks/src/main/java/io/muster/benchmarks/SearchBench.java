package io.muster.benchmarks;

import io.muster.benchmarks.Bench.Benchmark;
import io.muster.benchmarks.Bench.Figure;
import io.muster.benchmarks.Bench.Promise;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * How long searches and proofs take when there are many events: a million, or as many as {@code MUSTER_BENCH_EVENTS} says; and whether
 * an event costs more to store then than before. One caller, so it is what the server takes, not what a queue does.
 */
final class SearchBench implements Benchmark {
    private static final int SENDERS = 8;
    private static final long FIRST = 200_000;
    /** Of each kind, before the first is measured. */
    private static final int WARM_UPS = 1_000;

    private static final int MEASURED = 1_000;
    private static final Duration PART = Duration.ofSeconds(5);

    /** For what the server does behind its writers: the checkpoints of 1,000 logs take it 40 s. */
    private static final Duration REST = Duration.ofSeconds(45);

    private static final Pattern EVENT = Pattern.compile("\"eventId\":\"([0-9a-f-]{36})\"");

    /** @param promise milliseconds */
    private record Asked(String what, double promise, Supplier<String> path) {}

    private record Filled(double microsBefore, double microsAfter, long events) {}

    @Override
    public List<Figure> run(Path folder) throws Exception {
        long wanted = Long.parseLong(System.getenv().getOrDefault("MUSTER_BENCH_EVENTS", "1000000"));
        try (var server = Server.start(folder.resolve("data"));
                var http = HttpClient.newHttpClient();
                var db = server.connect("muster_owner")) {
            var calls = new Calls(server, http);
            AuditEvents.declare(calls);
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
            var asked = List.of(
                    search(
                            "what a user did",
                            20,
                            random -> "userId=user-" + random.nextInt(AuditEvents.USERS) + "@example.com"),
                    search(
                            "an action",
                            20,
                            random -> "action=" + AuditEvents.ACTIONS.get(random.nextInt(AuditEvents.ACTIONS.size()))),
                    search("a word of few events", 300, random -> "q=" + random.nextInt(100_000)),
                    search(
                            "words of many events",
                            300,
                            random -> "q=documents+"
                                    + List.of("update", "export", "invoice", "login")
                                            .get(random.nextInt(4))),
                    search("an address", 300, random -> "ip=198.51.100." + random.nextInt(AuditEvents.USERS)),
                    proof(calls));
            for (var one : asked) calls.millis(0.99, 0, WARM_UPS, one.path());
            for (var one : asked) {
                figures.add(new Figure(
                        one.what() + ": 99 of 100 within",
                        calls.millis(0.99, 0, MEASURED, one.path()),
                        "ms",
                        new Promise.AtMost(one.promise())));
            }
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

    private static Asked search(String what, double promise, Function<Random, String> terms) {
        var random = new Random(what.hashCode());
        return new Asked(
                what + " in 30 days",
                promise,
                () -> "/api/v1/audit?dateRange=last30days&tenantId=t-" + AuditEvents.zipf(random) + "&"
                        + terms.apply(random));
    }

    private static Asked proof(Calls calls) throws Exception {
        var random = new Random(3);
        var ids = new ArrayList<String>();
        while (ids.size() < 1_000) {
            var found = EVENT.matcher(calls.get("/api/v1/audit?limit=100&tenantId=t-" + AuditEvents.zipf(random)));
            while (found.find()) ids.add(found.group(1));
        }
        return new Asked(
                "proof of an event",
                10,
                () -> "/api/v1/audit/events/" + ids.get(random.nextInt(ids.size())) + "/proof");
    }
}
