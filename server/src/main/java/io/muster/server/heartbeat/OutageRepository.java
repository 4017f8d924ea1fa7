package io.muster.server.heartbeat;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
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

    /** The last that had begun by {@code until} and was over after {@code since}. */
    Optional<Outage> lastWithin(Instant since, Instant until) {
        return since(since, 100).stream()
                .filter(outage -> !outage.beganAt().isAfter(until))
                .reduce((_, later) -> later);
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
