package io.muster.server.residency;

import io.muster.server.residency.Replication.TenantProof;
import io.muster.server.tenancy.TenantSelector;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import tools.jackson.databind.json.JsonMapper;

/** The tables {@code replication}, {@code manifest} and {@code tenant_proof}. */
@Repository
class ReplicationRepository {

    private final JdbcClient db;
    private final JsonMapper json;

    ReplicationRepository(JdbcClient db, JsonMapper json) {
        this.db = db;
        this.json = json;
    }

    Map<Long, Replication> find(Collection<Long> checks) {
        return byCheck(db.sql("""
                select check_id, from_store, to_store, tenants, max_dwell_seconds, manifest_required, declared_at,
                       proven, walk_after, walk_exposures, troubled, looks_at
                  from replication
                 where check_id = any (:checks)
                """)
                .param("checks", Row.ids(checks))
                .query(this::replication)
                .list());
    }

    /** Always in the order of checks, so that two transactions never wait for each other. */
    Map<Long, Replication> lock(Collection<Long> checks) {
        return byCheck(db.sql("""
                select check_id, from_store, to_store, tenants, max_dwell_seconds, manifest_required, declared_at,
                       proven, walk_after, walk_exposures, troubled, looks_at
                  from replication
                 where check_id = any (:checks)
                 order by check_id
                   for update
                """)
                .param("checks", Row.ids(checks))
                .query(this::replication)
                .list());
    }

    /** As {@link #lock}, all that take data out of a store. */
    List<Replication> lockFrom(String store) {
        return db.sql("""
                select check_id, from_store, to_store, tenants, max_dwell_seconds, manifest_required, declared_at,
                       proven, walk_after, walk_exposures, troubled, looks_at
                  from replication
                 where from_store = :store
                 order by check_id
                   for update
                """).param("store", store).query(this::replication).list();
    }

    List<Replication> from(String store) {
        return db.sql("""
                select check_id, from_store, to_store, tenants, max_dwell_seconds, manifest_required, declared_at,
                       proven, walk_after, walk_exposures, troubled, looks_at
                  from replication
                 where from_store = :store
                 order by check_id
                """).param("store", store).query(this::replication).list();
    }

    /** All there are, for what concerns every job; there are as many as replication jobs. */
    List<Replication> all() {
        return db.sql("""
                select check_id, from_store, to_store, tenants, max_dwell_seconds, manifest_required, declared_at,
                       proven, walk_after, walk_exposures, troubled, looks_at
                  from replication
                 order by check_id
                """).query(this::replication).list();
    }

    /** Declares it anew: what was proven stays as long as it moves data out of the same store. */
    void declare(Replication fresh) {
        db.sql("""
                insert into replication (check_id, from_store, to_store, tenants, max_dwell_seconds, manifest_required,
                                         declared_at, proven)
                values (:check, :from, :to, cast(:tenants as jsonb), :dwell, :required,
                        cast(:declared as timestamptz), cast(:proven as jsonb))
                    on conflict (check_id) do update
                   set to_store = excluded.to_store, tenants = excluded.tenants,
                       max_dwell_seconds = excluded.max_dwell_seconds,
                       manifest_required = excluded.manifest_required,
                       declared_at = case when replication.from_store = excluded.from_store
                                          then replication.declared_at else excluded.declared_at end,
                       proven = case when replication.from_store = excluded.from_store
                                     then replication.proven else excluded.proven end,
                       from_store = excluded.from_store
                """)
                .param("check", fresh.check())
                .param("from", fresh.from())
                .param("to", fresh.to())
                .param("tenants", json.writeValueAsString(fresh.tenants()))
                .param(
                        "dwell",
                        fresh.maxDwell() == null ? null : fresh.maxDwell().toSeconds())
                .param("required", fresh.manifestRequired())
                .param("declared", fresh.declaredAt().toString())
                .param("proven", text(fresh.proven()))
                .update();
    }

    void delete(Collection<Long> checks) {
        db.sql("delete from replication where check_id = any (:checks)")
                .param("checks", Row.ids(checks))
                .update();
    }

    /** What pings prove; touches no indexed column. */
    void prove(List<Replication> proven) {
        if (proven.isEmpty()) return;
        db.sql("""
                update replication
                   set proven = news.proven
                  from unnest(cast(:checks as bigint[]), cast(:proven as jsonb[])) as news (check_id, proven)
                 where replication.check_id = news.check_id
                """)
                .param("checks", Row.column(proven, Replication::check))
                .param("proven", Row.column(proven, row -> text(row.proven())))
                .update();
    }

    /** That the walks of these jobs begin anew. {@code all}: visiting every tenant, for what is allowed has changed. */
    void restart(Collection<Long> checks, Instant now, boolean all) {
        db.sql("""
                update replication
                   set walk_after = case when :all or walk_after like '*%' then '*' else null end, walk_exposures = true,
                       looks_at = cast(:now as timestamptz)
                 where check_id = any (:checks)
                """)
                .param("checks", Row.ids(checks))
                .param("all", all)
                .param("now", now.toString())
                .update();
    }

    void walked(long check, @Nullable String after, boolean exposures, boolean troubled, @Nullable Instant looksAt) {
        db.sql("""
                update replication
                   set walk_after = :after, walk_exposures = :exposures, troubled = :troubled,
                       looks_at = cast(:looks as timestamptz)
                 where check_id = :check
                """)
                .param("check", check)
                .param("after", after)
                .param("exposures", exposures)
                .param("troubled", troubled)
                .param("looks", looksAt == null ? null : looksAt.toString())
                .update();
    }

    /** An exposure was opened out of this store: from now on each good report is worth a walk. */
    void trouble(String store) {
        db.sql("update replication set troubled = true where from_store = :store and not troubled")
                .param("store", store)
                .update();
    }

    Map<Long, List<String>> unknownTenants(Collection<Long> checks) {
        var unknown = new HashMap<Long, List<String>>();
        db.sql("""
                select check_id, unknown_tenants
                  from replication
                 where check_id = any (:checks)
                   and unknown_tenants <> '{}'
                """)
                .param("checks", Row.ids(checks))
                .query((row, n) -> unknown.put(row.getLong("check_id"), List.of((String[])
                        row.getArray("unknown_tenants").getArray())))
                .list();
        return unknown;
    }

    /** What the newest manifest names that the catalogue does not know; at most 100 are kept. */
    void unknownTenants(long check, Collection<String> found, boolean first) {
        db.sql("""
                update replication
                   set unknown_tenants = (select coalesce(array_agg(name order by name), '{}')
                                            from (select distinct name
                                                    from unnest(case when :first then '{}' else unknown_tenants end || :found) as name
                                                   order by name
                                                   limit 100) as names)
                 where check_id = :check
                """)
                .param("check", check)
                .param("first", first)
                .param("found", found.toArray(String[]::new))
                .update();
    }

    // ---- manifests ----

    /** A manifest whose tenants are still to be taken in, from {@code takenIn} on. */
    record Waiting(long check, long ping, Instant at, String verdict, byte[] body, int takenIn, Proven shared) {}

    /** What a success brought, as it is kept for people. */
    record Told(
            long ping,
            Instant at,
            String verdict,
            @Nullable String reason,
            byte @Nullable [] sha256,
            int tenants,
            @Nullable Long rows,
            @Nullable Long bytes) {}

    void insert(long check, Told told, byte @Nullable [] body, Proven shared) {
        db.sql("""
                insert into manifest (check_id, ping, at, verdict, reason, sha256, tenants, rows, bytes, body, shared)
                values (:check, :ping, cast(:at as timestamptz), :verdict, :reason, :sha256, :tenants, :rows, :bytes, :body,
                        cast(:shared as jsonb))
                """)
                .param("check", check)
                .param("ping", told.ping())
                .param("at", told.at().toString())
                .param("verdict", told.verdict())
                .param("reason", told.reason())
                .param("sha256", told.sha256(), java.sql.Types.BINARY)
                .param("tenants", told.tenants())
                .param("rows", told.rows(), java.sql.Types.BIGINT)
                .param("bytes", told.bytes(), java.sql.Types.BIGINT)
                .param("body", body, java.sql.Types.BINARY)
                .param("shared", text(shared))
                .update();
    }

    /** The oldest that waits. */
    Optional<Waiting> waiting(long check) {
        return db.sql("""
                select check_id, ping, at, verdict, body, taken_in, shared
                  from manifest
                 where check_id = :check
                   and body is not null
                 order by ping
                 limit 1
                """)
                .param("check", check)
                .query((row, n) -> new Waiting(
                        row.getLong("check_id"),
                        row.getLong("ping"),
                        Objects.requireNonNull(Row.instant(row, "at")),
                        row.getString("verdict"),
                        row.getBytes("body"),
                        row.getInt("taken_in"),
                        proven(row.getString("shared"))))
                .optional();
    }

    /**
     * The jobs' own watermarks as they were before the oldest manifest that still waits: until its tenants are taken
     * in, what came with it must not count for them.
     */
    Map<Long, Proven> beforeWaiting(Collection<Long> checks) {
        var shared = new HashMap<Long, Proven>();
        db.sql("""
                select distinct on (check_id) check_id, shared
                  from manifest
                 where check_id = any (:checks)
                   and body is not null
                 order by check_id, ping
                """)
                .param("checks", Row.ids(checks))
                .query((row, n) -> shared.put(row.getLong("check_id"), proven(row.getString("shared"))))
                .list();
        return shared;
    }

    private String text(Proven proven) {
        return json.writeValueAsString(proven.marks());
    }

    private Proven proven(String text) {
        return new Proven(List.of(json.readValue(text, Watermark[].class)));
    }

    void takenIn(long check, long ping, int count, boolean all) {
        db.sql("""
                update manifest
                   set taken_in = :count, body = case when :all then null else body end
                 where check_id = :check
                   and ping = :ping
                """)
                .param("check", check)
                .param("ping", ping)
                .param("count", count)
                .param("all", all)
                .update();
    }

    /** What pings {@code from .. to} of a check brought, by number. */
    Map<Long, Told> told(long check, long from, long to) {
        var told = new HashMap<Long, Told>();
        db.sql("""
                select ping, at, verdict, reason, sha256, tenants, rows, bytes
                  from manifest
                 where check_id = :check
                   and ping between :from and :to
                 order by ping desc
                 limit 1000
                """)
                .param("check", check)
                .param("from", from)
                .param("to", to)
                .query((row, n) -> told.put(
                        row.getLong("ping"),
                        new Told(
                                row.getLong("ping"),
                                Objects.requireNonNull(Row.instant(row, "at")),
                                row.getString("verdict"),
                                row.getString("reason"),
                                row.getBytes("sha256"),
                                row.getInt("tenants"),
                                Row.number(row, "rows"),
                                Row.number(row, "bytes"))))
                .list();
        return told;
    }

    // ---- tenants' own watermarks ----

    /** By tenant, for each check. */
    Map<Long, Map<String, TenantProof>> proofs(Collection<Long> checks, Collection<String> tenants) {
        var proofs = new HashMap<Long, Map<String, TenantProof>>();
        db.sql("""
                select tenant, check_id, at, evidence, ping, listed_in
                  from tenant_proof
                 where tenant = any (:tenants)
                   and check_id = any (:checks)
                """)
                .param("tenants", tenants.toArray(String[]::new))
                .param("checks", Row.ids(checks))
                .query((row, n) -> proofs.computeIfAbsent(row.getLong("check_id"), _ -> new HashMap<>())
                        .put(
                                row.getString("tenant"),
                                new TenantProof(
                                        new Watermark(
                                                Objects.requireNonNull(Row.instant(row, "at")),
                                                Evidence.valueOf(row.getString("evidence")),
                                                row.getLong("ping")),
                                        row.getLong("listed_in"))))
                .list();
        return proofs;
    }

    void prove(long check, Map<String, TenantProof> proofs) {
        if (proofs.isEmpty()) return;
        var rows = List.copyOf(proofs.entrySet());
        db.sql("""
                insert into tenant_proof (tenant, check_id, at, evidence, ping, listed_in)
                select tenant, :check, at, evidence, ping, listed_in
                  from unnest(:tenants, cast(:at as timestamptz[]), :evidence, cast(:pings as bigint[]),
                              cast(:listed as bigint[])) as news (tenant, at, evidence, ping, listed_in)
                    on conflict (tenant, check_id) do update
                   set at = excluded.at, evidence = excluded.evidence, ping = excluded.ping,
                       listed_in = excluded.listed_in
                """)
                .param("check", check)
                .param("tenants", Row.column(rows, Map.Entry::getKey))
                .param("at", Row.column(rows, row -> row.getValue().mark().at()))
                .param("evidence", Row.column(rows, row -> row.getValue().mark().evidence()))
                .param("pings", Row.column(rows, row -> row.getValue().mark().ping()))
                .param("listed", Row.column(rows, row -> row.getValue().listedIn()))
                .update();
    }

    private static Map<Long, Replication> byCheck(List<Replication> rows) {
        var found = new HashMap<Long, Replication>();
        rows.forEach(row -> found.put(row.check(), row));
        return found;
    }

    private Replication replication(ResultSet row, int n) throws SQLException {
        var dwell = Row.number(row, "max_dwell_seconds");
        return new Replication(
                row.getLong("check_id"),
                row.getString("from_store"),
                row.getString("to_store"),
                json.readValue(row.getString("tenants"), TenantSelector.class),
                dwell == null ? null : Duration.ofSeconds(dwell),
                row.getBoolean("manifest_required"),
                Objects.requireNonNull(Row.instant(row, "declared_at")),
                proven(row.getString("proven")),
                row.getString("walk_after"),
                row.getBoolean("walk_exposures"),
                row.getBoolean("troubled"),
                Row.instant(row, "looks_at"));
    }
}
