package io.muster.server.heartbeat;

import io.muster.server.deadline.DeadlineKind;
import io.muster.server.heartbeat.ChecksChanged.Change;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** Wakes a check that may have gone down in silence. The key is its id. */
@Component
class CheckDeadline implements DeadlineKind {

    static final String NAME = "check";

    /** When pings were refused, a check that seems silent is looked at again so soon. */
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
        var changed = new ArrayList<Change>();
        var again = new HashMap<String, Instant>();
        for (var check : checks.lock(ids.stream().map(Long::valueOf).toList())) {
            var downAt = check.downAt();
            if (downAt.isPresent() && !now.isBefore(downAt.get()) && check.status() != Status.DOWN) {
                if (hearing.isSilenceJudged()) {
                    changed.add(silent(check, downAt.get()));
                } else {
                    again.put(Long.toString(check.id()), now.plus(UNTIL_HEARD));
                }
            } else {
                downAt.ifPresent(at -> again.put(Long.toString(check.id()), at));
                changed.add(unchanged(check, downAt));
            }
        }
        changes.store(changed, now);
        return again;
    }

    private static Change silent(Check check, Instant downAt) {
        var flip = new Flip(check.id(), downAt, check.status(), Status.DOWN, "timeout");
        var after = check.silentSince(downAt);
        return new Change(check, after.with(after.state().armed(null)), List.of(), List.of(flip));
    }

    /** It rang early: what its deadline says now is what {@link #wake} answers. */
    private static Change unchanged(Check check, Optional<Instant> downAt) {
        return new Change(check, check.with(check.state().armed(downAt.orElse(null))), List.of(), List.of());
    }
}
