package io.muster.server.heartbeat;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Why people are not told that a job is down. What is monitored, flips and exposures go on as ever.
 *
 * @param what who snoozed it, the id of the maintenance window, or the job that it waits for
 * @param until when it ends by itself; null of {@link Because#WAITS_FOR}: when that job is up again
 */
public record Hold(Because because, String what, @Nullable Instant until) {

    public enum Because {
        SNOOZE,
        MAINTENANCE,
        /** A job that it depends on is down. */
        WAITS_FOR,
        /** That job is up again, and this one has its own grace to follow. */
        FOLLOWS;

        /** As in JSON and SQL. */
        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Because of(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }
    }

    /**
     * Pure: whether a job that is down is held back now, given why it was and what speaks for it now. Empty: people are
     * told.
     */
    static Optional<Hold> next(Optional<Hold> before, Optional<Hold> reason, Duration grace, Instant now) {
        if (reason.isPresent() || before.isEmpty()) return reason;
        var was = before.get();
        return switch (was.because) {
            case SNOOZE, MAINTENANCE -> Optional.empty();
            case WAITS_FOR -> Optional.of(new Hold(Because.FOLLOWS, was.what, now.plus(grace)));
            case FOLLOWS -> before.filter(hold -> hold.until != null && now.isBefore(hold.until));
        };
    }
}
