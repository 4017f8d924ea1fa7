package io.muster.server.heartbeat;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A run that has started and not ended.
 *
 * @param n the number of its start ping, or of a later one where it was started before runs were watched
 * @param rid what tells it from others of its job; null: it was started without
 */
public record OpenRun(long n, @Nullable UUID rid, Instant startedAt) {

    /** So many of one check are watched at once; a further start pushes out the oldest. */
    static final int MOST = 100;
}
