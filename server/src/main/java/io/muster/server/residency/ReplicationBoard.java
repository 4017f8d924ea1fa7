package io.muster.server.residency;

import io.muster.server.heartbeat.RunTotals;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Reads which data jobs move, and from where to where, as pages show it. */
@Repository
public class ReplicationBoard {

    private final JdbcClient db;

    ReplicationBoard(JdbcClient db) {
        this.db = db;
    }

    /** A replication job. @param tenants as JSON: "all", "policy:eu-only" or a list of ids */
    public record Moves(
            long check,
            String from,
            String to,
            String tenants,
            @Nullable Duration maxDwell,
            boolean manifestRequired) {}

    public List<Moves> moves(Collection<Long> checks) {
        return db.sql("""
                select check_id, from_store, to_store, tenants, max_dwell_seconds, manifest_required
                  from replication
                 where check_id = any (:checks)
                """)
                .param("checks", checks.toArray(Long[]::new))
                .query(ReplicationBoard::moves)
                .list();
    }

    /** Jobs between stores, however many checks they have; for the map. */
    public List<Moves> moves(int limit) {
        return db.sql("""
                select check_id, from_store, to_store, tenants, max_dwell_seconds, manifest_required
                  from replication
                 order by check_id
                 limit :limit
                """).param("limit", limit).query(ReplicationBoard::moves).list();
    }

    /** Stores out of which, and into which, jobs bring data. */
    List<String> stores(boolean from) {
        return db.sql(
                        from
                                ? "select distinct from_store from replication"
                                : "select distinct to_store from replication")
                .query((row, n) -> row.getString(1))
                .list();
    }

    List<Long> between(Collection<String> fromStores, Collection<String> toStores, int limit) {
        return db.sql("""
                select check_id
                  from replication
                 where from_store = any (:from)
                   and to_store = any (:to)
                 limit :limit
                """)
                .param("from", fromStores.toArray(String[]::new))
                .param("to", toStores.toArray(String[]::new))
                .param("limit", limit)
                .query((row, n) -> row.getLong(1))
                .list();
    }

    Map<Long, RunTotals.Totals> manifestTotals(long check, Collection<Long> pings) {
        var totals = new HashMap<Long, RunTotals.Totals>();
        db.sql("""
                select ping, rows, bytes
                  from manifest
                 where check_id = :check
                   and ping = any (:pings)
                   and (rows is not null or bytes is not null)
                """)
                .param("check", check)
                .param("pings", pings.toArray(Long[]::new))
                .query((row, n) -> totals.put(
                        row.getLong("ping"), new RunTotals.Totals(Row.number(row, "rows"), Row.number(row, "bytes"))))
                .list();
        return totals;
    }

    private static Moves moves(ResultSet row, int n) throws SQLException {
        var dwell = row.getObject("max_dwell_seconds", Long.class);
        return new Moves(
                row.getLong("check_id"),
                row.getString("from_store"),
                row.getString("to_store"),
                row.getString("tenants"),
                dwell == null ? null : Duration.ofSeconds(dwell),
                row.getBoolean("manifest_required"));
    }
}
