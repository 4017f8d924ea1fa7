package io.muster.server.heartbeat;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A flip as it is stored; {@code trouble}: as of a {@link Flip}. */
public record FlipRow(
        long id,
        Instant at,
        Instant recordedAt,
        Status from,
        Status to,
        String reason,
        @Nullable Trouble trouble) {

    /** Whether silence was noticed so long after it amounted to this that something kept Muster from it. */
    boolean isLate() {
        return reason.equals("timeout") && Outage.isLate(at, recordedAt);
    }
}
