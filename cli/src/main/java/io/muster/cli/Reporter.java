package io.muster.cli;

import io.muster.cli.Pings.Answer.Away;
import io.muster.cli.Pings.Answer.Refused;
import io.muster.cli.Pings.Answer.Taken;
import io.muster.cli.Shelf.Run;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings reports to the server, each check's in their order: nothing goes out while something older of its check waits.
 * What an outage kept back goes out later, and says so: see {@link #asReplayed}.
 */
final class Reporter {
    /** How late a success may come and still count as one: by so much its check may notice a silence late. */
    static final Duration FRESH = Duration.ofMinutes(15);

    private static final Duration UNREMARKABLE = Duration.ofMinutes(1);
    private static final Duration FIRST_WAIT = Duration.ofMillis(500);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);
    private static final Duration FOREVER = Duration.ofDays(1000);
    private static final int MOST_TRIES = 100;

    /** What a check takes of a body unless it says otherwise. */
    static final int ORDINARY_LIMIT = 10_000;

    private final Pings pings;
    private final @Nullable Spool spool;
    private final InstantSource clock;
    private final Consumer<String> say;
    private final Set<String> said = new HashSet<>(); // guarded by itself
    private volatile int bodyLimit = ORDINARY_LIMIT;

    /**
     * @param spool null: there is none, what cannot be delivered is lost
     * @param say takes each line once
     */
    Reporter(Pings pings, @Nullable Spool spool, InstantSource clock, Consumer<String> say) {
        this.pings = pings;
        this.spool = spool;
        this.clock = clock;
        this.say = say;
    }

    /** How many bytes of a body the last check that answered takes. */
    int bodyLimit() {
        return bodyLimit;
    }

    /** What became of a report. */
    enum Fate {
        DELIVERED,
        /** By the server, for good; why was said. */
        REFUSED,
        /** In the spool, for a later replay. */
        KEPT,
        /** Was said. */
        LOST
    }

    /** Marks a run as going on; empty if nothing can be kept, which was said. */
    Optional<Run> begin(Report ifKilled) {
        if (spool == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(spool.shelf(ifKilled.to()).begin(ifKilled));
        } catch (IOException failure) {
            sayOnce("cannot write to the spool " + spool.folder() + " (" + reason(failure)
                    + "): make room, or name another with --spool");
            return Optional.empty();
        }
    }

    /** Tries until {@code patience} ends, and keeps nothing: for what is worthless later. */
    Fate tell(Report report, Patience patience, @Nullable Run ours) {
        return deliver(report, patience, ours, true);
    }

    /** Keeps it first, so that it is not lost with this process; then tries until {@code patience} ends. */
    Fate deliver(Report report, Patience patience, @Nullable Run ours) {
        boolean unkept = !keep(report);
        var fate = deliver(report, patience, ours, unkept);
        if (fate == Fate.KEPT && spool != null) {
            sayOnce("the report is kept in " + spool.folder()
                    + ": it goes out with the next exec, or by ./muster exec --replay");
        } else if (fate == Fate.LOST) {
            sayOnce("the report is lost, as nothing can be kept: give more time with --retry-for, or a folder with"
                    + " --spool");
        }
        return fate;
    }

    private boolean keep(Report report) {
        if (spool == null) {
            return false;
        }
        try {
            spool.shelf(report.to()).keep(report, clock.instant());
            trim();
            return true;
        } catch (IOException failure) {
            sayOnce("cannot write to the spool " + spool.folder() + " (" + reason(failure)
                    + "): make room, or name another with --spool");
            return false;
        }
    }

    private Fate deliver(Report report, Patience patience, @Nullable Run ours, boolean unkept) {
        boolean spoolWorks = spool != null;
        for (int tries = 1; ; tries++) {
            Away away;
            try (var before = spoolWorks ? replayOlder(report, patience, ours) : Replayed.NOTHING) {
                if (before.isBusy()) {
                    return unkept ? Fate.LOST : Fate.KEPT;
                }
                if (before.away() != null) {
                    away = before.away();
                } else if (!unkept) {
                    return before.refused() ? Fate.REFUSED : Fate.DELIVERED; // it went out with the others
                } else {
                    var answer = send(report);
                    if (!(answer instanceof Away still)) {
                        return answer instanceof Refused ? Fate.REFUSED : Fate.DELIVERED;
                    }
                    away = still;
                }
            } catch (IOException failure) {
                sayOnce("cannot read the spool (" + reason(failure) + "): mend it, or name another with --spool");
                if (!unkept) {
                    return Fate.KEPT;
                }
                spoolWorks = false;
                continue;
            }
            if (tries >= MOST_TRIES || !patience.pause(wait(tries, away))) {
                sayOnce(away.why());
                return unkept ? Fate.LOST : Fate.KEPT;
            }
        }
    }

    /** Twice as long each time, and by chance up to a half less, so that not all jobs of an outage come at once. */
    static Duration wait(int tries, Away away) {
        long longest = Math.min(LONGEST_WAIT.toMillis(), FIRST_WAIT.toMillis() << Math.min(tries - 1, 10));
        var wait = Duration.ofMillis(ThreadLocalRandom.current().nextLong(longest / 2, longest + 1));
        return wait.compareTo(away.retryAfter()) < 0 ? away.retryAfter() : wait;
    }

    // ---- replay ----

    /**
     * The shelf of a check after a replay; held until closed.
     *
     * @param isBusy somebody else is delivering, and did not end in time
     * @param away why something is still there
     * @param refused whether the newest was refused
     */
    private record Replayed(
            Shelf.@Nullable Hold hold,
            boolean isBusy,
            @Nullable Away away,
            boolean refused,
            int sent) implements AutoCloseable {
        static final Replayed NOTHING = new Replayed(null, false, null, false, 0);

        @Override
        public void close() throws IOException {
            if (hold != null) hold.close();
        }
    }

    private Replayed replayOlder(Report than, Patience patience, @Nullable Run ours) throws IOException {
        return spool == null
                ? Replayed.NOTHING
                : replay(spool.shelf(than.to()), patience, new Patience(FOREVER), ours, new HashSet<>());
    }

    /**
     * @param forHold how long to wait while somebody else delivers
     * @param until no further report when this is over
     * @param silent servers that did not answer, and are not asked again
     */
    private Replayed replay(Shelf shelf, Patience forHold, Patience until, @Nullable Run ours, Set<String> silent)
            throws IOException {
        var hold = shelf.hold(forHold).orElse(null);
        if (hold == null) {
            return new Replayed(null, true, null, false, 0);
        }
        try {
            shelf.adoptLost(clock.instant(), ours);
            var corrupt = new ArrayList<Path>();
            var kept = shelf.kept(corrupt);
            corrupt.forEach(file -> sayOnce("a file of the spool is broken, and was set aside: " + file));
            boolean refused = false;
            int sent = 0;
            for (int i = 0; i < kept.size() && !until.left().isZero(); i++) {
                var report = kept.get(i).report();
                if (silent.contains(report.to().serverName())) {
                    break;
                }
                boolean superseded = kept.stream()
                        .skip(i + 1)
                        .anyMatch(later -> later.report().isVerdict());
                var answer = send(asReplayed(report, superseded));
                if (answer instanceof Away away) {
                    silent.add(report.to().serverName());
                    return new Replayed(hold, false, away, false, sent);
                }
                refused = answer instanceof Refused;
                shelf.remove(kept.get(i));
                sent++;
            }
            return new Replayed(hold, false, null, refused, sent);
        } catch (IOException | RuntimeException failure) {
            hold.close();
            throw failure;
        }
    }

    /**
     * What a report that waited may still say. The server dates a ping by its arrival, so a success that comes late would
     * claim that the job ran now: it is a note if a newer verdict follows, or after {@link #FRESH}. A failure that is the
     * newest verdict stays one: that the job's last run failed is still true.
     */
    private Report asReplayed(Report report, boolean superseded) {
        var late = Duration.between(report.at(), clock.instant());
        boolean fresh = late.compareTo(FRESH) <= 0 && late.compareTo(UNREMARKABLE.negated()) >= 0;
        if (superseded || !report.isVerdict() || report.isSuccess() && !fresh) {
            return report.asLog(bodyLimit);
        }
        return late.abs().compareTo(UNREMARKABLE) <= 0 ? report : report.saidLate(bodyLimit);
    }

    private Pings.Answer send(Report report) {
        var answer = pings.send(report);
        switch (answer) {
            case Taken(var limit, var manifest) -> {
                bodyLimit = Math.min(limit.orElse(Report.LONGEST_BODY), Report.LONGEST_BODY);
                manifest.ifPresent(verdict -> sayOnce("what the server says of the manifest: " + verdict));
            }
            case Refused(var why) -> sayOnce(why);
            case Away _ -> {}
        }
        return answer;
    }

    /** How a replay of all checks ended. */
    record Sum(int sent, int left, Optional<String> why) {}

    /** Delivers what waits of all checks, as long as {@code patience} lasts and servers answer. */
    Sum replayAll(Patience patience, @Nullable Run ours) {
        int sent = 0;
        var why = Optional.<String>empty();
        if (spool == null) {
            return new Sum(0, 0, why);
        }
        try {
            trim();
            var silent = new HashSet<String>();
            for (var shelf : spool.shelves()) {
                if (shelf.files(Shelf.REPORT).isEmpty()
                        && shelf.files(Shelf.RUN).isEmpty()) {
                    continue;
                }
                try (var replayed = replay(shelf, new Patience(Duration.ZERO), patience, ours, silent)) {
                    sent += replayed.sent();
                    if (replayed.away() != null) {
                        why = Optional.of(replayed.away().why());
                    }
                }
            }
            return new Sum(sent, spool.held().reports(), why);
        } catch (IOException failure) {
            return new Sum(sent, 1, Optional.of("cannot read the spool " + spool.folder() + ": " + reason(failure)));
        }
    }

    private void trim() throws IOException {
        if (spool == null) {
            return;
        }
        int dropped = spool.trim(clock.instant());
        if (dropped > 0) {
            sayOnce("the spool " + spool.folder() + " holds at most " + spool.bounds() + ": " + dropped
                    + (dropped == 1 ? " report was" : " reports were") + " dropped, the oldest first");
        }
    }

    private static String reason(IOException failure) {
        if (failure instanceof FileSystemException file && file.getReason() != null) {
            return file.getReason();
        }
        return failure instanceof AccessDeniedException ? "permission denied" : String.valueOf(failure.getMessage());
    }

    private void sayOnce(String line) {
        synchronized (said) {
            if (!said.add(line)) {
                return;
            }
        }
        say.accept(line);
    }
}
