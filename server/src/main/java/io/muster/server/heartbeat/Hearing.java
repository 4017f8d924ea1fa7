package io.muster.server.heartbeat;

import io.muster.server.deadline.Aside;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Whether silence means anything. Every few seconds each server says in the database that pings can be stored. When none has
 * said so for long, or one had to refuse pings, a job that is not heard has not been silent: nobody is declared so until
 * pings can be stored again; then the outage is put on record, and in it no grace ran ({@link Outage#shifted}).
 */
@Component
class Hearing {

    /** Who waits for two beats in vain, and then some, is away. */
    static final Duration LONGEST = Duration.ofSeconds(15);

    /** Most outages that are looked at: of those before, a job that is still awaited has had its time. */
    private static final int MOST = 100;

    private static final String DISK_FULL = "53100"; // SQLSTATE

    private static final Logger log = LoggerFactory.getLogger(Hearing.class);

    private final JdbcClient db;
    private final OutageRepository outages;
    private final TransactionTemplate transaction;
    private final TransactionTemplate undone;
    private final InstantSource clock;
    private final Instant begun;
    private final Aside beating = new Aside("hearing");

    /** Pings are refused, the first of them at {@code since}. */
    private record Deaf(Instant since, Outage.Kind why) {}

    private final AtomicReference<@Nullable Deaf> deaf = new AtomicReference<>();

    /** Whether the last beat failed, for the database was away. */
    private volatile boolean missed;

    Hearing(JdbcClient db, OutageRepository outages, PlatformTransactionManager transactions, InstantSource clock) {
        this.db = db;
        this.outages = outages;
        this.transaction = new TransactionTemplate(transactions);
        this.undone = new TransactionTemplate(transactions);
        this.undone.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
        this.clock = clock;
        this.begun = clock.instant();
    }

    /** Pings could not be stored, through no fault of theirs. */
    void refused(RuntimeException why) {
        var kind = isDiskFull(why) ? Outage.Kind.DISK_FULL : Outage.Kind.DATABASE_AWAY;
        var before = deaf.getAndUpdate(
                seen -> seen == null ? new Deaf(clock.instant(), kind) : new Deaf(seen.since(), seen.why()));
        if (before == null) log.warn("pings are refused: no job counts as silent until they are stored again");
    }

    private static boolean isDiskFull(RuntimeException why) {
        return NestedExceptionUtils.getMostSpecificCause(why) instanceof SQLException cause
                && DISK_FULL.equals(cause.getSQLState());
    }

    @Scheduled(fixedDelayString = "5s")
    void beatBeside() {
        beating.begin(() -> {
            try {
                beat();
            } catch (RuntimeException away) {
                if (!missed) log.warn("no job counts as silent while pings cannot be stored: {}", away.toString());
                missed = true;
            }
        });
    }

    /** Pings can be stored now; if they could not before, that is over and on record. */
    void beat() {
        var now = clock.instant();
        var refused = deaf.get();
        transaction.executeWithoutResult(_ -> {
            if (refused != null) tryToStore();
            outages.hear(now)
                    .filter(last -> last.plus(LONGEST).isBefore(now))
                    .ifPresent(last -> outages.add(new Outage(absence(last), last, now)));
            if (refused != null && refused.since().isBefore(now)) {
                outages.add(new Outage(refused.why(), refused.since(), now));
            }
        });
        missed = false;
        if (refused != null && deaf.compareAndSet(refused, null)) {
            log.info("pings are stored again, and silence counts again");
        }
    }

    private Outage.Kind absence(Instant last) {
        if (last.isBefore(begun)) return Outage.Kind.NOT_RUNNING;
        return missed ? Outage.Kind.DATABASE_AWAY : Outage.Kind.STANDSTILL;
    }

    /** Why nobody is declared silent now; empty if silence counts. */
    Optional<String> trouble(Instant now) {
        var refused = deaf.get();
        if (refused != null) return Optional.of("pings are refused since " + refused.since());
        return outages.heardUntil()
                .filter(last -> last.plus(LONGEST).isBefore(now))
                .map(last -> "no server has said since " + last + " that pings can be stored");
    }

    /** The outages that were over after {@code since}, in the order in which they began. */
    List<Outage> outagesSince(Instant since) {
        return outages.since(since, MOST);
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
