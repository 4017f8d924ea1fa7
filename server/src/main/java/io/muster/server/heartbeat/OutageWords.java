package io.muster.server.heartbeat;

import io.muster.server.heartbeat.CheckBoard.Shown;
import io.muster.server.layout.Figures;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** What an outage of Muster's own has to do with a check, in a sentence for its page. */
@Component
class OutageWords {

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
                    .flatMap(late -> outages.within(late, now).stream().reduce((_, later) -> later))
                    .map(outage ->
                            outage.words(now) + ", so its grace runs until " + Figures.clock(excused, now) + " UTC.");
        }
        if (as != Shown.DOWN) return Optional.empty();
        return flips.page(check.id(), null, 1).stream()
                .filter(FlipRow::isLate)
                .findFirst()
                .map(flip -> noticedLate(flip, now));
    }

    private String noticedLate(FlipRow flip, Instant now) {
        var noticed =
                "Noticed " + Figures.duration(Duration.between(flip.at(), flip.recordedAt())) + " after it was due";
        var outage = outages.whyLate(List.of(flip)).get(flip.id());
        return outage == null ? noticed + "." : noticed + ": " + outage.words(now) + ".";
    }
}
