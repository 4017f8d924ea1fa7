package io.muster.server.heartbeat;

import io.muster.server.deadline.DeadlineKind;
import io.muster.server.heartbeat.ChecksChanged.Change;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Wakes a check that may have gone down in silence. The key is its id. */
@Component
class CheckDeadline implements DeadlineKind {

    static final String NAME = "check";

    /** While pings cannot be stored, a check that seems silent is looked at again so soon. */
    private static final Duration UNTIL_HEARD = Duration.ofSeconds(5);

    private final CheckRepository checks;
    private final CheckChanges changes;
    private final Hearing hearing;

    CheckDeadline(CheckRepository checks, CheckChanges changes, Hearing hearing) {
        this.checks = checks;
        this.changes = changes;
        this.hearing = hearing;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Map<String, Instant> wake(List<String> ids, Instant now) {
        var locked = checks.lock(ids.stream().map(Long::valueOf).toList());
        var lateSince = locked.stream()
                .filter(check -> seemsSilent(check, now))
                .flatMap(check -> check.graceStart().stream())
                .min(Instant::compareTo);
        boolean judged = lateSince.isPresent() && hearing.trouble(now).isEmpty();
        var outages = judged ? hearing.outagesSince(lateSince.get()) : List.<Outage>of();
        var silent = new ArrayList<Change>();
        var again = new HashMap<String, Instant>();
        var armed = new HashMap<Long, @Nullable Instant>();
        var excused = new HashMap<Long, Instant>();
        for (var check : locked) {
            var key = Long.toString(check.id());
            if (!seemsSilent(check, now)) { // it rang early, or for nothing
                check.downAt().ifPresent(at -> again.put(key, at));
                armed.put(check.id(), check.downAt().orElse(null));
            } else if (!judged) {
                again.put(key, now.plus(UNTIL_HEARD));
            } else {
                var late = check.graceStart().orElseThrow();
                var deadline = late.plus(check.grace());
                var downAt = Outage.shifted(late, deadline, outages);
                if (now.isBefore(downAt)) {
                    excused.put(check.id(), downAt);
                    again.put(key, downAt);
                    armed.put(check.id(), downAt);
                } else {
                    silent.add(silent(check, deadline));
                }
            }
        }
        checks.rearm(armed);
        checks.excuse(excused);
        changes.store(silent, now);
        return again;
    }

    private static boolean seemsSilent(Check check, Instant now) {
        return check.status() != Status.DOWN
                && check.downAt().filter(at -> !now.isBefore(at)).isPresent();
    }

    private static Change silent(Check check, Instant deadline) {
        var flip = new Flip(check.id(), deadline, check.status(), Status.DOWN, "timeout");
        var after = check.silentSince(deadline);
        return new Change(check, after.with(after.state().armed(null)), List.of(), List.of(flip));
    }
}
