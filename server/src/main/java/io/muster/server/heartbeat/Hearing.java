package io.muster.server.heartbeat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Whether silence means anything. While pings are refused because the database cannot store them (its disk is full, say),
 * a job that is not heard has not been silent; so from the first ping that was refused nobody is declared silent until
 * pings can be stored again, and for a minute more, in which every job may try again.
 */
@Component
class Hearing {

    /** A job that reports every minute has reported once more, even if it never tries again. */
    static final Duration SETTLE = Duration.ofMinutes(1);

    private static final Logger log = LoggerFactory.getLogger(Hearing.class);

    private final JdbcClient db;
    private final TransactionTemplate undone;
    private final LongSupplier nanos;

    /**
     * Pings were refused.
     *
     * @param backAt when they could be stored again, by {@link System#nanoTime}; null: not yet
     */
    private record Deaf(@Nullable Long backAt) {}

    private final AtomicReference<@Nullable Deaf> deaf = new AtomicReference<>();

    @Autowired
    Hearing(JdbcClient db, PlatformTransactionManager transactions) {
        this(db, transactions, System::nanoTime);
    }

    Hearing(JdbcClient db, PlatformTransactionManager transactions, LongSupplier nanos) {
        this.db = db;
        this.undone = new TransactionTemplate(transactions);
        this.undone.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
        this.nanos = nanos;
    }

    /** Pings could not be stored, through no fault of theirs. */
    void refused() {
        if (deaf.getAndSet(new Deaf(null)) == null) {
            log.warn("pings are refused: no job counts as silent until they are stored again, and {} more", SETTLE);
        }
    }

    /**
     * Asked before a job is declared silent, in the transaction that would do so; throws what the database says if it still
     * cannot store pings.
     */
    boolean isSilenceJudged() {
        var seen = deaf.get();
        if (seen == null) return true;
        var backAt = seen.backAt();
        if (backAt == null) {
            tryToStore();
            deaf.compareAndSet(seen, new Deaf(nanos.getAsLong()));
            return false;
        }
        if (nanos.getAsLong() - backAt < SETTLE.toNanos() || !deaf.compareAndSet(seen, null)) return false;
        log.info("pings are stored again, and silence counts again");
        return true;
    }

    /** As many as need room of their own: where a disk is full, a single one may still find a gap. */
    private void tryToStore() {
        undone.executeWithoutResult(status -> {
            db.sql("""
                    insert into ping (check_id, n, at, kind, scheme, method, user_agent)
                    select 0, -n, now(), 'ign', '', '', repeat('-', 200)
                      from generate_series(1, 500) as n
                    """).update();
            status.setRollbackOnly();
        });
    }
}
