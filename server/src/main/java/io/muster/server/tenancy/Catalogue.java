package io.muster.server.tenancy;

import io.muster.server.access.Caller;
import io.muster.server.access.KnownTenants;
import io.muster.server.tenancy.PlaceHistory.Assignment;
import io.muster.server.tenancy.PlaceHistory.Since;
import io.muster.server.tenancy.PlaceHistory.Transfer;
import io.muster.server.tenancy.PlaceHistory.Until;
import io.muster.server.tenancy.TenantSelector.All;
import io.muster.server.tenancy.TenantSelector.OfPolicy;
import io.muster.server.tenancy.TenantSelector.These;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the operator declared, for those who decide by it. Every question is about as many things as the caller names; none
 * walks over all tenants.
 */
@Component
public class Catalogue implements KnownTenants {

    private static final int MOST_STORES = 10_000;

    private final JdbcClient db;
    private final JsonMapper json;
    private final RegionNoun regions;
    private final StoreNoun stores;
    private final TenantNoun tenants;
    private final PolicyNoun policies;
    private final Presets presets;

    Catalogue(
            JdbcClient db,
            JsonMapper json,
            RegionNoun regions,
            StoreNoun stores,
            TenantNoun tenants,
            PolicyNoun policies,
            Presets presets) {
        this.db = db;
        this.json = json;
        this.regions = regions;
        this.stores = stores;
        this.tenants = tenants;
        this.policies = policies;
        this.presets = presets;
    }

    public Optional<Region> region(String code) {
        return Optional.ofNullable(regions.all().get(code));
    }

    /** All, by code: hundreds. */
    public Map<String, Region> regions() {
        return regions.all();
    }

    public Optional<Store> store(String id) {
        return Optional.ofNullable(stores(List.of(id)).get(id));
    }

    public Map<String, Store> stores(Collection<String> ids) {
        var found = new LinkedHashMap<String, Store>();
        stores.find(ids, Caller.MUSTER).forEach((id, store) -> found.put(id, StoreNoun.store(store)));
        return found;
    }

    /** In the order of ids. */
    public List<Store> storesIn(String region) {
        return stores.inRegion(region).stream().map(StoreNoun::store).toList();
    }

    /** All, in the order of ids: at most some thousands. */
    public List<Store> allStores() {
        return stores.page(null, MOST_STORES, Caller.MUSTER).stream()
                .map(StoreNoun::store)
                .toList();
    }

    @Override
    public Set<String> known(Collection<String> ids) {
        return tenants(ids).keySet();
    }

    public Map<String, Tenant> tenants(Collection<String> ids) {
        var found = new LinkedHashMap<String, Tenant>();
        tenants.find(ids, Caller.MUSTER).forEach((id, tenant) -> found.put(id, TenantNoun.tenant(tenant)));
        return found;
    }

    /** In the order of ids, from behind {@code afterId}; only those with {@code policy}, if it is given. */
    public List<Tenant> tenantsOf(
            TenantSelector selector, @Nullable String policy, @Nullable String afterId, int limit) {
        var ofPolicy = switch (selector) {
            case All _ -> policy;
            case OfPolicy(var own) -> own;
            case These _ -> policy;
        };
        if (policy != null && !policy.equals(ofPolicy)) return List.of();
        var ids = selector instanceof These(var these) ? these.toArray(String[]::new) : null;
        var which = ofPolicy == null
                ? ids == null ? "" : "and id = any (cast(:ids as text[]))"
                : ids == null ? "and policy = :policy" : "and policy = :policy and id = any (cast(:ids as text[]))";
        var statement = db.sql("""
                select id, name, tier, policy, home, contacts, labels, version, created_at, updated_at
                  from tenant
                 where id > coalesce(cast(:after as text), '')
                """ + which + " order by id limit :limit")
                .param("after", afterId)
                .param("limit", limit);
        if (ofPolicy != null) statement = statement.param("policy", ofPolicy);
        if (ids != null) statement = statement.param("ids", ids);
        return statement.query(tenants::row).list().stream()
                .map(TenantNoun::tenant)
                .toList();
    }

    /** The policies that tenants covered by {@code selector} have, in order; as many index probes as there are policies. */
    public List<String> policiesOf(TenantSelector selector) {
        return switch (selector) {
            case All _ -> db.sql("""
                        select id
                          from policy
                         where exists (select from tenant where tenant.policy = policy.id)
                         order by id
                        """).query((row, n) -> row.getString(1)).list();
            case OfPolicy(var policy) ->
                db.sql("""
                        select id
                          from policy
                         where id = :policy
                           and exists (select from tenant where tenant.policy = policy.id)
                        """)
                        .param("policy", policy)
                        .query((row, n) -> row.getString(1))
                        .list();
            case These(var ids) ->
                db.sql("""
                        select distinct policy
                          from tenant
                         where id = any (cast(:ids as text[]))
                         order by policy
                        """)
                        .param("ids", ids.toArray(String[]::new))
                        .query((row, n) -> row.getString(1))
                        .list();
        };
    }

    /** Resolved through all that they extend. */
    public Map<String, Rules> rules(Collection<String> policyIds) {
        return policies.rules(policyIds);
    }

    /**
     * Whether each tenant's data may be in the region now; if not, since when: the latest instant at which it turned from
     * lawful to unlawful, as policies, the tenant's policy and home, jurisdictions and transfers changed or ran out.
     *
     * @param tenants as they are now; at most some thousands
     */
    public Map<String, Place> places(Collection<Tenant> tenants, String regionCode, Instant now) {
        var ids = tenants.stream().map(Tenant::id).toArray(String[]::new);
        var before = assignmentsBefore(ids);
        var transfers = transfers(ids);
        var assigned = new HashMap<String, List<Until<Assignment>>>();
        var policyIds = new TreeSet<String>();
        var codes = new TreeSet<String>();
        codes.add(regionCode);
        for (var tenant : tenants) {
            var all = new ArrayList<>(before.getOrDefault(tenant.id(), List.of()));
            all.add(new Until<>(Instant.MAX, new Assignment(tenant.policy(), tenant.home())));
            assigned.put(tenant.id(), all);
            all.forEach(one -> {
                policyIds.add(one.value().policy());
                codes.add(one.value().home());
            });
        }
        var versions = versions(policyIds);
        var jurisdictions = jurisdictions(codes);
        var places = new LinkedHashMap<String, Place>();
        for (var tenant : tenants) {
            places.put(
                    tenant.id(),
                    new PlaceHistory(
                                    regionCode,
                                    tenant.createdAt(),
                                    assigned.getOrDefault(tenant.id(), List.of()),
                                    versions,
                                    jurisdictions,
                                    transfers.getOrDefault(tenant.id(), List.of()),
                                    presets.jurisdictions())
                            .at(now));
        }
        return places;
    }

    private Map<String, List<Until<Assignment>>> assignmentsBefore(String[] tenants) {
        return grouped(db.sql("""
                        select tenant, until, policy, home
                          from tenant_before
                         where tenant = any (cast(:ids as text[]))
                         order by tenant, seq
                        """)
                .param("ids", tenants)
                .query((row, n) -> Map.entry(
                        row.getString("tenant"),
                        new Until<>(
                                Columns.instant(row, "until"),
                                new Assignment(row.getString("policy"), row.getString("home")))))
                .list());
    }

    private Map<String, List<Since<Rules>>> versions(Collection<String> policies) {
        return grouped(db.sql("""
                        select policy, at, rules
                          from policy_version
                         where policy = any (cast(:ids as text[]))
                         order by policy, seq
                        """)
                .param("ids", policies.toArray(String[]::new))
                .query((row, n) -> Map.entry(
                        row.getString("policy"),
                        new Since<>(Columns.instant(row, "at"), json.readValue(row.getString("rules"), Rules.class))))
                .list());
    }

    private Map<String, List<Until<String>>> jurisdictions(Collection<String> codes) {
        return grouped(db.sql("""
                        select region, until, jurisdiction, seq
                          from region_before
                         where region = any (cast(:codes as text[]))
                         union all
                        select code, 'infinity', jurisdiction, 9223372036854775807
                          from region
                         where code = any (cast(:codes as text[]))
                         order by region, seq
                        """)
                .param("codes", codes.toArray(String[]::new))
                .query((row, n) -> Map.entry(
                        row.getString("region"),
                        new Until<>(
                                row.getLong("seq") == Long.MAX_VALUE ? Instant.MAX : Columns.instant(row, "until"),
                                row.getString("jurisdiction"))))
                .list());
    }

    private Map<String, List<Transfer>> transfers(String[] tenants) {
        return grouped(db.sql("""
                        select tenant, from_place, to_place, mechanism, valid_from, valid_until
                          from transfer_validity
                         where tenant = any (cast(:ids as text[]))
                         order by tenant, seq
                        """)
                .param("ids", tenants)
                .query((row, n) -> Map.entry(
                        row.getString("tenant"),
                        new Transfer(
                                row.getString("from_place"),
                                row.getString("to_place"),
                                row.getString("mechanism"),
                                Columns.instant(row, "valid_from"),
                                Columns.instant(row, "valid_until"))))
                .list());
    }

    private static <V> Map<String, List<V>> grouped(List<Map.Entry<String, V>> rows) {
        var grouped = new HashMap<String, List<V>>();
        rows.forEach(row ->
                grouped.computeIfAbsent(row.getKey(), _ -> new ArrayList<>()).add(row.getValue()));
        return grouped;
    }
}
