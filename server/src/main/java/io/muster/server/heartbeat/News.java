package io.muster.server.heartbeat;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What people are told of a check: that it is down, once as many failures came in a row as its declaration says, or that
 * it is up again, if they were told that it was down.
 *
 * @param at the ping's or the deadline's instant
 * @param reason as of a {@link Flip}, or {@link #DECLARED}
 * @param trouble what Muster took for a failure
 * @param n the number of the ping that is news; 0: silence is, or a declaration
 * @param inARow how many failures there are in a row, where the check counts them; else 1
 */
public record News(
        long check,
        Instant at,
        boolean down,
        String reason,
        @Nullable Trouble trouble,
        long n,
        int inARow) {

    /** The reason where fewer failures are declared than there are already: what failed was stored before. */
    static final String DECLARED = "declared";

    /** A first report is no news, nor is what a person did. */
    static Optional<News> of(Check before, Check after, Instant at, String reason, @Nullable Trouble trouble, long n) {
        boolean down = after.isToldDown() && !before.isToldDown();
        boolean up = before.isToldDown() && after.status() == Status.UP;
        if (!down && !up) return Optional.empty();
        return Optional.of(new News(
                after.id(),
                at,
                down,
                reason,
                trouble,
                n,
                Math.max(1, (down ? after : before).inARow().failures())));
    }
}
