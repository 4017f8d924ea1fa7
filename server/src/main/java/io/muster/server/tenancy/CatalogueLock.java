package io.muster.server.tenancy;

import io.muster.server.problem.Problem;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.PessimisticLockingFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * One writer of the catalogue at a time, on all nodes: what was checked (references, cycles, sets) is still so at the
 * commit. Readers never wait. On one node writers queue before they take a database connection, so that a long
 * {@code apply} does not keep the pool from pings.
 */
@Component
class CatalogueLock {

    private static final long KEY = 0x6d75737465720001L;
    private static final Duration WAIT = Duration.ofSeconds(10);

    /** The longest statement, and the longest pause between two. */
    private static final Duration WORK = Duration.ofSeconds(60);

    private final ReentrantLock here = new ReentrantLock(true);
    private final TransactionTemplate transaction;
    private final JdbcClient db;
    private final DataSource database;

    CatalogueLock(PlatformTransactionManager transactions, JdbcClient db, DataSource database) {
        this.transaction = new TransactionTemplate(transactions);
        this.db = db;
        this.database = database;
    }

    /** Runs {@code work} in a transaction that holds the lock; 503 if others hold it for too long. */
    <R> R write(Supplier<R> work) {
        return write(WAIT, work);
    }

    /** Waits up to {@code wait}, on this node and again for another. */
    <R> R write(Duration wait, Supplier<R> work) {
        if (!begin(wait)) throw busy();
        try {
            return transaction.execute(_ -> {
                lock(wait);
                return work.get();
            });
        } finally {
            here.unlock();
        }
    }

    /** As {@link #write}, but all that was written is undone. */
    <R> R rehearse(Duration wait, Supplier<R> work) {
        if (!begin(wait)) throw busy();
        try {
            return transaction.execute(status -> {
                lock(wait);
                status.setRollbackOnly();
                return work.get();
            });
        } finally {
            here.unlock();
        }
    }

    private boolean begin(Duration wait) {
        try {
            return here.tryLock(wait.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void lock(Duration wait) {
        bePatient(wait.plus(WORK));
        db.sql("""
                select set_config('lock_timeout', :wait, true),
                       set_config('idle_in_transaction_session_timeout', :work, true)
                """)
                .param("wait", wait.toMillis() + "ms")
                .param("work", WORK.toMillis() + "ms")
                .query((row, n) -> true)
                .single();
        try {
            db.sql("select pg_advisory_xact_lock(:key)")
                    .param("key", KEY)
                    .query((row, n) -> true)
                    .single();
        } catch (PessimisticLockingFailureException held) {
            throw busy();
        }
    }

    /** Until the pool has the connection back: a large document takes longer than any ping may. */
    private void bePatient(Duration silence) {
        var connection = DataSourceUtils.getConnection(database);
        try {
            connection.setNetworkTimeout(Runnable::run, (int) silence.toMillis());
        } catch (SQLException failure) {
            throw new DataAccessResourceFailureException("the connection is gone", failure);
        } finally {
            DataSourceUtils.releaseConnection(connection, database);
        }
    }

    private static Problem busy() {
        return Problem.busy(
                Duration.ofSeconds(5), "Another declaration is being written. Nothing was changed; try again.");
    }
}
