package io.muster.benchmarks;

import io.muster.benchmarks.Bench.Benchmark;
import io.muster.benchmarks.Bench.Figure;
import io.muster.benchmarks.Bench.Promise;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.ArrayList;
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
            var calls = new Calls(server, http);
            seed(calls);
            var figures = new ArrayList<Figure>();
            page(figures, calls, "overview", "/");
            page(figures, calls, "checks, worst first", "/checks");
            page(figures, calls, "checks that are up", "/checks?state=up");
            page(figures, calls, "checks by name", "/checks?sort=name");
            page(figures, calls, "checks, next due first", "/checks?sort=due");
            page(figures, calls, "checks, last ping first", "/checks?sort=last");
            page(figures, calls, "checks with a text", "/checks?q=number+9999");
            page(figures, calls, "checks with a tag of one in ten", "/checks?tag=tenth");
            page(figures, calls, "checks by cron", "/checks?kind=cron");
            page(figures, calls, "one check", "/checks/job-77777");
            page(figures, calls, "channels", "/channels");
            page(figures, calls, "keys", "/keys");
            page(figures, calls, "badge of every other check", badge(calls));
            page(figures, calls, "addresses of all badges", "/api/v3/badges/");
            figures.add(new Figure(
                    "API: 10,000 checks as JSON",
                    millis(calls, "/api/v3/checks/?tag=tenth"),
                    "ms",
                    new Promise.AtMost(MOST_OF_TEN_THOUSAND)));
            return figures;
        }
    }

    private static void page(List<Figure> figures, Calls calls, String what, String path) throws Exception {
        figures.add(new Figure(what, millis(calls, path), "ms", new Promise.AtMost(MOST_OF_A_PAGE)));
    }

    /** What nine of ten calls, one after the other, take at most, once the server is warm. */
    private static double millis(Calls calls, String path) throws Exception {
        return calls.millis(0.9, WARM_UPS, MEASURED, () -> path);
    }

    private static String badge(Calls calls) throws Exception {
        var badge = BADGE.matcher(calls.get("/api/v3/badges/"));
        if (!badge.find()) throw new IOException("no badge of the tag half");
        return badge.group(1);
    }

    private static void seed(Calls calls) throws Exception {
        for (int from = 1; from <= CHECKS; from += DOCUMENT) {
            var jobs = new StringBuilder("{\"muster\":\"v1\",\"jobs\":[");
            for (int n = from; n < from + DOCUMENT; n++)
                jobs.append(n == from ? "" : ",").append(job(n));
            calls.post("/api/v1/apply", "application/json", jobs.append("]}").toString());
        }
        var key = PING_KEY.matcher(calls.get("/api/v1/projects/default"));
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
                        calls.get(path);
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
}
