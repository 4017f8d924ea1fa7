package io.muster.server.heartbeat;

import io.muster.server.embedded.CannotStart;
import io.muster.server.embedded.ReadFirst;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How pings are taken in.
 *
 * @param bodyLimit how many bytes of a body are kept; {@code none}: all of them, up to 10 MiB
 * @param queue most pings that wait in a lane to be stored; more are answered with 503 at once
 * @param batch most pings of one transaction
 * @param lanes transactions at a time, 2 to 8; one of them for plain pings, see {@link PlainPings}
 * @param patience how long a ping waits to be stored before it is answered with 503; at most 2 s, so that jobs try again
 * @param softErrors an unknown uuid is answered {@code 200 OK (not found)}, as the hosted Healthchecks does
 * @param perMinute how many plain successes of a check are recorded a minute, up to 600; 0: all
 * @param retention how long pings and flips are kept, 1 to 36,500 days; the newest 100 of each check always are
 */
@ReadFirst
@ConfigurationProperties("muster.ping")
record PingProperties(
        @DefaultValue("10000") String bodyLimit,
        @DefaultValue("4096") int queue,
        @DefaultValue("512") int batch,
        @DefaultValue("3") int lanes,
        @DefaultValue("1500ms") Duration patience,
        @DefaultValue("false") boolean softErrors,
        @DefaultValue("0") int perMinute,
        @DefaultValue("P400D") Duration retention) {

    /** The most that is read of a body, whatever is kept of it. */
    static final int READ_LIMIT = 10 << 20;

    PingProperties {
        if (!bodyLimit.matches("none|[0-9]{1,7}")) {
            throw new CannotStart(
                    "MUSTER_PING_BODY_LIMIT must be a number of bytes below 10000000, or none; got " + bodyLimit);
        }
        within("QUEUE", queue, 1, 1_000_000);
        within("BATCH", batch, 1, 10_000);
        within("PER_MINUTE", perMinute, 0, 600);
        within("LANES", lanes, 2, 8);
        if (!patience.isPositive() || patience.compareTo(Duration.ofSeconds(2)) > 0) {
            throw new CannotStart("MUSTER_PING_PATIENCE must be at most 2s; got " + patience);
        }
        if (retention.compareTo(Duration.ofDays(1)) < 0 || retention.compareTo(Duration.ofDays(36_500)) > 0) {
            throw new CannotStart("MUSTER_PING_RETENTION must be P1D to P36500D; got " + retention);
        }
    }

    private static void within(String word, int value, int least, int most) {
        if (value < least || value > most) {
            throw new CannotStart("MUSTER_PING_" + word + " must be " + least + " to " + most + "; got " + value);
        }
    }

    /** Bytes; null: no limit. */
    @Nullable Integer limit() {
        return bodyLimit.equals("none") ? null : Integer.valueOf(bodyLimit);
    }
}
