package io.muster.server.heartbeat;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A run that failed, and why as far as its output tells.
 *
 * @param n the ping that reported it
 * @param exitStatus null if it reported the failure without one
 */
public record Failure(
        long n,
        Instant at,
        @Nullable Integer exitStatus,
        @JsonUnwrapped FailureCause cause) {

    static Failure of(Heard heard) {
        int kept = PingBatch.KEPT_OF_LONG_BODIES; // so that what is stored says the same later
        var stored = heard.body().length <= kept ? heard.body() : Arrays.copyOf(heard.body(), kept);
        return new Failure(heard.n(), heard.at(), heard.exit(), FailureCause.of(heard.exit(), stored));
    }
}
