package io.muster.server.heartbeat;

import static io.muster.server.layout.Figures.count;
import static io.muster.server.layout.Figures.promise;
import static java.util.Objects.requireNonNull;

import io.muster.server.heartbeat.CheckBoard.Shown;
import io.muster.server.layout.Figures;
import io.muster.server.layout.State;
import io.muster.server.layout.Word;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The words of checks on pages. */
public final class CheckWords {

    record Due(@Nullable Instant at, State state, String words, String small) {}

    public static Word word(CheckStatus status) {
        return switch (status) {
            case UP -> Word.ok("Up");
            case GRACE -> Word.warn("Late").with("clock-exclamation");
            case DOWN -> Word.bad("Down");
            case NEW -> Word.mute("New");
            case PAUSED -> Word.mute("Paused").with("player-pause");
        };
    }

    static Word word(Shown shown) {
        return switch (shown) {
            case DOWN -> word(CheckStatus.DOWN);
            case LATE -> word(CheckStatus.GRACE);
            case RUNNING -> Word.run("Running");
            case UP -> word(CheckStatus.UP);
            case NEW -> word(CheckStatus.NEW);
            case PAUSED -> word(CheckStatus.PAUSED);
        };
    }

    static Word word(RunRow run) {
        return switch (run.outcome()) {
            case RUNNING -> Word.run("Running");
            case SUCCESS -> run.problem() == null ? Word.ok("Passed") : Word.warn("Passed late");
            case FAIL -> Word.bad("Failed");
            case NO_END -> run.problem() == null ? Word.mute("No end heard") : Word.bad("Too long");
        };
    }

    /** {@code Copied 0 rows, at least 1 expected.} */
    static String sentence(Trouble trouble) {
        return Figures.capital(trouble.predicate()) + ".";
    }

    /** How long runs may take: {@code 10 s to 3 h}; empty: as long as they like. */
    static String runtimes(Bounds bounds) {
        var least = bounds.minRuntime();
        var most = bounds.maxRuntime();
        if (least == null) return most == null ? "" : "at most " + promise(most);
        return most == null ? "at least " + promise(least) : promise(least) + " to " + promise(most);
    }

    /** What a job's declaration demands of its runs, for the list of its settings. */
    static List<CheckView.Setting> demands(Check check) {
        var bounds = check.bounds();
        var demands = new ArrayList<CheckView.Setting>();
        check.startBy()
                .ifPresent(span ->
                        demands.add(new CheckView.Setting("Starts", "within " + promise(span) + " of its time")));
        var runtimes = runtimes(bounds);
        if (!runtimes.isEmpty()) demands.add(new CheckView.Setting("Runs for", runtimes));
        if (bounds.rows() != null) demands.add(new CheckView.Setting("Rows of a run", range(bounds.rows())));
        if (bounds.bytes() != null) demands.add(new CheckView.Setting("Bytes of a run", range(bounds.bytes())));
        if (check.failuresBeforeAlert() > 1) {
            demands.add(new CheckView.Setting("Alert", "after " + check.failuresBeforeAlert() + " failures in a row"));
        }
        return demands;
    }

    private static String range(Bounds.Range range) {
        if (range.min() == null) return "at most " + count(requireNonNull(range.max()));
        return range.max() == null
                ? "at least " + count(range.min())
                : count(range.min()) + " to " + count(range.max());
    }

    static String schedule(Schedule schedule) {
        return switch (schedule) {
            case Schedule.Every(var period) -> "Every " + promise(period);
            case Schedule.Cron(var expression, var tz) -> expression + ", " + tz.getId();
            case Schedule.OnCalendar(var expression, var tz) -> expression + ", " + tz.getId();
        };
    }

    static String expression(Schedule schedule) {
        return switch (schedule) {
            case Schedule.Every(var period) -> period.toString();
            case Schedule.Cron cron -> cron.expression();
            case Schedule.OnCalendar calendar -> calendar.expression();
        };
    }

    static String downAndLate(long down, long late) {
        var words = new ArrayList<String>();
        if (down > 0) words.add(count(down) + " down");
        if (late > 0) words.add(count(late) + " late");
        return String.join(", ", words);
    }

    static Due due(Check check, Shown as) {
        var expected = check.expectedAt().orElse(null);
        return switch (as) {
            case NEW -> new Due(null, State.MUTE, "", "starts with first ping");
            case PAUSED -> new Due(null, State.MUTE, "", "paused");
            case LATE ->
                new Due(
                        expected,
                        State.WARN,
                        "late",
                        check.downAt()
                                .map(at -> "down at " + Figures.minute(at) + " UTC")
                                .orElse(""));
            case DOWN ->
                expected == null
                        ? new Due(null, State.BAD, "", "no report awaited")
                        : check.lastReportFailed()
                                ? new Due(expected, State.MUTE, "", Figures.minute(expected) + " UTC")
                                : new Due(expected, State.BAD, "overdue", "was " + Figures.minute(expected) + " UTC");
            case RUNNING, UP ->
                expected == null
                        ? new Due(null, State.MUTE, "", check.isStarted() ? "its first run" : "never again")
                        : new Due(expected, State.MUTE, "", Figures.minute(expected) + " UTC");
        };
    }

    /** Why people are not told. */
    static String held(Hold hold) {
        var until = hold.until() == null ? "" : " until " + Figures.utc(hold.until());
        return switch (hold.because()) {
            case SNOOZE -> "snoozed by " + hold.what() + until;
            case MAINTENANCE -> "maintenance window " + hold.what() + until;
            case WAITS_FOR -> "waits for " + hold.what();
            case FOLLOWS -> "may follow " + hold.what() + ", which is up again," + until;
        };
    }

    static String lastWords(Check check) {
        if (check.isStarted()) return "started";
        if (check.lastPing() == null) return "waits for its first ping";
        var took = check.lastDuration();
        return (check.lastReportFailed() ? "failed" : "passed") + (took == null ? "" : " in " + Figures.took(took));
    }

    private CheckWords() {}
}
