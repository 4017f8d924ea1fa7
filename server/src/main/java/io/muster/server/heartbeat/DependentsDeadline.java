package io.muster.server.heartbeat;

import io.muster.server.deadline.DeadlineKind;
import io.muster.server.heartbeat.HoldRepository.Name;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/** Walks over the jobs that wait for one which went down, came up, or is gone. The key is its project and name. */
@Component
@Order(4) // before HeldBackDeadline
class DependentsDeadline implements DeadlineKind {

    static final String NAME = "job-dependents";

    private static final int BATCH = 1_000;

    private final HoldRepository holds;
    private final JobAlerts alerts;

    DependentsDeadline(HoldRepository holds, JobAlerts alerts) {
        this.holds = holds;
        this.alerts = alerts;
    }

    static String key(Name name) {
        return name.project() + "|" + name.jobId();
    }

    @Override
    public String name() {
        return NAME;
    }

    /** A project with all its jobs behind one is the most that a key means. */
    @Override
    public int batch() {
        return 1;
    }

    @Override
    public Map<String, Instant> wake(List<String> keys, Instant now) {
        for (var key : keys) {
            int end = key.indexOf('|');
            var name = new Name(key.substring(0, end), key.substring(end + 1));
            var some = holds.dependents(name, 0, BATCH);
            while (!some.isEmpty()) {
                alerts.lookAgain(some, now);
                some = some.size() < BATCH ? List.of() : holds.dependents(name, some.getLast(), BATCH);
            }
        }
        return Map.of();
    }
}
