package io.muster.server.residency;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The tables {@code probe} and {@code probe_count}. */
@Repository
class ProbeRepository {

    /** After that a ping may ask the probes of a store again. */
    static final Duration ASK_AGAIN = Duration.ofSeconds(10);

    private final JdbcClient db;

    ProbeRepository(JdbcClient db) {
        this.db = db;
    }

    /** What is known of a probe beside what was declared. */
    record Looked(
            @Nullable Instant begunAt,
            @Nullable Instant triedAt,
            @Nullable Double tookSeconds,
            @Nullable String failure,
            @Nullable String remark) {}

    /** A probe as it is stored. */
    record Stored(String id, Probe probe, long version, Instant createdAt, Instant updatedAt, Looked looked) {}

    Map<String, Stored> find(Collection<String> ids) {
        var found = new HashMap<String, Stored>();
        db.sql("""
                select id, store, sql, prefix, older_than_seconds, every_seconds, timeout_seconds, version, created_at,
                       updated_at, begun_at, tried_at, took_seconds, failure, remark
                  from probe
                 where id = any (:ids)
                 order by id
                """)
                .param("ids", ids.toArray(String[]::new))
                .query(ProbeRepository::stored)
                .list()
                .forEach(probe -> found.put(probe.id(), probe));
        return found;
    }

    Map<String, Stored> lock(Collection<String> ids) {
        var found = new HashMap<String, Stored>();
        db.sql("""
                select id, store, sql, prefix, older_than_seconds, every_seconds, timeout_seconds, version, created_at,
                       updated_at, begun_at, tried_at, took_seconds, failure, remark
                  from probe
                 where id = any (:ids)
                 order by id
                   for update
                """)
                .param("ids", ids.toArray(String[]::new))
                .query(ProbeRepository::stored)
                .list()
                .forEach(probe -> found.put(probe.id(), probe));
        return found;
    }

    List<Stored> page(@Nullable String after, int limit) {
        return db.sql("""
                select id, store, sql, prefix, older_than_seconds, every_seconds, timeout_seconds, version, created_at,
                       updated_at, begun_at, tried_at, took_seconds, failure, remark
                  from probe
                 where id > :after
                 order by id
                 limit :limit
                """)
                .param("after", after == null ? "" : after)
                .param("limit", limit)
                .query(ProbeRepository::stored)
                .list();
    }

    List<Stored> of(String store) {
        return db.sql("""
                select id, store, sql, prefix, older_than_seconds, every_seconds, timeout_seconds, version, created_at,
                       updated_at, begun_at, tried_at, took_seconds, failure, remark
                  from probe
                 where store = :store
                 order by id
                """).param("store", store).query(ProbeRepository::stored).list();
    }

    List<String> ids() {
        return db.sql("select id from probe order by id")
                .query((row, n) -> row.getString(1))
                .list();
    }

    void insert(String id, Probe probe, Instant now) {
        db.sql("""
                insert into probe (id, store, sql, prefix, older_than_seconds, every_seconds, timeout_seconds, created_at,
                                   updated_at)
                values (:id, :store, :sql, :prefix, :olderThan, :every, :timeout, cast(:now as timestamptz),
                        cast(:now as timestamptz))
                """)
                .param("id", id)
                .param("store", probe.store())
                .param("sql", probe.sql())
                .param("prefix", probe.prefix())
                .param("olderThan", seconds(probe.olderThan()), Types.BIGINT)
                .param("every", probe.every().toSeconds())
                .param("timeout", probe.timeout().toSeconds())
                .param("now", now.toString())
                .update();
    }

    /** Another store or query: what the old one saw says nothing any more. */
    void update(String id, Probe probe, boolean looksElsewhere, Instant now) {
        db.sql("""
                update probe
                   set store = :store, sql = :sql, prefix = :prefix, older_than_seconds = :olderThan,
                       every_seconds = :every, timeout_seconds = :timeout,
                       version = version + 1, updated_at = cast(:now as timestamptz),
                       begun_at = case when :elsewhere then null else begun_at end
                 where id = :id
                """)
                .param("id", id)
                .param("store", probe.store())
                .param("sql", probe.sql())
                .param("prefix", probe.prefix())
                .param("olderThan", seconds(probe.olderThan()), Types.BIGINT)
                .param("every", probe.every().toSeconds())
                .param("timeout", probe.timeout().toSeconds())
                .param("elsewhere", looksElsewhere)
                .param("now", now.toString())
                .update();
        if (looksElsewhere) {
            db.sql("delete from probe_count where probe = :id").param("id", id).update();
        }
    }

    void delete(Collection<String> ids) {
        db.sql("delete from probe where id = any (:ids)")
                .param("ids", ids.toArray(String[]::new))
                .update();
    }

    /** Asks the probes of these stores that last saw rows to look again; at most once in {@link #ASK_AGAIN} a store. */
    List<String> ask(Collection<String> stores, Instant now) {
        return db.sql("""
                update probe
                   set asked_at = cast(:now as timestamptz)
                 where store = any (:stores)
                   and (asked_at is null or asked_at <= cast(:before as timestamptz))
                   and exists (select 1 from probe_count where probe_count.probe = probe.id)
                returning id
                """)
                .param("now", now.toString())
                .param("before", now.minus(ASK_AGAIN).toString())
                .param("stores", stores.toArray(String[]::new))
                .query((row, n) -> row.getString(1))
                .list();
    }

    void failed(String id, Instant triedAt, double seconds, String failure) {
        db.sql("""
                update probe
                   set tried_at = cast(:at as timestamptz), took_seconds = :seconds, failure = :failure
                 where id = :id
                """)
                .param("id", id)
                .param("at", triedAt.toString())
                .param("seconds", seconds)
                .param("failure", failure)
                .update();
    }

    /**
     * What a probe saw of one tenant.
     *
     * @param rows rows, or objects of a bucket; null: there are some of which any may be this tenant's
     * @param bytes of the objects; null: not counted
     */
    record Count(
            String tenant, @Nullable Long rows, @Nullable Long bytes, Instant oldest) {

        /** Both together, of the same tenant. */
        Count and(Count other) {
            return new Count(
                    tenant,
                    sum(rows, other.rows),
                    sum(bytes, other.bytes),
                    other.oldest.isBefore(oldest) ? other.oldest : oldest);
        }

        private static @Nullable Long sum(@Nullable Long a, @Nullable Long b) {
            return a == null || b == null ? null : (Long) (a + b);
        }
    }

    /** Replaces what the probe saw before; answers the tenants of whom it had seen rows. */
    List<String> saw(String id, String store, Instant begun, double seconds, Sight sight) {
        var counts = sight.counts();
        var before = db.sql("delete from probe_count where probe = :id returning tenant")
                .param("id", id)
                .query((row, n) -> row.getString(1))
                .list();
        db.sql("""
                insert into probe_count (tenant, probe, store, rows, oldest)
                select tenant, :id, :store, rows, oldest
                  from unnest(:tenants, cast(:rows as bigint[]), cast(:oldest as timestamptz[]))
                    as news (tenant, rows, oldest)
                """)
                .param("id", id)
                .param("store", store)
                .param("tenants", Row.column(counts, Count::tenant))
                .param("rows", Row.column(counts, Count::rows))
                .param("oldest", Row.column(counts, Count::oldest))
                .update();
        db.sql("""
                update probe
                   set begun_at = cast(:at as timestamptz), tried_at = cast(:at as timestamptz),
                       took_seconds = :seconds, failure = null, remark = :remark
                 where id = :id
                """)
                .param("id", id)
                .param("remark", sight.remarks().isEmpty() ? null : String.join("; ", sight.remarks()))
                .param("at", begun.toString())
                .param("seconds", seconds)
                .update();
        return before;
    }

    /** What the last good looks of a store's probes saw; of several, the least that they prove together. */
    record SeenInStore(Seen ofOthers, Map<String, Seen> rows) {
        Seen of(String tenant) {
            return rows.getOrDefault(tenant, ofOthers);
        }
    }

    SeenInStore seen(String store, Collection<String> tenants) {
        var rows = new HashMap<String, Seen>();
        db.sql("""
                select distinct on (tenant) tenant, probe, oldest, begun_at,
                       case when count(rows) over (partition by tenant) = count(*) over (partition by tenant)
                            then cast(sum(rows) over (partition by tenant) as bigint) end as rows
                  from probe_count
                  join probe on probe.id = probe_count.probe
                 where probe_count.store = :store
                   and tenant = any (:tenants)
                   and begun_at is not null
                 order by tenant, oldest
                """)
                .param("store", store)
                .param("tenants", tenants.toArray(String[]::new))
                .query((row, n) -> rows.put(
                        row.getString("tenant"),
                        new Seen.Rows(
                                Objects.requireNonNull(Row.instant(row, "oldest")),
                                Row.number(row, "rows"),
                                Objects.requireNonNull(Row.instant(row, "begun_at")),
                                row.getString("probe"))))
                .list();
        return new SeenInStore(empty(store), rows);
    }

    /**
     * What is known of a tenant of whom no probe of the store saw rows. A probe that counts only what is older than a
     * while says nothing of what came within it.
     */
    Seen empty(String store) {
        return db.sql("""
                select id, begun_at - make_interval(secs => coalesce(older_than_seconds, 0)) as begun_at
                  from probe
                 where store = :store
                   and begun_at is not null
                 order by begun_at - make_interval(secs => coalesce(older_than_seconds, 0))
                 limit 1
                """)
                .param("store", store)
                .query((row, n) -> (Seen)
                        new Seen.Empty(Objects.requireNonNull(Row.instant(row, "begun_at")), row.getString("id")))
                .optional()
                .orElseGet(Seen.Nothing::new);
    }

    /** Tenants of whom the store's probes last saw rows, behind {@code after}, in order. */
    List<String> tenantsWithRows(String store, String after, int limit) {
        return db.sql("""
                select distinct tenant
                  from probe_count
                 where store = :store
                   and tenant > :after
                 order by tenant
                 limit :limit
                """)
                .param("store", store)
                .param("after", after)
                .param("limit", limit)
                .query((row, n) -> row.getString(1))
                .list();
    }

    /** Stores in which a probe last saw rows of a tenant. */
    List<String> storesWith(String tenant) {
        return db.sql("select distinct store from probe_count where tenant = :tenant order by store")
                .param("tenant", tenant)
                .query((row, n) -> row.getString(1))
                .list();
    }

    private static Stored stored(ResultSet row, int n) throws SQLException {
        var took = row.getDouble("took_seconds");
        return new Stored(
                row.getString("id"),
                new Probe(
                        row.getString("store"),
                        row.getString("sql"),
                        row.getString("prefix"),
                        duration(Row.number(row, "older_than_seconds")),
                        Duration.ofSeconds(row.getLong("every_seconds")),
                        Duration.ofSeconds(row.getLong("timeout_seconds"))),
                row.getLong("version"),
                Objects.requireNonNull(Row.instant(row, "created_at")),
                Objects.requireNonNull(Row.instant(row, "updated_at")),
                new Looked(
                        Row.instant(row, "begun_at"),
                        Row.instant(row, "tried_at"),
                        Row.instant(row, "tried_at") == null ? null : (Double) took,
                        row.getString("failure"),
                        row.getString("remark")));
    }

    private static @Nullable Duration duration(@Nullable Long seconds) {
        return seconds == null ? null : Duration.ofSeconds(seconds);
    }

    private static @Nullable Long seconds(@Nullable Duration duration) {
        return duration == null ? null : (Long) duration.toSeconds();
    }
}
