package io.muster.server.heartbeat;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/**
 * How often a check may say that all is well: {@code muster.ping.per-minute}, as often as it likes if that is not set. Only
 * what changes nothing is dropped ({@link Check#isRoutine}). Each server counts by itself.
 */
@Component
class PingRate {

    /** Checks that are remembered; at one more all are forgiven. */
    private static final int MOST = 100_000;

    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final boolean limited;
    private final Duration spacing;
    private final Counter dropped;

    /** When the last minute will be free of pings, by the id of the check, if each took its share of a minute. */
    private final Map<Long, Instant> freeAt = new ConcurrentHashMap<>();

    PingRate(PingProperties settings, MeterRegistry metrics) {
        this.limited = settings.perMinute() > 0;
        this.spacing = limited ? MINUTE.dividedBy(settings.perMinute()) : Duration.ZERO;
        this.dropped = Counter.builder("muster.pings.rate.limited")
                .description("Pings that were not recorded, for the check had sent more a minute than it may")
                .register(metrics);
    }

    /** Whether {@code ping} is one too many; if not, it counts. */
    boolean drops(Check check, Ping ping) {
        if (!limited || !check.isRoutine(ping)) return false;
        var before = freeAt.getOrDefault(check.id(), ping.at());
        var after = (before.isAfter(ping.at()) ? before : ping.at()).plus(spacing);
        if (after.isAfter(ping.at().plus(MINUTE))) {
            dropped.increment();
            return true;
        }
        if (freeAt.size() >= MOST) freeAt.clear();
        freeAt.put(check.id(), after);
        return false;
    }
}
