package io.muster.server.incident;

import io.muster.server.audit.LogReopened;
import java.util.List;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Tells people that a log lost events which were acknowledged. */
@Component
class LogAlerts {

    private final Alerts alerts;

    LogAlerts(Alerts alerts) {
        this.alerts = alerts;
    }

    /** In the transaction that froze the log. */
    @EventListener
    void on(LogReopened log) {
        alerts.raise(
                List.of(new Alert(
                        Alert.Type.LOG_LOST,
                        null,
                        null,
                        null,
                        log.tenant(),
                        log.at(),
                        "The database was put back: of the log of " + log.tenant() + " it has lost " + log.lost()
                                + ". Events are recorded in epoch " + log.epoch()
                                + " now, which says so in its first event",
                        "See where the lost events are still: who sent them may have them, and so has every export since. Ask who put the database back, and why.",
                        "/")),
                log.at());
    }
}
