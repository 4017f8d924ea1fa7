package io.muster.server.residency;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Reads what probes saw, as pages show it. */
@Repository
public class ProbeBoard {

    private final JdbcClient db;

    ProbeBoard(JdbcClient db) {
        this.db = db;
    }

    /**
     * @param begunAt of the last look that proved something
     * @param failure of the last look; null: it went well
     * @param remark what to know of the last look that proved something
     */
    public record Watch(
            String id,
            String store,
            Duration every,
            @Nullable Instant begunAt,
            @Nullable Instant triedAt,
            @Nullable String failure,
            @Nullable String remark) {

        /** Three times its period without proof: what it said counts no more. */
        public boolean isStale(Instant now) {
            return begunAt == null || begunAt.plus(every.multipliedBy(3)).isBefore(now);
        }
    }

    /** @param rows null: some are there, and any of them may be another tenant's */
    record Counted(@Nullable Long rows) {}

    /** What the last good look of a probe saw of a tenant; empty: nothing. */
    Optional<Counted> counted(String probe, String tenant) {
        return db.sql("select rows from probe_count where probe = :probe and tenant = :tenant")
                .param("probe", probe)
                .param("tenant", tenant)
                .query((row, n) -> new Counted(Row.number(row, "rows")))
                .optional();
    }

    public boolean anyProbe() {
        return db.sql("select exists (select from probe)").query(Boolean.class).single();
    }

    public List<Watch> probes(Collection<String> stores) {
        return db.sql("""
                select id, store, every_seconds, begun_at, tried_at, failure, remark
                  from probe
                 where store = any (:stores)
                 order by store, id
                """)
                .param("stores", stores.toArray(String[]::new))
                .query((row, n) -> new Watch(
                        row.getString("id"),
                        row.getString("store"),
                        Duration.ofSeconds(row.getLong("every_seconds")),
                        instant(row, "begun_at"),
                        instant(row, "tried_at"),
                        row.getString("failure"),
                        row.getString("remark")))
                .list();
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        var at = row.getObject(column, OffsetDateTime.class);
        return at == null ? null : at.toInstant();
    }
}
