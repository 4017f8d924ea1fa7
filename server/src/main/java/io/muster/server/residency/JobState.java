package io.muster.server.residency;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the arithmetic must know of a job that takes data out of a store.
 *
 * @param lastSuccess null if it never reported one
 * @param failedAt when its last report came, if that was a failure
 * @param due when its next report is due, by its schedule and without grace; empty if none is awaited
 */
record JobState(@Nullable Instant lastSuccess, @Nullable Instant failedAt, Optional<Instant> due) {

    /** When it became plain, by {@code now}, that this job does not do its part. */
    Optional<Instant> brokenSince(Instant now) {
        if (failedAt != null) {
            return Optional.of(failedAt);
        }
        return due.filter(at -> !at.isAfter(now));
    }
}
