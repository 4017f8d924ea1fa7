package io.muster.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code ./muster bench [NAME]}: one of them, or all. Ends 1 if a figure misses what {@code docs/performance.md} promises. */
final class Bench {
    /** What is measured, in the order in which all are run. */
    interface Benchmark {
        /**
         * @param folder empty, for what the benchmark needs to write
         * @return what was measured, one line each
         */
        List<Figure> run(Path folder) throws Exception;
    }

    /** One measured value, and what was promised of it. */
    record Figure(String what, double value, String unit, Promise promise) {}

    /** A bound that a figure keeps or breaks. */
    sealed interface Promise {
        record AtMost(double value) implements Promise {}

        record AtLeast(double value) implements Promise {}

        record None() implements Promise {}

        default boolean keptBy(double measured) {
            return switch (this) {
                case AtMost(var bound) -> measured <= bound;
                case AtLeast(var bound) -> measured >= bound;
                case None _ -> true;
            };
        }

        default String words() {
            return switch (this) {
                case AtMost(var bound) -> "promised: at most " + number(bound);
                case AtLeast(var bound) -> "promised: at least " + number(bound);
                case None _ -> "";
            };
        }
    }

    private static final Map<String, Benchmark> ALL = new LinkedHashMap<>();

    static {
        ALL.put("start", new StartBench());
        ALL.put("ping", new PingBench());
        ALL.put("deadlines", new DeadlineBench());
        ALL.put("pages", new PagesBench());
        ALL.put("audit", new AuditBench());
        ALL.put("search", new SearchBench());
    }

    public static void main(String[] args) throws Exception {
        var chosen = new LinkedHashMap<>(ALL);
        if (args.length > 0) {
            chosen.keySet().retainAll(List.of(args));
        }
        if (args.length > 1 || chosen.isEmpty()) {
            System.err.println(
                    "muster: bench takes one of " + String.join(", ", ALL.keySet()) + ", or nothing for all");
            System.exit(2);
        }
        System.out.println(machine());
        boolean kept = true;
        for (var benchmark : chosen.entrySet()) {
            var name = benchmark.getKey();
            var folder = Files.createTempDirectory("muster-bench-");
            try {
                for (var figure : benchmark.getValue().run(folder)) {
                    boolean good = figure.promise().keptBy(figure.value());
                    kept &= good;
                    System.out.printf(
                            "%-9s %-48s %10s %-6s %s%s%n",
                            name,
                            figure.what(),
                            number(figure.value()),
                            figure.unit(),
                            figure.promise().words(),
                            good ? "" : "  MISSED");
                }
            } finally {
                Server.delete(folder);
            }
        }
        System.exit(kept ? 0 : 1);
    }

    /** When and where: figures of two machines do not compare. */
    private static String machine() throws IOException {
        var model = Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse(System.getProperty("os.arch"));
        var load = Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0];
        return "%s on %d x %s, load %s before"
                .formatted(LocalDate.now(ZoneOffset.UTC), Runtime.getRuntime().availableProcessors(), model, load);
    }

    /** Three digits that mean something. */
    private static String number(double value) {
        return value >= 100
                ? "%,.0f".formatted(value)
                : value >= 10 ? "%.1f".formatted(value) : "%.2f".formatted(value);
    }

    private Bench() {}
}
