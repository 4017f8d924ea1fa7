package io.muster.server.heartbeat;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The tables {@code hearing} and {@code outage}. */
@Repository
class OutageRepository {

    private final JdbcClient db;

    OutageRepository(JdbcClient db) {
        this.db = db;
    }

    /** An outage with its number. */
    record Row(long id, Outage outage) {}

    /** When some server last said that pings can be stored; empty if none ever did. */
    Optional<Instant> heardUntil() {
        return db.sql("select until from hearing")
                .query((row, n) -> instant(row, "until"))
                .optional();
    }

    /** Says so at {@code now}; the answer is when it was last said before. Until the transaction ends nobody else says it. */
    Optional<Instant> hear(Instant now) {
        var before = db.sql("select until from hearing for update")
                .query((row, n) -> instant(row, "until"))
                .optional();
        db.sql("""
                insert into hearing (until)
                values (:now)
                    on conflict (only_row) do update set until = excluded.until
                """).param("now", at(now)).update();
        return before;
    }

    /** After {@link #hear}, in its transaction. What overlaps one that is known makes that longer. */
    void add(Outage outage) {
        int known = db.sql("""
                        update outage
                           set began_at = least(began_at, :began), ended_at = greatest(ended_at, :ended)
                         where id = (select id
                                       from outage
                                      where ended_at >= :began
                                        and began_at <= :ended
                                      order by ended_at desc
                                      limit 1)
                        """)
                .param("began", at(outage.beganAt()))
                .param("ended", at(outage.endedAt()))
                .update();
        if (known > 0) return;
        db.sql("insert into outage (kind, began_at, ended_at) values (:kind, :began, :ended)")
                .param("kind", outage.kind().word())
                .param("began", at(outage.beganAt()))
                .param("ended", at(outage.endedAt()))
                .update();
    }

    /** The last {@code limit} that were over after {@code since}, in the order in which they began. */
    List<Outage> since(Instant since, int limit) {
        return db
                .sql("""
                select id, kind, began_at, ended_at
                  from outage
                 where ended_at > :since
                 order by ended_at desc
                 limit :limit
                """)
                .param("since", at(since))
                .param("limit", limit)
                .query(OutageRepository::outage)
                .list()
                .reversed()
                .stream()
                .map(Row::outage)
                .toList();
    }

    /** Those that had begun by {@code until} and were over after {@code since}, in the order of their ends; the last thousand. */
    List<Outage> within(Instant since, Instant until) {
        return db
                .sql("""
                select id, kind, began_at, ended_at
                  from outage
                 where ended_at > :since
                   and began_at <= :until
                 order by ended_at desc
                 limit 1000
                """)
                .param("since", at(since))
                .param("until", at(until))
                .query(OutageRepository::outage)
                .list()
                .reversed()
                .stream()
                .map(Row::outage)
                .toList();
    }

    /** Of each that was noticed late because Muster was away: in which outage; by the flip's id. */
    Map<Long, Outage> whyLate(Collection<FlipRow> flips) {
        var late = flips.stream().filter(FlipRow::isLate).toList();
        if (late.isEmpty()) return Map.of();
        var since =
                late.stream().map(FlipRow::at).min(Comparator.naturalOrder()).orElseThrow();
        var until = late.stream()
                .map(FlipRow::recordedAt)
                .max(Comparator.naturalOrder())
                .orElseThrow();
        var outages = within(since.minus(Hearing.LONGEST), until);
        var why = new HashMap<Long, Outage>();
        late.forEach(flip ->
                Outage.why(flip.at(), flip.recordedAt(), outages).ifPresent(outage -> why.put(flip.id(), outage)));
        return why;
    }

    /** Of each instant that lies in one: in which. */
    Map<Instant, Outage> around(Collection<Instant> instants) {
        var around = new HashMap<Instant, Outage>();
        db.sql("""
                select asked.instant, id, kind, began_at, ended_at
                  from unnest(cast(:instants as timestamptz[])) as asked (instant)
                  join outage on ended_at > asked.instant and began_at <= asked.instant
                """)
                .param("instants", instants.stream().map(Instant::toString).toArray(String[]::new))
                .query(row -> {
                    around.put(instant(row, "instant"), outage(row, 0).outage());
                });
        return around;
    }

    /** Newest first. */
    List<Row> page(@Nullable Long before, int limit) {
        return db.sql("""
                select id, kind, began_at, ended_at
                  from outage
                 where id < :before
                 order by id desc
                 limit :limit
                """)
                .param("before", before == null ? Long.MAX_VALUE : before)
                .param("limit", limit)
                .query(OutageRepository::outage)
                .list();
    }

    private static Row outage(ResultSet row, int n) throws SQLException {
        return new Row(
                row.getLong("id"),
                new Outage(Outage.Kind.of(row.getString("kind")), instant(row, "began_at"), instant(row, "ended_at")));
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static OffsetDateTime at(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
