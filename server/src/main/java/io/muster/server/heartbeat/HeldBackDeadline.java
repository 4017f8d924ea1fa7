package io.muster.server.heartbeat;

import io.muster.server.deadline.DeadlineKind;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/** Looks whether people are to hear of a job by now. The key is the check's id. */
@Component
@Order(5) // before alerts are sorted, so that one round of the loop does both
class HeldBackDeadline implements DeadlineKind {

    static final String NAME = "held-back";

    private final HeardChecks checks;
    private final JobAlerts alerts;

    HeldBackDeadline(HeardChecks checks, JobAlerts alerts) {
        this.checks = checks;
        this.alerts = alerts;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Map<String, Instant> wake(List<String> ids, Instant now) {
        return alerts.settle(checks.lock(ids.stream().map(Long::valueOf).toList()), now);
    }
}
