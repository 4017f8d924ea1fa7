package io.muster.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A command that runs. What it prints is passed on byte by byte as it comes, standard input is its own, and signals reach
 * it and what it started: in a session of its own where there is {@code setsid}. At a terminal it stays where the
 * terminal finds it, so that Ctrl-C, Ctrl-Z and what is typed work as without us.
 */
final class Job {
    static final int TIMED_OUT = 124;
    static final int NOT_EXECUTABLE = 126;
    static final int NOT_FOUND = 127;

    /** After the job's end, how long to wait for the end of what it printed, while something that it started has it. */
    private static final Duration LONGEST_ECHO = Duration.ofSeconds(2);

    private final Process process;
    private final boolean apart;
    private final List<Pump> pumps = new ArrayList<>();

    private Job(Process process, boolean apart) {
        this.process = process;
        this.apart = apart;
    }

    /** A command that cannot be run, with the exit code that shells give. */
    static final class CannotRun extends Exception {
        private static final long serialVersionUID = 1;
        private final int exitCode;

        CannotRun(int exitCode, String why) {
            super(why);
            this.exitCode = exitCode;
        }

        int exitCode() {
            return exitCode;
        }
    }

    /**
     * @param environment added to ours
     * @param tail what to keep of the output; null: the output is not looked at, and may be a terminal
     */
    static Job start(List<String> command, Map<String, String> environment, @Nullable Tail tail) throws CannotRun {
        find(command.getFirst());
        boolean apart = !isTerminal() && inPath("setsid").anyMatch(Files::isExecutable);
        var all = apart ? Stream.concat(Stream.of("setsid"), command.stream()).toList() : command;
        var builder = new ProcessBuilder(all).redirectInput(Redirect.INHERIT);
        builder.environment().putAll(environment);
        boolean together = isSameFile(1, 2);
        if (tail == null) {
            builder.inheritIO();
        } else {
            builder.redirectErrorStream(together); // in the order in which it was printed, where both go to one place
        }
        try {
            var job = new Job(builder.start(), apart);
            if (tail != null) {
                job.pumps.add(new Pump(job.process.getInputStream(), FileDescriptor.out, tail));
                if (!together) {
                    job.pumps.add(new Pump(job.process.getErrorStream(), FileDescriptor.err, tail));
                }
                job.pumps.forEach(Thread::start);
            }
            return job;
        } catch (IOException failure) {
            throw new CannotRun(NOT_EXECUTABLE, "cannot run " + command.getFirst() + ": " + failure.getMessage());
        }
    }

    private static void find(String name) throws CannotRun {
        var places = name.contains("/") ? List.of(Path.of(name)) : inPath(name).toList();
        if (places.stream().anyMatch(place -> Files.isRegularFile(place) && Files.isExecutable(place))) {
            return;
        }
        if (places.stream().anyMatch(Files::exists)) {
            throw new CannotRun(NOT_EXECUTABLE, name + " cannot be executed: chmod +x it, or name its interpreter");
        }
        throw new CannotRun(NOT_FOUND, "command not found: " + name + ": give its whole path, or set PATH");
    }

    private static Stream<Path> inPath(String name) {
        return Stream.of(System.getenv()
                        .getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin")
                        .split(":"))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isRegularFile);
    }

    private static Optional<String> link(int descriptor) {
        try {
            return Optional.of(Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString());
        } catch (IOException unknown) {
            return Optional.empty();
        }
    }

    private static boolean isTerminal() {
        return link(0).filter(to -> to.matches("/dev/(pts/|tty|console).*")).isPresent();
    }

    private static boolean isSameFile(int one, int other) {
        return link(one).isPresent() && link(one).equals(link(other));
    }

    /** Passes one stream on. */
    private static final class Pump extends Thread {
        private final InputStream from;
        private final FileDescriptor to;
        private final Tail tail;
        private volatile long waitingSince; // System.nanoTime(); 0: not waiting for the job, but for our reader

        Pump(InputStream from, FileDescriptor to, Tail tail) {
            super("output");
            this.from = from;
            this.to = to;
            this.tail = tail;
            setDaemon(true);
        }

        @Override
        public void run() {
            var bytes = new byte[1 << 16];
            try (from) {
                OutputStream out = new FileOutputStream(to); // never closed: it is ours, not the job's
                while (true) {
                    waitingSince = System.nanoTime() | 1;
                    int n = from.read(bytes);
                    waitingSince = 0;
                    if (n < 0) {
                        return;
                    }
                    tail.add(bytes, n);
                    out.write(bytes, 0, n);
                }
            } catch (IOException nobodyReads) {
                // closing the pipe tells the job, as it would without us
            }
        }

        /** Until the end of the stream, or until nothing has come for {@link #LONGEST_ECHO}. */
        void drain() throws InterruptedException {
            long ended = System.nanoTime();
            while (isAlive()) {
                join(20);
                long since = waitingSince;
                if (since != 0 && System.nanoTime() - Math.max(since, ended) > LONGEST_ECHO.toNanos()) {
                    return;
                }
            }
        }
    }

    /** @param exitCode 128 + n if signal n ended it; {@link #TIMED_OUT} if it was stopped for its time */
    record Ended(int exitCode, boolean timedOut) {}

    /** Waits for its end. After {@code timeout} it is stopped, by TERM and {@code killAfter} later by KILL. */
    Ended await(@Nullable Duration timeout, Duration killAfter) throws InterruptedException {
        boolean timedOut = false;
        if (timeout != null && !process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
            timedOut = true;
            signal("TERM");
            if (!process.waitFor(killAfter.toMillis(), TimeUnit.MILLISECONDS)) {
                signal("KILL");
            }
        }
        int code = process.waitFor();
        for (var pump : pumps) {
            pump.drain();
        }
        return new Ended(timedOut ? TIMED_OUT : code, timedOut);
    }

    /** Whether the terminal itself sends it the signals that are typed. */
    boolean isAtTerminal() {
        return !apart && isTerminal();
    }

    /** To all of its processes. */
    void signal(String name) {
        if (!process.isAlive()) {
            return;
        }
        var whom = apart
                ? "-" + process.pid()
                : LongStream.concat(
                                LongStream.of(process.pid()),
                                process.descendants().mapToLong(ProcessHandle::pid))
                        .mapToObj(Long::toString)
                        .collect(Collectors.joining(" "));
        var kill = "kill -" + name + " ";
        try { // the second, if it has not yet got as far as to have a session
            new ProcessBuilder(
                            "/bin/sh", "-c", kill + whom + " 2>/dev/null || " + kill + process.pid() + " 2>/dev/null")
                    .start();
        } catch (IOException failure) {
            process.destroy();
        }
    }
}
