package io.muster.server.heartbeat;

import io.muster.server.heartbeat.CheckBoard.Shown;
import io.muster.server.layout.Figures;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** What an outage of Muster's own has to do with a check, in a sentence for its page. */
@Component
class OutageWords {

    /** What is noticed sooner was noticed at once. */
    private static final Duration AT_ONCE = Duration.ofSeconds(15);

    private final OutageRepository outages;
    private final FlipRepository flips;

    OutageWords(OutageRepository outages, FlipRepository flips) {
        this.outages = outages;
        this.flips = flips;
    }

    /** Empty if it has nothing to do with it. */
    Optional<String> about(Check check, Shown as, Instant now) {
        var excused = check.excusedUntil();
        if (as == Shown.LATE && excused != null && excused.isAfter(now)) {
            return check.graceStart()
                    .flatMap(late -> outages.lastWithin(late, now))
                    .map(outage ->
                            away(outage, now) + ", so its grace runs until " + Figures.clock(excused, now) + " UTC.");
        }
        if (as != Shown.DOWN) return Optional.empty();
        return flips.page(check.id(), null, 1).stream()
                .filter(flip -> flip.reason().equals("timeout"))
                .findFirst()
                .flatMap(flip -> noticedLate(flip, now));
    }

    private Optional<String> noticedLate(FlipRow flip, Instant now) {
        var late = Duration.between(flip.at(), flip.recordedAt());
        if (late.compareTo(AT_ONCE) < 0) return Optional.empty();
        var noticed = "Noticed " + Figures.duration(late) + " after it was due";
        return Optional.of(outages.lastWithin(flip.at().minus(Hearing.LONGEST), flip.recordedAt())
                .map(outage -> noticed + ": " + away(outage, now) + ".")
                .orElse(noticed + "."));
    }

    private static String away(Outage outage, Instant now) {
        return "Muster " + outage.kind().words() + " from " + Figures.clock(outage.beganAt(), now) + " to "
                + Figures.clock(outage.endedAt(), now) + " UTC";
    }
}
