package io.muster.server.audit;

import io.muster.server.deadline.Aside;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * Sorts the words of new events into their index: of 10,000 events at a time, which share most of their words, or every ten seconds. Until
 * then they wait in a list of the index, in which searches find them too; without this the writer whose event makes the list too long would
 * sort it in, and all behind it would wait.
 *
 * @see <a href="https://www.postgresql.org/docs/18/gin.html#GIN-FAST-UPDATE">GIN fast update technique</a>
 */
@Component
class WordIndex {

    private static final Logger log = LoggerFactory.getLogger(WordIndex.class);

    private static final int MANY = 10_000;

    /** Rounds of a quarter of a second. */
    private static final int MOST_ROUNDS = 40;

    private final JdbcClient db;
    private final Aside sorting = new Aside("audit-words");
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile int rounds;

    WordIndex(JdbcClient db) {
        this.db = db;
    }

    /** So many events were stored. */
    void stored(int events) {
        waiting.addAndGet(events);
    }

    @Scheduled(fixedDelay = 250)
    void sortIn() {
        int now = waiting.get();
        if (now >= MANY || now > 0 && rounds++ >= MOST_ROUNDS) sorting.begin(this::sortInWhatWaits);
    }

    private void sortInWhatWaits() {
        rounds = 0;
        waiting.set(0);
        try {
            db.sql("select audit_index_words()").query(row -> {});
        } catch (DataAccessException | TransactionException away) {
            log.debug("words of events are sorted in later: {}", away.toString());
        }
    }
}
