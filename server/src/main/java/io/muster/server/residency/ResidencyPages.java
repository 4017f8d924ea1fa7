package io.muster.server.residency;

import static io.muster.server.layout.Figures.count;
import static java.util.Objects.requireNonNull;

import io.muster.server.layout.Axis;
import io.muster.server.layout.Figures;
import io.muster.server.layout.Lane;
import io.muster.server.layout.Nav;
import io.muster.server.layout.Pages;
import io.muster.server.layout.State;
import io.muster.server.layout.Word;
import io.muster.server.residency.ExposureBoard.Exposed;
import io.muster.server.residency.ExposureBoard.Narrow;
import io.muster.server.residency.ProbeBoard.Watch;
import io.muster.server.residency.ResidencyView.Cell;
import io.muster.server.tenancy.Catalogue;
import io.muster.server.tenancy.CatalogueBoard;
import io.muster.server.tenancy.CatalogueBoard.Homes;
import io.muster.server.tenancy.Region;
import io.muster.server.tenancy.Rules;
import io.muster.server.tenancy.Store;
import io.muster.server.tenancy.Tenant;
import io.muster.server.tenancy.TenantSelector;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.servlet.ModelAndView;

/** The page about where data is: is every tenant's data where it may be? */
@Controller
class ResidencyPages {

    private static final int POLICIES = 200;
    private static final int REGIONS = 16;
    private static final int TENANTS_OF_A_ROW = 5;
    private static final int LANES = 12;
    private static final int WORST = 200;
    private static final Duration DAY = Duration.ofHours(24);

    private static final Cell NOT_ALLOWED = new Cell("no", "", "Not allowed, no data", "", "");

    private final Pages pages;
    private final ExposureBoard board;
    private final ProbeBoard probeBoard;
    private final Catalogue catalogue;
    private final CatalogueBoard declared;
    private final ProofBoard proofs;

    ResidencyPages(
            Pages pages,
            ExposureBoard board,
            ProbeBoard probeBoard,
            Catalogue catalogue,
            CatalogueBoard declared,
            ProofBoard proofs) {
        this.pages = pages;
        this.board = board;
        this.probeBoard = probeBoard;
        this.catalogue = catalogue;
        this.declared = declared;
        this.proofs = proofs;
    }

    @GetMapping("/residency")
    @Nullable ModelAndView residency(HttpServletRequest request, HttpServletResponse response) throws IOException {
        var page = pages.page("Data location", Nav.RESIDENCY);
        return pages.live(page, "residency/residency", Map.of("residency", view(page.now())), request, response);
    }

    private ResidencyView view(Instant now) {
        var homes = declared.homes();
        var byPolicy = homes.stream().collect(Collectors.groupingBy(Homes::policy, TreeMap::new, Collectors.toList()));
        var ids = byPolicy.keySet().stream().limit(POLICIES).toList();
        var rules = catalogue.rules(ids);
        var columns = columns(homes);
        var stores = new HashMap<String, List<Store>>();
        columns.forEach(region -> stores.put(region.code(), catalogue.storesIn(region.code())));
        var probes = probeBoard.probes(
                stores.values().stream().flatMap(List::stream).map(Store::id).toList());
        var cells = board.cells();
        var worst = board.worst(new Narrow(null, true, null, null, null), null, WORST);
        var tenants =
                catalogue.tenants(worst.stream().map(Exposed::tenant).distinct().toList());
        var unknown = proofs.unknown(now);
        var rows = new ArrayList<ResidencyView.Row>();
        for (var id : ids) {
            var rule = rules.get(id);
            var policyHomes = byPolicy.get(id);
            if (rule == null || policyHomes == null) continue;
            rows.add(row(rule, policyHomes, columns, stores, cells, worst, tenants, unknown.of(id)));
        }
        rows.sort(Comparator.comparing(row -> row.sum().state()));
        var all = homes.stream().mapToLong(Homes::tenants).sum();
        var open = board.open();
        var since = Instant.ofEpochSecond(now.getEpochSecond() / 600 * 600).minus(DAY);
        // the open ones first, by what they are and whose; then the last that were closed
        var lanes = Stream.concat(
                        worst.stream()
                                .sorted(Comparator.comparing((Exposed each) -> !each.isViolation())
                                        .thenComparing(each -> Tenant.rank(Saying.tier(tenants, each.tenant())))
                                        .thenComparing(Exposed::since)),
                        board.worst(new Narrow("CLOSED", false, null, null, null), null, LANES).stream()
                                .filter(each -> each.closedAt() != null
                                        && each.closedAt().isAfter(since)))
                .limit(LANES)
                .toList();
        var laneTenants =
                catalogue.tenants(lanes.stream().map(Exposed::tenant).distinct().toList());
        var axis = new Axis(since, Instant.ofEpochSecond((now.getEpochSecond() / 600 + 1) * 600));
        return new ResidencyView(
                state(all, open, unknown.tenants()),
                answer(all, open, unknown.tenants()),
                columns.stream()
                        .map(region -> new ResidencyView.Column(
                                region.code(), Saying.city(region), trouble(region, stores, probes, cells, now)))
                        .toList(),
                rows,
                foot(probes, now),
                probes.stream()
                        .map(Watch::begunAt)
                        .filter(Objects::nonNull)
                        .max(Comparator.naturalOrder())
                        .orElse(null),
                axis,
                lanes.stream().map(each -> lane(each, laneTenants, axis)).toList(),
                count(open.violations() + open.atRisk()) + " open, " + count(board.closedSince(since))
                        + " closed in 24 h",
                ids.stream()
                        .filter(rules::containsKey)
                        .limit(8)
                        .map(id -> policy(requireNonNull(rules.get(id)), requireNonNull(byPolicy.get(id))))
                        .toList(),
                due());
    }

    /** Regions with stores, those with most tenants at home first. */
    private List<Region> columns(List<Homes> homes) {
        var living = homes.stream().collect(Collectors.groupingBy(Homes::home, Collectors.summingLong(Homes::tenants)));
        return declared.regionsInUse().stream()
                .map(catalogue::region)
                .flatMap(Optional::stream)
                .sorted(Comparator.comparing((Region region) -> -living.getOrDefault(region.code(), 0L))
                        .thenComparing(Region::code))
                .limit(REGIONS)
                .toList();
    }

    private static State state(long all, ExposureBoard.Open open, long unknown) {
        if (open.violations() > 0) return State.BAD;
        if (open.atRisk() > 0) return State.WARN;
        return all == 0 || unknown > 0 ? State.MUTE : State.OK;
    }

    private static String answer(long all, ExposureBoard.Open open, long unknown) {
        if (all == 0) return "No tenant is declared yet.";
        var risk = (open.tenantsAtRisk() == 0 ? "" : " " + count(open.tenantsAtRisk(), "tenant") + " at risk.")
                + (unknown == 0 ? "" : " Of " + count(unknown, "tenant") + " nothing is proven now.");
        if (open.tenantsInViolation() == 0) {
            return (unknown == 0
                            ? "Yes. All " + count(all, "tenant") + " have their data where it may be."
                            : "For " + count(Math.max(0, all - unknown)) + " of " + count(all, "tenant") + ", yes.")
                    + risk;
        }
        return "For %s of %s, yes. %s %s %s outside the regions their policy allows."
                        .formatted(
                                count(Math.max(0, all - open.tenantsInViolation() - unknown)),
                                count(all, "tenant"),
                                count(open.tenantsInViolation(), "tenant"),
                                open.tenantsInViolation() == 1 ? "has" : "have",
                                open.rows() == 0 ? "data" : count(open.rows(), "row"))
                + risk;
    }

    private static @Nullable Word trouble(
            Region region,
            Map<String, List<Store>> stores,
            List<Watch> probes,
            List<ExposureBoard.Cell> cells,
            Instant now) {
        var ids = stores.getOrDefault(region.code(), List.of()).stream()
                .map(Store::id)
                .toList();
        var here = probes.stream().filter(probe -> ids.contains(probe.store())).toList();
        if (here.stream().anyMatch(probe -> probe.isStale(now))) return Word.unknown("Unknown");
        if (cells.stream().anyMatch(cell -> cell.region().equals(region.code()) && cell.violations() > 0)) {
            return Word.warn("Degraded");
        }
        return null;
    }

    private ResidencyView.Row row(
            Rules rule,
            List<Homes> homes,
            List<Region> columns,
            Map<String, List<Store>> stores,
            List<ExposureBoard.Cell> open,
            List<Exposed> worst,
            Map<String, Tenant> tenants,
            long unknown) {
        var all = homes.stream().mapToLong(Homes::tenants).sum();
        var living = new HashMap<String, Long>();
        homes.forEach(home -> living.put(home.home(), home.tenants()));
        var mine = open.stream()
                .filter(cell -> cell.policy().equals(rule.policy()))
                .toList();
        var violations = mine.stream().mapToLong(ExposureBoard.Cell::violations).sum();
        var atRisk = mine.stream().mapToLong(ExposureBoard.Cell::atRisk).sum();
        var cells = columns.stream()
                .map(region -> cell(
                        rule,
                        region,
                        stores.getOrDefault(region.code(), List.of()),
                        living.getOrDefault(region.code(), 0L),
                        all,
                        mine.stream()
                                .filter(each -> each.region().equals(region.code()))
                                .findFirst()))
                .toList();
        var exposed = worst.stream()
                .filter(each -> each.policy().equals(rule.policy()))
                .sorted(Comparator.comparing((Exposed each) -> !each.isViolation())
                        .thenComparing(each -> Tenant.rank(Saying.tier(tenants, each.tenant())))
                        .thenComparing(Exposed::since))
                .limit(TENANTS_OF_A_ROW)
                .map(each -> sub(each, tenants, columns))
                .toList();
        return new ResidencyView.Row(
                rule.policy(),
                rule.policy(),
                under(rule),
                sum(all, violations, atRisk, unknown),
                under(violations, atRisk, unknown),
                cells,
                exposed,
                Math.max(0, all - exposed.size()));
    }

    /** How many of a policy's tenants are in place. Unknown is not good. */
    private static Word sum(long all, long violations, long atRisk, long unknown) {
        var inPlace = Math.max(0, all - violations - unknown);
        var figure = inPlace == all ? count(all) : count(inPlace) + " / " + count(all);
        if (violations > 0) return Word.bad(figure);
        if (atRisk > 0) return Word.warn(figure);
        return unknown > 0 ? Word.unknown(figure) : Word.ok(figure);
    }

    private static String under(long violations, long atRisk, long unknown) {
        var words = new ArrayList<String>();
        if (violations > 0) words.add(count(violations) + " out of place");
        if (violations == 0 && atRisk > 0) words.add(count(atRisk) + " at risk");
        if (unknown > 0) words.add(count(unknown) + " unknown");
        return words.isEmpty() ? "all in place" : String.join(", ", words);
    }

    private static String under(Rules rule) {
        return rule.allow().isEmpty() ? "default " + rule.defaultVerdict() : "allows " + places(rule.allow());
    }

    /** The worst that is true of a policy's tenants in a region. */
    private static Cell cell(
            Rules rule, Region region, List<Store> stores, long atHome, long all, Optional<ExposureBoard.Cell> open) {
        var violations = open.map(ExposureBoard.Cell::violations).orElse(0L);
        var atRisk = open.map(ExposureBoard.Cell::atRisk).orElse(0L);
        if (violations > 0) {
            var rows = open.map(ExposureBoard.Cell::rows).orElse(0L);
            return new Cell("bad", "alert-octagon", "Violation", count(violations), rows > 0 ? count(rows, "row") : "");
        }
        var dwell = Figures.promise(rule.maxDwell());
        if (atRisk > 0) {
            return new Cell(
                    "risk", "alert-triangle", "At risk, still within the dwell limit", count(atRisk), "of " + dwell);
        }
        if (atHome > 0) return new Cell("home", "home", "Home", count(atHome), "");
        var ruling = rule.ruling(region.code(), region.jurisdiction());
        var covered = stores.stream().anyMatch(store -> mayHold(store.tenants(), rule.policy()));
        return switch (ruling) {
            case Rules.Ruling.Allowed _ ->
                covered
                        ? new Cell("stand", "copy", "Allowed, with a store", count(all), "")
                        : new Cell("allow", "circle-dashed", "Allowed, no store for it", "0", "");
            case Rules.Ruling.OnCondition _ ->
                covered
                        ? new Cell(
                                "trans", "clock", "On condition, else within the dwell limit", count(all), "≤ " + dwell)
                        : NOT_ALLOWED;
            case Rules.Ruling.Denied _ ->
                covered
                        ? new Cell("trans", "clock", "In transit, within the dwell limit", count(all), "≤ " + dwell)
                        : NOT_ALLOWED;
        };
    }

    private static boolean mayHold(TenantSelector selector, String policy) {
        return switch (selector) {
            case TenantSelector.All _ -> true;
            case TenantSelector.OfPolicy(var own) -> own.equals(policy);
            case TenantSelector.These _ -> true;
        };
    }

    private static ResidencyView.Sub sub(Exposed exposed, Map<String, Tenant> tenants, List<Region> columns) {
        var tenant = tenants.get(exposed.tenant());
        var cells = columns.stream()
                .map(region -> {
                    if (region.code().equals(exposed.region())) {
                        return exposed.isViolation()
                                ? new Cell(
                                        "bad",
                                        "alert-octagon",
                                        "Violation",
                                        exposed.rows() == null ? "" : count(exposed.rows()),
                                        exposed.rows() == null ? "not counted" : "rows")
                                : new Cell(
                                        "risk",
                                        "alert-triangle",
                                        "At risk",
                                        "",
                                        "of " + Figures.promise(exposed.maxDwell()));
                    }
                    if (tenant != null && tenant.home().equals(region.code())) {
                        return new Cell("home", "home", "Home", "", "");
                    }
                    return NOT_ALLOWED;
                })
                .toList();
        return new ResidencyView.Sub(
                exposed.id(),
                Saying.tenantName(tenants, exposed),
                Saying.tier(tenants, exposed.tenant()),
                exposed.isViolation() ? Word.bad("Exposed") : Word.warn("At risk"),
                cells);
    }

    private static String foot(List<Watch> probes, Instant now) {
        if (probes.isEmpty()) return "Counts are tenants. No probe is declared: all of this is what jobs claim.";
        var stale = probes.stream().filter(probe -> probe.isStale(now)).toList();
        return stale.isEmpty()
                ? "Counts are tenants. "
                        + (probes.size() == 1
                                ? "The probe answers; it"
                                : "All " + count(probes.size()) + " probes answer; the last")
                        + " looked "
                : "Counts are tenants. No fresh answer of "
                        + stale.stream().map(Watch::id).limit(5).collect(Collectors.joining(", "))
                        + ": what they last said counts no more. The last probe that answered looked ";
    }

    private Lane lane(Exposed exposed, Map<String, Tenant> tenants, Axis axis) {
        var bars = new ArrayList<Lane.Bar>();
        var end = exposed.closedAt() == null ? axis.to() : exposed.closedAt();
        var violation = exposed.violationAt();
        var from = violation == null ? exposed.openedAt() : violation.minus(exposed.maxDwell());
        if (from.isBefore(axis.from())) from = axis.from();
        var broken = violation == null ? end : violation.isBefore(axis.from()) ? axis.from() : violation;
        if (from.isBefore(broken)) {
            bars.add(new Lane.Bar(from, broken, violation == null ? "g-risk" : "g-dwell", null, "dwell time"));
        }
        if (violation != null) {
            bars.add(new Lane.Bar(
                    broken,
                    end,
                    exposed.isClosed() ? "f-closed" : "f-bad",
                    null,
                    Figures.utc(violation) + " · " + Saying.tenantName(tenants, exposed)));
        }
        var word = exposed.isClosed() ? Word.mute("Closed").with("circle-check") : Saying.state(exposed.state());
        return new Lane(
                Saying.tenantName(tenants, exposed),
                exposed.region(),
                "/exposures/" + exposed.id(),
                Saying.tenantName(tenants, exposed) + ": " + word.text(),
                bars,
                List.of(),
                word,
                (exposed.rows() == null ? "" : count(exposed.rows(), "row") + ", ") + Saying.reason(exposed.reason()));
    }

    private ResidencyView.Policy policy(Rules rule, List<Homes> homes) {
        var cities = homes.stream()
                .map(home -> Saying.city(catalogue, home.home()))
                .distinct()
                .limit(3)
                .collect(Collectors.joining(", "));
        return new ResidencyView.Policy(
                rule.policy(),
                count(homes.stream().mapToLong(Homes::tenants).sum(), "tenant"),
                cities,
                rule.allow().isEmpty()
                        ? rule.defaultVerdict().equals("allow") ? "everywhere" : "nowhere"
                        : places(rule.allow()),
                rule.conditional().isEmpty()
                        ? "none"
                        : places(rule.conditional().stream()
                                .flatMap(each -> each.to().stream())
                                .distinct()
                                .toList()),
                Figures.promise(rule.maxDwell()),
                rule.notifyWithin() == null ? "no clock" : Figures.promise(rule.notifyWithin()));
    }

    /** {@code EU, EEA} and, of many, how many more. */
    private static String places(List<String> places) {
        var shown = places.stream()
                .limit(4)
                .map(place -> place.equals("*") ? "everywhere" : place.replace("region:", ""))
                .collect(Collectors.joining(", "));
        return places.size() > 4 ? shown + " and " + (places.size() - 4) + " more" : shown;
    }

    private List<ResidencyView.Due> due() {
        var undecided = board.undecided(6);
        var tenants = catalogue.tenants(
                undecided.stream().map(Exposed::tenant).distinct().toList());
        var due = new LinkedHashMap<Long, ResidencyView.Due>();
        for (var each : undecided) {
            due.put(
                    each.id(),
                    new ResidencyView.Due(
                            each.id(),
                            Saying.tenantName(tenants, each),
                            each.policy(),
                            Objects.requireNonNull(each.decideBy())));
        }
        return List.copyOf(due.values());
    }
}
