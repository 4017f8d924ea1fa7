package io.muster.server.console;

import static io.muster.server.layout.Figures.count;

import io.muster.server.access.Caller;
import io.muster.server.console.OverviewView.Event;
import io.muster.server.console.OverviewView.Item;
import io.muster.server.console.OverviewView.Kpi;
import io.muster.server.console.OverviewView.Place;
import io.muster.server.heartbeat.Check;
import io.muster.server.heartbeat.CheckBoard;
import io.muster.server.heartbeat.CheckBoard.Happened;
import io.muster.server.heartbeat.CheckBoard.Shown;
import io.muster.server.heartbeat.CheckStatus;
import io.muster.server.heartbeat.Checks;
import io.muster.server.heartbeat.Status;
import io.muster.server.layout.Axis;
import io.muster.server.layout.Figures;
import io.muster.server.layout.Lane;
import io.muster.server.layout.State;
import io.muster.server.layout.Word;
import io.muster.server.residency.ExposureBoard;
import io.muster.server.residency.ExposureBoard.Exposed;
import io.muster.server.residency.ExposureBoard.Moves;
import io.muster.server.tenancy.Catalogue;
import io.muster.server.tenancy.CatalogueBoard;
import io.muster.server.tenancy.CatalogueBoard.Homes;
import io.muster.server.tenancy.Region;
import io.muster.server.tenancy.Store;
import io.muster.server.tenancy.Tenant;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Puts together what the first page says. */
@Component
class Overview {

    private static final int WORST = 200;
    private static final int SHOWN = 8;
    private static final int ALONE = 3;
    private static final int FLOWS = 1_000;
    private static final int HAPPENED = 300;
    private static final int EVENTS = 8;
    private static final Duration DAY = Duration.ofHours(24);
    private static final List<String> TIERS = List.of("gold", "silver", "bronze");

    private final CheckBoard checkBoard;
    private final Checks checks;
    private final ExposureBoard exposures;
    private final Catalogue catalogue;
    private final CatalogueBoard declared;
    private final JsonMapper json;

    Overview(
            CheckBoard checkBoard,
            Checks checks,
            ExposureBoard exposures,
            Catalogue catalogue,
            CatalogueBoard declared,
            JsonMapper json) {
        this.checkBoard = checkBoard;
        this.checks = checks;
        this.exposures = exposures;
        this.catalogue = catalogue;
        this.declared = declared;
        this.json = json;
    }

    OverviewView view(Caller caller, Map<Shown, Long> counts, Instant now) {
        var homes = declared.homes();
        var all = homes.stream().mapToLong(Homes::tenants).sum();
        var open = exposures.open();
        var worst = exposures.worst(WORST);
        var down = counts.getOrDefault(Shown.DOWN, 0L);
        var late = counts.getOrDefault(Shown.LATE, 0L);
        var since = Instant.ofEpochSecond(now.getEpochSecond() / 600 * 600).minus(DAY);
        var happened = checkBoard.flipsSince(caller.project(), since, HAPPENED);
        var lately = exposures.since(since, HAPPENED);
        var tenants =
                catalogue.tenants(Stream.concat(worst.stream(), lately.stream().limit(EVENTS))
                        .map(Exposed::tenant)
                        .distinct()
                        .toList());
        var moves = exposures.moves(FLOWS);
        var jobs = checks.byIds(Stream.concat(
                        moves.stream().map(Moves::check),
                        worst.stream().map(Exposed::check).filter(Objects::nonNull))
                .distinct()
                .toList());
        var troubled = checkBoard.worst(caller.project(), 20, now);
        var places = places(homes, worst, now);
        var attention = attention(worst, tenants, jobs, troubled, places, now);
        var axis = new Axis(since, Instant.ofEpochSecond((now.getEpochSecond() / 600 + 1) * 600));
        return new OverviewView(
                state(down, late, open, places),
                answer(down, late, all, open),
                kpis(all, open, counts, down, late, lately),
                places.stream().map(Seen::place).toList(),
                mapWords(places, moves.size()),
                map(places, flows(moves, jobs, now)),
                tally(places),
                attention.stream().limit(SHOWN).toList(),
                attention.isEmpty() ? "nothing" : count(attention.size()) + ", worst first",
                axis,
                List.of(exposureLane(lately, axis), jobLane(happened, counts)),
                events(happened, lately, tenants));
    }

    // ---- the answer and its figures

    private static State state(long down, long late, ExposureBoard.Open open, List<Seen> places) {
        if (down > 0 || open.violations() > 0) return State.BAD;
        if (late > 0 || open.atRisk() > 0) return State.WARN;
        return places.stream().anyMatch(seen -> seen.place.word().state() != State.OK) ? State.WARN : State.OK;
    }

    private static String answer(long down, long late, long tenants, ExposureBoard.Open open) {
        var faults = new ArrayList<String>();
        if (down > 0) faults.add(count(down, "job") + (down == 1 ? " is down" : " are down"));
        if (late > 0) faults.add(count(late, "job") + (late == 1 ? " is late" : " are late"));
        if (open.violations() > 0) {
            faults.add(count(open.tenantsInViolation()) + " of " + count(tenants, "tenant")
                    + (open.tenantsInViolation() == 1 ? " has" : " have") + " data where it may not be");
        } else if (open.atRisk() > 0) {
            faults.add(
                    count(open.tenantsAtRisk(), "tenant") + (open.tenantsAtRisk() == 1 ? " is" : " are") + " at risk");
        }
        if (faults.isEmpty()) {
            return tenants == 0
                    ? "Every job reported on time. No tenant is declared yet, so nothing is said about where data is."
                    : "Yes. Every job reported on time, and the data of all " + count(tenants, "tenant")
                            + " is where it may be.";
        }
        var last = faults.removeLast();
        return "Not yet. " + (faults.isEmpty() ? last : String.join(", ", faults) + ", and " + last) + ".";
    }

    private static List<Kpi> kpis(
            long all, ExposureBoard.Open open, Map<Shown, Long> counts, long down, long late, List<Exposed> lately) {
        var out = open.tenantsInViolation();
        var closed = lately.stream().filter(Exposed::isClosed).count();
        var active = counts.values().stream().mapToLong(Long::longValue).sum()
                - counts.getOrDefault(Shown.NEW, 0L)
                - counts.getOrDefault(Shown.PAUSED, 0L);
        return List.of(
                new Kpi(
                        "Tenants in place",
                        "/residency",
                        count(Math.max(0, all - out)),
                        " / " + count(all),
                        all == 0
                                ? Word.mute("none declared")
                                : out > 0 ? Word.bad(count(out) + " out of place") : Word.ok("all in place"),
                        null,
                        all == 0 ? "" : Figures.percent(all - out, all) + " now"),
                new Kpi(
                        "Open violations",
                        "/exposures",
                        count(open.violations()),
                        "",
                        open.violations() > 0 ? Word.bad("the longest") : Word.ok("none"),
                        open.violations() > 0 ? open.oldest() : null,
                        open.violations() > 0
                                ? (open.rows() > 0 ? count(open.rows(), "row") + " in " : "in ")
                                        + count(open.regions(), "region")
                                : count(closed) + " closed in 24 h"),
                new Kpi(
                        "At risk",
                        "/exposures?state=at_risk",
                        count(open.tenantsAtRisk()),
                        open.tenantsAtRisk() == 1 ? " tenant" : " tenants",
                        open.atRisk() > 0 ? Word.warn("becomes a violation") : Word.ok("none"),
                        null,
                        open.atRisk() > 0 ? "if the job does not report in time" : "no promise is in danger"),
                new Kpi(
                        "Checks late or down",
                        "/checks",
                        count(down + late),
                        " / " + count(active),
                        down > 0
                                ? Word.bad(count(down) + " down" + (late > 0 ? ", " + count(late) + " late" : ""))
                                : late > 0
                                        ? Word.warn(count(late) + " late").with("clock-exclamation")
                                        : active > 0 ? Word.ok("all on time") : Word.mute("none awaited"),
                        null,
                        count(counts.getOrDefault(Shown.RUNNING, 0L)) + " running · "
                                + count(counts.getOrDefault(Shown.NEW, 0L)) + " new · "
                                + count(counts.getOrDefault(Shown.PAUSED, 0L)) + " paused"));
    }

    // ---- the map

    private record Seen(Place place, Region region, long tenants) {}

    private List<Seen> places(List<Homes> homes, List<Exposed> worst, Instant now) {
        var living = homes.stream().collect(Collectors.groupingBy(Homes::home, Collectors.summingLong(Homes::tenants)));
        var seen = new ArrayList<Seen>();
        for (var code : declared.regionsInUse()) {
            var region = catalogue.region(code).orElse(null);
            if (region == null) continue;
            var stores = catalogue.storesIn(code);
            var probes = exposures.probes(stores.stream().map(Store::id).toList());
            var violations = tenantsOf(worst, code, true);
            var risks = tenantsOf(worst, code, false);
            var silent = probes.stream().filter(probe -> probe.isStale(now)).findFirst();
            var tenants = living.getOrDefault(code, 0L);
            var word = silent.map(probe -> probe.failure() == null ? Word.unknown("Unknown") : Word.bad("No answer"))
                    .orElseGet(() -> violations > 0
                            ? Word.warn("Degraded")
                            : risks > 0 ? Word.warn("At risk") : Word.ok("Healthy"));
            var note = silent.map(probe -> "probe " + probe.id() + " does not answer")
                    .orElseGet(() -> violations > 0
                            ? count(violations, "tenant") + " exposed"
                            : risks > 0 ? count(risks, "tenant") + " at risk" : roles(stores));
            seen.add(new Seen(
                    new Place(
                            code,
                            region.city().isBlank() ? region.name() : region.city(),
                            word,
                            tenants == 0 ? "no home tenants" : count(tenants, "tenant"),
                            note),
                    region,
                    tenants));
        }
        seen.sort(Comparator.comparing((Seen each) -> each.place.word().state()).thenComparing(each -> -each.tenants));
        return seen;
    }

    private static long tenantsOf(List<Exposed> worst, String region, boolean violation) {
        return worst.stream()
                .filter(each -> each.region().equals(region) && each.isViolation() == violation)
                .map(Exposed::tenant)
                .distinct()
                .count();
    }

    private static String roles(List<Store> stores) {
        return stores.stream()
                .map(store -> store.role().word())
                .distinct()
                .limit(3)
                .collect(Collectors.joining(", "));
    }

    private record Flow(String from, String to, State state, String text) {}

    /** One line between two regions, as bad as the worst of its jobs. */
    private List<Flow> flows(List<Moves> moves, Map<Long, Check> jobs, Instant now) {
        var stores = catalogue.stores(moves.stream()
                .flatMap(each -> Stream.of(each.from(), each.to()))
                .collect(Collectors.toCollection(HashSet::new)));
        var worst = new LinkedHashMap<String, Flow>();
        for (var each : moves) {
            var from = stores.get(each.from());
            var to = stores.get(each.to());
            var check = jobs.get(each.check());
            if (from == null || to == null || check == null || from.region().equals(to.region())) continue;
            var status = check.at(now);
            var flow = new Flow(
                    from.region(),
                    to.region(),
                    state(status),
                    name(check) + ": " + word(status).text());
            worst.merge(flow.from + " " + flow.to, flow, (a, b) -> b.state.compareTo(a.state) < 0 ? b : a);
        }
        return List.copyOf(worst.values());
    }

    private static State state(CheckStatus status) {
        return word(status).state();
    }

    private static Word word(CheckStatus status) {
        return switch (status) {
            case UP -> Word.ok("Up");
            case GRACE -> Word.warn("Late").with("clock-exclamation");
            case DOWN -> Word.bad("Down");
            case NEW -> Word.mute("New");
            case PAUSED -> Word.mute("Paused").with("player-pause");
        };
    }

    private static String mapWords(List<Seen> places, int flows) {
        var bad = places.stream()
                .filter(seen -> seen.place.word().state() != State.OK)
                .map(seen -> seen.place.city() + " (" + seen.place.word().text() + ")")
                .collect(Collectors.joining(", "));
        return "World map of " + count(places.size(), "region") + " and " + count(flows, "replication job") + ". "
                + (bad.isEmpty() ? "All are healthy." : "Not healthy: " + bad + ".")
                + " The list below has the same facts.";
    }

    private String map(List<Seen> places, List<Flow> flows) {
        var regions = places.stream()
                .map(seen -> {
                    var region = new LinkedHashMap<String, Object>();
                    region.put("code", seen.place.code());
                    region.put("city", seen.place.city());
                    region.put("at", List.of(seen.region.lon(), seen.region.lat()));
                    region.put("state", seen.place.word().state().css());
                    region.put("word", seen.place.word().text());
                    region.put("tenants", seen.tenants);
                    region.put("note", seen.place.note());
                    region.put("pos", position(seen, places));
                    return region;
                })
                .toList();
        var lines = flows.stream()
                .map(flow -> Map.of(
                        "from", flow.from, "to", flow.to, "state", flow.state.css(), "text", flow.text, "bend", -0.22))
                .toList();
        return json.writeValueAsString(Map.of("regions", regions, "flows", lines))
                .replace("<", "\\u003c");
    }

    /** On which side a label stands: away from the nearest other region. */
    private static String position(Seen one, List<Seen> all) {
        var nearest = all.stream()
                .filter(other -> other != one)
                .min(Comparator.comparingDouble(other -> distance(one.region, other.region)));
        if (nearest.isEmpty() || distance(one.region, nearest.get().region) > 25) return "bottom";
        var other = nearest.get().region;
        if (Math.abs(one.region.lon() - other.lon()) < 4) return one.region.lat() > other.lat() ? "top" : "bottom";
        return one.region.lon() < other.lon() ? "left" : "right";
    }

    private static double distance(Region a, Region b) {
        return Math.hypot(a.lon() - b.lon(), a.lat() - b.lat());
    }

    private static List<Word> tally(List<Seen> places) {
        var tally = new LinkedHashMap<String, List<Word>>();
        places.stream()
                .map(seen -> seen.place.word())
                .sorted(Comparator.comparing(Word::state).reversed())
                .forEach(word -> tally.computeIfAbsent(word.text(), _ -> new ArrayList<>())
                        .add(word));
        return tally.values().stream()
                .map(words -> new Word(
                        words.getFirst().state(),
                        words.getFirst().icon(),
                        words.getFirst().text() + " " + words.size()))
                .toList();
    }

    // ---- what needs attention

    private record Ranked(int tier, Duration left, Item item) {}

    /** Worst first: by state, then tier, then how long it has lasted or how soon it comes. */
    private List<Item> attention(
            List<Exposed> worst,
            Map<String, Tenant> tenants,
            Map<Long, Check> jobs,
            List<Check> troubled,
            List<Seen> places,
            Instant now) {
        var ranked = new ArrayList<Ranked>();
        var explained = new HashSet<Long>();
        var groups = worst.stream()
                .collect(Collectors.groupingBy(
                        each -> each.state() + " " + each.store() + " " + each.check(),
                        LinkedHashMap::new,
                        Collectors.toList()));
        for (var group : groups.values()) {
            var check = jobs.get(group.getFirst().check());
            if (check != null) explained.add(check.id());
            if (group.size() <= ALONE) {
                group.forEach(each -> ranked.add(one(each, tenants, check, now)));
            } else {
                ranked.add(many(group, tenants, check, now));
            }
        }
        for (var check : troubled) {
            if (explained.contains(check.id())) continue;
            var status = check.at(now);
            if (status != CheckStatus.DOWN && status != CheckStatus.GRACE) continue;
            var down = status == CheckStatus.DOWN;
            var at = down ? check.statusSince() : check.downAt().orElse(null);
            ranked.add(new Ranked(
                    TIERS.size(),
                    at == null ? Duration.ZERO : Duration.between(now, at),
                    new Item(
                            word(status),
                            null,
                            name(check) + (down ? " is down" : " is late"),
                            "/checks/" + check.jobId(),
                            down
                                    ? check.lastReportFailed()
                                            ? "its last report was a failure"
                                            : "no report came when it was due"
                                    : "a report is overdue; its grace runs",
                            at,
                            down ? "down" : "to Down")));
        }
        for (var seen : places) {
            if (seen.place.note().startsWith("probe ")) {
                ranked.add(new Ranked(
                        TIERS.size(),
                        Duration.ZERO,
                        new Item(
                                seen.place.word(),
                                null,
                                seen.place.city() + ": we cannot tell",
                                "/catalogue?kind=stores",
                                seen.place.note() + "; what it said counts no more",
                                null,
                                "")));
            }
        }
        return ranked.stream()
                .sorted(Comparator.comparing((Ranked each) -> each.item.word().state())
                        .thenComparing(Ranked::tier)
                        .thenComparing(Ranked::left))
                .map(Ranked::item)
                .toList();
    }

    private Ranked one(Exposed exposed, Map<String, Tenant> tenants, @Nullable Check check, Instant now) {
        var tenant = tenants.get(exposed.tenant());
        var tier = tenant == null ? null : tenant.tier();
        var rows = exposed.rows() == null ? "data" : count(exposed.rows(), "row");
        var why = check == null ? "seen by a probe" : name(check) + " " + what(check, now);
        return new Ranked(
                rank(tier),
                Duration.between(now, exposed.since()),
                new Item(
                        exposed.isViolation() ? Word.bad("Violation") : Word.warn("At risk"),
                        tier,
                        tenant == null ? exposed.tenant() : tenant.name(),
                        "/exposures/" + exposed.id(),
                        rows + " in " + exposed.region() + ", " + why,
                        exposed.since(),
                        exposed.isViolation() ? "exposed" : "at risk"));
    }

    private Ranked many(List<Exposed> group, Map<String, Tenant> tenants, @Nullable Check check, Instant now) {
        var first = group.getFirst();
        var tier = group.stream()
                .map(each -> tenants.get(each.tenant()))
                .filter(Objects::nonNull)
                .map(Tenant::tier)
                .min(Comparator.comparingInt(Overview::rank))
                .orElse(null);
        var since = group.stream()
                .map(Exposed::since)
                .min(Comparator.naturalOrder())
                .orElse(first.since());
        var rows = group.stream()
                .map(Exposed::rows)
                .filter(Objects::nonNull)
                .mapToLong(Long::longValue)
                .sum();
        var names = group.stream()
                .limit(2)
                .map(each -> Optional.ofNullable(tenants.get(each.tenant()))
                        .map(Tenant::name)
                        .orElse(each.tenant()))
                .collect(Collectors.joining(", "));
        return new Ranked(
                rank(tier),
                Duration.between(now, since),
                new Item(
                        first.isViolation() ? Word.bad("Violation") : Word.warn("At risk"),
                        tier,
                        count(group.size(), "tenant")
                                + (first.isViolation() ? " exposed in " : " at risk in ")
                                + first.region(),
                        check == null ? "/exposures?region=" + first.region() : "/exposures?job=" + check.jobId(),
                        (check == null ? "seen by a probe" : name(check) + " " + what(check, now)) + ". " + names
                                + " and " + count(group.size() - 2) + " more"
                                + (rows > 0 ? ", " + count(rows, "row") : ""),
                        since,
                        first.isViolation() ? "exposed" : "at risk"));
    }

    private static String what(Check check, Instant now) {
        return switch (check.at(now)) {
            case DOWN -> check.lastReportFailed() ? "failed" : "does not report";
            case GRACE -> "is late";
            case NEW -> "has never reported";
            case PAUSED -> "is paused";
            case UP -> "reports, yet the data stays";
        };
    }

    private static int rank(@Nullable String tier) {
        var rank = tier == null ? -1 : TIERS.indexOf(tier);
        return rank < 0 ? TIERS.size() : rank;
    }

    private static String name(Check check) {
        return check.name().isBlank() ? check.jobId() : check.name();
    }

    // ---- the last 24 hours

    private static Lane exposureLane(List<Exposed> lately, Axis axis) {
        var bars = lately.stream()
                .filter(each -> each.violationAt() != null || !each.isClosed())
                .map(each -> {
                    var end = each.closedAt() == null ? axis.to() : each.closedAt();
                    return new Lane.Bar(
                            each.since(),
                            end,
                            each.violationAt() == null ? "g-bar f-warn" : "g-bar f-bad",
                            null,
                            Figures.utc(each.since()) + " · " + each.tenant() + " in " + each.region()
                                    + (each.isClosed() ? ", closed" : ", open"));
                })
                .toList();
        var open = lately.stream().filter(each -> !each.isClosed()).count();
        var words = count(open) + " open, " + count(lately.size() - open) + " closed";
        return new Lane("Exposures", words, "/exposures", "Exposures: " + words, bars, List.of(), null, "");
    }

    private static Lane jobLane(List<Happened> happened, Map<Shown, Long> counts) {
        var marks = happened.stream()
                .filter(each -> each.to() == Status.DOWN || each.from() == Status.DOWN)
                .map(each -> new Lane.Mark(
                        each.at(),
                        each.to() == Status.DOWN ? State.BAD : State.OK,
                        null,
                        Figures.utc(each.at()) + " · " + each.name()
                                + (each.to() == Status.DOWN ? " went down" : " is up again")))
                .toList();
        var down = marks.stream().filter(mark -> mark.state() == State.BAD).count();
        var all = counts.values().stream().mapToLong(Long::longValue).sum();
        var words = "went down " + count(down, "time") + ", " + count(all, "check");
        return new Lane("Jobs", words, "/checks", "Jobs: " + words, List.of(), marks, null, "");
    }

    private static List<Event> events(List<Happened> happened, List<Exposed> lately, Map<String, Tenant> tenants) {
        var events = new ArrayList<Event>();
        happened.stream()
                .limit(EVENTS)
                .forEach(each -> events.add(new Event(
                        each.at(),
                        switch (each.to()) {
                            case DOWN -> Word.bad("Down");
                            case UP -> Word.ok("Up");
                            case NEW -> Word.mute("New");
                            case PAUSED -> Word.mute("Paused").with("player-pause");
                        },
                        "/checks/" + each.jobId(),
                        each.name(),
                        switch (each.reason()) {
                            case "timeout" -> "did not report when it was due";
                            case "fail", "exit_code" -> "failed";
                            case "success" -> each.from() == Status.DOWN ? "is up again" : "reported";
                            default -> each.reason();
                        })));
        lately.stream().limit(EVENTS).forEach(each -> {
            var name = Optional.ofNullable(tenants.get(each.tenant()))
                    .map(Tenant::name)
                    .orElse(each.tenant());
            var closed = each.closedAt();
            events.add(new Event(
                    closed == null ? each.since() : closed,
                    closed != null
                            ? Word.ok("Closed")
                            : each.isViolation() ? Word.bad("Violation") : Word.warn("At risk"),
                    "/exposures/" + each.id(),
                    name,
                    closed != null
                            ? "is in place again"
                            : each.isViolation() ? "has data where it may not be" : "is at risk"));
        });
        return events.stream()
                .sorted(Comparator.comparing(Event::at).reversed())
                .limit(EVENTS)
                .toList();
    }
}
