package io.muster.server.tenancy;

import static io.muster.server.layout.Figures.count;

import io.muster.server.access.Caller;
import io.muster.server.keys.Cursors;
import io.muster.server.layout.Figures;
import io.muster.server.layout.Nav;
import io.muster.server.layout.Page;
import io.muster.server.layout.Pages;
import io.muster.server.layout.State;
import io.muster.server.layout.Table;
import io.muster.server.layout.Table.Cell;
import io.muster.server.layout.Table.Column;
import io.muster.server.layout.Word;
import io.muster.server.problem.Problem;
import io.muster.server.problem.Refused;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.util.UriComponentsBuilder;

/** The page of the catalogue: what is declared, and does it hold? */
@Controller
class CataloguePages {

    private static final int ROWS = 25;
    private static final int MOST = 200;

    private final Pages pages;
    private final Catalogue catalogue;
    private final CatalogueBoard board;
    private final PolicyNoun policies;
    private final TierNoun tiers;
    private final TransferNoun transfers;
    private final StoreNoun stores;
    private final TenantNoun tenants;
    private final Declarations declarations;
    private final ObjectProvider<Standing> above;
    private final Cursors cursors;

    CataloguePages(
            Pages pages,
            Catalogue catalogue,
            CatalogueBoard board,
            PolicyNoun policies,
            TierNoun tiers,
            TransferNoun transfers,
            StoreNoun stores,
            TenantNoun tenants,
            Declarations declarations,
            ObjectProvider<Standing> above,
            Cursors cursors) {
        this.pages = pages;
        this.catalogue = catalogue;
        this.board = board;
        this.policies = policies;
        this.tiers = tiers;
        this.transfers = transfers;
        this.stores = stores;
        this.tenants = tenants;
        this.declarations = declarations;
        this.above = above;
        this.cursors = cursors;
    }

    @GetMapping("/catalogue")
    @Nullable ModelAndView catalogue(
            @RequestParam(defaultValue = "tenants") String kind,
            @RequestParam(defaultValue = "") String q,
            @RequestParam(defaultValue = "") String tier,
            @RequestParam(defaultValue = "") String policy,
            @RequestParam(defaultValue = "") String cursor,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        var page = pages.page("Catalogue", Nav.CATALOGUE);
        var standing = Optional.ofNullable(above.getIfAvailable());
        var after = cursor.isEmpty() ? null : cursors.decode("catalogue", cursor);
        var filter = new CatalogueView.Filter(q.strip(), tier, policy);
        var totals = board.totals();
        var shown = switch (kind) {
            case "regions" -> regions();
            case "policies" -> policies(after, page.caller());
            case "tiers" -> tiers(page.caller());
            case "stores" -> stores(q, after, standing, page.caller());
            case "transfers" -> transfers(after, page);
            default -> tenants(filter, after, standing);
        };
        var view = new CatalogueView(
                state(totals, standing),
                answer(totals, standing),
                tabs(kind, totals),
                kind,
                kind.equals("tenants") ? filter : null,
                shown.table,
                shown.foot,
                shown.next == null ? null : next(request, shown.next),
                choices(page.caller()));
        return pages.live(page, "tenancy/catalogue", Map.of("catalogue", view), request, response);
    }

    @GetMapping("/policies/{id}")
    @Nullable ModelAndView policy(@PathVariable String id, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        var page = pages.page(id, Nav.CATALOGUE);
        var rules = Optional.ofNullable(catalogue.rules(List.of(id)).get(id))
                .orElseThrow(() -> Problem.notFound("There is no policy " + id + "."));
        var declared =
                Optional.ofNullable(policies.find(List.of(id), page.caller()).get(id));
        var homes =
                board.homes().stream().filter(home -> home.policy().equals(id)).toList();
        var all = homes.stream().mapToLong(CatalogueBoard.Homes::tenants).sum();
        var rows = new ArrayList<List<Cell>>();
        rows.add(List.of(Cell.text("Allowed"), Cell.text(places(rules.allow())), Cell.text("no condition")));
        rules.conditional()
                .forEach(each -> rows.add(List.of(
                        Cell.text("On condition"),
                        Cell.text(places(each.to())),
                        Cell.text(
                                each.mechanisms().isEmpty()
                                        ? "a transfer record"
                                        : "a transfer record: " + String.join(", ", each.mechanisms())))));
        if (!rules.deny().isEmpty()) {
            rows.add(List.of(Cell.text("Denied"), Cell.text(places(rules.deny())), Cell.text("")));
        }
        rows.add(List.of(
                Cell.text("Everywhere else"), Cell.text(rules.defaultVerdict()), Cell.text("the policy’s default")));
        var view = new PolicyView(
                id,
                declared.map(each -> each.value().name()).orElse(id),
                count(all, "tenant") + " under it. Data may wait " + Figures.promise(rules.maxDwell())
                        + " where it may not stay.",
                List.of(
                        new PolicyView.Fact(
                                "Tenants",
                                count(all),
                                homes.stream()
                                        .map(CatalogueBoard.Homes::home)
                                        .limit(4)
                                        .collect(Collectors.joining(", "))),
                        new PolicyView.Fact(
                                "Dwell limit",
                                Figures.promise(rules.maxDwell()),
                                "in a store whose region is not allowed"),
                        new PolicyView.Fact(
                                "Decision within",
                                rules.notifyWithin() == null ? "no clock" : Figures.promise(rules.notifyWithin()),
                                "from awareness of a violation"),
                        new PolicyView.Fact(
                                "Extends",
                                declared.flatMap(each ->
                                                Optional.ofNullable(each.value().base()))
                                        .orElse("nothing"),
                                declared.map(each -> "version " + each.version())
                                        .orElse("a shipped preset"))),
                table("Rules", List.of("Rule", "Places", "Condition"), rows));
        return pages.live(page, "tenancy/policy", Map.of("policy", view), request, response);
    }

    /** The same as PUT /api/v1/tenants/{id}. */
    @PostMapping("/catalogue/tenants")
    String declareTenant(
            @RequestParam(defaultValue = "") String id,
            @RequestParam(defaultValue = "") String name,
            @RequestParam(defaultValue = "") String tier,
            @RequestParam(defaultValue = "") String policy,
            @RequestParam(defaultValue = "") String home,
            @RequestParam(defaultValue = "") String contacts,
            @RequestParam(defaultValue = "") String labels) {
        var body = new TenantNoun.TenantBody(
                name,
                tier,
                policy,
                home,
                Arrays.stream(contacts.split("[,\\s]+"))
                        .filter(each -> !each.isBlank())
                        .toList(),
                labels(labels));
        declarations.put(tenants, id, new Precondition(null, null), _ -> body);
        return "redirect:/catalogue?kind=tenants&q=" + id;
    }

    private static Map<String, String> labels(String text) {
        var labels = new LinkedHashMap<String, String>();
        for (var each : text.split("[,\\n]")) {
            if (each.isBlank()) continue;
            var parts = each.strip().split("=", 2);
            if (parts.length < 2) throw new Refused("labels", "must be name=value; got " + each.strip());
            labels.put(parts[0].strip(), parts[1].strip());
        }
        return labels;
    }

    // ---- head

    private static State state(Map<String, Long> totals, Optional<Standing> standing) {
        if (totals.getOrDefault("tenants", 0L) == 0) return State.MUTE;
        var counts = standing.map(Standing::counts).orElse(new Standing.Counts(0, 0));
        return counts.violations() > 0 ? State.BAD : counts.atRisk() > 0 ? State.WARN : State.OK;
    }

    private static String answer(Map<String, Long> totals, Optional<Standing> standing) {
        var tenants = totals.getOrDefault("tenants", 0L);
        if (tenants == 0) return "No tenant is declared yet.";
        var counts = standing.map(Standing::counts).orElse(new Standing.Counts(0, 0));
        var words = count(tenants, "tenant") + " in " + count(totals.getOrDefault("regions", 0L), "region") + " under "
                + count(totals.getOrDefault("policies", 0L), "policy") + ". ";
        if (counts.violations() + counts.atRisk() == 0) return words + "All of it holds, as far as is proven.";
        return words + count(counts.violations()) + " in violation, " + count(counts.atRisk()) + " at risk.";
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

    private String next(HttpServletRequest request, String after) {
        return UriComponentsBuilder.fromPath("/catalogue")
                .query(request.getQueryString())
                .replaceQueryParam("cursor", cursors.encode("catalogue", after))
                .build()
                .toUriString();
    }

    private CatalogueView.Choices choices(Caller caller) {
        return new CatalogueView.Choices(
                tiers.page(null, MOST, caller).stream().map(Noun.Declared::id).toList(),
                board.policies(MOST),
                board.regionsInUse().stream()
                        .map(code -> new CatalogueView.Home(
                                code, catalogue.region(code).map(Region::city).orElse("")))
                        .toList());
    }

    // ---- tabs

    private record Shown(Table table, String foot, @Nullable String next) {}

    private Shown tenants(CatalogueView.Filter filter, @Nullable String after, Optional<Standing> standing) {
        var first = after == null && !filter.narrows();
        var worst = first ? standing.map(each -> each.worst(ROWS)).orElse(List.of()) : List.<String>of();
        var found = board.tenants(filter, worst, after, ROWS + 1);
        var rest = found.subList(0, Math.min(ROWS, found.size()));
        var all = new ArrayList<Tenant>(catalogue.tenants(worst).values());
        all.sort((a, b) -> Integer.compare(worst.indexOf(a.id()), worst.indexOf(b.id())));
        all.addAll(rest);
        var ids = all.stream().map(Tenant::id).toList();
        var words = standing.map(each -> each.tenants(ids)).orElse(Map.of());
        var rows = all.stream()
                .map(tenant -> List.of(
                        Cell.pill(words.getOrDefault(tenant.id(), Word.ok("No exposure"))),
                        Cell.link("/exposures?tenant=" + tenant.id(), tenant.name(), tenant.id()),
                        Cell.tier(tenant.tier()),
                        Cell.link("/policies/" + tenant.policy(), tenant.policy(), null),
                        Cell.code(
                                tenant.home(),
                                catalogue
                                        .region(tenant.home())
                                        .map(Region::city)
                                        .orElse("")),
                        Cell.text(tenant.contacts().isEmpty() ? "none" : String.join(", ", tenant.contacts())),
                        Cell.at(tenant.createdAt(), "")))
                .toList();
        return new Shown(
                table("Tenants", List.of("Data", "Tenant", "Tier", "Policy", "Home", "Contacts", "Declared"), rows),
                first ? "Those whose data is out of place first, then by id." : "By id.",
                found.size() > ROWS ? rest.getLast().id() : null);
    }

    private Shown regions() {
        var homes = board.homes().stream()
                .collect(Collectors.groupingBy(
                        CatalogueBoard.Homes::home, Collectors.summingLong(CatalogueBoard.Homes::tenants)));
        var rows = board.regionsKnown().stream()
                .map(catalogue::region)
                .flatMap(Optional::stream)
                .map(region -> List.of(
                        Cell.code(region.code(), region.city() + ", " + region.provider()),
                        Cell.text(region.jurisdiction()),
                        Cell.text(region.country()),
                        Cell.text(count(catalogue.storesIn(region.code()).size())),
                        Cell.text(count(homes.getOrDefault(region.code(), 0L)))))
                .toList();
        return new Shown(
                new Table(
                        "Regions",
                        List.of(
                                new Column("Region"),
                                new Column("Jurisdiction"),
                                new Column("Country"),
                                new Column("Stores", true),
                                new Column("Tenants at home", true)),
                        rows),
                "Those in use. " + count(catalogue.regions().size(), "region")
                        + " are known; declare your own for a data centre.",
                null);
    }

    private Shown policies(@Nullable String after, Caller caller) {
        var found = policies.page(after, ROWS + 1, caller);
        var shown = found.subList(0, Math.min(ROWS, found.size()));
        var rules = catalogue.rules(shown.stream().map(Noun.Declared::id).toList());
        var homes = board.homes().stream()
                .collect(Collectors.groupingBy(
                        CatalogueBoard.Homes::policy, Collectors.summingLong(CatalogueBoard.Homes::tenants)));
        var rows = shown.stream()
                .map(each -> {
                    var rule = rules.get(each.id());
                    var extended = each.value().base();
                    return List.of(
                            Cell.link(
                                    "/policies/" + each.id(),
                                    String.valueOf(each.value().name()),
                                    each.id()),
                            Cell.text(extended == null ? "nothing" : extended),
                            Cell.text(rule == null ? "" : places(rule.allow())),
                            Cell.text(
                                    rule == null
                                            ? ""
                                            : places(rule.conditional().stream()
                                                    .flatMap(one -> one.to().stream())
                                                    .distinct()
                                                    .toList())),
                            Cell.text(rule == null ? "" : Figures.promise(rule.maxDwell())),
                            Cell.text(
                                    rule == null || rule.notifyWithin() == null
                                            ? "no clock"
                                            : Figures.promise(rule.notifyWithin())),
                            Cell.text(count(homes.getOrDefault(each.id(), 0L))));
                })
                .toList();
        return new Shown(
                new Table(
                        "Policies",
                        List.of(
                                new Column("Policy"),
                                new Column("Extends"),
                                new Column("Allowed"),
                                new Column("On condition"),
                                new Column("Dwell limit"),
                                new Column("Decision within"),
                                new Column("Tenants", true)),
                        rows),
                count(board.presets(), "preset") + " can be extended. A preset is a starting point, not legal advice.",
                found.size() > ROWS ? shown.getLast().id() : null);
    }

    private Shown tiers(Caller caller) {
        var rows = tiers.page(null, MOST, caller).stream()
                .map(each -> List.of(
                        Cell.tier(each.id()),
                        Cell.text(promise(each.value().rto())),
                        Cell.text(promise(each.value().rpo())),
                        Cell.text(promise(each.value().backupEvery())),
                        Cell.text(promise(each.value().restoreTestEvery())),
                        Cell.text(promise(each.value().drillEvery())),
                        Cell.text(promise(each.value().firstUpdateWithin()))))
                .toList();
        return new Shown(
                table(
                        "Tiers",
                        List.of(
                                "Tier",
                                "RTO",
                                "RPO",
                                "Backup every",
                                "Restore test every",
                                "Drill every",
                                "First update within"),
                        rows),
                "Promises of recovery.",
                null);
    }

    private Shown stores(String q, @Nullable String after, Optional<Standing> standing, Caller caller) {
        var found = q.isBlank()
                ? stores.page(after, ROWS + 1, caller)
                : List.copyOf(stores.find(List.of(q.strip()), caller).values());
        var shown = found.subList(0, Math.min(ROWS, found.size()));
        var looks = standing.map(each ->
                        each.stores(shown.stream().map(Noun.Declared::id).toList()))
                .orElse(Map.of());
        var rows = shown.stream()
                .map(each -> {
                    var store = StoreNoun.store(each);
                    var look = looks.get(each.id());
                    return List.of(
                            Cell.word(look == null ? Word.warn("No probe") : look.word()),
                            Cell.text(store.id(), store.region()),
                            Cell.text(store.role().word()),
                            Cell.text(store.kind().word()),
                            Cell.text(whose(store.tenants())),
                            look == null
                                    ? Cell.text("pings only: evidence is what they claim")
                                    : Cell.at(look.at(), "never answered").with(look.words()));
                })
                .toList();
        return new Shown(
                table("Stores", List.of("Watched", "Store", "Role", "Kind", "Who may be here", "Last looked at"), rows),
                "Passwords are references; Muster stores none.",
                found.size() > ROWS ? shown.getLast().id() : null);
    }

    private Shown transfers(@Nullable String after, Page page) {
        var found = transfers.page(after, ROWS + 1, page.caller());
        var shown = found.subList(0, Math.min(ROWS, found.size()));
        var rows = shown.stream()
                .map(each -> {
                    var transfer = each.value();
                    var over = !transfer.expires().isAfter(page.now());
                    return List.of(
                            Cell.word(over ? Word.mute("Expired").with("clock-off") : Word.ok("Allowed")),
                            Cell.text(each.id(), transfer.tenant()),
                            Cell.text(transfer.from() + " to " + transfer.to()),
                            Cell.text(transfer.mechanism()),
                            Cell.text(transfer.approver(), transfer.document()),
                            Cell.at(transfer.expiresAt(), ""));
                })
                .toList();
        return new Shown(
                table("Transfers", List.of("State", "Record", "From, to", "Mechanism", "Approved by", "Expires"), rows),
                "A transfer record makes a conditional place lawful for one tenant, until it expires.",
                found.size() > ROWS ? shown.getLast().id() : null);
    }

    private static Table table(String name, List<String> columns, List<List<Cell>> rows) {
        return new Table(name, columns.stream().map(Column::new).toList(), rows);
    }

    private static String promise(@Nullable Span span) {
        return span == null ? "–" : Figures.promise(span.duration());
    }

    private static String places(List<String> places) {
        if (places.isEmpty()) return "none";
        var shown = places.stream()
                .limit(4)
                .map(each -> each.replace("region:", ""))
                .collect(Collectors.joining(", "));
        return places.size() > 4 ? shown + " and " + (places.size() - 4) + " more" : shown;
    }

    private static String whose(TenantSelector selector) {
        return switch (selector) {
            case TenantSelector.All _ -> "all";
            case TenantSelector.OfPolicy(var policy) -> "policy:" + policy;
            case TenantSelector.These(var ids) -> count(ids.size(), "tenant");
        };
    }
}
