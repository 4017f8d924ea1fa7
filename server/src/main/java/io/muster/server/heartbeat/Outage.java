package io.muster.server.heartbeat;

import com.fasterxml.jackson.annotation.JsonValue;
import io.muster.server.layout.Figures;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A time in which Muster could hear no ping. */
public record Outage(Kind kind, Instant beganAt, Instant endedAt) {

    /** Why it could not. */
    public enum Kind {
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

    /** What is noticed sooner was noticed at once. */
    private static final Duration AT_ONCE = Duration.ofSeconds(15);

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

    /** Whether what was to be noticed at {@code at} and is on record since {@code recordedAt} was noticed late. */
    static boolean isLate(Instant at, Instant recordedAt) {
        return Duration.between(at, recordedAt).compareTo(AT_ONCE) >= 0;
    }

    /** Why that was noticed late; empty if it was not, or Muster was not away. */
    static Optional<Outage> why(Instant at, Instant recordedAt, List<Outage> outages) {
        if (!isLate(at, recordedAt)) return Optional.empty();
        var before = at.minus(Hearing.LONGEST);
        return outages.stream()
                .filter(outage -> outage.endedAt.isAfter(before) && !outage.beganAt.isAfter(recordedAt))
                .reduce((_, later) -> later);
    }

    /** {@code Muster was not running from 10:00:02 to 10:11:40 UTC}. */
    public String words(Instant now) {
        return "Muster " + kind.words() + " from " + Figures.clock(beganAt, now) + " to " + Figures.clock(endedAt, now)
                + " UTC";
    }
}
