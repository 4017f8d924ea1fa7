package io.muster.server.audit;

import io.muster.server.audit.Opening.Opened;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Lets any test say that what Muster did is sealed now, and read a log. */
public record OwnEvents(
        OwnEventSealer sealer, Logs logs, Opening opening, JdbcClient db, PlatformTransactionManager transactions) {

    /** How many were sealed. */
    public int seal() {
        return sealer.sealAll();
    }

    /** All events of the newest epoch of a tenant's log, in order; none if it has no log. */
    List<Opened> of(String tenant) {
        return logs.newest(tenant)
                .map(log -> opening.open(log, new TransactionTemplate(transactions).execute(_ -> {
                            EventRows.reads(db, log.id());
                            return db.sql(
                                            "select idx, recorded_at, event_id, commitment, envelope from audit_event where log_id = :log order by idx")
                                    .param("log", log.id())
                                    .query(EventRows::row)
                                    .list();
                        })))
                .orElse(List.of());
    }

    /** Of each event {@code action resource}. */
    public List<String> deeds(String tenant) {
        return of(tenant).stream()
                .map(event -> event.text("action") + " " + event.text("resource"))
                .toList();
    }
}
