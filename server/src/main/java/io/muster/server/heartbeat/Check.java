package io.muster.server.heartbeat;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Muster's watch over one job: what was declared of it, and what was heard.
 *
 * @param jobId its id in {@code /api/v1/jobs}: the slug, or the {@code uniqueKey} where the slug is no id or not unique
 * @param uniqueKey 40 hex digits that name the check without letting anybody ping it
 * @param excusedUntil until then its silence means nothing, for Muster was away: {@link Outage#shifted}; null: never yet
 * @param openRuns oldest first; of checks that watch each run, else empty
 */
public record Check(
        long id,
        String jobId,
        String project,
        PingUuid uuid,
        String uniqueKey,
        UUID badgeKey,
        Settings settings,
        State state,
        @Nullable Instant excusedUntil,
        List<OpenRun> openRuns,
        InARow inARow,
        Instant createdAt,
        Instant updatedAt) {

    /** How long after an end the same end counts as its repetition; later a run id is used for another run. */
    private static final Duration LONGEST_REPETITION = Duration.ofMinutes(15);

    /** Whether it was declared as a job; only those have more to say than when they were heard. */
    public boolean isNative() {
        return settings.isNative();
    }

    public String slug() {
        return settings.slug();
    }

    public String name() {
        return settings.name();
    }

    /** What people call it: its name, or its job id where it has none. */
    public String title() {
        return name().isBlank() ? jobId : name();
    }

    public List<String> tags() {
        return settings.tags().isBlank()
                ? List.of()
                : List.of(settings.tags().strip().split("\\s+"));
    }

    public Schedule schedule() {
        return settings.schedule();
    }

    public Duration grace() {
        return settings.grace();
    }

    /** Exactly these alert channels; null: those that select this job. */
    public @Nullable List<String> channels() {
        return settings.channels();
    }

    public Bounds bounds() {
        return settings.bounds();
    }

    /** People are told of the n-th failure or missed deadline in a row; 1 to 100. */
    public int failuresBeforeAlert() {
        return settings.failuresBeforeAlert();
    }

    /** Names of jobs: while one is down, people are not told that this one is. */
    public List<String> dependsOn() {
        return settings.dependsOn();
    }

    public @Nullable Integer bodyLimit() {
        return settings.bodyLimit();
    }

    public Status status() {
        return state.status();
    }

    public Instant statusSince() {
        return state.statusSince();
    }

    public @Nullable Instant lastPing() {
        return state.lastPing();
    }

    public @Nullable Instant lastSuccess() {
        return state.lastSuccess();
    }

    public @Nullable Instant lastStart() {
        return state.lastStart();
    }

    public @Nullable Duration lastDuration() {
        return state.lastDuration();
    }

    /** Whether the last success or failure was a failure. */
    public boolean lastReportFailed() {
        return state.lastReportFailed();
    }

    public long pings() {
        return state.pings();
    }

    public boolean isStarted() {
        return state.lastStart() != null;
    }

    /**
     * When the report after the last one is due by the schedule, whatever was started and without grace; empty when new,
     * paused or never again.
     */
    public Optional<Instant> expectedAt() {
        return switch (state.status()) {
            case NEW, PAUSED -> Optional.empty();
            case UP, DOWN -> Optional.ofNullable(state.lastPing()).flatMap(schedule()::dueAfter);
        };
    }

    /** From when the check is late: the report expected of one that is up, or the start of its run. */
    public Optional<Instant> graceStart() {
        var expected = state.status() == Status.UP ? expectedAt() : Optional.<Instant>empty();
        var started = state.lastStart();
        if (started == null || state.status() == Status.DOWN) return expected;
        return expected.filter(at -> at.isBefore(started)).or(() -> Optional.of(started));
    }

    /** When silence alone turns this check down. */
    public Optional<Instant> downAt() {
        return status() == Status.DOWN ? Optional.empty() : nextMiss().map(this::countsAt);
    }

    /** When {@code miss} counts: not while Muster may have been the one that was away. */
    Instant countsAt(Miss miss) {
        return excusedUntil != null && excusedUntil.isAfter(miss.at()) ? excusedUntil : miss.at();
    }

    /** What silence alone will be next: the check's going down, or one more failure of those that people are not told of yet. */
    Optional<Miss> nextMiss() {
        if (settings.bounds().equals(Bounds.NONE) && state.status() != Status.DOWN) return unreported(graceStart());
        return Stream.of(tooLong(), notReported()).flatMap(Optional::stream).min(Comparator.comparing(Miss::at));
    }

    private Optional<Miss> unreported(Optional<Instant> late) {
        return late.map(at -> new Miss.Unreported(at, at.plus(grace())));
    }

    private Optional<Miss> tooLong() {
        var most = bounds().maxRuntime();
        if (most == null || openRuns.isEmpty()) return Optional.empty();
        return Optional.of(new Miss.TooLong(openRuns.getFirst(), most));
    }

    /** A run that is watched by its own {@code max_runtime} has that long from when it should have begun at the latest, whatever begins after it. */
    private Optional<Miss> notReported() {
        var awaited = awaited();
        var most = bounds().maxRuntime();
        if (most != null) {
            if (isOnSince(awaited.since())) {
                return awaited.at()
                        .map(at -> new Miss.Unreported(at, at.plus(grace()).plus(most)));
            }
            return notStarted(awaited.at()).or(() -> unreported(awaited.at()));
        }
        var silent = unreported(state.status() == Status.DOWN ? awaited.at() : graceStart());
        if (hasStartedSince(awaited.since())) return silent;
        return Stream.of(notStarted(awaited.at()), silent)
                .flatMap(Optional::stream)
                .min(Comparator.comparing(Miss::at));
    }

    private Optional<Miss> notStarted(Optional<Instant> expected) {
        return startBy().flatMap(span -> expected.map(at -> new Miss.NotStarted(at, at.plus(span))));
    }

    /** How long after the expected time a start is awaited, if that is to be heard before a report is. */
    Optional<Duration> startBy() {
        return Optional.ofNullable(bounds().startBy()).filter(span -> span.compareTo(grace()) <= 0);
    }

    /** The next expected time that silence has not been counted for; {@code since}: what it is counted from. */
    private record Awaited(@Nullable Instant since, Optional<Instant> at) {}

    private Awaited awaited() {
        var since = state.lastPing();
        if (state.status() == Status.DOWN) {
            if (isToldDown()) return new Awaited(since, Optional.empty());
            var missed = inARow.missedAt();
            if (missed != null && isAfter(missed, since)) since = missed;
            return new Awaited(since, Optional.ofNullable(since).flatMap(schedule()::dueAfter));
        }
        return new Awaited(since, state.status() == Status.UP ? expectedAt() : Optional.empty());
    }

    private boolean hasStartedSince(@Nullable Instant since) {
        return state.lastStart() != null && isAfter(state.lastStart(), since);
    }

    private static boolean isAfter(Instant at, @Nullable Instant other) {
        return other == null || at.isAfter(other);
    }

    /**
     * Runs that are on as far as is known, oldest first: each where runs are watched by themselves, else the latest. One that nothing ends
     * but its report, and that is not the latest, is taken to run for as long as a report has grace.
     */
    public List<OpenRun> running(Instant now) {
        if (!bounds().watchRuns()) return lastRun();
        if (bounds().maxRuntime() != null) return openRuns;
        return openRuns.stream()
                .filter(run -> run.startedAt().equals(state.lastStart())
                        || now.isBefore(run.startedAt().plus(grace())))
                .toList();
    }

    /** Down, and people were told so. */
    boolean isToldDown() {
        return state.status() == Status.DOWN && (inARow.failures() == 0 || inARow.told());
    }

    /** Pure: the ping, the deadline, the page and the test ask the same question and get the same answer. */
    public CheckStatus at(Instant now) {
        if (downAt().filter(at -> !now.isBefore(at)).isPresent()) return CheckStatus.DOWN;
        return switch (state.status()) {
            case NEW -> CheckStatus.NEW;
            case PAUSED -> CheckStatus.PAUSED;
            case DOWN -> CheckStatus.DOWN;
            case UP -> isLate(now) ? CheckStatus.GRACE : CheckStatus.UP;
        };
    }

    private boolean isLate(Instant now) {
        return expectedAt().filter(due -> !now.isBefore(due)).isPresent()
                && (bounds().maxRuntime() == null || !isOnSince(state.lastPing()));
    }

    /** Whether a run is on that began after {@code since}. */
    private boolean isOnSince(@Nullable Instant since) {
        return openRuns.stream().anyMatch(run -> isAfter(run.startedAt(), since));
    }

    /** Up, and no run of it is timed. */
    boolean isCalm() {
        return state.status() == Status.UP
                && state.lastStart() == null
                && !state.lastReportFailed()
                && state.armedAt() != null;
    }

    /** {@link Settings#isPlain}. */
    boolean isPlain() {
        return Settings.isPlain(
                settings.bodyLimit(), settings.postOnly(), settings.keywords().httpBody(), settings.bounds());
    }

    /** What came of a ping, or of silence. */
    record Step(
            Check after, Optional<Heard> heard, Optional<Flip> flip, Optional<News> news, Optional<JudgedRun> judged) {}

    /** This check after {@code ping}, numbered and with the kind that keywords, pauses and bounds made of it. */
    Step after(Ping ping, RunTotals totals) {
        var said = kind(ping);
        var startedAt = said == Kind.SUCCESS || said == Kind.FAIL ? startOf(ping) : Optional.<Instant>empty();
        var told = said == Kind.SUCCESS && bounds().judgeTotals()
                ? Optional.of(totals.of(ping.body()))
                : Optional.<RunTotals.Said>empty();
        var trouble = said == Kind.SUCCESS
                ? told.flatMap(bounds()::judge).or(() -> tooShort(ping, startedAt))
                : Optional.<Trouble>empty();
        var kind = trouble.isPresent() ? Kind.FAIL : said;
        boolean failedAgain = kind == Kind.FAIL && state.lastReportFailed() && isRepeated(ping);
        var counted = state.counted();
        var next = switch (kind) {
            case START -> counted.started(ping.at(), ping.rid());
            case LOG, IGN -> counted;
            case SUCCESS -> reported(counted, ping, kind, runStartedAt(ping));
            case FAIL ->
                failedAgain && bounds().watchRuns()
                        ? counted // so that it took as long as it did when it was reported first
                        : reported(counted, ping, kind, startedAt);
        };
        var after = with(
                next,
                runsAfter(ping, kind, next.pings()),
                switch (kind) {
                    case SUCCESS -> InARow.NONE;
                    case FAIL ->
                        isToldDown() || failedAgain || wasTooLong(ping, startedAt)
                                ? inARow
                                : inARow.another(failuresBeforeAlert(), null);
                    case START, LOG, IGN -> inARow;
                });
        var heard = new Heard(next.pings(), ping.at(), kind, ping.rid(), ping.exit(), startedAt, ping.body());
        var sum = told.orElse(null) instanceof RunTotals.Totals known ? known : null;
        var judged = trouble.isPresent() || sum != null
                ? Optional.of(new JudgedRun(heard.n(), trouble.orElse(null), sum))
                : Optional.<JudgedRun>empty();
        return step(after, Optional.of(heard), ping.at(), reason(kind, ping), trouble, judged);
    }

    /**
     * This check once silence has lasted until {@code miss}. What was started stays started until a report ends it.
     *
     * @param noticedAt later than the miss if Muster was away: what was expected until then counts as one failure
     */
    Step after(Miss miss, Instant noticedAt) {
        var at = miss.at();
        var runs = openRuns;
        var counted = noticedAt;
        var judged = Optional.<JudgedRun>empty();
        switch (miss) {
            case Miss.TooLong late -> {
                runs = openRuns.stream().filter(run -> !run.equals(late.run())).toList();
                judged =
                        Optional.of(new JudgedRun(late.run().n(), miss.trouble().orElse(null), null));
            }
            case Miss.Unreported _, Miss.NotStarted _ -> {
                if (noticedAt.equals(at)) counted = expectedUntil(at);
            }
        }
        var rows = isToldDown() ? inARow : inARow.another(failuresBeforeAlert(), counted);
        return step(
                with(state.in(Status.DOWN, at), runs, rows), Optional.empty(), at, "timeout", miss.trouble(), judged);
    }

    /** The last of what began by then and was awaited. */
    private Instant expectedUntil(Instant at) {
        return Stream.of(awaited().at(), Optional.ofNullable(state.lastStart()))
                .flatMap(Optional::stream)
                .filter(began -> !began.isAfter(at))
                .max(Comparator.naturalOrder())
                .orElse(at);
    }

    private Step step(
            Check after,
            Optional<Heard> heard,
            Instant at,
            String reason,
            Optional<Trouble> trouble,
            Optional<JudgedRun> judged) {
        var known = trouble.orElse(null);
        var flip = after.status() == status()
                ? Optional.<Flip>empty()
                : Optional.of(new Flip(id, after.statusSince(), status(), after.status(), reason, known));
        return new Step(
                after,
                heard,
                flip,
                News.of(
                        this,
                        after,
                        flip.map(Flip::at).orElse(at),
                        reason,
                        known,
                        heard.map(Heard::n).orElse(0L)),
                judged);
    }

    /** When the run began that {@code ping} ends; empty if that was not heard. */
    private Optional<Instant> startOf(Ping ping) {
        return openRun(ping).map(OpenRun::startedAt).or(() -> runStartedAt(ping));
    }

    private Optional<OpenRun> openRun(Ping ping) {
        return openRuns.stream()
                .filter(run -> Objects.equals(run.rid(), ping.rid()))
                .findFirst();
    }

    /** The run that {@code ping} ends was found too long before, and counted. */
    private boolean wasTooLong(Ping ping, Optional<Instant> startedAt) {
        var most = bounds().maxRuntime();
        return most != null
                && openRun(ping).isEmpty()
                && startedAt
                        .filter(start -> start.plus(most).isBefore(ping.at()))
                        .isPresent();
    }

    private Optional<Trouble> tooShort(Ping ping, Optional<Instant> startedAt) {
        var least = bounds().minRuntime();
        if (least == null) return Optional.empty();
        return startedAt
                .map(start -> Duration.between(start, isRepeated(ping) ? requireNonNull(state.lastPing()) : ping.at()))
                .filter(took -> took.compareTo(least) < 0)
                .map(took -> Trouble.tooShort(took, least));
    }

    /** A start opens a run, a report ends the one with its run id; without one, the one that was started without. */
    private List<OpenRun> runsAfter(Ping ping, Kind kind, long n) {
        if (!bounds().watchRuns() || kind == Kind.LOG || kind == Kind.IGN) return openRuns;
        var runs = new ArrayList<OpenRun>();
        for (var run : openRuns) {
            if (!Objects.equals(run.rid(), ping.rid())) runs.add(run);
        }
        if (kind == Kind.START) runs.add(new OpenRun(n, ping.rid(), ping.at()));
        return List.copyOf(runs.subList(Math.max(0, runs.size() - OpenRun.MOST), runs.size()));
    }

    private Kind kind(Ping ping) {
        if (state.status() == Status.PAUSED && settings.manualResume()) return Kind.IGN;
        if (settings.postOnly() && !ping.isPosted()) return Kind.IGN;
        return settings.keywords().httpBody() ? settings.keywords().of(ping.body()) : ping.action();
    }

    /** Whether {@code ping} says no more than that all is well still: nothing would change but when that was heard. */
    boolean isRoutine(Ping ping) {
        return state.status() == Status.UP
                && state.lastStart() == null
                && ping.action() == Kind.SUCCESS
                && ping.exit() == null
                && ping.body().length == 0
                && kind(ping) == Kind.SUCCESS;
    }

    /** When the run began that this end is of; empty if that was not heard. */
    private Optional<Instant> runStartedAt(Ping ping) {
        if (state.lastStart() == null) return ofRunThatEnded(ping);
        return Objects.equals(state.lastStartRid(), ping.rid()) ? Optional.of(state.lastStart()) : Optional.empty();
    }

    /** Whether it is the end of a run that has ended already. */
    private boolean isRepeated(Ping ping) {
        return state.lastStart() == null
                && openRun(ping).isEmpty()
                && ofRunThatEnded(ping).isPresent();
    }

    /** A job whose answer was lost reports the same end again: that proves no more than the first time. */
    private Optional<Instant> ofRunThatEnded(Ping ping) {
        var last = state.lastPing();
        var duration = state.lastDuration();
        return last != null
                        && duration != null
                        && ping.rid() != null
                        && ping.rid().equals(state.lastStartRid())
                        && ping.at().isBefore(last.plus(LONGEST_REPETITION))
                ? Optional.of(last.minus(duration))
                : Optional.empty();
    }

    /** A success with another run's id leaves the run that is being timed; any other report ends it. */
    private static State reported(State state, Ping ping, Kind kind, Optional<Instant> runStartedAt) {
        boolean failed = kind == Kind.FAIL;
        boolean otherRun = runStartedAt.isEmpty() && !failed && ping.rid() != null;
        var known = otherRun ? state.lastStartRid() : runStartedAt.isPresent() ? ping.rid() : null;
        return new State(
                        state.status(),
                        state.statusSince(),
                        ping.at(),
                        failed ? state.lastSuccess() : ping.at(),
                        otherRun ? state.lastStart() : null,
                        known,
                        runStartedAt
                                .map(start -> Duration.between(start, ping.at()))
                                .orElse(null),
                        failed,
                        state.pings(),
                        state.armedAt())
                .in(failed ? Status.DOWN : Status.UP, ping.at());
    }

    private static String reason(Kind kind, Ping ping) {
        if (kind == Kind.SUCCESS) return "success";
        var exit = ping.exit();
        return exit != null && exit > 0 ? "exit_code" : "fail";
    }

    Check paused(Instant now) {
        var paused = new State(
                        state.status(),
                        state.statusSince(),
                        state.lastPing(),
                        state.lastSuccess(),
                        null,
                        null,
                        state.lastDuration(),
                        state.lastReportFailed(),
                        state.pings(),
                        state.armedAt())
                .in(Status.PAUSED, now);
        return with(paused, List.of(), InARow.NONE);
    }

    Check resumed(Instant now) {
        var resumed = new State(
                        state.status(),
                        state.statusSince(),
                        null,
                        state.lastSuccess(),
                        null,
                        null,
                        null,
                        state.lastReportFailed(),
                        state.pings(),
                        state.armedAt())
                .in(Status.NEW, now);
        return with(resumed, List.of(), InARow.NONE);
    }

    Check with(State other) {
        return with(other, openRuns, inARow);
    }

    /** With what is kept of its runs and failures. */
    Check with(List<OpenRun> runs, InARow failures) {
        return with(state, runs, failures);
    }

    private Check with(State other, List<OpenRun> runs, InARow failures) {
        return with(settings, other, runs, failures, updatedAt);
    }

    private Check with(Settings declared, State heard, List<OpenRun> runs, InARow failures, Instant updated) {
        return new Check(
                id,
                jobId,
                project,
                uuid,
                uniqueKey,
                badgeKey,
                declared,
                heard,
                excusedUntil,
                runs,
                failures,
                createdAt,
                updated);
    }

    /** With other settings: a run that is on is watched from now on, if runs are; failures count as these count them. */
    Check with(Settings other, Instant now) {
        if (other.equals(settings)) return this;
        var runs = !other.bounds().watchRuns() ? List.<OpenRun>of() : bounds().watchRuns() ? openRuns : lastRun();
        var tellAt = other.failuresBeforeAlert();
        var failures = tellAt == 1
                ? InARow.NONE
                : new InARow(inARow.failures(), inARow.told() || isCounted(tellAt), inARow.missedAt());
        return with(other, state, runs, failures, now);
    }

    private boolean isCounted(int tellAt) {
        return inARow.failures() > 0 && inARow.failures() >= tellAt;
    }

    private List<OpenRun> lastRun() {
        var started = state.lastStart();
        return started == null ? List.of() : List.of(new OpenRun(state.pings(), state.lastStartRid(), started));
    }
}
