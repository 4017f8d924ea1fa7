package io.muster.server.heartbeat;

import io.muster.server.deadline.DeadlineKind;
import io.muster.server.incident.Alerts;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * Begins a maintenance window, and finds its next time. The key is its id. What is held back for it has a deadline of its
 * own for the end.
 */
@Component
@Order(3) // before HeldBackDeadline
class MaintenanceDeadline implements DeadlineKind {

    static final String NAME = "maintenance-window";

    private final MaintenanceRepository windows;
    private final JobAlerts alerts;
    private final Alerts told;

    MaintenanceDeadline(MaintenanceRepository windows, JobAlerts alerts, Alerts told) {
        this.windows = windows;
        this.alerts = alerts;
        this.told = told;
    }

    @Override
    public String name() {
        return NAME;
    }

    /** Any window may concern all jobs that are down. */
    @Override
    public int batch() {
        return 10;
    }

    @Override
    public Map<String, Instant> wake(List<String> ids, Instant now) {
        var again = new HashMap<String, Instant>();
        for (var window : windows.find(ids)) {
            var next = window.value().at(now);
            windows.happens(window.id(), next);
            next.ifPresent(at -> {
                if (at.isOn(now)) alerts.lookAgain(told.openJobs(window.value().jobs()), now);
                again.put(window.id(), at.isOn(now) ? at.endsAt() : at.startsAt());
            });
        }
        return again;
    }
}
