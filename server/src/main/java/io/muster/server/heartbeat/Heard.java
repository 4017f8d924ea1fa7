package io.muster.server.heartbeat;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One ping, as it was recorded.
 *
 * @param n its number among the pings of its check, from 1
 * @param kind after exit code, filters and pauses
 * @param runStartedAt when the run began that this success or fail ends
 * @param body up to the limit to which the check's bodies are read; empty if there was none
 */
public record Heard(
        long n,
        Instant at,
        Kind kind,
        @Nullable UUID rid,
        @Nullable Integer exit,
        Optional<Instant> runStartedAt,
        byte[] body) {

    /** Of a ping that decides nothing: see {@link Check#isPlain}. */
    static Heard plainSuccess(long n, Ping ping) {
        return new Heard(n, ping.at(), Kind.SUCCESS, ping.rid(), ping.exit(), Optional.empty(), ping.body());
    }
}
