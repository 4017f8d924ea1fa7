package io.muster.server.heartbeat;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The table {@code flip}. */
@Repository
class FlipRepository {

    private final JdbcClient db;

    FlipRepository(JdbcClient db) {
        this.db = db;
    }

    void insert(List<Flip> flips, Instant now) {
        if (flips.isEmpty()) return;
        db.sql("""
                insert into flip (check_id, at, recorded_at, from_status, to_status, reason, problem, why)
                select check_id, at, :now, from_status, to_status, reason, problem, why
                  from unnest(:checks, cast(:instants as timestamptz[]), :from, :to, :reasons, :problems, :why)
                    as news (check_id, at, from_status, to_status, reason, problem, why)
                """)
                .param("now", now.atOffset(ZoneOffset.UTC))
                .param("checks", flips.stream().map(Flip::check).toArray(Long[]::new))
                .param("instants", column(flips, flip -> flip.at().toString()))
                .param("from", column(flips, flip -> flip.from().word()))
                .param("to", column(flips, flip -> flip.to().word()))
                .param("reasons", column(flips, Flip::reason))
                .param("problems", told(flips, trouble -> trouble.problem().word()))
                .param("why", told(flips, Trouble::why))
                .update();
    }

    private static String[] column(List<Flip> flips, Function<Flip, String> value) {
        return flips.stream().map(value).toArray(String[]::new);
    }

    private static @Nullable String[] told(List<Flip> flips, Function<Trouble, String> value) {
        return flips.stream()
                .map(flip -> flip.trouble() == null ? null : value.apply(flip.trouble()))
                .toArray(String[]::new);
    }

    /** The last time that each turned down, by check. */
    Map<Long, Flip> lastDown(Collection<Long> checks) {
        var turned = new HashMap<Long, Flip>();
        db.sql("""
                select down.check_id, down.at, down.from_status, down.reason, down.problem, down.why
                  from unnest(:checks) as asked (id)
                 cross join lateral (select check_id, at, from_status, reason, problem, why
                                       from flip
                                      where check_id = asked.id
                                        and to_status = 'down'
                                      order by id desc
                                      limit 1) as down
                """).param("checks", checks.toArray(Long[]::new)).query(row -> {
            turned.put(
                    row.getLong("check_id"),
                    new Flip(
                            row.getLong("check_id"),
                            row.getObject("at", OffsetDateTime.class).toInstant(),
                            Status.of(row.getString("from_status")),
                            Status.DOWN,
                            row.getString("reason"),
                            Trouble.of(row.getString("problem"), row.getString("why"))));
        });
        return turned;
    }

    /** Newest first. */
    List<FlipRow> page(long check, @Nullable Long before, int limit) {
        return db.sql("""
                select id, at, recorded_at, from_status, to_status, reason, problem, why
                  from flip
                 where check_id = :check
                   and id < :before
                 order by id desc
                 limit :limit
                """)
                .param("check", check)
                .param("before", before == null ? Long.MAX_VALUE : before)
                .param("limit", limit)
                .query(FlipRepository::flip)
                .list();
    }

    /** At or after {@code from} and before {@code until}, newest first. */
    List<FlipRow> between(long check, Instant from, Instant until, int limit) {
        return db.sql("""
                select id, at, recorded_at, from_status, to_status, reason, problem, why
                  from flip
                 where check_id = :check
                   and at >= :from
                   and at < :until
                 order by id desc
                 limit :limit
                """)
                .param("check", check)
                .param("from", from.atOffset(ZoneOffset.UTC))
                .param("until", until.atOffset(ZoneOffset.UTC))
                .param("limit", limit)
                .query(FlipRepository::flip)
                .list();
    }

    private static FlipRow flip(ResultSet row, int n) throws SQLException {
        return new FlipRow(
                row.getLong("id"),
                row.getObject("at", OffsetDateTime.class).toInstant(),
                row.getObject("recorded_at", OffsetDateTime.class).toInstant(),
                Status.of(row.getString("from_status")),
                Status.of(row.getString("to_status")),
                row.getString("reason"),
                Trouble.of(row.getString("problem"), row.getString("why")));
    }
}
