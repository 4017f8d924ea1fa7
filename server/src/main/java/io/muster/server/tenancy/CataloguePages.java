package io.muster.server.tenancy;

import static io.muster.server.layout.Figures.count;

import io.muster.server.access.Caller;
import io.muster.server.keys.Cursors;
import io.muster.server.layout.Chip;
import io.muster.server.layout.Figures;
import io.muster.server.layout.Nav;
import io.muster.server.layout.Pages;
import io.muster.server.layout.State;
import io.muster.server.layout.Word;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.util.UriComponentsBuilder;

/** The page of the catalogue: what is declared, and does it hold? */
@Controller
class CataloguePages {

    private final Pages pages;
    private final CatalogueBoard board;
    private final CatalogueTabs tabs;
    private final TierNoun tiers;
    private final PolicyPage policy;
    private final ObjectProvider<Standing> above;
    private final Cursors cursors;

    CataloguePages(
            Pages pages,
            CatalogueBoard board,
            CatalogueTabs tabs,
            TierNoun tiers,
            PolicyPage policy,
            ObjectProvider<Standing> above,
            Cursors cursors) {
        this.pages = pages;
        this.board = board;
        this.tabs = tabs;
        this.tiers = tiers;
        this.policy = policy;
        this.above = above;
        this.cursors = cursors;
    }

    @GetMapping("/catalogue")
    @Nullable ModelAndView catalogue(
            @RequestParam(defaultValue = "tenants") String kind,
            @RequestParam(defaultValue = "") String q,
            @RequestParam(defaultValue = "") String tier,
            @RequestParam(defaultValue = "") String policy,
            @RequestParam(defaultValue = "") String state,
            @RequestParam(defaultValue = "") String cursor,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        var page = pages.page("Catalogue", Nav.CATALOGUE);
        var standing = Optional.ofNullable(above.getIfAvailable());
        var after = cursor.isEmpty() ? null : cursors.decode("catalogue", cursor);
        var filter = new CatalogueView.Filter(
                q.strip(), tier, policy, List.of("violation", "at_risk").contains(state) ? state : "");
        var totals = board.totals();
        var counts = standing.map(Standing::counts).orElse(new Standing.Counts(0, 0, 0));
        var shown = switch (kind) {
            case "regions" -> tabs.regions();
            case "policies" -> tabs.policies(after, page.caller());
            case "tiers" -> tabs.tiers(page.caller());
            case "stores" -> tabs.stores(q, after, standing, page.caller());
            case "transfers" -> tabs.transfers(after, page);
            default -> tabs.tenants(filter, after, standing);
        };
        var view = new CatalogueView(
                state(totals, counts),
                answer(totals, counts),
                tabs(kind, totals),
                kind,
                kind.equals("tenants") ? filter : null,
                chips(filter, totals.getOrDefault("tenants", 0L), counts),
                shown.table(),
                shown.foot(),
                shown.next() == null ? null : next(request, shown.next()),
                choices(page.caller()));
        return pages.live(page, "tenancy/catalogue", Map.of("catalogue", view), request, response);
    }

    // ---- head

    private static List<Chip> chips(CatalogueView.Filter filter, long all, Standing.Counts counts) {
        return List.of(
                new Chip("", null, "All", all, filter.state().isEmpty()),
                new Chip(
                        "violation",
                        Word.bad("Violation"),
                        "",
                        counts.violations(),
                        filter.state().equals("violation")),
                new Chip(
                        "at_risk",
                        Word.warn("At risk"),
                        "",
                        counts.atRisk(),
                        filter.state().equals("at_risk")));
    }

    private static State state(Map<String, Long> totals, Standing.Counts counts) {
        if (totals.getOrDefault("tenants", 0L) == 0) return State.MUTE;
        if (counts.violations() > 0) return State.BAD;
        if (counts.atRisk() > 0) return State.WARN;
        return counts.unknown() > 0 ? State.MUTE : State.OK;
    }

    private static String answer(Map<String, Long> totals, Standing.Counts counts) {
        var tenants = totals.getOrDefault("tenants", 0L);
        if (tenants == 0) return "No tenant is declared yet.";
        var words = count(tenants, "tenant") + " in " + count(totals.getOrDefault("regions", 0L), "region") + " under "
                + count(totals.getOrDefault("policies", 0L), "policy") + ". ";
        var faults = new ArrayList<String>();
        if (counts.violations() > 0) faults.add(count(counts.violations()) + " in violation");
        if (counts.atRisk() > 0) faults.add(count(counts.atRisk()) + " at risk");
        if (counts.unknown() > 0) faults.add(count(counts.unknown()) + " unknown");
        return words + (faults.isEmpty() ? "All of it holds." : String.join(", ", faults) + ".");
    }

    private static List<CatalogueView.Tab> tabs(String kind, Map<String, Long> totals) {
        var tabs = new ArrayList<CatalogueView.Tab>();
        for (var each : List.of("tenants", "regions", "policies", "tiers", "stores", "transfers")) {
            tabs.add(new CatalogueView.Tab(
                    each, Figures.capital(each), "/catalogue?kind=" + each, totals.get(each), each.equals(kind)));
        }
        tabs.add(5, new CatalogueView.Tab("jobs", "Jobs and checks", "/checks", null, false));
        return tabs;
    }

    @GetMapping("/policies/{id}")
    @Nullable ModelAndView policy(@PathVariable String id, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        var page = pages.page(id, Nav.CATALOGUE);
        return pages.live(page, "tenancy/policy", Map.of("policy", policy.view(id, page.caller())), request, response);
    }

    private String next(HttpServletRequest request, String after) {
        return UriComponentsBuilder.fromPath("/catalogue")
                .query(request.getQueryString())
                .replaceQueryParam("cursor", cursors.encode("catalogue", after))
                .build()
                .toUriString();
    }

    private CatalogueView.Choices choices(Caller caller) {
        return new CatalogueView.Choices(
                tiers.page(null, CatalogueTabs.MOST, caller).stream()
                        .map(Noun.Declared::id)
                        .toList(),
                board.policies(CatalogueTabs.MOST));
    }
}
