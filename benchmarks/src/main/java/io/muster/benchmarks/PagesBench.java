package io.muster.benchmarks;

import io.muster.benchmarks.Bench.Benchmark;
import io.muster.benchmarks.Bench.Figure;
import io.muster.benchmarks.Bench.Promise;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/**
 * How long pages and lists take when one project has 100,000 checks: seeded as a user would, by apply and pings; some fail,
 * some run, some never reported.
 */
final class PagesBench implements Benchmark {
    private static final int CHECKS = 100_000;
    private static final int DOCUMENT = 5_000; // jobs
    private static final int AT_ONCE = 64;
    private static final int WARM_UPS = 40;
    private static final int MEASURED = 40;
    private static final double MOST_OF_A_PAGE = 150;
    private static final double MOST_OF_TEN_THOUSAND = 300;
    private static final Pattern PING_KEY = Pattern.compile("\"ping_key\":\"([a-z0-9]+)\"");
    private static final Pattern BADGE = Pattern.compile("\"half\":\\{\"svg\":\"[^\"]*(/badge/[^\"]*)\"");

    @Override
    public List<Figure> run(Path folder) throws Exception {
        try (var server = Server.start(folder.resolve("data"));
                var http = HttpClient.newHttpClient()) {
            seed(server, http);
            var figures = new ArrayList<Figure>();
            page(figures, server, http, "overview", "/");
            page(figures, server, http, "checks, worst first", "/checks");
            page(figures, server, http, "checks that are up", "/checks?state=up");
            page(figures, server, http, "checks by name", "/checks?sort=name");
            page(figures, server, http, "checks, next due first", "/checks?sort=due");
            page(figures, server, http, "checks, last ping first", "/checks?sort=last");
            page(figures, server, http, "checks with a text", "/checks?q=number+9999");
            page(figures, server, http, "checks with a tag of one in ten", "/checks?tag=tenth");
            page(figures, server, http, "checks by cron", "/checks?kind=cron");
            page(figures, server, http, "one check", "/checks/job-77777");
            page(figures, server, http, "channels", "/channels");
            page(figures, server, http, "keys", "/keys");
            page(figures, server, http, "badge of every other check", badge(server, http));
            page(figures, server, http, "addresses of all badges", "/api/v3/badges/");
            figures.add(new Figure(
                    "API: 10,000 checks as JSON",
                    millis(server, http, "/api/v3/checks/?tag=tenth"),
                    "ms",
                    new Promise.AtMost(MOST_OF_TEN_THOUSAND)));
            return figures;
        }
    }

    private static void page(List<Figure> figures, Server server, HttpClient http, String what, String path)
            throws Exception {
        figures.add(new Figure(what, millis(server, http, path), "ms", new Promise.AtMost(MOST_OF_A_PAGE)));
    }

    /** What nine of ten calls, one after the other, take at most, once the server is warm. */
    private static double millis(Server server, HttpClient http, String path) throws Exception {
        for (int i = 0; i < WARM_UPS; i++) get(server, http, path);
        var nanos = new long[MEASURED];
        for (int i = 0; i < MEASURED; i++) {
            long begun = System.nanoTime();
            get(server, http, path);
            nanos[i] = System.nanoTime() - begun;
        }
        Arrays.sort(nanos);
        return nanos[MEASURED * 9 / 10 - 1] / 1e6;
    }

    private static String badge(Server server, HttpClient http) throws Exception {
        var badge = BADGE.matcher(get(server, http, "/api/v3/badges/"));
        if (!badge.find()) throw new IOException("no badge of the tag half");
        return badge.group(1);
    }

    private static void seed(Server server, HttpClient http) throws Exception {
        for (int from = 1; from <= CHECKS; from += DOCUMENT) {
            var jobs = new StringBuilder("{\"muster\":\"v1\",\"jobs\":[");
            for (int n = from; n < from + DOCUMENT; n++)
                jobs.append(n == from ? "" : ",").append(job(n));
            send(server, http, "POST", "/api/v1/apply", jobs.append("]}").toString());
        }
        var key = PING_KEY.matcher(get(server, http, "/api/v1/projects/default"));
        if (!key.find()) throw new IOException("no ping key");
        var failed = new AtomicInteger();
        var room = new Semaphore(AT_ONCE);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int n = 1; n <= CHECKS; n++) {
                if (n % 500 == 0) continue; // never reports
                var path = "/ping/" + key.group(1) + "/job-" + n
                        + (n % 400 == 1 ? "/fail" : n % 1000 == 2 ? "/start" : "");
                room.acquire();
                threads.submit(() -> {
                    try {
                        get(server, http, path);
                    } catch (Exception failure) {
                        failed.incrementAndGet();
                    } finally {
                        room.release();
                    }
                });
            }
        }
        if (failed.get() > 0) throw new IOException(failed.get() + " pings failed");
    }

    private static String job(int n) {
        return """
                {"id":"job-%d","name":"Job number %d","%s":"%s","grace":"PT10M","tags":["%s","team-%d"%s]}""".formatted(
                        n,
                        n,
                        n % 3 == 0 ? "cron" : "every",
                        n % 3 == 0 ? "0 * * * *" : "PT1H",
                        n % 2 == 0 ? "half" : "other",
                        n % 200,
                        n % 10 == 0 ? ",\"tenth\"" : "");
    }

    private static String get(Server server, HttpClient http, String path) throws IOException, InterruptedException {
        return send(server, http, "GET", path, "");
    }

    private static String send(Server server, HttpClient http, String method, String path, String body)
            throws IOException, InterruptedException {
        var answer = http.send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + path))
                        .header("X-Api-Key", server.adminKey())
                        .header("Content-Type", "application/json")
                        .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
        if (answer.statusCode() != 200)
            throw new IOException(path + " answered " + answer.statusCode() + ": " + answer.body());
        return answer.body();
    }
}
