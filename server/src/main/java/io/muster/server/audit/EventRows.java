package io.muster.server.audit;

import io.muster.server.audit.Opening.Row;
import io.muster.server.problem.Problem;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.ResourceHolderSupport;
import org.springframework.transaction.support.ResourceHolderSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Reads the table {@code audit_event}. Each reading says which log it reads, and the database checks that it shows nothing else and that
 * the caller may see that log.
 */
@Repository
@Transactional(readOnly = true)
class EventRows {

    static final String COLUMNS = "idx, recorded_at, event_id, commitment, envelope";

    private static final Logger LOG = LoggerFactory.getLogger(EventRows.class);

    private final JdbcClient db;

    EventRows(JdbcClient db) {
        this.db = db;
    }

    /** What the database was told in this transaction. */
    private static final class Told extends ResourceHolderSupport {
        private @Nullable String log;
    }

    private void reads(int log) {
        reads(db, log);
    }

    /** From here to the end of the transaction. */
    static void reads(JdbcClient db, int log) {
        tell(db, Integer.toString(log));
    }

    /** From here to the end of the transaction all logs, for Muster itself. */
    static void readsAll(JdbcClient db) {
        tell(db, "*");
    }

    /** Each telling is a way to the database and back. */
    private static void tell(JdbcClient db, String log) {
        var told = (Told) TransactionSynchronizationManager.getResource(Told.class);
        if (told == null) {
            told = new Told();
            TransactionSynchronizationManager.bindResource(Told.class, told);
            TransactionSynchronizationManager.registerSynchronization(
                    new ResourceHolderSynchronization<>(told, Told.class) {});
        }
        if (log.equals(told.log)) return;
        db.sql("select set_config('muster.log', :log, true)")
                .param("log", log)
                .query(String.class)
                .single();
        told.log = log;
    }

    static Row row(ResultSet row, int n) throws SQLException {
        return new Row(
                row.getLong("idx"),
                row.getObject("recorded_at", OffsetDateTime.class).toInstant(),
                row.getObject("event_id", UUID.class),
                row.getBytes("commitment"),
                row.getBytes("envelope"));
    }

    /**
     * The log's entries: of places {@code from} until {@code to}, in order.
     *
     * @throws Problem (404) somebody took an event away; it says which
     */
    public List<byte[]> entries(int log, long from, long to) {
        reads(log);
        var entries = db.sql("""
                select idx, recorded_at, event_id, commitment
                  from audit_event
                 where log_id = :log and idx >= :from and idx < :to
                 order by idx
                """)
                .param("log", log)
                .param("from", from)
                .param("to", to)
                .query((row, n) -> {
                    if (row.getLong("idx") != from + n) throw lost(log, from + n);
                    return SealedEvent.entry(
                            row.getObject("recorded_at", OffsetDateTime.class).toInstant(),
                            row.getBytes("commitment"),
                            row.getObject("event_id", UUID.class));
                })
                .list();
        if (entries.size() < to - from) throw lost(log, from + entries.size());
        return entries;
    }

    private static Problem lost(int log, long place) {
        LOG.error("log {} has lost its event {}", log, place);
        return Problem.notFound("Event " + place + " is lost.");
    }

    /** Places {@code from} until {@code to}, the newest first. */
    public List<Row> between(int log, long from, long to) {
        reads(log);
        return db.sql("select " + COLUMNS
                        + " from audit_event where log_id = :log and idx >= :from and idx < :to order by idx desc")
                .param("log", log)
                .param("from", from)
                .param("to", to)
                .query(EventRows::row)
                .list();
    }

    /** The newest event of that id. */
    public Optional<Row> byId(int log, UUID event) {
        reads(log);
        return db.sql("select " + COLUMNS
                        + " from audit_event where event_id = :event and log_id = :log order by idx desc limit 1")
                .param("event", event)
                .param("log", log)
                .query(EventRows::row)
                .optional();
    }

    /** Whose logs have an event of that id. */
    public List<String> tenantsOf(UUID event) {
        readsAll(db);
        return db.sql("""
                select distinct l.tenant
                  from audit_event e
                  join audit_log l on l.log_id = e.log_id
                 where e.event_id = :event
                """)
                .param("event", event)
                .query((row, n) -> row.getString(1))
                .list();
    }
}
