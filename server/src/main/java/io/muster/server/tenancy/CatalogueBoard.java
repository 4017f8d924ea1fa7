package io.muster.server.tenancy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Counts of what is declared, for pages. */
@Repository
public class CatalogueBoard {

    /** How many tenants of a policy have their home in a region. */
    public record Homes(String policy, String home, long tenants) {}

    private final JdbcClient db;
    private final Presets presets;
    private final Catalogue catalogue;

    CatalogueBoard(JdbcClient db, Presets presets, Catalogue catalogue) {
        this.db = db;
        this.catalogue = catalogue;
        this.presets = presets;
    }

    /** How many presets are shipped. */
    public long presets() {
        return presets.all().size();
    }

    /** In the order of policies; one scan of the tenants. */
    public List<Homes> homes() {
        return db.sql("""
                select policy, home, count(*) as tenants
                  from tenant
                 group by policy, home
                 order by policy, home
                """)
                .query((row, n) -> new Homes(row.getString("policy"), row.getString("home"), row.getLong("tenants")))
                .list();
    }

    /** Regions with at least one store, by code. */
    public List<String> regionsInUse() {
        return db.sql("select distinct region from store order by region")
                .query((row, n) -> row.getString(1))
                .list();
    }

    /** All that is declared of each kind; what Muster ships is counted where it is used. */
    public Map<String, Long> totals() {
        var totals = new LinkedHashMap<String, Long>();
        db.sql("""
                select (select count(*) from tenant) as tenants,
                       (select count(*) from (select region as code from store union select home from tenant) used) as regions,
                       (select count(*) from policy) as policies,
                       (select count(*) from tier) as tiers,
                       (select count(*) from store) as stores,
                       (select count(*) from transfer) as transfers
                """)
                .query((row, n) -> {
                    for (var kind : List.of("tenants", "regions", "policies", "tiers", "stores", "transfers")) {
                        totals.put(kind, row.getLong(kind));
                    }
                    return n;
                })
                .list();
        return totals;
    }

    /** Ids of policies, in order, that tenants have or that are declared. */
    public List<String> policies(int limit) {
        return new ArrayList<>(db.sql("select id from policy order by id limit :limit")
                .param("limit", limit)
                .query((row, n) -> row.getString(1))
                .list());
    }

    /** In the order of ids, but for {@code without}. */
    List<Tenant> tenants(CatalogueView.Filter filter, List<String> without, @Nullable String after, int limit) {
        var ids = db.sql("""
                select id
                  from tenant
                 where id > :after
                   and (:q = '' or id ilike :pattern or name ilike :pattern)
                   and (:tier = '' or tier = :tier)
                   and (:policy = '' or policy = :policy)
                   and id <> all (cast(:without as text[]))
                 order by id
                 limit :limit
                """)
                .param("after", after == null ? "" : after)
                .param("q", filter.q())
                .param(
                        "pattern",
                        "%"
                                + filter.q()
                                        .replace("\\", "\\\\")
                                        .replace("%", "\\%")
                                        .replace("_", "\\_") + "%")
                .param("tier", filter.tier())
                .param("policy", filter.policy())
                .param("without", without.toArray(String[]::new))
                .param("limit", limit)
                .query((row, n) -> row.getString(1))
                .list();
        return List.copyOf(catalogue.tenants(ids).values());
    }

    /** Regions in which there is a store or a tenant's home. */
    List<String> regionsKnown() {
        return db.sql("select region as code from store union select home from tenant order by 1")
                .query((row, n) -> row.getString(1))
                .list();
    }
}
