package io.muster.server.residency;

import io.muster.server.access.Access;
import io.muster.server.residency.Residence.Watched;
import io.muster.server.residency.ResidencyController.Item;
import io.muster.server.tenancy.Catalogue;
import io.muster.server.tenancy.Place;
import io.muster.server.tenancy.Rules;
import io.muster.server.tenancy.Store;
import io.muster.server.tenancy.Tenant;
import io.muster.server.tenancy.TenantSelector;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Where each tenant's data is, store by store, and what that means: computed when asked, from what is proven. */
@Component
class Whereabouts {

    private final Catalogue catalogue;
    private final Residence residence;
    private final ExposureRepository exposures;
    private final Access access;
    private final InstantSource clock;

    Whereabouts(
            Catalogue catalogue,
            Residence residence,
            ExposureRepository exposures,
            Access access,
            InstantSource clock) {
        this.catalogue = catalogue;
        this.residence = residence;
        this.exposures = exposures;
        this.access = access;
        this.clock = clock;
    }

    /** @param next the last tenant and store of this page; null: there is no more */
    record Part(List<Item> items, @Nullable String next) {}

    /** In the order of tenants, then of stores; {@code after} is {@code <tenant>/<store>}. */
    @Transactional
    public Part page(@Nullable String tenant, @Nullable String region, @Nullable String after, int limit) {
        var now = clock.instant();
        var stores = region == null ? catalogue.allStores() : catalogue.storesIn(region);
        var items = new ArrayList<Item>();
        var afterTenant = after == null ? null : after.substring(0, after.indexOf('/'));
        var afterStore = after == null ? null : after.substring(after.indexOf('/') + 1);
        var again = afterTenant == null ? Map.<String, Tenant>of() : catalogue.tenants(List.of(afterTenant));
        var first = new ArrayList<>(again.values());
        var behind = afterTenant;
        while (true) {
            var batch = first.isEmpty() ? next(tenant, behind) : List.copyOf(first);
            var resumed = !first.isEmpty();
            first.clear();
            if (batch.isEmpty()) return new Part(items, null);
            var found = of(batch, stores, now);
            for (var one : batch) {
                for (var store : stores) {
                    if (resumed && afterStore != null && store.id().compareTo(afterStore) <= 0) continue;
                    var item = found.get(one.id() + "/" + store.id());
                    if (item == null) continue;
                    if (items.size() == limit) {
                        var last = items.getLast();
                        return new Part(items, last.tenant() + "/" + last.store());
                    }
                    items.add(item);
                }
            }
            behind = batch.getLast().id();
            if (tenant != null) return new Part(items, null);
        }
    }

    /** The next tenants that the caller may see; few, for each has as many items as there are stores. */
    private List<Tenant> next(@Nullable String tenant, @Nullable String behind) {
        var confined = access.caller().tenant();
        var only = confined == null ? tenant : confined;
        if (only != null) {
            if (tenant != null && !tenant.equals(only)) return List.of();
            return behind == null ? List.copyOf(catalogue.tenants(List.of(only)).values()) : List.of();
        }
        return catalogue.tenantsOf(new TenantSelector.All(), null, behind, 200);
    }

    /** By {@code <tenant>/<store>}: where data of the tenant may be found, or was. */
    Map<String, Item> of(List<Tenant> tenants, List<Store> stores, Instant now) {
        var ids = tenants.stream().map(Tenant::id).toList();
        var rules =
                catalogue.rules(tenants.stream().map(Tenant::policy).distinct().toList());
        var missing = missingCopies(tenants, stores, rules);
        var items = new HashMap<String, Item>();
        for (var store : stores) {
            var jobs = residence.watchedReadOnly(store.id());
            var open = exposures.open(store.id(), ids);
            var places = catalogue.places(tenants, store.region(), now);
            var situations = residence.situations(store, jobs, ids, now);
            for (var tenant : tenants) {
                var exposure = open.get(tenant.id());
                if (exposure == null && !store.tenants().covers(tenant) && !moves(jobs, tenant)) continue;
                var situation = situations.get(tenant.id());
                var place = places.get(tenant.id());
                if (situation == null || place == null) continue;
                items.put(
                        tenant.id() + "/" + store.id(),
                        item(tenant, store, situation, place, exposure, missing.contains(tenant.id()), now));
            }
        }
        return items;
    }

    private static boolean moves(List<Watched> jobs, Tenant tenant) {
        return jobs.stream().anyMatch(job -> job.replication().tenants().covers(tenant));
    }

    private static Item item(
            Tenant tenant,
            Store store,
            Situation situation,
            Place place,
            @Nullable Exposure exposure,
            boolean noLocalCopy,
            Instant now) {
        var judged = situation.judge(now);
        Long lag = judged.map(verdict -> Math.max(
                        0, Duration.between(verdict.watermark().at(), now).toSeconds()))
                .orElse(null);
        Long allowed = judged.map(verdict -> verdict.maxDwell().toSeconds()).orElse(null);
        var evidence = exposure != null
                ? Words.word(exposure.evidence())
                : judged.map(verdict -> Words.word(verdict.watermark().evidence()))
                        .orElse(null);
        return new Item(
                tenant.id(),
                store.id(),
                store.region(),
                store.role().word(),
                verdict(tenant, store, situation, place, exposure, noLocalCopy, judged.isPresent()),
                lag,
                allowed,
                evidence,
                now);
    }

    private static String verdict(
            Tenant tenant,
            Store store,
            Situation situation,
            Place place,
            @Nullable Exposure exposure,
            boolean noLocalCopy,
            boolean isJudged) {
        if (exposure != null) return Words.word(exposure.state());
        if (place instanceof Place.Lawful) {
            var home = store.region().equals(tenant.home()) && store.role() == Store.Role.PRIMARY;
            if (home && noLocalCopy) return "no_local_copy";
            return home ? "home" : "allowed";
        }
        if (isJudged || situation.seen() instanceof Seen.Empty) return "transit";
        return "unknown";
    }

    /** Tenants whose policy wants a primary or a copy at a place where no store may hold their data. */
    private static Set<String> missingCopies(List<Tenant> tenants, List<Store> stores, Map<String, Rules> rules) {
        var missing = new HashSet<String>();
        for (var tenant : tenants) {
            var rule = rules.get(tenant.policy());
            if (rule == null) continue;
            if (wants(rule.requiresPrimaryIn(), tenant, stores, true)
                    || wants(rule.requiresCopyIn(), tenant, stores, false)) {
                missing.add(tenant.id());
            }
        }
        return missing;
    }

    private static boolean wants(List<String> places, Tenant tenant, List<Store> stores, boolean primary) {
        return !places.isEmpty()
                && stores.stream()
                        .filter(store -> store.tenants().covers(tenant))
                        .filter(store -> !primary || store.role() == Store.Role.PRIMARY)
                        .noneMatch(store -> places.contains("region:" + store.region()));
    }
}
