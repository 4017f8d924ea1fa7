package io.muster.benchmarks;

import io.muster.benchmarks.Bench.Benchmark;
import io.muster.benchmarks.Bench.Figure;
import io.muster.benchmarks.Bench.Promise;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** How long a start takes, how much memory an idle server holds, how long a client command takes. */
final class StartBench implements Benchmark {
    private static final int ROUNDS = 5;

    @Override
    public List<Figure> run(Path folder) throws Exception {
        var data = folder.resolve("data");
        var figures = new ArrayList<Figure>();
        try (var first = Server.start(data)) {
            figures.add(new Figure(
                    "first start, database made, to ready",
                    seconds(first.untilReady().toNanos()),
                    "s",
                    new Promise.None()));
        }
        var starts = new ArrayList<Double>();
        for (int round = 0; round < ROUNDS; round++) {
            try (var server = Server.start(data)) {
                starts.add(seconds(server.untilReady().toNanos()));
                if (round == ROUNDS - 1) {
                    TimeUnit.SECONDS.sleep(10); // until it is idle
                    figures.add(
                            new Figure("resident memory, idle", server.residentMib(), "MiB", new Promise.AtMost(350)));
                    figures.add(
                            new Figure("PostgreSQL beside it, idle", server.postgresMib(), "MiB", new Promise.None()));
                    figures.add(command("./muster version", "version"));
                    figures.add(command(
                            "./muster ping, to a check that is not",
                            "ping",
                            "--server",
                            "http://localhost:" + server.port(),
                            "00000000-0000-4000-8000-000000000000"));
                }
            }
        }
        figures.add(1, new Figure("start on existing data, to ready", median(starts), "s", new Promise.AtMost(3)));
        return figures;
    }

    private static Figure command(String what, String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        command.add(Server.launcher());
        command.addAll(List.of(arguments));
        var took = new ArrayList<Double>();
        for (int round = 0; round < ROUNDS; round++) {
            long begun = System.nanoTime();
            var process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!process.waitFor(1, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new IOException(command + " does not end");
            }
            took.add(seconds(System.nanoTime() - begun));
        }
        return new Figure(what, median(took), "s", new Promise.AtMost(0.5));
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    private static double seconds(long nanos) {
        return nanos / 1e9;
    }
}
