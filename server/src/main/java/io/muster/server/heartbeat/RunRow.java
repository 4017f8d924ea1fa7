package io.muster.server.heartbeat;

import com.fasterxml.jackson.annotation.JsonValue;
import io.muster.server.heartbeat.RunTotals.Totals;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A run of a job, as far as its pings tell.
 *
 * @param n the number of the ping that ended it; of the one that started it, if no end was heard
 * @param startedAt null: no start was heard
 * @param endedAt null: no end was heard
 * @param problem why Muster took it for a failure, or noticed it for being too long
 * @param totals what its manifest told of
 */
public record RunRow(
        long n,
        @Nullable UUID rid,
        @Nullable Instant startedAt,
        @Nullable Instant endedAt,
        Outcome outcome,
        @Nullable Integer exitStatus,
        @Nullable Trouble problem,
        @Nullable Totals totals) {

    public enum Outcome {
        RUNNING,
        SUCCESS,
        FAIL,
        /** It was started, and is not known to run any more. */
        NO_END;

        /** As in JSON. */
        @JsonValue
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Optional<Duration> took() {
        return startedAt == null || endedAt == null
                ? Optional.empty()
                : Optional.of(Duration.between(startedAt, endedAt));
    }
}
