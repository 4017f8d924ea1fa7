package io.muster.server.heartbeat;

import io.muster.server.deadline.DeadlineKind;
import io.muster.server.deadline.Deadlines;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Removes pings and flips that were kept long enough ({@code MUSTER_PING_RETENTION}), but the newest of each check never.
 * The key is the check's id, its deadline the instant when its oldest ping expires; so the work is what expires, and a ping
 * pays nothing for it.
 */
@Component
class Retention implements DeadlineKind {

    static final String NAME = "retention";

    /** So many pings, and so many flips, stay of each check, however old. */
    static final int KEPT = 100;

    /** Most pings, and most flips, that are removed of one check in one transaction. */
    static final int BATCH = 2_000;

    /** What expires within a day goes together. */
    private static final Duration AT_MOST_EVERY = Duration.ofDays(1);

    /** Of a check that reports so seldom that nothing of it can go. */
    private static final Duration SELDOM = Duration.ofDays(30);

    private static final Logger log = LoggerFactory.getLogger(Retention.class);

    private final JdbcClient db;
    private final Deadlines deadlines;
    private final InstantSource clock;
    private final Duration kept;

    Retention(JdbcClient db, Deadlines deadlines, InstantSource clock, PingProperties settings) {
        this.db = db;
        this.deadlines = deadlines;
        this.clock = clock;
        this.kept = settings.retention();
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int batch() {
        return 20;
    }

    /** In the transaction of their first ping. */
    void begin(List<Long> checks, Instant now) {
        var due = new HashMap<String, Instant>();
        checks.forEach(check -> due.put(Long.toString(check), now.plus(kept)));
        deadlines.arm(NAME, due);
    }

    /** Deadlines that were set under a longer retention are too late for a shorter one. */
    @EventListener(ApplicationReadyEvent.class)
    @Transactional
    public void adopt() {
        var before = db.sql("select seconds from retention").query(Long.class).optional();
        db.sql("""
                insert into retention (seconds)
                values (:seconds)
                    on conflict (only_row) do update
                   set seconds = excluded.seconds
                """).param("seconds", kept.toSeconds()).update();
        if (before.isEmpty() || before.get() <= kept.toSeconds()) return;
        int looked = db.sql("update deadline set due_at = :now where kind = :kind and due_at > :now")
                .param("now", clock.instant().atOffset(ZoneOffset.UTC))
                .param("kind", NAME)
                .update();
        if (looked > 0) log.info("pings are kept for {} now: {} checks are looked at again", kept, looked);
    }

    @Override
    public Map<String, Instant> wake(List<String> ids, Instant now) {
        var again = new HashMap<String, Instant>();
        var cutoff = now.minus(kept).atOffset(ZoneOffset.UTC);
        for (var count : pings(ids)) {
            int removed = Math.max(removePings(count, cutoff), removeFlips(count.check(), cutoff));
            oldest(count.check()).ifPresent(oldest -> {
                removeJudged(count.check(), oldest.n());
                var expires = oldest.at().plus(kept);
                var soonest = now.plus(oldest.n() > count.pings() - KEPT ? SELDOM : AT_MOST_EVERY);
                again.put(
                        Long.toString(count.check()),
                        removed == BATCH ? now : expires.isAfter(soonest) ? expires : soonest);
            });
        }
        return again;
    }

    private record Count(long check, long pings) {}

    private List<Count> pings(List<String> ids) {
        return db.sql("select id, pings from checks where id = any (:ids) order by id")
                .param("ids", ids.stream().map(Long::valueOf).toArray(Long[]::new))
                .query((row, n) -> new Count(row.getLong("id"), row.getLong("pings")))
                .list();
    }

    private int removePings(Count count, OffsetDateTime cutoff) {
        return db.sql("""
                delete from ping
                 where check_id = :check
                   and n in (select n
                               from (select n, at from ping
                                      where check_id = :check and n <= :last
                                      order by n
                                      limit :batch) as oldest
                              where at <= :cutoff)
                """)
                .param("check", count.check())
                .param("last", count.pings() - KEPT)
                .param("batch", BATCH)
                .param("cutoff", cutoff)
                .update();
    }

    /** Of pings that are gone. */
    private void removeJudged(long check, long oldest) {
        db.sql("delete from judged_run where check_id = :check and n < :oldest")
                .param("check", check)
                .param("oldest", oldest)
                .update();
    }

    private int removeFlips(long check, OffsetDateTime cutoff) {
        return db.sql("""
                delete from flip
                 where id in (select id
                                from (select id, at from flip
                                       where check_id = :check
                                         and id < (select id from flip
                                                    where check_id = :check
                                                    order by id desc
                                                   offset :kept - 1 limit 1)
                                       order by id
                                       limit :batch) as oldest
                               where at <= :cutoff)
                """)
                .param("check", check)
                .param("kept", KEPT)
                .param("batch", BATCH)
                .param("cutoff", cutoff)
                .update();
    }

    private record Oldest(long n, Instant at) {}

    private Optional<Oldest> oldest(long check) {
        return db.sql("select n, at from ping where check_id = :check order by n limit 1")
                .param("check", check)
                .query((row, n) -> new Oldest(
                        row.getLong("n"),
                        row.getObject("at", OffsetDateTime.class).toInstant()))
                .optional();
    }
}
