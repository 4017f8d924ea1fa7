package io.muster.server.residency;

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

/** Reads exposures as pages show them: worst first. */
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
