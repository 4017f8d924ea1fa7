package io.muster.server.heartbeat;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Failures and missed deadlines in a row of a check whose people are not told of the first.
 *
 * @param failures 0: none, or the check tells at the first and does not count
 * @param told people were told of them
 * @param missedAt up to when what was expected has been counted; null: up to the last report
 */
record InARow(int failures, boolean told, @Nullable Instant missedAt) {

    static final InARow NONE = new InARow(0, false, null);

    /** One more, of which people are told if it is the {@code tellAt}-th. */
    InARow another(int tellAt, @Nullable Instant missed) {
        return tellAt == 1 ? NONE : new InARow(failures + 1, failures + 1 >= tellAt, missed);
    }
}
