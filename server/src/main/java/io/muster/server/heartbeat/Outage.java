package io.muster.server.heartbeat;

import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** A time in which Muster could hear no ping. */
record Outage(Kind kind, Instant beganAt, Instant endedAt) {

    /** Why it could not. */
    enum Kind {
        NOT_RUNNING,
        /** The server's process was paused, or its machine. */
        STANDSTILL,
        DATABASE_AWAY,
        DISK_FULL;

        @JsonValue
        String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        static Kind of(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
        }

        /** As a sentence goes on after "Muster". */
        String words() {
            return switch (this) {
                case NOT_RUNNING -> "was not running";
                case STANDSTILL -> "stood still";
                case DATABASE_AWAY -> "could not reach its database";
                case DISK_FULL -> "had no room on its disk";
            };
        }
    }

    /** A job that reports every minute has reported once more, even if it never tries again. */
    static final Duration SETTLE = Duration.ofMinutes(1);

    /**
     * When a check is down that is late since {@code late}: while Muster was away no grace ran, and it is down no sooner than
     * a minute after.
     *
     * @param deadline when it would have been down without any outage
     * @param outages in the order in which they began
     */
    static Instant shifted(Instant late, Instant deadline, List<Outage> outages) {
        var heard = late; // from then on its grace runs
        var downAt = deadline;
        for (var outage : outages) {
            if (!outage.endedAt.isAfter(heard) || !outage.beganAt.isBefore(downAt)) continue;
            var lost = outage.beganAt.isAfter(heard) ? outage.beganAt : heard;
            var again = outage.endedAt.plus(Duration.between(lost, downAt));
            var soonest = outage.endedAt.plus(SETTLE);
            downAt = again.isBefore(soonest) ? soonest : again;
            heard = outage.endedAt;
        }
        return downAt;
    }
}
