package io.muster.server.heartbeat;

import io.muster.server.deadline.Aside;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Ends what a server that the network lost has left in PostgreSQL: a transaction that waits in the midst of a COPY for
 * pings that never come, with the locks of their checks. Every other lost transaction ends by
 * {@code idle_in_transaction_session_timeout}; to that one COPY is work, and no time limit reaches it.
 */
@Component
class LostCopies {

    private static final Logger log = LoggerFactory.getLogger(LostCopies.class);

    private final JdbcClient db;
    private final Aside looking = new Aside("lost-copies");

    LostCopies(JdbcClient db) {
        this.db = db;
    }

    @Scheduled(fixedDelayString = "2s")
    void look() {
        looking.begin(() -> {
            try {
                end();
            } catch (DataAccessException away) {
                log.debug("lost copies are looked for again soon", away);
            }
        });
    }

    /** A copy's bytes are in memory when it begins, so it never waits for long. */
    private void end() {
        int ended = db.sql("""
                        select pg_terminate_backend(pid)
                          from pg_stat_activity
                         where datname = current_database()
                           and usename = current_user
                           and state = 'active'
                           and wait_event = 'ClientRead'
                           and query like 'copy ping (%'
                           and query_start < clock_timestamp() - interval '4 seconds'
                        """).query((row, n) -> row.getBoolean(1)).list().size();
        if (ended > 0) log.warn("ended {} transactions of pings, whose server the network had lost", ended);
    }
}
