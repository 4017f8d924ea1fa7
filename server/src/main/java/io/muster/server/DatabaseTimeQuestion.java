package io.muster.server;

import io.muster.server.deadline.Aside;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Asks the database what time it is: before anything is served, and then every few seconds. */
@Component
class DatabaseTimeQuestion {

    private static final Logger log = LoggerFactory.getLogger(DatabaseTimeQuestion.class);

    private final JdbcTemplate db;
    private final DatabaseTime time;
    private final LongSupplier nanos = System::nanoTime;
    private final Aside asking = new Aside("database-time");

    DatabaseTimeQuestion(JdbcTemplate db, DatabaseTime time, SteadyClock steady) {
        this.db = db;
        this.time = time;
        ask();
        steady.begin();
    }

    @Scheduled(fixedDelayString = "5s", initialDelayString = "5s")
    void askAgain() {
        asking.begin(() -> {
            try {
                ask();
            } catch (DataAccessException away) {
                log.debug("the database is asked for its time again soon", away);
            }
        });
    }

    private void ask() {
        db.execute((Connection connection) -> {
            hear(connection);
            return null;
        });
    }

    private void hear(Connection connection) throws SQLException {
        try (var sql = connection.createStatement()) {
            long askedAt = nanos.getAsLong();
            try (var rows = sql.executeQuery("select clock_timestamp()")) {
                rows.next();
                time.heard(rows.getObject(1, OffsetDateTime.class).toInstant(), askedAt);
            }
        }
    }
}
