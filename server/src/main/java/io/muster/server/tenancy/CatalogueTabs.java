package io.muster.server.tenancy;

import static io.muster.server.layout.Figures.count;

import io.muster.server.access.Caller;
import io.muster.server.layout.Figures;
import io.muster.server.layout.Page;
import io.muster.server.layout.Table;
import io.muster.server.layout.Table.Cell;
import io.muster.server.layout.Table.Column;
import io.muster.server.layout.Word;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The tables of the catalogue, one for each kind. */
@Component
class CatalogueTabs {

    private static final int ROWS = 25;
    static final int MOST = 200;

    private final Catalogue catalogue;
    private final CatalogueBoard board;
    private final PolicyNoun policies;
    private final TierNoun tiers;
    private final TransferNoun transfers;
    private final StoreNoun stores;
    private final Presets presets;

    CatalogueTabs(
            Catalogue catalogue,
            CatalogueBoard board,
            PolicyNoun policies,
            TierNoun tiers,
            TransferNoun transfers,
            StoreNoun stores,
            Presets presets) {
        this.catalogue = catalogue;
        this.board = board;
        this.policies = policies;
        this.tiers = tiers;
        this.transfers = transfers;
        this.stores = stores;
        this.presets = presets;
    }

    /** @param next where the next page begins; null: there is none */
    record Shown(Table table, String foot, @Nullable String next) {}

    Shown tenants(CatalogueView.Filter filter, @Nullable String after, Optional<Standing> standing) {
        if (!filter.state().isEmpty()) {
            var ids = standing.map(each -> each.worst(filter.state(), MOST)).orElse(List.of());
            var such = inOrder(ids).stream().filter(filter::takes).toList();
            return new Shown(
                    tenants(such, standing),
                    count(such.size()) + (ids.size() == MOST ? " of the first " + count(MOST) : "")
                            + ", the longest first.",
                    null);
        }
        var first = after == null && !filter.narrows();
        var worst = first ? standing.map(each -> each.worst("", ROWS)).orElse(List.of()) : List.<String>of();
        var found = board.tenants(filter, worst, after, ROWS + 1);
        var rest = found.subList(0, Math.min(ROWS, found.size()));
        var all = new ArrayList<>(inOrder(worst));
        all.addAll(rest);
        return new Shown(
                tenants(all, standing),
                "Residency lag is the age of the oldest data that is not proven home, of what the policy allows. "
                        + (first ? "Out of place first, then by id." : "By id."),
                found.size() > ROWS ? rest.getLast().id() : null);
    }

    private List<Tenant> inOrder(List<String> ids) {
        return catalogue.tenants(ids).values().stream()
                .sorted(Comparator.comparingInt(tenant -> ids.indexOf(tenant.id())))
                .toList();
    }

    private Table tenants(List<Tenant> all, Optional<Standing> standing) {
        var stays = standing.map(each -> each.tenants(all)).orElse(Map.of());
        var rows = all.stream()
                .map(tenant -> List.of(
                        Cell.pill(
                                stays.containsKey(tenant.id())
                                        ? stay(stays, tenant).word()
                                        : Word.unknown("Unknown")),
                        Cell.link("/exposures?tenant=" + tenant.id(), tenant.name(), tenant.id()),
                        Cell.tier(tenant.tier()),
                        Cell.link("/policies/" + tenant.policy(), tenant.policy(), null),
                        Cell.code(
                                tenant.home(),
                                catalogue
                                        .region(tenant.home())
                                        .map(Region::city)
                                        .orElse("")),
                        lag(stay(stays, tenant)),
                        Cell.at(tenant.createdAt(), ""),
                        Cell.link("/tenants/" + tenant.id() + "/audit", "Audit trail", null),
                        edit("tenant", tenant.id())))
                .toList();
        return table(
                "Tenants",
                List.of("Data", "Tenant", "Tier", "Policy", "Home", "Residency lag", "Declared", "Record", ""),
                rows);
    }

    private static Standing.Stay stay(Map<String, Standing.Stay> stays, Tenant tenant) {
        return stays.getOrDefault(
                tenant.id(), new Standing.Stay(Word.unknown("Unknown"), null, null, "nothing is known"));
    }

    private static Cell lag(Standing.Stay stay) {
        var lag = stay.lag();
        var allowed = stay.allowed();
        if (lag == null || allowed == null) return Cell.text(stay.words());
        var percent = allowed.isZero() ? 100 : (int) Math.clamp(lag.toSeconds() * 100 / allowed.toSeconds(), 1, 100);
        return Cell.bar(new Table.Bar(stay.word().state(), percent, Figures.duration(lag), Figures.promise(allowed)));
    }

    private static Cell edit(String kind, String id) {
        return Cell.button(new Table.Button(
                "/catalogue/declare?kind=" + kind + "&id=" + id, "Edit", "Edit " + kind + " " + id, false));
    }

    Shown regions() {
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
                        Cell.text(count(homes.getOrDefault(region.code(), 0L))),
                        edit("region", region.code())))
                .toList();
        return new Shown(
                new Table(
                        "Regions",
                        List.of(
                                new Column("Region"),
                                new Column("Jurisdiction"),
                                new Column("Country"),
                                new Column("Stores", true),
                                new Column("Tenants at home", true),
                                new Column("", true)),
                        rows),
                "Those in use. " + count(catalogue.regions().size(), "region")
                        + " are known; declare your own for a data centre.",
                null);
    }

    Shown policies(@Nullable String after, Caller caller) {
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
                            Cell.text(PolicyPage.demandedBy(presets.find(extended))),
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
                            Cell.text(count(homes.getOrDefault(each.id(), 0L))),
                            edit("policy", each.id()));
                })
                .toList();
        return new Shown(
                new Table(
                        "Policies",
                        List.of(
                                new Column("Policy"),
                                new Column("Extends"),
                                new Column("Demanded by"),
                                new Column("Allowed"),
                                new Column("On condition"),
                                new Column("Dwell limit"),
                                new Column("Decision within"),
                                new Column("Tenants", true),
                                new Column("", true)),
                        rows),
                count(board.presets(), "preset") + " can be extended. A preset is a starting point, not legal advice.",
                found.size() > ROWS ? shown.getLast().id() : null);
    }

    Shown tiers(Caller caller) {
        var rows = tiers.page(null, MOST, caller).stream()
                .map(each -> List.of(
                        Cell.tier(each.id()),
                        Cell.text(promise(each.value().rto())),
                        Cell.text(promise(each.value().rpo())),
                        Cell.text(promise(each.value().backupEvery())),
                        Cell.text(promise(each.value().restoreTestEvery())),
                        Cell.text(promise(each.value().drillEvery())),
                        Cell.text(promise(each.value().firstUpdateWithin())),
                        edit("tier", each.id())))
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
                                "First update within",
                                ""),
                        rows),
                "Promises of recovery.",
                null);
    }

    Shown stores(String q, @Nullable String after, Optional<Standing> standing, Caller caller) {
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
                            Cell.word(look == null ? unwatched(store) : look.word()),
                            Cell.code(store.id(), store.region()),
                            Cell.text(store.role().word()),
                            Cell.text(kind(store.kind())),
                            Cell.text(whose(store.tenants())),
                            look == null
                                    ? Cell.text(
                                            store.role() == Store.Role.INTAKE
                                                    ? "pings only: evidence is what they claim"
                                                    : "no probe")
                                    : Cell.at(look.at(), "never answered").with(look.words()),
                            look == null || look.probe() == null
                                    ? Cell.text("")
                                    : Cell.button(new Table.Button(
                                            "/probes/" + look.probe() + "/run",
                                            "Probe now",
                                            "Probe now: " + store.id())),
                            edit("store", store.id()));
                })
                .sorted(Comparator.comparing(
                        cells -> Objects.requireNonNull(cells.getFirst().word()).state()))
                .toList();
        return new Shown(
                table(
                        "Stores",
                        List.of("Watched", "Store", "Role", "Kind", "Who may be here", "Last looked at", "", ""),
                        rows),
                "Passwords are references; Muster stores none.",
                found.size() > ROWS ? shown.getLast().id() : null);
    }

    Shown transfers(@Nullable String after, Page page) {
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
                            Cell.at(transfer.expiresAt(), ""),
                            edit("transfer", each.id()));
                })
                .toList();
        return new Shown(
                table(
                        "Transfers",
                        List.of("State", "Record", "From, to", "Mechanism", "Approved by", "Expires", ""),
                        rows),
                "A transfer record makes a conditional place lawful for one tenant, until it expires.",
                found.size() > ROWS ? shown.getLast().id() : null);
    }

    /** Data waits in an intake store; elsewhere it may stay, and no proof is wanted. */
    private static Word unwatched(Store store) {
        return store.role() == Store.Role.INTAKE ? Word.warn("No probe") : Word.mute("Not looked at");
    }

    private static String kind(Store.Kind kind) {
        return switch (kind) {
            case POSTGRESQL -> "PostgreSQL";
            case MYSQL -> "MySQL, MariaDB";
            case SQLSERVER -> "SQL Server";
            case S3 -> "S3 bucket";
            case AZURE_BLOB -> "Azure blobs";
            case GCS -> "GCS bucket";
            case OTHER -> "other";
        };
    }

    private static Table table(String name, List<String> columns, List<List<Cell>> rows) {
        return new Table(name, columns.stream().map(Column::new).toList(), rows);
    }

    private static String promise(@Nullable Span span) {
        return span == null ? "–" : Figures.promise(span.duration());
    }

    static String places(List<String> places) {
        if (places.isEmpty()) return "none";
        var shown = places.stream()
                .limit(4)
                .map(each -> each.equals("*") ? "everywhere" : each.replace("region:", ""))
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
