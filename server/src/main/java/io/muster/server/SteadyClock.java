package io.muster.server;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The wall clock ({@link DatabaseTime}), unless it steps. Jobs would look silent, or never late, if somebody sets it by an hour;
 * so each reading is compared with the time that has passed since the last one. Small differences are the wall clock's to
 * correct. After a step this clock goes on as if there had been none, says so in health, and takes the new time over once
 * the wall clock has run steadily for a quarter of an hour.
 */
final class SteadyClock {

    /** What a time service corrects at once is less. */
    static final Duration STEP = Duration.ofSeconds(2);

    /** How long the wall clock must run steadily to be believed again. */
    static final Duration STABLE = Duration.ofMinutes(15);

    private static final Logger log = LoggerFactory.getLogger(SteadyClock.class);

    /** The wall clock is {@code ahead} of the steady time (or behind) since {@code sinceNanos}. */
    record Step(Duration ahead, long sinceNanos) {}

    private final InstantSource wall;
    private final LongSupplier nanos;

    // the last reading; guarded by this
    private Instant steady;
    private long readAt;
    private @Nullable Step step;

    SteadyClock(InstantSource wall, LongSupplier nanos) {
        this.wall = wall;
        this.nanos = nanos;
        this.steady = wall.instant();
        this.readAt = nanos.getAsLong();
    }

    /** Believes what the wall clock shows now: before any time has been told. */
    synchronized void begin() {
        adopt(wall.instant());
        readAt = nanos.getAsLong();
    }

    /** Cut to microseconds, which is what PostgreSQL keeps: what was written reads back equal. */
    synchronized Instant instant() {
        long at = nanos.getAsLong();
        var shown = wall.instant();
        steady = steady.plusNanos(at - readAt);
        readAt = at;
        var ahead = Duration.between(steady, shown);
        if (ahead.abs().compareTo(STEP) <= 0) {
            if (step != null) log.info("the wall clock is right again");
            adopt(shown);
        } else if (step == null || ahead.minus(step.ahead()).abs().compareTo(STEP) > 0) {
            step = new Step(ahead, at);
            log.warn("the wall clock stepped by {}: Muster goes on with its own time for {}", ahead, STABLE);
        } else if (at - step.sinceNanos() >= STABLE.toNanos()) {
            log.warn("the wall clock has run steadily for {}: Muster takes its time over, {} away", STABLE, ahead);
            adopt(shown);
        }
        return steady.truncatedTo(ChronoUnit.MICROS);
    }

    private void adopt(Instant shown) {
        steady = shown;
        step = null;
    }

    /** By how much the wall clock is ahead, while it is not believed. */
    synchronized Optional<Duration> disbelieved() {
        return Optional.ofNullable(step).map(Step::ahead);
    }
}
