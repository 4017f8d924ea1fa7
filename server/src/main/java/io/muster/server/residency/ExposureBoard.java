package io.muster.server.residency;

import io.muster.server.heartbeat.RunTotals;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Reads exposures, replication and probes as pages show them: worst first. */
@Repository
public class ExposureBoard {

    /** What is open now. @param oldest when the first violation that is open began */
    public record Open(
            long violations,
            long atRisk,
            long tenantsInViolation,
            long tenantsAtRisk,
            long rows,
            long regions,
            @Nullable Instant oldest) {}

    /** @param state AT_RISK, VIOLATION or CLOSED; reason and evidence as stored, upper case */
    public record Exposed(
            long id,
            String tenant,
            String policy,
            @Nullable Long check,
            String store,
            String region,
            String state,
            String reason,
            String evidence,
            @Nullable Long rows,
            @Nullable Instant oldestAt,
            Instant openedAt,
            @Nullable Instant violationAt,
            @Nullable Instant awareAt,
            @Nullable Instant decideBy,
            @Nullable Instant closedAt,
            @Nullable String closedByKind,
            @Nullable String closedById,
            Duration maxDwell,
            @Nullable Instant decidedAt) {

        /** Since when it is what it is: broken, else at risk. */
        public Instant since() {
            return violationAt == null ? openedAt : violationAt;
        }

        public boolean isViolation() {
            return state.equals("VIOLATION");
        }

        public boolean isClosed() {
            return state.equals("CLOSED");
        }
    }

    private static final String COLUMNS = """
            id, tenant, policy, check_id, store, region, state, reason, evidence, rows, oldest_at, opened_at, violation_at,
            aware_at, decide_by, closed_at, closed_by_kind, closed_by_id, max_dwell_seconds, decided_at
            """;

    private static final String RANK = "case state when 'VIOLATION' then 0 when 'AT_RISK' then 1 else 2 end";

    private final JdbcClient db;

    ExposureBoard(JdbcClient db) {
        this.db = db;
    }

    public Open open() {
        return db.sql("""
                select count(*) filter (where state = 'VIOLATION') as violations,
                       count(*) filter (where state = 'AT_RISK') as at_risk,
                       count(distinct tenant) filter (where state = 'VIOLATION') as tenants_in_violation,
                       count(distinct tenant) filter (where state = 'AT_RISK') as tenants_at_risk,
                       coalesce(sum(rows) filter (where state = 'VIOLATION'), 0) as rows,
                       count(distinct region) filter (where state = 'VIOLATION') as regions,
                       min(violation_at) filter (where state = 'VIOLATION') as oldest
                  from exposure
                 where state <> 'CLOSED'
                """)
                .query((row, n) -> new Open(
                        row.getLong("violations"),
                        row.getLong("at_risk"),
                        row.getLong("tenants_in_violation"),
                        row.getLong("tenants_at_risk"),
                        row.getLong("rows"),
                        row.getLong("regions"),
                        instant(row, "oldest")))
                .single();
    }

    record OpenTenant(String tenant, String policy) {}

    /** Each tenant once of whom anything is open. */
    List<OpenTenant> openTenants() {
        return db.sql("select distinct tenant, policy from exposure where state <> 'CLOSED'")
                .query((row, n) -> new OpenTenant(row.getString("tenant"), row.getString("policy")))
                .list();
    }

    /** Where a page ends. */
    record Place(int rank, Instant since, long id) {}

    /** What a list is narrowed to; null: not. {@code open}: without the closed ones. */
    record Narrow(
            @Nullable String state,
            boolean open,
            @Nullable String tenant,
            @Nullable String region,
            @Nullable Long check) {}

    /** Violations before risks before what is closed, each the longest first; closed ones the last closed first. */
    List<Exposed> worst(Narrow narrow, @Nullable Place after, int limit) {
        if ("CLOSED".equals(narrow.state)) return closed(narrow, after, limit);
        return db.sql("select " + COLUMNS + " from exposure where (not :open or state <> 'CLOSED')"
                        + " and (cast(:state as text) is null or state = :state)"
                        + " and (cast(:tenant as text) is null or tenant = :tenant)"
                        + " and (cast(:region as text) is null or region = :region)"
                        + " and (cast(:check as bigint) is null or check_id = :check)"
                        + " and (" + RANK + ", coalesce(violation_at, opened_at), id) > (:rank, :since, :id)"
                        + " order by " + RANK + ", coalesce(violation_at, opened_at), id limit :limit")
                .param("open", narrow.open)
                .param("state", narrow.state, Types.VARCHAR)
                .param("tenant", narrow.tenant, Types.VARCHAR)
                .param("region", narrow.region, Types.VARCHAR)
                .param("check", narrow.check, Types.BIGINT)
                .param("rank", after == null ? -1 : after.rank)
                .param("since", at(after == null ? Instant.EPOCH : after.since))
                .param("id", after == null ? 0 : after.id)
                .param("limit", limit)
                .query(ExposureBoard::exposed)
                .list();
    }

    /** The newest first. */
    private List<Exposed> closed(Narrow narrow, @Nullable Place after, int limit) {
        return db.sql("select " + COLUMNS + """
                          from exposure
                         where state = 'CLOSED'
                           and id < :id
                           and (cast(:tenant as text) is null or tenant = :tenant)
                           and (cast(:region as text) is null or region = :region)
                           and (cast(:check as bigint) is null or check_id = :check)
                         order by id desc
                         limit :limit
                        """)
                .param("id", after == null ? Long.MAX_VALUE : after.id)
                .param("tenant", narrow.tenant, Types.VARCHAR)
                .param("region", narrow.region, Types.VARCHAR)
                .param("check", narrow.check, Types.BIGINT)
                .param("limit", limit)
                .query(ExposureBoard::exposed)
                .list();
    }

    Optional<Exposed> find(long id) {
        return db.sql("select " + COLUMNS + " from exposure where id = :id")
                .param("id", id)
                .query(ExposureBoard::exposed)
                .optional();
    }

    /** The worst open ones of all. */
    public List<Exposed> worst(int limit) {
        return worst(new Narrow(null, true, null, null, null), null, limit);
    }

    /** Open ones, and those closed since then: the newest first. */
    public List<Exposed> since(Instant since, int limit) {
        return db.sql("select " + COLUMNS + """
                          from exposure
                         where id > (select coalesce(max(id), 0) - 5000 from exposure)
                           and (state <> 'CLOSED' or closed_at >= :since)
                         order by id desc
                         limit :limit
                        """)
                .param("since", at(since))
                .param("limit", limit)
                .query(ExposureBoard::exposed)
                .list();
    }

    public long closedSince(Instant since) {
        return db.sql("select count(*) from exposure where state = 'CLOSED' and closed_at >= :since")
                .param("since", at(since))
                .query(Long.class)
                .single();
    }

    /** Violations about which a person still has to decide, the first due first. */
    List<Exposed> undecided(int limit) {
        return db.sql("select " + COLUMNS + """
                          from exposure
                         where decided_at is null
                           and decide_by is not null
                         order by decide_by
                         limit :limit
                        """)
                .param("limit", limit)
                .query(ExposureBoard::exposed)
                .list();
    }

    /** How many tenants of a policy have something open in a region. */
    public record Cell(String policy, String region, long violations, long atRisk, long rows) {}

    public List<Cell> cells() {
        return db.sql("""
                select policy, region,
                       count(distinct tenant) filter (where state = 'VIOLATION') as violations,
                       count(distinct tenant) filter (where state = 'AT_RISK') as at_risk,
                       coalesce(sum(rows) filter (where state = 'VIOLATION'), 0) as rows
                  from exposure
                 where state <> 'CLOSED'
                 group by policy, region
                """)
                .query((row, n) -> new Cell(
                        row.getString("policy"),
                        row.getString("region"),
                        row.getLong("violations"),
                        row.getLong("at_risk"),
                        row.getLong("rows")))
                .list();
    }

    record Said(
            Instant at,
            String state,
            String evidence,
            String reason,
            @Nullable Long rows,
            String why) {}

    /** Newest first. */
    List<Said> history(long exposure, int limit) {
        return db.sql("""
                select at, state, evidence, reason, rows, why
                  from exposure_history
                 where exposure = :exposure
                 order by entry desc
                 limit :limit
                """)
                .param("exposure", exposure)
                .param("limit", limit)
                .query((row, n) -> new Said(
                        needed(row, "at"),
                        row.getString("state"),
                        row.getString("evidence"),
                        row.getString("reason"),
                        row.getObject("rows", Long.class),
                        row.getString("why")))
                .list();
    }

    /** Newest first. */
    List<ExposureView.Made> decisions(long exposure) {
        return db.sql("""
                select at, by_name, notify, authority, document, reason
                  from exposure_decision
                 where exposure = :exposure
                 order by entry desc
                 limit 20
                """)
                .param("exposure", exposure)
                .query((row, n) -> new ExposureView.Made(
                        needed(row, "at"),
                        row.getString("by_name"),
                        row.getBoolean("notify"),
                        row.getString("authority"),
                        row.getString("document"),
                        row.getString("reason")))
                .list();
    }

    // ---- replication

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
                .query(ExposureBoard::moves)
                .list();
    }

    /** Jobs between stores, however many checks they have; for the map. */
    public List<Moves> moves(int limit) {
        return db.sql("""
                select check_id, from_store, to_store, tenants, max_dwell_seconds, manifest_required
                  from replication
                 order by check_id
                 limit :limit
                """).param("limit", limit).query(ExposureBoard::moves).list();
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

    /** The checks whose jobs have an open exposure. */
    List<Long> exposed(int limit) {
        return db.sql("""
                select distinct check_id
                  from exposure
                 where state <> 'CLOSED'
                   and check_id is not null
                 limit :limit
                """)
                .param("limit", limit)
                .query((row, n) -> row.getLong(1))
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

    /** The worst open state of each tenant that has one. */
    Map<String, String> openOfTenants(Collection<String> tenants) {
        var states = new HashMap<String, String>();
        db.sql("""
                select tenant, max(state) as state
                  from exposure
                 where tenant = any (:tenants)
                   and state <> 'CLOSED'
                 group by tenant
                """)
                .param("tenants", tenants.toArray(String[]::new))
                .query((row, n) -> states.put(row.getString("tenant"), row.getString("state")))
                .list();
        return states;
    }

    Map<String, Long> openOfStores(Collection<String> stores) {
        var open = new HashMap<String, Long>();
        db.sql("""
                select store, count(*) as violations
                  from exposure
                 where store = any (:stores)
                   and state = 'VIOLATION'
                 group by store
                """)
                .param("stores", stores.toArray(String[]::new))
                .query((row, n) -> open.put(row.getString("store"), row.getLong("violations")))
                .list();
        return open;
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

    // ---- probes

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

    private static Exposed exposed(ResultSet row, int n) throws SQLException {
        return new Exposed(
                row.getLong("id"),
                row.getString("tenant"),
                row.getString("policy"),
                row.getObject("check_id", Long.class),
                row.getString("store"),
                row.getString("region"),
                row.getString("state"),
                row.getString("reason"),
                row.getString("evidence"),
                row.getObject("rows", Long.class),
                instant(row, "oldest_at"),
                needed(row, "opened_at"),
                instant(row, "violation_at"),
                instant(row, "aware_at"),
                instant(row, "decide_by"),
                instant(row, "closed_at"),
                row.getString("closed_by_kind"),
                row.getString("closed_by_id"),
                Duration.ofSeconds(row.getLong("max_dwell_seconds")),
                instant(row, "decided_at"));
    }

    private static Instant needed(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        var at = row.getObject(column, OffsetDateTime.class);
        return at == null ? null : at.toInstant();
    }

    private static OffsetDateTime at(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
