package io.muster.benchmarks;

import io.muster.benchmarks.Bench.Benchmark;
import io.muster.benchmarks.Bench.Figure;
import io.muster.benchmarks.Bench.Promise;
import io.muster.benchmarks.Load.Then;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * How many pings a second are made durable, and how long each waits. Beside them, in the same server and run, what a filter
 * in the same place answers that does nothing: what HTTP alone costs here.
 */
final class PingBench implements Benchmark {
    private static final int CONNECTIONS = 256;
    private static final int SPIKE = 10_000;
    private static final int CHECKS = 1_000;
    private static final Duration WARM_UP = Duration.ofSeconds(5);
    private static final int LEAST_WARM_UPS = 8;
    private static final int MOST_WARM_UPS = 18;
    private static final double STILL_WARMING = 1.03;
    private static final Duration MEASURED = Duration.ofSeconds(20);
    private static final int ROUNDS = 4;
    private static final Pattern UUID = Pattern.compile("\"uuid\":\"([0-9a-f-]{36})\"");
    private static final Pattern PINGS = Pattern.compile("\"n_pings\":([0-9]+)");

    @Override
    public List<Figure> run(Path folder) throws Exception {
        try (var server = Server.start(folder.resolve("data"), "--muster.bench=true");
                var http = HttpClient.newHttpClient()) {
            var addresses = new ArrayList<String>();
            for (int i = 0; i < CHECKS; i++) {
                var created = call(http, server, "POST", "{\"slug\":\"bench-" + i + "\"}");
                var uuid = UUID.matcher(created);
                if (!uuid.find()) throw new IOException("no check: " + created);
                addresses.add("/ping/" + uuid.group(1));
            }
            var requests = addresses.stream().map(PingBench::get).toList();
            var noop = List.of(get("/bench/noop"));
            Load.run(server.port(), CONNECTIONS, noop, Then.KEEP, WARM_UP);
            long warm = warmUp(server, requests);
            var pings = Load.Result.NONE;
            var noops = Load.Result.NONE;
            for (int round = 0; round < ROUNDS; round++) { // by turns, so that both meet the same machine
                noops = noops.plus(
                        Load.run(server.port(), CONNECTIONS, noop, Then.KEEP, MEASURED.dividedBy(2L * ROUNDS)));
                pings = pings.plus(
                        Load.run(server.port(), CONNECTIONS, requests, Then.KEEP, MEASURED.dividedBy(ROUNDS)));
            }
            var bodies = measure(server, addresses.stream().map(PingBench::post).toList(), Then.KEEP);
            var hot = measure(server, requests.subList(0, 1), Then.KEEP);
            var closed = measure(
                    server, addresses.stream().map(PingBench::getAndClose).toList(), Then.CLOSE);
            var spike = Load.run(server.port(), SPIKE, requests, Then.KEEP, Duration.ZERO);
            long acknowledged = warm
                    + Stream.of(pings, bodies, hot, closed, spike)
                            .mapToLong(Load.Result::answered)
                            .sum();
            long stored = PINGS.matcher(call(http, server, "GET", ""))
                    .results()
                    .mapToLong(match -> Long.parseLong(match.group(1)))
                    .sum();
            if (stored < acknowledged) {
                throw new IOException("acknowledged " + acknowledged + " pings, stored " + stored);
            }
            return List.of(
                    new Figure("durable pings, 256 connections", pings.perSecond(), "1/s", new Promise.AtLeast(15_000)),
                    new Figure("half of them wait at most", pings.millis(0.5), "ms", new Promise.None()),
                    new Figure("99 of 100 wait at most", pings.millis(0.99), "ms", new Promise.AtMost(60)),
                    new Figure("answers of a no-op in their place", noops.perSecond(), "1/s", new Promise.None()),
                    new Figure(
                            "pings for each of these",
                            pings.perSecond() / noops.perSecond(),
                            "",
                            new Promise.AtLeast(0.4)),
                    new Figure("with bodies of 1 kB", bodies.perSecond(), "1/s", new Promise.AtLeast(10_000)),
                    new Figure("all to one check", hot.perSecond(), "1/s", new Promise.None()),
                    new Figure("each over a connection of its own", closed.perSecond(), "1/s", new Promise.None()),
                    new Figure(
                            "10,000 at once: all have their answer after", spike.seconds(), "s", new Promise.None()));
        }
    }

    private static Load.Result measure(Server server, List<byte[]> requests, Then then) throws IOException {
        Load.run(server.port(), CONNECTIONS, requests, then, MEASURED.dividedBy(4));
        return Load.run(server.port(), CONNECTIONS, requests, then, MEASURED.dividedBy(2));
    }

    /** Until no round is much faster than the one before it: by then the JVM has compiled what it will. */
    private static long warmUp(Server server, List<byte[]> requests) throws IOException {
        long answered = 0;
        double last = 0;
        for (int round = 0; round < MOST_WARM_UPS; round++) {
            var result = Load.run(server.port(), CONNECTIONS, requests, Then.KEEP, WARM_UP);
            answered += result.answered();
            if (round + 1 >= LEAST_WARM_UPS && result.perSecond() < last * STILL_WARMING) return answered;
            last = result.perSecond();
        }
        return answered;
    }

    private static byte[] get(String path) {
        return request("GET " + path, "", "");
    }

    private static byte[] getAndClose(String path) {
        return request("GET " + path, "Connection: close\r\n", "");
    }

    private static byte[] post(String path) {
        return request("POST " + path, "Content-Length: 1000\r\n", "0123456789".repeat(100));
    }

    private static byte[] request(String what, String headers, String body) {
        return (what + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static String call(HttpClient http, Server server, String method, String body)
            throws IOException, InterruptedException {
        return http.send(
                        HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + "/api/v3/checks/"))
                                .header("X-Api-Key", server.adminKey())
                                .method(method, BodyPublishers.ofString(body))
                                .build(),
                        BodyHandlers.ofString())
                .body();
    }
}
