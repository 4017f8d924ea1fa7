package io.muster.server.heartbeat;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A change of a check's stored status.
 *
 * @param at the ping's or the deadline's instant, which may be before it is recorded
 * @param reason success, fail, exit_code, timeout, paused or resumed
 * @param trouble what the reason cannot say; null: nothing
 */
public record Flip(
        long check,
        Instant at,
        Status from,
        Status to,
        String reason,
        @Nullable Trouble trouble) {

    Flip(long check, Instant at, Status from, Status to, String reason) {
        this(check, at, from, to, reason, null);
    }
}
