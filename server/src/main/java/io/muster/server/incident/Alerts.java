package io.muster.server.incident;

import io.muster.server.deadline.Deadlines;
import io.muster.server.incident.Alert.Type;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** What other modules tell people through. */
@Component
public class Alerts {

    private static final int BATCH = 1_000;
    private static final int LONGEST_TEXT = 1_000;

    private final AlertRepository alerts;
    private final Deadlines deadlines;

    Alerts(AlertRepository alerts, Deadlines deadlines) {
        this.alerts = alerts;
        this.deadlines = deadlines;
    }

    /**
     * Queues each for each channel that wants it, in the caller's transaction: no cause without its alert, nor the
     * reverse. Only adds rows, so it waits for nobody. Reminders are not raised: they follow from what is open.
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void raise(List<Alert> raised, Instant now) {
        if (raised.isEmpty()) return;
        var raise = UUID.randomUUID();
        for (int i = 0; i < raised.size(); i += BATCH) {
            alerts.insert(
                    raise,
                    raised.subList(i, Math.min(raised.size(), i + BATCH)).stream()
                            .map(Alerts::row)
                            .toList(),
                    now);
        }
        deadlines.arm(AlertSorting.NAME, Map.of(raise.toString(), now));
    }

    /** Checks of which people were told that they are down, or are about to be. */
    public List<Long> openJobs(JobSelector which) {
        return alerts.openJobs(which);
    }

    private static Map<String, @Nullable Object> row(Alert alert) {
        if (alert.type() == Type.JOB_REMINDER) throw new IllegalArgumentException("reminders are not raised: " + alert);
        var job = alert.job();
        var row = new LinkedHashMap<String, @Nullable Object>();
        row.put("topic", topic(alert));
        row.put("subject", subject(alert));
        row.put("type", alert.type().event());
        row.put("job_id", job == null ? null : job.id());
        row.put("job_name", job == null ? null : text(job.name()));
        row.put("job_tags", job == null ? List.of() : job.tags());
        row.put("job_channels", job == null ? null : job.channels());
        row.put("store", alert.store());
        row.put("region", alert.region());
        row.put("tenant", alert.tenant());
        row.put("since", alert.since().toString());
        row.put("cause", text(alert.cause()));
        row.put("what_to_do", text(alert.whatToDo()));
        row.put("path", alert.path());
        return row;
    }

    /** What is told together. */
    static String topic(Alert alert) {
        if (alert.store() != null) return storeTopic(alert.store());
        return alert.job() == null
                ? "page:" + alert.path()
                : "job:" + alert.job().check();
    }

    static String storeTopic(String store) {
        return "store:" + store;
    }

    /** What is open, or over again: a job, or a tenant's data in a store. */
    private static String subject(Alert alert) {
        if (alert.tenant() != null) return "tenant:" + alert.tenant();
        return alert.job() == null
                ? "page:" + alert.path()
                : "job:" + alert.job().check();
    }

    private static String text(String text) {
        var clean = text.replace('\u0000', ' ');
        if (clean.length() <= LONGEST_TEXT) return clean;
        var end = LONGEST_TEXT - 1;
        return clean.substring(0, Character.isHighSurrogate(clean.charAt(end - 1)) ? end - 1 : end) + "…";
    }
}
