package io.muster.server.heartbeat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Muster's watch over one job: what was declared of it, and what was heard.
 *
 * @param jobId its id in {@code /api/v1/jobs}: the slug, or the {@code uniqueKey} where the slug is no id or not unique
 * @param uniqueKey 40 hex digits that name the check without letting anybody ping it
 * @param excusedUntil until then its silence means nothing, for Muster was away: {@link Outage#shifted}; null: never yet
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
        return graceStart().map(this::silentAt);
    }

    private Instant silentAt(Instant late) {
        var deadline = late.plus(grace());
        return excusedUntil != null && excusedUntil.isAfter(deadline) ? excusedUntil : deadline;
    }

    /** Pure: the ping, the deadline, the page and the test ask the same question and get the same answer. */
    public CheckStatus at(Instant now) {
        var started = state.lastStart();
        if (started != null && !now.isBefore(silentAt(started))) return CheckStatus.DOWN;
        return switch (state.status()) {
            case NEW -> CheckStatus.NEW;
            case PAUSED -> CheckStatus.PAUSED;
            case DOWN -> CheckStatus.DOWN;
            case UP -> expectedAt().map(due -> awaited(now, due)).orElse(CheckStatus.UP);
        };
    }

    private CheckStatus awaited(Instant now, Instant due) {
        if (now.isBefore(due)) return CheckStatus.UP;
        return now.isBefore(silentAt(due)) ? CheckStatus.GRACE : CheckStatus.DOWN;
    }

    /** Up, and no run of it is timed. */
    boolean isCalm() {
        return state.status() == Status.UP
                && state.lastStart() == null
                && !state.lastReportFailed()
                && state.armedAt() != null;
    }

    /**
     * Whether {@code ping} is a success without a run id that decides nothing if this check is calm, but when the next report is due: by its
     * declaration nothing else is asked of it, and nobody above is concerned.
     */
    boolean isPlain(Ping ping) {
        return ping.action() == Kind.SUCCESS
                && ping.rid() == null
                && settings.bodyLimit() == null
                && settings.bounds().equals(Bounds.NONE)
                && !settings.postOnly()
                && !settings.keywords().httpBody();
    }

    /** What came of a ping. */
    record Step(Check after, Heard heard, Optional<Flip> flip) {}

    /** This check after {@code ping}, numbered and with the kind that keywords and pauses made of it. */
    Step after(Ping ping) {
        var kind = kind(ping);
        var counted = state.counted();
        var runStartedAt = Optional.<Instant>empty();
        var next = switch (kind) {
            case START -> counted.started(ping.at(), ping.rid());
            case LOG, IGN -> counted;
            case SUCCESS, FAIL -> {
                runStartedAt = runStartedAt(ping);
                yield reported(counted, ping, kind, runStartedAt);
            }
        };
        var heard = new Heard(next.pings(), ping.at(), kind, ping.rid(), ping.exit(), runStartedAt, ping.body());
        var flip = next.status() == state.status()
                ? Optional.<Flip>empty()
                : Optional.of(new Flip(id, next.statusSince(), state.status(), next.status(), reason(kind, ping)));
        return new Step(with(next), heard, flip);
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

    /** Down since {@code at} for lack of a report. What was started stays started until a report ends it. */
    Check silentSince(Instant at) {
        return with(state.in(Status.DOWN, at));
    }

    Check paused(Instant now) {
        return with(new State(
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
                .in(Status.PAUSED, now));
    }

    Check resumed(Instant now) {
        return with(new State(
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
                .in(Status.NEW, now));
    }

    Check with(State other) {
        return new Check(
                id, jobId, project, uuid, uniqueKey, badgeKey, settings, other, excusedUntil, createdAt, updatedAt);
    }

    Check with(Settings other, Instant now) {
        if (other.equals(settings)) return this;
        return new Check(id, jobId, project, uuid, uniqueKey, badgeKey, other, state, excusedUntil, createdAt, now);
    }
}
