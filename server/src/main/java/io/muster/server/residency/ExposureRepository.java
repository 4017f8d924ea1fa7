package io.muster.server.residency;

import io.muster.server.residency.Exposure.ClosedBy;
import io.muster.server.residency.Exposure.State;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The tables {@code exposure}, {@code exposure_history} and {@code exposure_decision}. */
@Repository
class ExposureRepository {

    private final JdbcClient db;

    ExposureRepository(JdbcClient db) {
        this.db = db;
    }

    /** What is open of these tenants in one store, by tenant; in tenant order, so that two never wait for each other. */
    Map<String, Exposure> lockOpen(String store, Collection<String> tenants) {
        var open = new HashMap<String, Exposure>();
        db.sql("""
                select id, tenant, policy, check_id, store, region, state, reason, evidence, rows, oldest_at, opened_at,
                       violation_at, aware_at, decide_by, closed_at, closed_by_kind, closed_by_id, max_dwell_seconds
                  from exposure
                 where store = :store
                   and tenant = any (:tenants)
                   and state <> 'CLOSED'
                 order by tenant
                   for update
                """)
                .param("store", store)
                .param("tenants", tenants.toArray(String[]::new))
                .query(ExposureRepository::exposure)
                .list()
                .forEach(exposure -> open.put(exposure.tenant(), exposure));
        return open;
    }

    /** What is open of these tenants in one store, by tenant. */
    Map<String, Exposure> open(String store, Collection<String> tenants) {
        var open = new HashMap<String, Exposure>();
        db.sql("""
                select id, tenant, policy, check_id, store, region, state, reason, evidence, rows, oldest_at, opened_at,
                       violation_at, aware_at, decide_by, closed_at, closed_by_kind, closed_by_id, max_dwell_seconds
                  from exposure
                 where store = :store
                   and tenant = any (:tenants)
                   and state <> 'CLOSED'
                """)
                .param("store", store)
                .param("tenants", tenants.toArray(String[]::new))
                .query(ExposureRepository::exposure)
                .list()
                .forEach(exposure -> open.put(exposure.tenant(), exposure));
        return open;
    }

    Optional<Exposure> lock(long id) {
        return db.sql("""
                select id, tenant, policy, check_id, store, region, state, reason, evidence, rows, oldest_at, opened_at,
                       violation_at, aware_at, decide_by, closed_at, closed_by_kind, closed_by_id, max_dwell_seconds
                  from exposure
                 where id = :id
                   for update
                """).param("id", id).query(ExposureRepository::exposure).optional();
    }

    Optional<Exposure> find(long id) {
        return db.sql("""
                select id, tenant, policy, check_id, store, region, state, reason, evidence, rows, oldest_at, opened_at,
                       violation_at, aware_at, decide_by, closed_at, closed_by_kind, closed_by_id, max_dwell_seconds
                  from exposure
                 where id = :id
                """).param("id", id).query(ExposureRepository::exposure).optional();
    }

    /** What is asked for; null is no condition. */
    record Filter(
            @Nullable String state,
            @Nullable String tenant,
            @Nullable String region,
            @Nullable Long check,
            boolean open) {}

    /** Newest first, below {@code before}. */
    List<Exposure> page(Filter filter, long before, int limit) {
        return db.sql("""
                select id, tenant, policy, check_id, store, region, state, reason, evidence, rows, oldest_at, opened_at,
                       violation_at, aware_at, decide_by, closed_at, closed_by_kind, closed_by_id, max_dwell_seconds
                  from exposure
                 where id < :before
                   and (cast(:state as text) is null or state = :state)
                   and (cast(:tenant as text) is null or tenant = :tenant)
                   and (cast(:region as text) is null or region = :region)
                   and (cast(:check as bigint) is null or check_id = :check)
                   and (not :open or state <> 'CLOSED')
                 order by id desc
                 limit :limit
                """)
                .param("before", before)
                .param("state", filter.state())
                .param("tenant", filter.tenant())
                .param("region", filter.region())
                .param("check", filter.check())
                .param("open", filter.open())
                .param("limit", limit)
                .query(ExposureRepository::exposure)
                .list();
    }

    /** Tenants with an open exposure in a store, behind {@code after}, in order. */
    List<String> openTenants(String store, @Nullable String after, int limit) {
        return db.sql("""
                select tenant
                  from exposure
                 where store = :store
                   and state <> 'CLOSED'
                   and tenant > :after
                 order by tenant
                 limit :limit
                """)
                .param("store", store)
                .param("after", after == null ? "" : after)
                .param("limit", limit)
                .query((row, n) -> row.getString(1))
                .list();
    }

    boolean anyOpen(String store) {
        return db.sql("select exists (select 1 from exposure where store = :store and state <> 'CLOSED')")
                .param("store", store)
                .query(Boolean.class)
                .single();
    }

    /** Stores in which a tenant has an open exposure. */
    List<String> openStores(String tenant) {
        return db.sql("select store from exposure where tenant = :tenant and state <> 'CLOSED' order by store")
                .param("tenant", tenant)
                .query((row, n) -> row.getString(1))
                .list();
    }

    /** Stores of {@code reason} exposures that are open in a region, with their tenants; for what a probe there may close. */
    List<Exposure> openWrongRegion(String region, String store, int limit) {
        return db.sql("""
                select id, tenant, policy, check_id, store, region, state, reason, evidence, rows, oldest_at, opened_at,
                       violation_at, aware_at, decide_by, closed_at, closed_by_kind, closed_by_id, max_dwell_seconds
                  from exposure
                 where state <> 'CLOSED'
                   and reason = 'WRONG_REGION'
                   and region = :region
                   and not exists (select 1
                                     from probe_count
                                    where probe_count.store = :store
                                      and probe_count.tenant = exposure.tenant)
                 order by tenant
                 limit :limit
                   for update
                """)
                .param("region", region)
                .param("store", store)
                .param("limit", limit)
                .query(ExposureRepository::exposure)
                .list();
    }

    /** Stores new ones, and answers them with their ids, by tenant. */
    Map<String, Exposure> insert(List<Exposure> fresh, Instant now) {
        var stored = new HashMap<String, Exposure>();
        if (fresh.isEmpty()) return stored;
        var rows = values(db.sql("""
                insert into exposure (tenant, policy, check_id, store, region, state, reason, evidence, rows, oldest_at,
                                      opened_at, violation_at, aware_at, decide_by, max_dwell_seconds, recorded_at)
                select tenant, policy, check_id, store, region, state, reason, evidence, rows, oldest_at,
                       opened_at, violation_at, aware_at, decide_by, max_dwell_seconds, cast(:now as timestamptz)
                  from unnest(cast(:ids as bigint[]), :tenants, :policies, cast(:checks as bigint[]), :stores, :regions, :states, :reasons,
                              :evidence, cast(:rows as bigint[]), cast(:oldest as timestamptz[]),
                              cast(:opened as timestamptz[]), cast(:violated as timestamptz[]),
                              cast(:aware as timestamptz[]), cast(:decide as timestamptz[]),
                              cast(:dwell as bigint[]))
                    as news (id, tenant, policy, check_id, store, region, state, reason, evidence, rows, oldest_at,
                             opened_at, violation_at, aware_at, decide_by, max_dwell_seconds)
                    on conflict do nothing
                returning id, tenant
                """), fresh)
                .param("now", now.toString())
                .query((row, n) -> Map.entry(row.getString("tenant"), row.getLong("id")))
                .list();
        var ids = new HashMap<String, Long>();
        rows.forEach(row -> ids.put(row.getKey(), row.getValue()));
        for (var exposure : fresh) {
            var id = ids.get(exposure.tenant());
            if (id != null) {
                stored.put(exposure.tenant(), exposure.withId(id));
            }
        }
        return stored;
    }

    /** What may change of an open one, and its closing. */
    void update(List<Exposure> changed) {
        if (changed.isEmpty()) return;
        values(db.sql("""
                update exposure
                   set policy = news.policy, check_id = news.check_id, state = news.state, reason = news.reason,
                       evidence = news.evidence, rows = news.rows, oldest_at = news.oldest_at,
                       violation_at = news.violation_at, aware_at = news.aware_at, decide_by = news.decide_by,
                       closed_at = news.closed_at, closed_by_kind = news.closed_by_kind,
                       closed_by_id = news.closed_by_id
                  from unnest(cast(:ids as bigint[]), :tenants, :policies, cast(:checks as bigint[]), :stores, :regions, :states, :reasons,
                              :evidence, cast(:rows as bigint[]), cast(:oldest as timestamptz[]),
                              cast(:opened as timestamptz[]), cast(:violated as timestamptz[]),
                              cast(:aware as timestamptz[]), cast(:decide as timestamptz[]),
                              cast(:dwell as bigint[]), cast(:closed as timestamptz[]), :closedKinds, :closedIds)
                    as news (id, tenant, policy, check_id, store, region, state, reason, evidence, rows, oldest_at,
                             opened_at, violation_at, aware_at, decide_by, max_dwell_seconds, closed_at,
                             closed_by_kind, closed_by_id)
                 where exposure.tenant = news.tenant
                   and exposure.id = news.id
                """), changed)
                .param("closed", Row.column(changed, Exposure::closedAt))
                .param(
                        "closedKinds",
                        Row.column(
                                changed,
                                e -> e.closedBy() == null ? null : e.closedBy().kind()))
                .param(
                        "closedIds",
                        Row.column(
                                changed,
                                e -> e.closedBy() == null ? null : e.closedBy().id()))
                .update();
    }

    private static JdbcClient.StatementSpec values(JdbcClient.StatementSpec sql, List<Exposure> exposures) {
        return sql.param("ids", Row.column(exposures, Exposure::id))
                .param("tenants", Row.column(exposures, Exposure::tenant))
                .param("policies", Row.column(exposures, Exposure::policy))
                .param("checks", Row.column(exposures, Exposure::check))
                .param("stores", Row.column(exposures, Exposure::store))
                .param("regions", Row.column(exposures, Exposure::region))
                .param("states", Row.column(exposures, Exposure::state))
                .param("reasons", Row.column(exposures, Exposure::reason))
                .param("evidence", Row.column(exposures, Exposure::evidence))
                .param("rows", Row.column(exposures, Exposure::rows))
                .param("oldest", Row.column(exposures, Exposure::oldestAt))
                .param("opened", Row.column(exposures, Exposure::openedAt))
                .param("violated", Row.column(exposures, Exposure::violationAt))
                .param("aware", Row.column(exposures, Exposure::awareAt))
                .param("decide", Row.column(exposures, Exposure::decideBy))
                .param("dwell", Row.column(exposures, e -> e.maxDwell().toSeconds()));
    }

    /** One line of an exposure's history. */
    record Entry(Exposure exposure, Instant at, String why) {}

    /** What was said at one instant, as it is read back. */
    record Said(
            Instant at,
            Instant recordedAt,
            State state,
            Evidence evidence,
            Reason reason,
            @Nullable Long rows,
            String why) {}

    void remember(List<Entry> entries, Instant now) {
        if (entries.isEmpty()) return;
        db.sql("""
                insert into exposure_history (exposure, tenant, at, recorded_at, state, evidence, reason, rows, why)
                select exposure, tenant, at, cast(:now as timestamptz), state, evidence, reason, rows, why
                  from unnest(cast(:ids as bigint[]), :tenants, cast(:at as timestamptz[]), :states, :evidence, :reasons,
                              cast(:rows as bigint[]), :why)
                    as news (exposure, tenant, at, state, evidence, reason, rows, why)
                """)
                .param("now", now.toString())
                .param("ids", Row.column(entries, e -> e.exposure().id()))
                .param("tenants", Row.column(entries, e -> e.exposure().tenant()))
                .param("at", Row.column(entries, Entry::at))
                .param("states", Row.column(entries, e -> e.exposure().state()))
                .param("evidence", Row.column(entries, e -> e.exposure().evidence()))
                .param("reasons", Row.column(entries, e -> e.exposure().reason()))
                .param("rows", Row.column(entries, e -> e.exposure().rows()))
                .param("why", Row.column(entries, Entry::why))
                .update();
    }

    /** Oldest first; at most the newest 1,000. */
    Map<Long, List<Said>> history(Collection<Long> exposures) {
        var all = new HashMap<Long, List<Said>>();
        db.sql("""
                select exposure, at, recorded_at, state, evidence, reason, rows, why
                  from (select exposure, entry, at, recorded_at, state, evidence, reason, rows, why,
                               row_number() over (partition by exposure order by entry desc) as newest
                          from exposure_history
                         where exposure = any (:ids)) as entries
                 where newest <= 1000
                 order by exposure, entry
                """)
                .param("ids", Row.ids(exposures))
                .query((row, n) -> {
                    all.computeIfAbsent(row.getLong("exposure"), _ -> new java.util.ArrayList<>())
                            .add(new Said(
                                    row.getObject("at", java.time.OffsetDateTime.class)
                                            .toInstant(),
                                    row.getObject("recorded_at", java.time.OffsetDateTime.class)
                                            .toInstant(),
                                    State.valueOf(row.getString("state")),
                                    Evidence.valueOf(row.getString("evidence")),
                                    Reason.valueOf(row.getString("reason")),
                                    Row.number(row, "rows"),
                                    row.getString("why")));
                    return n;
                })
                .list();
        return all;
    }

    /** Who decided by {@code decide_by} whether authorities are told. */
    record Decision(
            Instant at,
            String by,
            boolean notifies,
            @Nullable String authority,
            String document,
            String reason) {}

    void decide(Exposure exposure, Decision decision) {
        db.sql("""
                insert into exposure_decision (exposure, tenant, at, by_name, notify, authority, document, reason)
                values (:id, :tenant, cast(:at as timestamptz), :by, :notify, :authority, :document, :reason)
                """)
                .param("id", exposure.id())
                .param("tenant", exposure.tenant())
                .param("at", decision.at().toString())
                .param("by", decision.by())
                .param("notify", decision.notifies())
                .param("authority", decision.authority())
                .param("document", decision.document())
                .param("reason", decision.reason())
                .update();
        db.sql("update exposure set decided_at = cast(:at as timestamptz) where tenant = :tenant and id = :id")
                .param("at", decision.at().toString())
                .param("tenant", exposure.tenant())
                .param("id", exposure.id())
                .update();
    }

    /** The last one counts. */
    Optional<Decision> decision(long exposure) {
        return db.sql("""
                select at, by_name, notify, authority, document, reason
                  from exposure_decision
                 where exposure = :id
                 order by entry desc
                 limit 1
                """)
                .param("id", exposure)
                .query((row, n) -> new Decision(
                        row.getObject("at", java.time.OffsetDateTime.class).toInstant(),
                        row.getString("by_name"),
                        row.getBoolean("notify"),
                        row.getString("authority"),
                        row.getString("document"),
                        row.getString("reason")))
                .optional();
    }

    /** How many are open for a job. */
    record Counts(long atRisk, long violation) {}

    Map<Long, Counts> openOf(Collection<Long> checks) {
        var counts = new HashMap<Long, Counts>();
        db.sql("""
                select check_id,
                       count(*) filter (where state = 'AT_RISK') as at_risk,
                       count(*) filter (where state = 'VIOLATION') as violation
                  from exposure
                 where check_id = any (:ids)
                   and state <> 'CLOSED'
                 group by check_id
                """)
                .param("ids", Row.ids(checks))
                .query((row, n) -> counts.put(
                        row.getLong("check_id"), new Counts(row.getLong("at_risk"), row.getLong("violation"))))
                .list();
        return counts;
    }

    /** How many of a job opened within {@code [from, to)}. */
    long openedWithin(long check, Instant from, Instant to) {
        return db.sql("""
                select count(*)
                  from exposure
                 where check_id = :check
                   and opened_at >= cast(:from as timestamptz)
                   and opened_at < cast(:to as timestamptz)
                """)
                .param("check", check)
                .param("from", from.toString())
                .param("to", to.toString())
                .query(Long.class)
                .single();
    }

    private static Exposure exposure(ResultSet row, int n) throws SQLException {
        var closedBy = row.getString("closed_by_kind");
        return new Exposure(
                row.getLong("id"),
                row.getString("tenant"),
                row.getString("policy"),
                Row.number(row, "check_id"),
                row.getString("store"),
                row.getString("region"),
                State.valueOf(row.getString("state")),
                Reason.valueOf(row.getString("reason")),
                Evidence.valueOf(row.getString("evidence")),
                Row.number(row, "rows"),
                Row.instant(row, "oldest_at"),
                java.util.Objects.requireNonNull(Row.instant(row, "opened_at")),
                Row.instant(row, "violation_at"),
                Row.instant(row, "aware_at"),
                Row.instant(row, "decide_by"),
                Row.instant(row, "closed_at"),
                closedBy == null
                        ? null
                        : new ClosedBy(ClosedBy.Kind.valueOf(closedBy), String.valueOf(row.getString("closed_by_id"))),
                Duration.ofSeconds(row.getLong("max_dwell_seconds")));
    }
}
