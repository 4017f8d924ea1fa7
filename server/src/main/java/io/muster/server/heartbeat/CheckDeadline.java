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

    private final HeardChecks checks;
    private final CheckChanges changes;
    private final Hearing hearing;

    CheckDeadline(HeardChecks checks, CheckChanges changes, Hearing hearing) {
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
                .map(check -> check.nextMiss().orElseThrow().since())
                .min(Instant::compareTo);
        boolean judged = lateSince.isPresent() && hearing.trouble(now).isEmpty();
        var outages = judged ? hearing.outagesSince(lateSince.get()) : List.<Outage>of();
        var missed = new ArrayList<Change>();
        var again = new HashMap<String, Instant>();
        var armed = new HashMap<Long, @Nullable Instant>();
        var excused = new HashMap<Long, Instant>();
        for (var check : locked) {
            var key = Long.toString(check.id());
            if (!seemsSilent(check, now)) { // it rang early, or for nothing
                var next = check.nextMiss().map(check::countsAt);
                next.ifPresent(at -> again.put(key, at));
                armed.put(check.id(), next.orElse(null));
            } else if (!judged) {
                again.put(key, now.plus(UNTIL_HEARD));
            } else {
                var miss = check.nextMiss().orElseThrow();
                var noticedAt = Outage.shifted(miss.since(), miss.at(), outages);
                if (now.isBefore(noticedAt)) {
                    excused.put(check.id(), noticedAt);
                    again.put(key, noticedAt);
                    armed.put(check.id(), noticedAt);
                } else {
                    missed.add(missed(check, check.after(miss, noticedAt), again));
                }
            }
        }
        checks.rearm(armed);
        checks.excuse(excused);
        changes.store(missed, now);
        return again;
    }

    private static boolean seemsSilent(Check check, Instant now) {
        return check.nextMiss()
                .map(check::countsAt)
                .filter(at -> !now.isBefore(at))
                .isPresent();
    }

    /** What is awaited of the check from now on is what {@link #wake} answers. */
    private static Change missed(Check check, Check.Step step, Map<String, Instant> again) {
        var after = step.after();
        var next = after.nextMiss().map(after::countsAt);
        next.ifPresent(at -> again.put(Long.toString(check.id()), at));
        return new Change(
                check,
                after.with(after.state().armed(next.orElse(null))),
                List.of(),
                step.flip().stream().toList(),
                step.news().stream().toList(),
                step.judged().stream().toList());
    }
}
