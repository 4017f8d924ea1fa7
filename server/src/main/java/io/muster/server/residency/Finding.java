package io.muster.server.residency;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Whether one tenant's data in one store keeps to its policy, as far as one job (or, without any job, a probe) tells. Two
 * findings about the same data are joined by {@link #worse}.
 */
sealed interface Finding {

    /** All is well; {@code look} is when it may be so no longer, if nothing is heard until then. */
    record Fine(Optional<Instant> look) implements Finding {}

    /** The promise will not keep itself. */
    record AtRisk(Instant since, Instant violationAt, Reason reason, Watermark watermark) implements Finding {

        /** At risk since the first of two, to be broken at the first of two. */
        private AtRisk joined(AtRisk other) {
            var sooner = other.violationAt.isBefore(violationAt) ? other : this;
            var since = other.since.isBefore(this.since) ? other.since : this.since;
            return new AtRisk(since, sooner.violationAt, sooner.reason, sooner.watermark);
        }
    }

    /** The promise is broken. */
    record Violation(Instant at, Reason reason, Watermark watermark) implements Finding {}

    /**
     * The whole arithmetic, for a place that is unlawful.
     *
     * @param watermark up to when the data is gone, after probes and not before the place became unlawful
     * @param maxDwell how long data may wait there; zero: not at all
     * @param job who takes it away; empty if only probes know of the data
     * @param seen by the last probe
     * @param wantsTransfer a transfer on record would make the place lawful
     */
    static Finding at(
            Instant now,
            Watermark watermark,
            Duration maxDwell,
            Optional<JobState> job,
            Seen seen,
            boolean wantsTransfer) {
        var violationAt = watermark.at().plus(maxDwell);
        var reason = wantsTransfer ? Reason.NO_TRANSFER_RECORD : reason(now, job);
        if (!now.isBefore(violationAt)) {
            return new Violation(violationAt, reason, watermark);
        }
        var broken = job.filter(state -> !foundEmptySinceLastSuccess(state, seen))
                .flatMap(state -> state.brokenSince(now))
                .map(since -> latest(since, watermark.at()));
        var mostlyUsed = watermark.at().plus(maxDwell.multipliedBy(3).dividedBy(4));
        var reportsInTime = job.flatMap(JobState::due).filter(due -> due.isBefore(violationAt) && due.isAfter(now));
        var unattended = Optional.of(mostlyUsed).filter(at -> !at.isAfter(now) && reportsInTime.isEmpty());
        var since = Stream.of(broken, unattended).flatMap(Optional::stream).min(Instant::compareTo);
        if (since.isPresent()) {
            return new AtRisk(since.get(), violationAt, reason, watermark);
        }
        return new Fine(Stream.of(job.flatMap(JobState::due), Optional.of(mostlyUsed), Optional.of(violationAt))
                .flatMap(Optional::stream)
                .filter(at -> at.isAfter(now))
                .min(Instant::compareTo));
    }

    /** A tenant without rows has nothing to lose by a job that fails after it had done its work. */
    private static boolean foundEmptySinceLastSuccess(JobState job, Seen seen) {
        return seen.emptySince(job.lastSuccess() == null ? Instant.MIN : job.lastSuccess());
    }

    private static Reason reason(Instant now, Optional<JobState> job) {
        if (job.isEmpty()) return Reason.OVERSTAYED;
        var state = job.get();
        if (state.failedAt() != null) return Reason.FAILED;
        if (state.lastSuccess() == null) return Reason.NEVER_RAN;
        return state.brokenSince(now).isPresent() ? Reason.LATE : Reason.OVERSTAYED;
    }

    private static Instant latest(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }

    /** The one that counts: a violation before a risk before nothing; of two alike, what came first. */
    default Finding worse(Finding other) {
        return switch (this) {
            case Violation broken -> other instanceof Violation also && also.at.isBefore(broken.at) ? other : this;
            case AtRisk risk ->
                switch (other) {
                    case Violation _ -> other;
                    case AtRisk also -> risk.joined(also);
                    case Fine _ -> this;
                };
            case Fine _ -> other;
        };
    }

    /** When to look again although nothing was heard. */
    default Optional<Instant> next() {
        return switch (this) {
            case Fine fine -> fine.look;
            case AtRisk risk -> Optional.of(risk.violationAt);
            case Violation _ -> Optional.empty();
        };
    }
}
