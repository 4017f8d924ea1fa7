package io.muster.server.residency;

import io.muster.server.heartbeat.CheckFacts;
import io.muster.server.heartbeat.CheckView;
import io.muster.server.heartbeat.ChecksView.Route;
import io.muster.server.heartbeat.RunTotals;
import io.muster.server.layout.Figures;
import io.muster.server.residency.ExposureBoard.Exposed;
import io.muster.server.residency.ExposureBoard.Narrow;
import io.muster.server.residency.ReplicationBoard.Moves;
import io.muster.server.tenancy.Catalogue;
import io.muster.server.tenancy.CatalogueBoard;
import io.muster.server.tenancy.Store;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Tells the pages of checks where jobs bring whose data. */
@Component
class ReplicationFacts implements CheckFacts {

    private static final int MOST = 10_000;

    private final ExposureBoard board;
    private final ReplicationBoard replications;
    private final ProbeBoard probeBoard;
    private final ExposureRepository exposures;
    private final Catalogue catalogue;
    private final CatalogueBoard declared;

    ReplicationFacts(
            ExposureBoard board,
            ReplicationBoard replications,
            ProbeBoard probeBoard,
            ExposureRepository exposures,
            Catalogue catalogue,
            CatalogueBoard declared) {
        this.board = board;
        this.replications = replications;
        this.probeBoard = probeBoard;
        this.exposures = exposures;
        this.catalogue = catalogue;
        this.declared = declared;
    }

    @Override
    public Map<Long, Route> routes(Collection<Long> checks) {
        var moves = replications.moves(checks);
        if (moves.isEmpty()) return Map.of();
        var stores = catalogue.stores(moves.stream()
                .flatMap(each -> List.of(each.from(), each.to()).stream())
                .collect(Collectors.toCollection(TreeSet::new)));
        var open = exposures.openOf(moves.stream().map(Moves::check).toList());
        var covered = covered(moves);
        var routes = new HashMap<Long, Route>();
        for (var each : moves) {
            var counts = open.getOrDefault(each.check(), new ExposureRepository.Counts(0, 0));
            routes.put(
                    each.check(),
                    new Route(
                            each.from(),
                            each.to(),
                            region(stores, each.from()),
                            region(stores, each.to()),
                            Saying.whose(each.tenants()),
                            covered.get(each.tenants()),
                            counts.atRisk(),
                            counts.violation()));
        }
        return routes;
    }

    /** How many tenants each selector covers, by its JSON. */
    private Map<String, Long> covered(List<Moves> moves) {
        var covered = new HashMap<String, Long>();
        var homes = declared.homes();
        for (var each : moves) {
            covered.computeIfAbsent(each.tenants(), json -> {
                if (json.startsWith("[")) return (long) json.split(",").length;
                var policy = json.replace("\"", "").replaceFirst("^policy:", "");
                return homes.stream()
                        .filter(home -> policy.equals("all") || home.policy().equals(policy))
                        .mapToLong(CatalogueBoard.Homes::tenants)
                        .sum();
            });
        }
        return covered;
    }

    private static String region(Map<String, Store> stores, String id) {
        var store = stores.get(id);
        return store == null ? id : store.region();
    }

    @Override
    public Regions regions() {
        return new Regions(regionsOf(replications.stores(true)), regionsOf(replications.stores(false)));
    }

    private List<String> regionsOf(List<String> stores) {
        return catalogue.stores(stores).values().stream()
                .map(Store::region)
                .distinct()
                .sorted()
                .toList();
    }

    @Override
    public List<Long> between(@Nullable String from, @Nullable String to) {
        return replications.between(storesIn(from, true), storesIn(to, false), MOST);
    }

    private Collection<String> storesIn(@Nullable String region, boolean from) {
        return region == null
                ? replications.stores(from)
                : new LinkedHashSet<>(
                        catalogue.storesIn(region).stream().map(Store::id).toList());
    }

    @Override
    public List<Long> exposed() {
        return board.exposed(MOST);
    }

    @Override
    public List<CheckView.Exposed> exposures(long check, int limit) {
        var open = board.worst(new Narrow(null, true, null, null, check), null, limit);
        var tenants = catalogue.tenants(open.stream().map(Exposed::tenant).toList());
        return open.stream()
                .map(each -> new CheckView.Exposed(
                        Long.toString(each.id()),
                        each.tenant(),
                        Saying.tenantName(tenants, each),
                        Saying.tier(tenants, each.tenant()),
                        Saying.state(each.state()),
                        each.rows(),
                        each.oldestAt(),
                        each.since(),
                        each.decidedAt() == null ? each.decideBy() : null))
                .toList();
    }

    @Override
    public Exposures exposures() {
        var open = board.open();
        return new Exposures(open.tenantsInViolation(), open.tenantsAtRisk());
    }

    @Override
    public Map<Long, RunTotals.Totals> totals(long check, Collection<Long> pings) {
        return pings.isEmpty() ? Map.of() : replications.manifestTotals(check, pings);
    }

    @Override
    public List<CheckView.Setting> settings(long check) {
        var settings = new ArrayList<CheckView.Setting>();
        replications.moves(List.of(check)).forEach(moves -> {
            settings.add(new CheckView.Setting("Replicates", moves.from() + " to " + moves.to()));
            settings.add(new CheckView.Setting("Whose", Saying.whose(moves.tenants())));
            var dwell = moves.maxDwell();
            settings.add(new CheckView.Setting(
                    "Dwell limit",
                    dwell == null ? "the policy’s" : Figures.promise(dwell) + ", shorter than the policy’s"));
            settings.add(new CheckView.Setting("Manifest", moves.manifestRequired() ? "required" : "optional"));
            var probes = probeBoard.probes(List.of(moves.from()));
            settings.add(new CheckView.Setting(
                    "Probe",
                    probes.isEmpty()
                            ? "none: evidence is what pings claim"
                            : probes.getFirst().id() + ", every "
                                    + Figures.promise(probes.getFirst().every())));
        });
        return settings;
    }
}
