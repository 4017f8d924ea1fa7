package io.muster.server.residency;

import io.muster.server.heartbeat.Check;
import io.muster.server.heartbeat.Checks;
import io.muster.server.residency.ProbeBoard.Watch;
import io.muster.server.tenancy.Catalogue;
import io.muster.server.tenancy.CatalogueBoard;
import io.muster.server.tenancy.CatalogueBoard.Homes;
import io.muster.server.tenancy.Rules;
import io.muster.server.tenancy.Rules.Ruling;
import io.muster.server.tenancy.Store;
import io.muster.server.tenancy.Tenant;
import io.muster.server.tenancy.TenantSelector;
import io.muster.server.tenancy.Transfers;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/**
 * Of whose data there is no fresh proof: it is not in place, it is unknown. That is so where data of a tenant may be found
 * in a store at a place that is not lawful for it, and neither a probe that answers nor, where none looks, a job that has
 * reported a success says that it left.
 */
@Component
public class ProofBoard {

    private final Catalogue catalogue;
    private final CatalogueBoard declared;
    private final Transfers transfers;
    private final ExposureBoard board;
    private final ProbeBoard probeBoard;
    private final ReplicationRepository replications;
    private final Checks checks;

    ProofBoard(
            Catalogue catalogue,
            CatalogueBoard declared,
            Transfers transfers,
            ExposureBoard board,
            ProbeBoard probeBoard,
            ReplicationRepository replications,
            Checks checks) {
        this.catalogue = catalogue;
        this.declared = declared;
        this.transfers = transfers;
        this.board = board;
        this.probeBoard = probeBoard;
        this.replications = replications;
        this.checks = checks;
    }

    /** Tenants without fresh proof and without an open exposure, by their policy. */
    public record Unknown(Map<String, Long> byPolicy) {

        public long tenants() {
            return byPolicy.values().stream().mapToLong(Long::longValue).sum();
        }

        public long of(String policy) {
            return byPolicy.getOrDefault(policy, 0L);
        }
    }

    /** What is not proven of one policy's tenants in one store: of those of {@code who}, but not of {@code except}. */
    private record Gap(TenantSelector who, Set<String> except, String why) {

        private boolean concerns(Tenant tenant) {
            return who.covers(tenant) && !except.contains(tenant.id());
        }
    }

    public Unknown unknown(Instant now) {
        var homes = declared.homes();
        var gaps = gaps(homes.stream().map(Homes::policy).distinct().toList(), now);
        if (gaps.isEmpty()) return new Unknown(Map.of());
        var open = board.openTenants();
        var counts = new TreeMap<String, Long>();
        gaps.forEach((policy, all) -> {
            var whole =
                    all.stream().anyMatch(gap -> !(gap.who instanceof TenantSelector.These) && gap.except.isEmpty());
            var count = whole
                    ? homes.stream()
                                    .filter(home -> home.policy().equals(policy))
                                    .mapToLong(Homes::tenants)
                                    .sum()
                            - open.stream()
                                    .filter(each -> each.policy().equals(policy))
                                    .count()
                    : some(policy, all, open);
            if (count > 0) counts.put(policy, count);
        });
        return new Unknown(counts);
    }

    /** One by one: where jobs or stores name their tenants. */
    private long some(String policy, List<Gap> gaps, Collection<ExposureBoard.OpenTenant> open) {
        var exposed = open.stream().map(ExposureBoard.OpenTenant::tenant).collect(Collectors.toSet());
        var found = new HashSet<String>();
        for (var gap : gaps) {
            var after = "";
            while (true) {
                var batch = catalogue.tenantsOf(gap.who, policy, after, Residence.BATCH);
                batch.stream()
                        .map(Tenant::id)
                        .filter(id -> !gap.except.contains(id) && !exposed.contains(id))
                        .forEach(found::add);
                if (batch.size() < Residence.BATCH) break;
                after = batch.getLast().id();
            }
        }
        return found.size();
    }

    /** Why nothing is proven of these, by their ids; those of whom all is proven are left out. */
    Map<String, String> unknown(Collection<Tenant> tenants, Instant now) {
        var gaps = gaps(tenants.stream().map(Tenant::policy).distinct().toList(), now);
        var why = new HashMap<String, String>();
        for (var tenant : tenants) {
            gaps.getOrDefault(tenant.policy(), List.of()).stream()
                    .filter(gap -> gap.concerns(tenant))
                    .findFirst()
                    .ifPresent(gap -> why.put(tenant.id(), gap.why));
        }
        return why;
    }

    private Map<String, List<Gap>> gaps(List<String> policies, Instant now) {
        var rules = catalogue.rules(policies);
        var stores = catalogue.allStores();
        var probes = probeBoard.probes(stores.stream().map(Store::id).toList()).stream()
                .collect(Collectors.groupingBy(Watch::store));
        var jobs = replications.all().stream().collect(Collectors.groupingBy(Replication::from));
        var heard =
                checks
                        .byIds(jobs.values().stream()
                                .flatMap(List::stream)
                                .map(Replication::check)
                                .toList())
                        .values()
                        .stream()
                        .filter(check -> check.lastSuccess() != null)
                        .map(Check::id)
                        .collect(Collectors.toSet());
        var gaps = new HashMap<String, List<Gap>>();
        for (var policy : policies) {
            var rule = rules.get(policy);
            if (rule == null) continue;
            var covering =
                    stores.stream().filter(store -> mayHold(store, policy)).toList();
            var found = new ArrayList<Gap>();
            if (covering.isEmpty()) {
                found.add(new Gap(TenantSelector.ALL, Set.of(), "no store is declared for its data"));
            }
            for (var store : covering) {
                gap(
                                rule,
                                store,
                                probes.getOrDefault(store.id(), List.of()),
                                jobs.getOrDefault(store.id(), List.of()),
                                heard,
                                now)
                        .ifPresent(found::add);
            }
            if (!found.isEmpty()) gaps.put(policy, found);
        }
        return gaps;
    }

    private static boolean mayHold(Store store, String policy) {
        return !(store.tenants() instanceof TenantSelector.OfPolicy(var own)) || own.equals(policy);
    }

    private Optional<Gap> gap(
            Rules rule, Store store, List<Watch> probes, List<Replication> jobs, Set<Long> heard, Instant now) {
        var region = catalogue.region(store.region()).orElse(null);
        if (region == null) return Optional.empty();
        var except = new HashSet<String>();
        switch (rule.ruling(region.code(), region.jurisdiction())) {
            case Ruling.Allowed _ -> {
                return Optional.empty();
            }
            case Ruling.OnCondition(var mechanisms) ->
                except.addAll(transfers.tenantsWith(region.jurisdiction(), mechanisms, now));
            case Ruling.Denied _ -> {}
        }
        if (probes.stream().anyMatch(probe -> !probe.isStale(now))) return Optional.empty();
        if (!probes.isEmpty()) {
            return Optional.of(new Gap(
                    store.tenants(),
                    except,
                    "probe " + probes.getFirst().id() + " of " + store.id() + " does not answer"));
        }
        var proving = jobs.stream().filter(job -> heard.contains(job.check())).toList();
        for (var job : proving) {
            switch (job.tenants()) {
                case TenantSelector.All _ -> {
                    return Optional.empty();
                }
                case TenantSelector.OfPolicy(var policy) -> {
                    if (policy.equals(rule.policy())) return Optional.empty();
                }
                case TenantSelector.These(var ids) -> except.addAll(ids);
            }
        }
        return Optional.of(new Gap(
                store.tenants(),
                except,
                jobs.isEmpty()
                        ? "neither a probe nor a job looks after " + store.id()
                        : "no job out of " + store.id() + " has reported a success yet"));
    }
}
