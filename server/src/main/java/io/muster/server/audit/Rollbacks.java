package io.muster.server.audit;

import io.muster.merklelog.Hash;
import io.muster.merklelog.TiledTree;
import io.muster.server.audit.Append.Outcome;
import io.muster.server.audit.HeldCheckpoints.Held;
import io.muster.server.audit.Sealing.ToSeal;
import io.muster.server.deadline.Aside;
import io.muster.server.embedded.DatabaseRestarted;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.event.EventListener;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Notices that the database was put back: it holds less of a log, or something else, than a checkpoint says that is held outside. Such a
 * log is frozen as it is, and goes on at once in another epoch, whose first event holds that checkpoint and says what is lost. Looked for
 * before the server takes its first request, when the embedded PostgreSQL is back, and before a file is written over.
 */
@Component
class Rollbacks implements SmartInitializingSingleton {

    private static final Logger log = LoggerFactory.getLogger(Rollbacks.class);
    private static final int MOST_TRIES = 5;

    /** Logs that are compared and held in one go, and the pause behind them: in one go all would take a core for so long that requests wait. */
    private static final int TOGETHER = 2;

    private static final Duration BREATH = Duration.ofMillis(50);

    /** What the database has of a log. */
    private record Head(String tenant, boolean frozen, long size, Hash root) {}

    /**
     * Places of a log that are not what was promised, first and last.
     *
     * @param first null: not known, for others took their places
     */
    record Lost(@Nullable Long first, long last) {
        @Override
        public String toString() {
            if (first == null) return "some of 0 to " + last;
            return first == last ? "number " + last : "numbers " + first + " to " + last;
        }
    }

    private final HeldCheckpoints held;
    private final LogTiles tiles;
    private final Logs logs;
    private final Sealing sealing;
    private final Sequencer sequencer;
    private final JdbcClient db;
    private final InstantSource clock;
    private final ApplicationEventPublisher events;
    private final TransactionTemplate transaction;
    private final Aside holding = new Aside("checkpoints");

    /** The embedded PostgreSQL is back, and was not compared yet. */
    private volatile boolean restarted;

    Rollbacks(
            HeldCheckpoints held,
            LogTiles tiles,
            Logs logs,
            Sealing sealing,
            Sequencer sequencer,
            JdbcClient db,
            InstantSource clock,
            ApplicationEventPublisher events,
            PlatformTransactionManager transactions) {
        this.held = held;
        this.tiles = tiles;
        this.logs = logs;
        this.sealing = sealing;
        this.sequencer = sequencer;
        this.db = db;
        this.clock = clock;
        this.events = events;
        this.transaction = new TransactionTemplate(transactions);
    }

    @Override
    public void afterSingletonsInstantiated() {
        try {
            look();
        } catch (RuntimeException failure) { // events are to be taken in all the same
            log.error("whether the database was put back is not known", failure);
        }
    }

    @EventListener
    void on(DatabaseRestarted back) {
        restarted = true;
    }

    /** Compares all that is held outside with the database. */
    void look() {
        compare(held.all());
    }

    /**
     * So that what is held is compared once more before it is written over: the database may have been put back while this server ran. Not
     * where a log grew from just what is held, for then it was compared as it grew.
     */
    @Scheduled(fixedDelay = 1_000)
    void hold() {
        if (restarted || held.isBehind()) holding.begin(this::holdWhatGrew);
    }

    private void holdWhatGrew() {
        try {
            if (restarted) {
                held.writeAll(); // what was known before
                look();
                restarted = false;
            }
            var grown = held.behind();
            for (int from = 0; from < grown.size(); from += TOGETHER) {
                if (from > 0) LockSupport.parkNanos(BREATH.toNanos());
                hold(grown.subList(from, Math.min(from + TOGETHER, grown.size())));
            }
        } catch (DataAccessException | TransactionException away) {
            log.debug("checkpoints wait for the database: {}", away.toString());
        } catch (RuntimeException failure) {
            log.error("what grew cannot be compared with the checkpoints that are held", failure);
        }
    }

    private void hold(List<LogGrew> grown) {
        var frozen = compare(grown.stream()
                .flatMap(event -> held.of(event.log().id()).filter(one -> !event.follows(one.checkpoint())).stream())
                .toList());
        grown.stream().filter(event -> frozen.contains(event.log().id())).forEach(held::forget);
        held.write(grown.stream()
                .filter(event -> !frozen.contains(event.log().id()))
                .toList());
    }

    /** @return logs that do not grow any more */
    private Set<Integer> compare(List<Held> all) {
        var frozen = new HashSet<Integer>();
        if (all.isEmpty()) return frozen;
        var heads = heads(all);
        var gone = all.stream()
                .filter(one -> !heads.containsKey(one.log()) && isBelieved(one))
                .toList();
        gone.forEach(this::keepNumber); // first of all: what is begun below must not take them
        for (var one : all) {
            var head = heads.get(one.log());
            if (head == null && !gone.contains(one)) continue;
            if (head != null && head.frozen()) {
                frozen.add(one.log());
                continue;
            }
            lost(one, head).filter(_ -> head == null || isBelieved(one)).ifPresent(lost -> {
                reopen(one, head == null ? one.tenant() : head.tenant(), lost);
                frozen.add(one.log());
            });
        }
        return frozen;
    }

    private boolean isBelieved(Held one) {
        if (held.isOurs(one)) return true;
        log.warn(
                "a checkpoint of log {} that is held outside is not signed by this server, and not believed",
                one.log());
        return false;
    }

    private Map<Integer, Head> heads(List<Held> all) {
        var heads = new HashMap<Integer, Head>();
        db.sql("""
                select l.log_id, l.tenant, l.frozen_at is not null as frozen, h.size, h.root
                  from audit_log l
                  join audit_head h on h.log_id = l.log_id
                 where l.log_id = any (:logs)
                """)
                .param("logs", all.stream().map(Held::log).toArray(Integer[]::new))
                .query(row -> {
                    heads.put(
                            row.getInt("log_id"),
                            new Head(
                                    row.getString("tenant"),
                                    row.getBoolean("frozen"),
                                    row.getLong("size"),
                                    Hash.split(row.getBytes("root")).getFirst()));
                });
        return heads;
    }

    private Optional<Lost> lost(Held one, @Nullable Head head) {
        long size = one.checkpoint().size();
        if (head == null) return Optional.of(new Lost(0L, size - 1));
        if (head.size() < size) return Optional.of(new Lost(head.size(), size - 1));
        var root = head.size() == size ? head.root() : root(one.log(), size);
        return root.equals(one.checkpoint().root()) ? Optional.empty() : Optional.of(new Lost(null, size - 1));
    }

    private Hash root(int log, long size) {
        try {
            return new TiledTree(size, tiles.reader(log)).root();
        } catch (IOException neverOfADatabase) {
            throw new UncheckedIOException(neverOfADatabase);
        }
    }

    /** Again, or by another server at the same time: nothing more happens. */
    private void reopen(Held old, String tenant, Lost lost) {
        int epoch = Math.max(old.epoch(), newestEpoch(tenant)) + 1;
        var waiting = logs.logs(tenant).stream()
                .filter(next -> next.epoch() > old.epoch())
                .findFirst();
        if (waiting.isEmpty()) logs.begin(tenant, epoch);
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            var next = logs.newest(tenant).orElseThrow();
            var first = sealing.sealFor(next, new ToSeal(event(old, next, lost), false));
            if (Boolean.TRUE.equals(transaction.execute(turn -> {
                if (!freeze(old.log())) return true;
                if (sequencer.store(List.of(new Append(List.of(first), null))).getFirst() instanceof Outcome.SealAnew) {
                    turn.setRollbackOnly();
                    return false;
                }
                events.publishEvent(new LogReopened(tenant, next.epoch(), lost.toString(), clock.instant()));
                log.error(
                        "the database was put back: of the log of {} it has lost {}, which were acknowledged; that log is frozen and goes on in epoch {}",
                        tenant,
                        lost,
                        next.epoch());
                return true;
            }))) {
                logs.forget(tenant);
                return;
            }
        }
        throw new IllegalStateException("log " + old.log() + " cannot be reopened, for its persons are being erased");
    }

    private AuditEvent event(Held old, TenantLog next, Lost lost) {
        var places = new LinkedHashMap<String, @Nullable Object>();
        places.put("first", lost.first());
        places.put("last", lost.last());
        var details = new LinkedHashMap<String, @Nullable Object>();
        details.put("checkpoint", old.note().toString());
        details.put("epoch", next.epoch());
        details.put("lost", places);
        return new AuditEvent(
                next.tenant(),
                UUID.randomUUID(),
                null,
                "audit.reopened",
                clock.instant().truncatedTo(ChronoUnit.MILLIS),
                "/logs/" + next.tenant() + "/e" + old.epoch(),
                AuditEvent.Outcome.FAILURE,
                null,
                null,
                OwnEventSealer.SERVICE,
                null,
                null,
                null,
                List.of(),
                details);
    }

    private int newestEpoch(String tenant) {
        return db.sql("select coalesce(max(epoch), 0) from audit_log where tenant = :tenant")
                .param("tenant", tenant)
                .query(Integer.class)
                .single();
    }

    /** A log that is gone whole stays known by its number and origin, so that no other ever has them. */
    private void keepNumber(Held old) {
        transaction.executeWithoutResult(_ -> {
            int kept = db.sql("""
                    insert into audit_log (log_id, tenant, epoch, origin, created_at)
                    values (:id, :tenant, :epoch, :origin, :now)
                        on conflict do nothing
                    """)
                    .param("id", old.log())
                    .param("tenant", old.tenant())
                    .param("epoch", old.epoch())
                    .param("origin", old.checkpoint().origin())
                    .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                    .update();
            if (kept == 0) return;
            db.sql(
                            "select setval('audit_log_log_id_seq', greatest(:id, (select last_value from audit_log_log_id_seq)))")
                    .param("id", old.log())
                    .query(Long.class)
                    .single();
        });
    }

    /** Whatever was sealed for it is out of date from now on; false: it is frozen already. */
    private boolean freeze(int log) {
        int frozen = db.sql("update audit_log set frozen_at = :now where log_id = :log and frozen_at is null")
                .param("log", log)
                .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                .update();
        db.sql("update audit_head set seal = gen_random_uuid() where log_id = :log")
                .param("log", log)
                .update();
        return frozen > 0;
    }
}
