package io.muster.cli;

import io.muster.cli.Reporter.Fate;
import io.muster.cli.Shelf.Run;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A job with its reports around it. Whatever becomes of the reports, the job runs, and its exit code is ours. */
@Command(
        name = "exec",
        description =
                "Runs a job and reports its start, its exit code, how long it took and the end of what it printed."
                        + " Ends with the job's exit code, whatever Muster answered.",
        footer = {
            "",
            "The job's output goes where it would go without this, as it comes. The job is given MUSTER_RUN_ID, MUSTER_CHECK"
                    + " (the ID) and MUSTER_URL.",
            "Exit codes: the job's own; 124 stopped by --timeout, 126 not executable, 127 not found, 128 + n ended by"
                    + " signal n; 2 wrong usage, the job was not run. Of --replay: 0 nothing is left, 1 something is.",
            "A report that cannot be delivered waits in the spool: /var/spool/muster for root, else muster/spool in"
                    + " XDG_STATE_HOME or ~/.local/state.",
            "",
            "Example:  MUSTER_CHECK=nightly-backup MUSTER_PING_KEY=... muster exec --timeout 2h -- /usr/local/bin/backup"
        },
        mixinStandardHelpOptions = true)
class Exec implements Callable<Integer> {
    /** How long a job waits at most until its start is reported. */
    private static final Duration LONGEST_HOLD = Duration.ofSeconds(2);

    /** How long a report is tried once we were told to stop: whoever told us may kill us soon. */
    private static final Duration IN_A_HURRY = Duration.ofSeconds(5);

    /** Even where little output is reported. */
    private static final int ROOM_FOR_NOTES = 1_000;

    private static final Duration LONGEST_TRY = Duration.ofSeconds(17);

    @Mixin
    Server server;

    @Option(
            names = "--check",
            paramLabel = "ID",
            defaultValue = "${env:MUSTER_CHECK}",
            description = Address.ID + " Also MUSTER_CHECK, which other users of the machine do not see.")
    @Nullable String id;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = Durations.class,
            description = "Stops a job that takes longer, as 90s, 15m, 2h: with TERM, then KILL. Ends 124.")
    @Nullable Duration timeout;

    @Option(
            names = "--kill-after",
            paramLabel = "DURATION",
            converter = Durations.class,
            defaultValue = "10s",
            description = "How long after TERM comes KILL. Default: ${DEFAULT-VALUE}")
    Duration killAfter;

    @Option(
            names = "--retry-for",
            paramLabel = "DURATION",
            converter = Durations.class,
            defaultValue = "1m",
            description = "How long a report is tried before it is left to the spool. Default: ${DEFAULT-VALUE}")
    Duration retryFor;

    @Option(
            names = "--spool",
            paramLabel = "FOLDER",
            defaultValue = "${env:MUSTER_SPOOL}",
            description = "Where reports wait that could not be delivered; also MUSTER_SPOOL.")
    @Nullable Path spoolFolder;

    @Option(
            names = "--tail",
            paramLabel = "BYTES",
            defaultValue = "10000",
            description = "How much of the end of the output is reported, at most what the server takes. Default:"
                    + " ${DEFAULT-VALUE}")
    int tailBytes;

    @Option(names = "--no-output", description = "Reports nothing of the output, and leaves the job its terminal.")
    boolean noOutput;

    @Option(
            names = "--manifest",
            paramLabel = "FILE",
            description = "What the job writes there is reported with its success, in place of the output.")
    @Nullable Path manifest;

    @Option(
            names = {"-q", "--quiet"},
            description = "Says nothing on standard error, whatever became of the reports.")
    boolean quiet;

    @Option(names = "--replay", description = "Runs nothing: delivers what waits in the spool.")
    boolean replay;

    @Parameters(paramLabel = "CMD", arity = "0..*", description = "The job, and its arguments; after --.")
    List<String> command = List.of();

    @Spec
    CommandSpec spec;

    private final InstantSource clock = InstantSource.system();
    private final CountDownLatch startTold = new CountDownLatch(1);
    private volatile boolean hurry;
    private volatile @Nullable Patience lastPatience;

    @Override
    public Integer call() throws InterruptedException {
        if (replay) {
            return replay();
        }
        if (command.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "which job? Give its command after --");
        }
        if (id == null || id.isBlank()) {
            throw new ParameterException(spec.commandLine(), "of which check? Give --check ID, or set MUSTER_CHECK");
        }
        if (tailBytes < 0 || tailBytes > Report.LONGEST_BODY) {
            throw new ParameterException(
                    spec.commandLine(), "--tail must be from 0 to " + Report.LONGEST_BODY + "; got " + tailBytes);
        }
        var check = id.strip();
        return run(server.address(check), check, reporter());
    }

    private int replay() {
        if (!command.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "--replay runs no command: leave it out, or --replay");
        }
        var sum = reporter().replayAll(new Patience(Duration.ofDays(1)), null);
        if (!quiet) {
            spec.commandLine().getOut().println(sum.sent() + " sent, " + sum.left() + " left");
        }
        sum.why().ifPresent(this::say);
        return sum.left() == 0 ? 0 : 1;
    }

    private Reporter reporter() {
        var folder = spoolFolder == null ? Spool.ordinaryFolder(server.environment) : spoolFolder;
        Spool spool = null;
        try {
            spool = Spool.open(folder, Spool.Bounds.ORDINARY);
        } catch (IOException failure) {
            say("what cannot be delivered will be lost, as the spool " + folder + " is of no use: "
                    + failure.getMessage());
        }
        return new Reporter(new Pings(server), spool, clock, this::say);
    }

    private synchronized void say(String line) {
        if (!quiet) {
            spec.commandLine().getErr().println("muster: " + line);
        }
    }

    // ---- a run ----

    /** How the job ended, and what is to be said of it beside its exit code. */
    private record End(int exitCode, String notes) {
        static End of(int exitCode, String why) {
            return new End(exitCode, why.isEmpty() ? "" : "muster: " + why + "\n");
        }
    }

    private int run(Address address, String check, Reporter reporter) throws InterruptedException {
        var signals = new Signals(this::hurry);
        var rid = UUID.randomUUID();
        var begun = clock.instant();
        var mark = reporter.begin(ifKilled(address, rid, begun)).orElse(null);
        var before = Stamp.of(manifest);
        var beginning = new Beginning(reporter, Report.start(address, rid, begun), mark);
        beginning.start();
        boolean _ = startTold.await(LONGEST_HOLD.toMillis(), TimeUnit.MILLISECONDS);

        long from = System.nanoTime();
        var tail = noOutput ? null : new Tail(tailBytes);
        var environment =
                Map.of("MUSTER_RUN_ID", rid.toString(), "MUSTER_CHECK", check, "MUSTER_URL", server.url.toString());
        var end = runJob(signals, tail, environment);
        var took = Duration.ofNanos(System.nanoTime() - from);
        try {
            beginning.end();
            var told = new End(end.exitCode(), end.notes() + beginning.unsaid(begun, took));
            var report = report(address, rid, told, took, tail, before, reporter.bodyLimit());
            var patience = new Patience(retryFor);
            lastPatience = patience;
            if (hurry) {
                hurry();
            }
            var _ = reporter.deliver(report, patience, mark);
            if (mark != null) {
                mark.end();
            }
        } catch (IOException | RuntimeException failure) {
            say("the report failed: " + failure);
        }
        return end.exitCode();
    }

    private void hurry() {
        hurry = true;
        startTold.countDown();
        var patience = lastPatience;
        if (patience != null) {
            patience.shortenTo(IN_A_HURRY);
        }
    }

    private End runJob(Signals signals, @Nullable Tail tail, Map<String, String> environment)
            throws InterruptedException {
        try {
            var job = signals.start(() -> Job.start(command, environment, tail));
            if (job.isEmpty()) {
                int number = signals.told().orElseThrow().getNumber();
                return End.of(128 + number, "the job was not run: told to stop before it began");
            }
            var ended = job.get().await(timeout, killAfter);
            if (ended.timedOut() && timeout != null) {
                return End.of(
                        ended.exitCode(), saying("stopped after " + Durations.words(timeout) + ", see --timeout"));
            }
            var told = signals.told().map(signal -> "told to stop by SIG" + signal.getName());
            return End.of(ended.exitCode(), told.orElse(""));
        } catch (Job.CannotRun wrong) {
            return End.of(wrong.exitCode(), saying(String.valueOf(wrong.getMessage())));
        }
    }

    /** For what both standard error and the report say. */
    private String saying(String line) {
        say(line);
        return line;
    }

    private static Report ifKilled(Address address, UUID rid, Instant begun) {
        var words =
                "muster: exec was killed (as process " + ProcessHandle.current().pid() + " on " + host()
                        + ") during the run that began at " + begun.truncatedTo(ChronoUnit.SECONDS)
                        + "; whether its job ended, and how, is not known\n";
        return new Report(address, "/fail", rid, begun, null, false, words.getBytes(StandardCharsets.UTF_8));
    }

    private static String host() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException none) {
            return "this machine";
        }
    }

    private Report report(
            Address address,
            UUID rid,
            End end,
            Duration took,
            @Nullable Tail tail,
            @Nullable Stamp manifestBefore,
            int limit) {
        var notes = end.notes();
        if (manifest != null && end.exitCode() == 0) {
            try {
                var body = written(manifest, manifestBefore, limit);
                return new Report(address, "/0", rid, clock.instant(), took, true, body);
            } catch (IOException none) {
                notes += "muster: " + saying("reported without the manifest: " + none.getMessage()) + "\n";
            }
        }
        int most = Math.min(limit, tail == null ? limit : Math.max(tailBytes, ROOM_FOR_NOTES));
        var body = (tail == null ? new Tail(0) : tail).report(notes, most);
        return new Report(address, "/" + end.exitCode(), rid, clock.instant(), took, false, body);
    }

    /** By what a file is told from what it was before. */
    private record Stamp(
            FileTime modified, long size, @Nullable Object key) {
        static @Nullable Stamp of(@Nullable Path file) {
            if (file == null) {
                return null;
            }
            try {
                var now = Files.readAttributes(file, BasicFileAttributes.class);
                return new Stamp(now.lastModifiedTime(), now.size(), now.fileKey());
            } catch (IOException none) {
                return null;
            }
        }
    }

    /** The manifest of this run: an earlier one's would prove what is not so. */
    private static byte[] written(Path manifest, @Nullable Stamp before, int limit) throws IOException {
        var now = Stamp.of(manifest);
        if (now == null) {
            throw new IOException("the job wrote no " + manifest);
        }
        if (now.equals(before)) {
            throw new IOException(manifest + " is of an earlier run");
        }
        if (now.size() > limit) {
            throw new IOException(manifest + " has " + now.size() + " bytes, and the check takes " + limit);
        }
        return Files.readAllBytes(manifest);
    }

    /** What happens before the job and beside it: its start is reported, then what waits of other checks. */
    private final class Beginning extends Thread {
        private final Reporter reporter;
        private final Report start;
        private final @Nullable Run mark;
        private final Patience patience = new Patience(retryFor);
        private final Patience duringJob = new Patience(Duration.ofDays(366));
        private volatile boolean reported;

        Beginning(Reporter reporter, Report start, @Nullable Run mark) {
            super("beginning");
            this.reporter = reporter;
            this.start = start;
            this.mark = mark;
            setDaemon(true);
        }

        @Override
        public void run() {
            try {
                reported = reporter.tell(start, patience, mark) == Fate.DELIVERED;
            } finally {
                startTold.countDown();
            }
            if (reported) {
                var _ = reporter.replayAll(duringJob, mark);
            }
        }

        /** Ends it; the start may be under way, and must not overtake the end. */
        void end() throws InterruptedException {
            patience.shortenTo(Duration.ZERO);
            duringJob.shortenTo(Duration.ZERO);
            join(LONGEST_TRY.toMillis());
        }

        /** What Muster does not know by the start. */
        String unsaid(Instant begun, Duration took) {
            return reported
                    ? ""
                    : "muster: the start could not be reported; the run began at "
                            + begun.truncatedTo(ChronoUnit.SECONDS) + " and took " + Durations.words(took) + "\n";
        }
    }
}
