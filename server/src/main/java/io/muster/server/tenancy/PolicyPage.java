package io.muster.server.tenancy;

import static io.muster.server.layout.Figures.count;

import io.muster.server.access.Caller;
import io.muster.server.layout.Figures;
import io.muster.server.layout.State;
import io.muster.server.layout.Word;
import io.muster.server.layout.WorldMap;
import io.muster.server.problem.Problem;
import io.muster.server.tenancy.CatalogueBoard.Homes;
import io.muster.server.tenancy.Rules.Ruling;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Puts together what the page of one policy says: in words, on the map, whom it binds, and whether it is kept. */
@Component
class PolicyPage {

    /** The areas of the map and the jurisdiction that each of them is. */
    private static final Map<String, String> AREAS = Map.of(
            "EU / EEA", "EU",
            "United Kingdom", "UK",
            "United States", "US",
            "Canada", "CA",
            "Brazil", "BR",
            "Japan", "JP",
            "India", "IN",
            "Australia", "AU");

    private static final int VERSIONS = 20;

    private final Catalogue catalogue;
    private final CatalogueBoard board;
    private final PolicyNoun policies;
    private final Presets presets;
    private final DeclareForms forms;
    private final DeclarationJson json;
    private final ObjectProvider<Standing> above;

    PolicyPage(
            Catalogue catalogue,
            CatalogueBoard board,
            PolicyNoun policies,
            Presets presets,
            DeclareForms forms,
            DeclarationJson json,
            ObjectProvider<Standing> above) {
        this.catalogue = catalogue;
        this.board = board;
        this.policies = policies;
        this.presets = presets;
        this.forms = forms;
        this.json = json;
        this.above = above;
    }

    /** A region in which data of its tenants may be found. */
    private record Seen(Region region, Ruling ruling, long homes, long violations, long risks) {

        private State state() {
            if (violations > 0) return State.BAD;
            if (risks > 0) return State.WARN;
            return ruling instanceof Ruling.Allowed ? State.OK : State.RUN;
        }

        private String words() {
            if (violations > 0) return count(violations, "tenant") + " in violation";
            if (risks > 0) return count(risks, "tenant") + " at risk";
            if (homes > 0) return "home of " + count(homes);
            return ruling instanceof Ruling.Allowed ? "a store, allowed" : "on the way, in time";
        }

        private String city() {
            return region.city().isBlank() ? region.name() : region.city();
        }
    }

    PolicyView view(String id, Caller caller) {
        var rules = Optional.ofNullable(catalogue.rules(List.of(id)).get(id))
                .orElseThrow(() -> Problem.notFound("There is no policy " + id + "."));
        var declared = Optional.ofNullable(policies.find(List.of(id), caller).get(id));
        var known = policies.versions(id, VERSIONS + 1);
        var preset = presets.find(declared.map(each -> each.value().base()).orElse(id));
        var homes =
                board.homes().stream().filter(home -> home.policy().equals(id)).toList();
        var all = homes.stream().mapToLong(Homes::tenants).sum();
        var kept = Optional.ofNullable(above.getIfAvailable())
                .map(standing -> standing.policy(id))
                .orElse(new Standing.Kept(new Standing.Counts(0, 0, 0), Map.of(), List.of(), List.of()));
        var counts = kept.counts();
        var inPlace = Math.max(0, all - counts.violations() - counts.unknown());
        var seen = seen(rules, homes, kept);
        var dwell = Figures.promise(rules.maxDwell());
        var name = declared.map(each -> each.value().name())
                .or(() -> preset.map(Presets.Preset::name))
                .orElse(id);
        return new PolicyView(
                id,
                name,
                all == 0
                        ? State.MUTE
                        : counts.violations() > 0
                                ? State.BAD
                                : counts.atRisk() > 0 ? State.WARN : counts.unknown() > 0 ? State.MUTE : State.OK,
                answer(rules, all, inPlace, counts),
                List.of(
                        new PolicyView.Fact(
                                "In place", count(inPlace) + " / " + count(all), word(all, counts), "tenants under it"),
                        new PolicyView.Fact("Dwell limit", dwell, null, "in a store whose region is not allowed"),
                        new PolicyView.Fact(
                                "Decision within",
                                rules.notifyWithin() == null ? "no clock" : Figures.promise(rules.notifyWithin()),
                                null,
                                "from awareness of a violation"),
                        new PolicyView.Fact(
                                "Extends",
                                declared.flatMap(each ->
                                                Optional.ofNullable(each.value().base()))
                                        .orElse("nothing"),
                                null,
                                preset.map(each -> "asked for by " + mandate(each))
                                        .orElse("it stands alone")),
                        new PolicyView.Fact(
                                "Version",
                                declared.map(each -> count(each.version())).orElse("shipped"),
                                null,
                                declared.map(each -> "since " + Figures.day(each.updatedAt()))
                                        .orElse("a preset"))),
                map(rules, seen),
                rules(rules, seen, dwell),
                words(rules, dwell),
                kept.worst(),
                rest(all, kept),
                kept.jobs(),
                dwell,
                declared.map(each -> forms.document(policies, id, true, forms.written(policies, id, caller), caller))
                        .orElse(null),
                preset.map(each -> new PolicyView.Base(
                                each.id(),
                                each.honest(),
                                demandedBy(Optional.of(each)),
                                String.join("; ", each.law()),
                                each.reviewAfter()))
                        .orElse(null),
                versions(declared.isPresent() ? known : List.of()),
                known.size() > VERSIONS);
    }

    private List<PolicyView.Version> versions(List<PolicyNoun.Version> known) {
        var versions = new ArrayList<PolicyView.Version>();
        for (int i = 0; i < Math.min(VERSIONS, known.size()); i++) {
            var rules = known.get(i).rules();
            versions.add(new PolicyView.Version(
                    known.get(i).since(),
                    i + 1 < known.size() ? changes(known.get(i + 1).rules(), rules) : List.of(),
                    text(rules)));
        }
        return versions;
    }

    private List<DryRunView.Member> changes(Rules before, Rules after) {
        var fields = Differences.between(before, after);
        var was = json.members(before, fields);
        var becomes = json.members(after, fields);
        return fields.stream()
                .map(field -> new DryRunView.Member(
                        field, DeclarePages.shown(was.get(field)), DeclarePages.shown(becomes.get(field))))
                .toList();
    }

    private String text(Rules rules) {
        var names = Differences.names(Rules.class).stream()
                .filter(name -> !name.equals("policy"))
                .toList();
        return json.members(rules, names).entrySet().stream()
                .filter(member -> member.getValue() instanceof JsonNode value
                        && !value.isNull()
                        && !(value.isContainer() && value.isEmpty()))
                .map(member -> member.getKey() + ": " + YamlText.flow((JsonNode) member.getValue()))
                .collect(Collectors.joining("\n"));
    }

    private static String answer(Rules rules, long all, long inPlace, Standing.Counts counts) {
        var lives = rules.allow().isEmpty()
                ? rules.defaultVerdict().equals("allow")
                        ? "Data may live anywhere. "
                        : "No place is allowed by itself. "
                : "Data lives in " + and(rules.allow()) + ". ";
        if (all == 0) return lives + "No tenant has it yet.";
        if (inPlace == all) {
            return lives + (all == 1 ? "The one tenant keeps" : "All " + count(all) + " tenants keep") + " to it"
                    + (counts.atRisk() > 0 ? ", " + count(counts.atRisk()) + " at risk." : ".");
        }
        return lives + count(inPlace) + " of " + count(all, "tenant") + " keep to it"
                + (counts.violations() > 0 ? "; " + count(counts.violations()) + " in violation" : "")
                + (counts.unknown() > 0 ? "; of " + count(counts.unknown()) + " nothing is proven now" : "") + ".";
    }

    /** {@code EU and EEA}. */
    private static String and(List<String> places) {
        return CatalogueTabs.places(places)
                .replaceFirst(", ([^,]* more|[^, ]*)$", " and $1")
                .replace(" and and ", " and ");
    }

    private static Word word(long all, Standing.Counts counts) {
        if (all == 0) return Word.mute("no tenant");
        if (counts.violations() > 0) return Word.bad(count(counts.violations()) + " in violation");
        if (counts.atRisk() > 0) return Word.warn(count(counts.atRisk()) + " at risk");
        return counts.unknown() > 0 ? Word.unknown(count(counts.unknown()) + " unknown") : Word.ok("all");
    }

    /** Those of its tenants that are not named one by one. */
    private static List<PolicyView.Rest> rest(long all, Standing.Kept kept) {
        var counts = kept.counts();
        var named = kept.worst().size();
        var open = Math.max(0, counts.violations() + counts.atRisk() - named);
        var still = Math.max(0, all - counts.violations() - counts.atRisk() - counts.unknown());
        var rest = new ArrayList<PolicyView.Rest>();
        if (open > 0) {
            rest.add(new PolicyView.Rest(
                    count(open) + " more",
                    "data where it may not be, or about to",
                    counts.violations() > named ? Word.bad("Violation") : Word.warn("At risk")));
        }
        if (counts.unknown() > 0) {
            rest.add(new PolicyView.Rest(count(counts.unknown(), "tenant"), "no fresh proof", Word.unknown("Unknown")));
        }
        if (still > 0) {
            rest.add(
                    new PolicyView.Rest(count(still, "tenant"), "nothing is where it may not be", Word.ok("In place")));
        }
        return rest;
    }

    private List<Seen> seen(Rules rules, List<Homes> homes, Standing.Kept kept) {
        var living = homes.stream().collect(Collectors.toMap(Homes::home, Homes::tenants, Long::sum));
        var codes = new TreeSet<>(living.keySet());
        codes.addAll(kept.inRegions().keySet());
        catalogue.allStores().stream()
                .filter(store ->
                        !(store.tenants() instanceof TenantSelector.OfPolicy(var own)) || own.equals(rules.policy()))
                .map(Store::region)
                .forEach(codes::add);
        return codes.stream()
                .map(catalogue::region)
                .flatMap(Optional::stream)
                .map(region -> {
                    var open = kept.inRegions().getOrDefault(region.code(), new Standing.Counts(0, 0, 0));
                    return new Seen(
                            region,
                            rules.ruling(region.code(), region.jurisdiction()),
                            living.getOrDefault(region.code(), 0L),
                            open.violations(),
                            open.atRisk());
                })
                .toList();
    }

    private static WorldMap map(Rules rules, List<Seen> seen) {
        var spots = seen.stream()
                .map(each -> new WorldMap.Spot(
                        each.region.code(),
                        each.region.lat(),
                        each.region.lon(),
                        each.state(),
                        each.city(),
                        null,
                        each.city() + ", " + each.region.code() + ": " + each.words()))
                .toList();
        return WorldMap.of(
                "World map. Allowed: " + CatalogueTabs.places(rules.allow()) + ". On condition: "
                        + CatalogueTabs.places(conditional(rules)) + ". Everywhere else: " + rules.defaultVerdict()
                        + ". Data is or may be in "
                        + seen.stream()
                                .map(each -> each.city() + " (" + each.words() + ")")
                                .collect(Collectors.joining(", "))
                        + ".",
                area -> {
                    var place = AREAS.getOrDefault(area, "");
                    return switch (rules.ruling("", place)) {
                        case Ruling.Allowed _ -> new WorldMap.Fill("pm-allow", area + ": allowed");
                        case Ruling.OnCondition _ -> new WorldMap.Fill("pm-cond", area + ": on condition");
                        case Ruling.Denied _ -> new WorldMap.Fill("pm-deny", area + ": denied");
                    };
                },
                spots,
                List.of());
    }

    private static List<String> specific(List<String> places) {
        return places.stream().filter(place -> !place.equals("*")).toList();
    }

    private static List<String> conditional(Rules rules) {
        return rules.conditional().stream()
                .flatMap(each -> each.to().stream())
                .distinct()
                .toList();
    }

    private static List<PolicyView.Rule> rules(Rules rules, List<Seen> seen, String dwell) {
        var rows = new ArrayList<PolicyView.Rule>();
        rows.add(new PolicyView.Rule(
                "allow",
                "Allowed",
                CatalogueTabs.places(rules.allow()),
                "no condition",
                data(seen, Ruling.Allowed.class),
                state(seen, Ruling.Allowed.class)));
        var named = seen.stream()
                .filter(each -> Rules.names(specific(rules.allow()), each.region)
                        || Rules.names(specific(rules.deny()), each.region)
                        || Rules.names(specific(conditional(rules)), each.region))
                .toList();
        for (var each : rules.conditional()) {
            var there = seen.stream()
                    .filter(one -> each.to().contains("*") ? !named.contains(one) : Rules.names(each.to(), one.region))
                    .toList();
            rows.add(new PolicyView.Rule(
                    "cond",
                    "On condition",
                    each.to().contains("*") ? "everywhere else" : CatalogueTabs.places(each.to()),
                    (each.mechanisms().isEmpty()
                                    ? "a transfer record"
                                    : "a transfer record: " + String.join(", ", each.mechanisms()))
                            + ". Without one it counts as denied",
                    data(there, Ruling.OnCondition.class),
                    state(there, Ruling.OnCondition.class)));
        }
        if (!rules.deny().isEmpty()) {
            var denied = seen.stream()
                    .filter(each -> Rules.names(rules.deny(), each.region))
                    .toList();
            rows.add(new PolicyView.Rule(
                    "deny",
                    "Denied",
                    CatalogueTabs.places(rules.deny()),
                    "on the way in at most " + dwell,
                    data(denied, Ruling.Denied.class),
                    state(denied, Ruling.Denied.class)));
        }
        if (conditional(rules).contains("*")) return rows;
        var elsewhere = seen.stream().filter(each -> !named.contains(each)).toList();
        rows.add(
                switch (rules.defaultVerdict()) {
                    case "allow" ->
                        new PolicyView.Rule(
                                "allow",
                                "Allowed",
                                "everywhere else",
                                "no condition",
                                data(elsewhere, Ruling.class),
                                null);
                    case "conditional" ->
                        new PolicyView.Rule(
                                "cond",
                                "On condition",
                                "everywhere else",
                                "a transfer record of any mechanism",
                                data(elsewhere, Ruling.class),
                                state(elsewhere, Ruling.class));
                    default ->
                        new PolicyView.Rule(
                                "deny",
                                "Denied",
                                "everywhere else",
                                "on the way in at most " + dwell,
                                data(elsewhere, Ruling.class),
                                state(elsewhere, Ruling.class));
                });
        return rows;
    }

    private static String data(List<Seen> seen, Class<? extends Ruling> ruling) {
        var here = seen.stream().filter(each -> ruling.isInstance(each.ruling)).toList();
        return here.isEmpty()
                ? "none"
                : here.stream()
                        .map(each -> each.city() + ": " + each.words())
                        .limit(6)
                        .collect(Collectors.joining(", "));
    }

    private static @Nullable Word state(List<Seen> seen, Class<? extends Ruling> ruling) {
        var here = seen.stream().filter(each -> ruling.isInstance(each.ruling)).toList();
        var violations = here.stream().mapToLong(Seen::violations).sum();
        var risks = here.stream().mapToLong(Seen::risks).sum();
        if (violations > 0) return Word.bad(count(violations) + " in violation");
        if (risks > 0) return Word.warn(count(risks) + " at risk");
        return here.isEmpty() ? null : Word.ok("In place");
    }

    private static List<PolicyView.Sentence> words(Rules rules, String dwell) {
        var words = new ArrayList<PolicyView.Sentence>();
        if (!rules.allow().isEmpty()) {
            words.add(new PolicyView.Sentence(
                    "map-pin",
                    "Data lives in " + and(rules.allow()) + ".",
                    "Primary, replica, backup and archive alike"));
        }
        words.add(
                rules.maxDwell().isZero()
                        ? new PolicyView.Sentence("clock", "It may wait nowhere else, not even on its way.", "")
                        : new PolicyView.Sentence(
                                "clock",
                                "On its way it may wait elsewhere for " + dwell + ".",
                                "Counted from the oldest data that is not proven home"));
        for (var each : rules.conditional()) {
            words.add(new PolicyView.Sentence(
                    "license",
                    "In " + (each.to().contains("*") ? "all other places" : and(each.to()))
                            + " only with a transfer record.",
                    "For one tenant, with an approver and an end date"
                            + (each.note() == null ? "" : "; " + each.note())));
        }
        if (!rules.deny().isEmpty()) {
            words.add(new PolicyView.Sentence("ban", "Never in " + CatalogueTabs.places(rules.deny()) + ".", ""));
        }
        if (!conditional(rules).contains("*")) {
            words.add(
                    switch (rules.defaultVerdict()) {
                        case "allow" -> new PolicyView.Sentence("world", "Everywhere else too.", "");
                        case "conditional" ->
                            new PolicyView.Sentence("license", "Everywhere else only with a transfer record.", "");
                        default -> new PolicyView.Sentence("ban", "Nowhere else, and no exception by click.", "");
                    });
        }
        if (rules.notifyWithin() != null) {
            words.add(new PolicyView.Sentence(
                    "gavel",
                    "A violation asks for a decision within " + Figures.promise(rules.notifyWithin()) + ".",
                    "A person decides whether an authority is told"));
        }
        return words;
    }

    private static String mandate(Presets.Preset preset) {
        return preset.mandate().equals("contractual") ? "contract" : "law";
    }

    /** What demands it: law or contract. */
    static String demandedBy(Optional<Presets.Preset> preset) {
        return preset.map(each -> switch (each.mandate()) {
                    case "hard" -> "law: kept in the country";
                    case "conditional" -> "law, on transfer";
                    case "accountability" -> "law: you answer for the recipient";
                    default -> "contract, not law";
                })
                .orElse("your own");
    }
}
