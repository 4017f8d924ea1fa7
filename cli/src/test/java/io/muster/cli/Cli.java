package io.muster.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** {@code muster} in a process of its own, as a shell or cron starts it. */
final class Cli {
    private static final long LONGEST = TimeUnit.MINUTES.toNanos(2);

    private final Path folder;
    final Map<String, String> environment = new TreeMap<>();
    private final List<Process> started = new ArrayList<>();

    /** @param folder for what it prints */
    Cli(Path folder) {
        this.folder = folder;
    }

    /** A process that has ended. */
    record Ended(int code, byte[] out, String err) {
        String text() {
            return new String(out, StandardCharsets.UTF_8);
        }
    }

    /** A process that runs. */
    record Running(Process process, Path out, Path err) {
        Ended await() throws IOException, InterruptedException {
            if (!process.waitFor(LONGEST, TimeUnit.NANOSECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("it does not end: " + Files.readString(err));
            }
            return new Ended(process.exitValue(), Files.readAllBytes(out), Files.readString(err));
        }

        String printed() throws IOException {
            return Files.readString(out);
        }

        void signal(String name) throws IOException, InterruptedException {
            new ProcessBuilder("/bin/sh", "-c", "kill -" + name + " " + process.pid())
                    .start()
                    .waitFor();
        }
    }

    /** As a terminal starts it: whoever runs the tests in the background, or by nohup, has signals ignored. */
    static List<String> java(List<String> arguments) {
        var command = new ArrayList<>(List.of(
                "/usr/bin/env",
                "--default-signal=TERM,INT,HUP",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx48m", // whatever a job prints
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                MusterCli.class.getName()));
        command.addAll(arguments);
        return command;
    }

    Running start(List<String> arguments) throws IOException {
        return startProcess(
                java(arguments),
                ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    }

    Running startProcess(List<String> command, ProcessBuilder.Redirect in) throws IOException {
        var out = Files.createTempFile(folder, "out", "");
        var err = Files.createTempFile(folder, "err", "");
        var builder = new ProcessBuilder(command)
                .redirectInput(in)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("MUSTER_"));
        builder.environment().putAll(environment);
        var process = builder.start();
        started.add(process);
        return new Running(process, out, err);
    }

    Ended run(List<String> arguments) throws IOException, InterruptedException {
        return start(arguments).await();
    }

    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + LONGEST;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("not in two minutes: " + what);
            }
            TimeUnit.MILLISECONDS.sleep(10); // of a real process; bounded above
        }
    }

    /** Kills what a failed test left. */
    void killAll() {
        started.forEach(Process::destroyForcibly);
    }
}
