package io.muster.server.heartbeat;

import io.muster.server.heartbeat.Trouble.Problem;
import io.muster.server.layout.Figures;
import io.muster.server.problem.Refused;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a job's declaration demands of its runs beyond schedule and grace; null: nothing. Spans are whole seconds, 1 second
 * to 365 days.
 *
 * @param startBy how long after the expected time a start or a report must be heard
 * @param maxRuntime how long a run may take from its start ping; it then counts instead of grace
 * @param minRuntime a success sooner than that after its start counts as a failure
 * @param rows how many the manifest of a success must tell of, over all its tenants; {@code bytes} likewise
 */
public record Bounds(
        @Nullable Duration startBy,
        @Nullable Duration maxRuntime,
        @Nullable Duration minRuntime,
        @Nullable Range rows,
        @Nullable Range bytes) {

    static final Bounds NONE = new Bounds(null, null, null, null, null);

    private static final Duration LONGEST = Duration.ofDays(365);

    /** From {@code min} to {@code max}, both included; null: unbounded on that side. */
    public record Range(@Nullable Long min, @Nullable Long max) {

        public Range {
            if (min == null && max == null) throw new Refused("", "must have min or max");
            if (min != null && min < 0) throw new Refused("min", "must be 0 or more; got " + min);
            if (max != null && max < 0) throw new Refused("max", "must be 0 or more; got " + max);
            if (min != null && max != null && max < min) {
                throw new Refused("max", "must not be less than min; got " + max);
            }
        }
    }

    public Bounds {
        requireSpan("start_by", startBy);
        requireSpan("max_runtime", maxRuntime);
        requireSpan("min_runtime", minRuntime);
        if (minRuntime != null && maxRuntime != null && minRuntime.compareTo(maxRuntime) >= 0) {
            throw new Refused("min_runtime", "must be shorter than max_runtime; got " + minRuntime);
        }
    }

    /** Whether each run is watched by itself, not only the latest. */
    boolean watchRuns() {
        return maxRuntime != null || minRuntime != null;
    }

    boolean judgeTotals() {
        return rows != null || bytes != null;
    }

    /** What is wrong with how much a run copied. */
    Optional<Trouble> judge(RunTotals.Said said) {
        return switch (said) {
            case RunTotals.Nothing(var why) -> Optional.of(new Trouble(Problem.NO_MANIFEST, why));
            case RunTotals.Totals(var told, var toldBytes) ->
                judge("row", rows, told).or(() -> judge("byte", bytes, toldBytes));
        };
    }

    private static Optional<Trouble> judge(String unit, @Nullable Range expected, @Nullable Long told) {
        if (expected == null) return Optional.empty();
        if (told == null) return unexpected("did not say how many " + unit + "s it copied");
        var copied = "copied " + Figures.count(told, unit) + ", at ";
        if (expected.min() != null && told < expected.min()) {
            return unexpected(copied + "least " + Figures.count(expected.min()) + " expected");
        }
        if (expected.max() != null && told > expected.max()) {
            return unexpected(copied + "most " + Figures.count(expected.max()) + " expected");
        }
        return Optional.empty();
    }

    private static Optional<Trouble> unexpected(String why) {
        return Optional.of(new Trouble(Problem.UNEXPECTED, why));
    }

    private static void requireSpan(String field, @Nullable Duration span) {
        if (span == null) return;
        if (span.compareTo(Duration.ofSeconds(1)) < 0 || span.compareTo(LONGEST) > 0) {
            throw new Refused(field, "must be between PT1S and P365D; got " + span);
        }
        if (span.getNano() != 0) throw new Refused(field, "must be whole seconds; got " + span);
    }
}
