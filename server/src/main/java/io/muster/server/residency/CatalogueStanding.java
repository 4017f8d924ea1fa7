package io.muster.server.residency;

import io.muster.server.heartbeat.CheckWords;
import io.muster.server.heartbeat.Checks;
import io.muster.server.heartbeat.Schedule;
import io.muster.server.layout.Figures;
import io.muster.server.layout.Word;
import io.muster.server.residency.ExposureBoard.Narrow;
import io.muster.server.tenancy.Catalogue;
import io.muster.server.tenancy.Standing;
import io.muster.server.tenancy.Tenant;
import io.muster.server.tenancy.TenantSelector;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Tells the catalogue's page whether what is declared holds. */
@Component
class CatalogueStanding implements Standing {

    /** Most stores whose lag is asked for one page. */
    private static final int STORES = 60;

    private static final int WORST = 200;
    private static final int SHOWN = 8;

    /** Most characters of what a probe says, in a cell. */
    private static final int SAYING = 160;

    private final ExposureBoard board;
    private final ReplicationBoard replicationBoard;
    private final ProbeBoard probeBoard;
    private final ProofBoard proofs;
    private final Whereabouts whereabouts;
    private final Catalogue catalogue;
    private final ReplicationRepository replications;
    private final Checks checks;
    private final JobNoun jobs;
    private final InstantSource clock;

    CatalogueStanding(
            ExposureBoard board,
            ReplicationBoard replicationBoard,
            ProbeBoard probeBoard,
            ProofBoard proofs,
            Whereabouts whereabouts,
            Catalogue catalogue,
            ReplicationRepository replications,
            Checks checks,
            JobNoun jobs,
            InstantSource clock) {
        this.board = board;
        this.replicationBoard = replicationBoard;
        this.probeBoard = probeBoard;
        this.proofs = proofs;
        this.whereabouts = whereabouts;
        this.catalogue = catalogue;
        this.replications = replications;
        this.checks = checks;
        this.jobs = jobs;
        this.clock = clock;
    }

    @Override
    public Map<String, Stay> tenants(Collection<Tenant> tenants) {
        var now = clock.instant();
        var open = board.openOfTenants(tenants.stream().map(Tenant::id).toList());
        var unknown = proofs.unknown(tenants, now);
        var from = catalogue.stores(replicationBoard.stores(true)).values().stream()
                .limit(STORES)
                .toList();
        var worst = new HashMap<String, ResidencyController.Item>();
        whereabouts.of(List.copyOf(tenants), from, now).values().stream()
                .filter(item -> item.lagSeconds() != null)
                .forEach(item -> worst.merge(item.tenant(), item, CatalogueStanding::worse));
        var stays = new HashMap<String, Stay>();
        for (var tenant : tenants) {
            stays.put(tenant.id(), stay(open.get(tenant.id()), unknown.get(tenant.id()), worst.get(tenant.id())));
        }
        return stays;
    }

    private static ResidencyController.Item worse(ResidencyController.Item a, ResidencyController.Item b) {
        return share(b) > share(a) ? b : a;
    }

    /** How much of what is allowed has passed. */
    private static double share(ResidencyController.Item item) {
        var lag = item.lagSeconds();
        var allowed = item.maxDwellSeconds();
        return lag == null || allowed == null ? -1 : lag / Math.max(1.0, allowed);
    }

    private static Stay stay(@Nullable String open, @Nullable String unknown, ResidencyController.@Nullable Item item) {
        var lag = item == null || item.lagSeconds() == null ? null : Duration.ofSeconds(item.lagSeconds());
        var allowed =
                item == null || item.maxDwellSeconds() == null ? null : Duration.ofSeconds(item.maxDwellSeconds());
        if (open != null) return new Stay(Saying.state(open), lag, allowed, "");
        if (unknown != null) return new Stay(Word.unknown("Unknown"), null, null, unknown);
        return lag == null
                ? new Stay(Word.ok("In place"), null, null, "no data has to go home")
                : new Stay(Word.ok("In place"), lag, allowed, "");
    }

    @Override
    public List<String> worst(String state, int limit) {
        var stored = switch (state) {
            case "violation" -> "VIOLATION";
            case "at_risk" -> "AT_RISK";
            default -> null;
        };
        return board.worst(new Narrow(stored, true, null, null, null), null, limit).stream()
                .map(ExposureBoard.Exposed::tenant)
                .distinct()
                .toList();
    }

    @Override
    public Counts counts() {
        var open = board.open();
        return new Counts(
                open.tenantsInViolation(),
                open.tenantsAtRisk(),
                proofs.unknown(clock.instant()).tenants());
    }

    @Override
    public Map<String, Look> stores(Collection<String> ids) {
        var looks = new HashMap<String, Look>();
        var open = board.openOfStores(ids);
        for (var probe : probeBoard.probes(ids)) {
            var violations = open.getOrDefault(probe.store(), 0L);
            var word = probe.failure() != null
                    ? Word.bad("No answer")
                    : probe.isStale(clock.instant())
                            ? Word.unknown("Unknown")
                            : violations > 0
                                    ? Word.bad(Figures.count(violations) + " in violation")
                                    : Word.ok("In place");
            looks.putIfAbsent(
                    probe.store(),
                    new Look(
                            word,
                            probe.id() + ", every " + Figures.promise(probe.every()) + saying(probe),
                            probe.begunAt(),
                            probe.id()));
        }
        return looks;
    }

    /** Why it proves nothing, or what to know of what it proves. */
    private static String saying(ProbeBoard.Watch probe) {
        var words = probe.failure() != null ? probe.failure() : probe.remark();
        if (words == null) return "";
        return ": " + (words.length() > SAYING ? words.substring(0, SAYING) + "…" : words);
    }

    @Override
    public Kept policy(String id) {
        var now = clock.instant();
        var inRegions = new HashMap<String, Counts>();
        long violations = 0;
        long risks = 0;
        for (var cell : board.cells()) {
            if (!cell.policy().equals(id)) continue;
            inRegions.put(cell.region(), new Counts(cell.violations(), cell.atRisk(), 0));
            violations += cell.violations();
            risks += cell.atRisk();
        }
        var open = board.worst(WORST).stream()
                .filter(each -> each.policy().equals(id))
                .limit(SHOWN)
                .toList();
        var tenants = catalogue.tenants(
                open.stream().map(ExposureBoard.Exposed::tenant).toList());
        return new Kept(
                new Counts(violations, risks, proofs.unknown(now).of(id)),
                inRegions,
                open.stream()
                        .map(each -> new Standing.Exposed(
                                Saying.state(each.state()),
                                "/exposures/" + each.id(),
                                Saying.tenantName(tenants, each),
                                Saying.tier(tenants, each.tenant()),
                                (each.rows() == null ? "data" : Figures.count(each.rows(), "row")) + " in "
                                        + Saying.city(catalogue, each.region())))
                        .toList(),
                keepers(id, now));
    }

    private List<Keeper> keepers(String policy, Instant now) {
        var rows = replications.all().stream()
                .filter(row -> row.tenants() instanceof TenantSelector.All
                        || row.tenants() instanceof TenantSelector.OfPolicy(var own) && own.equals(policy))
                .limit(SHOWN)
                .toList();
        var found = checks.byIds(rows.stream().map(Replication::check).toList());
        var stores = catalogue.stores(
                rows.stream().flatMap(row -> Stream.of(row.from(), row.to())).collect(Collectors.toSet()));
        var keepers = new ArrayList<Keeper>();
        for (var row : rows) {
            var check = found.get(row.check());
            var from = stores.get(row.from());
            var to = stores.get(row.to());
            if (check == null || from == null || to == null) continue;
            var broken = jobs.warnings(Job.of(check, JobNoun.replicates(row)), now).stream()
                    .anyMatch(warning -> warning.contains(" " + policy + " "));
            var every = check.schedule() instanceof Schedule.Every(var period)
                    ? "every " + Figures.promise(period)
                    : "by its calendar";
            keepers.add(new Keeper(
                    "/checks/" + check.jobId(),
                    check.title(),
                    from.region(),
                    to.region(),
                    (broken ? "no: " : "yes: ") + every,
                    CheckWords.word(check.at(now))));
        }
        return keepers;
    }
}
