package io.muster.server.incident;

import io.muster.server.audit.EventStandsAside;
import io.muster.server.audit.LogReopened;
import java.util.List;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Tells people that a log lost events which were acknowledged, or cannot take one in. */
@Component
class LogAlerts {

    /** One for all logs, for what concerns the same page is told together. */
    private static final String PAGE = "/audit";

    private final Alerts alerts;

    LogAlerts(Alerts alerts) {
        this.alerts = alerts;
    }

    /** In the transaction that froze the log. */
    @EventListener
    void on(LogReopened log) {
        raise(new Alert(
                Alert.Type.LOG_LOST,
                null,
                null,
                null,
                log.tenant(),
                log.at(),
                "The database was put back: of the log of " + log.tenant() + " it has lost " + log.lost()
                        + ". Events are recorded in epoch " + log.epoch() + " now, which says so in its first event",
                "See where the lost events are still: who sent them may have them, and so has every export since. Ask who put the database back, and why.",
                PAGE));
    }

    /** In the transaction that set it aside. */
    @EventListener
    void on(EventStandsAside event) {
        raise(new Alert(
                Alert.Type.LOG_UNSEALED,
                null,
                null,
                null,
                event.tenant(),
                event.at(),
                event.event() + " is recorded, and cannot be sealed into the log of " + event.tenant() + ": "
                        + event.why()
                        + ". It waits in clear and is tried again each hour; what came after it is sealed",
                "This is a fault of Muster: please report it, with what the server's log says. Until it is mended nobody whom it names can be erased.",
                PAGE));
    }

    private void raise(Alert alert) {
        alerts.raise(List.of(alert), alert.since());
    }
}
