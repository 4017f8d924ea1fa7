package io.muster.server.console;

import static io.muster.server.layout.Figures.count;

import io.muster.server.console.OverviewView.Place;
import io.muster.server.heartbeat.Check;
import io.muster.server.heartbeat.CheckWords;
import io.muster.server.layout.State;
import io.muster.server.layout.Word;
import io.muster.server.layout.WorldMap;
import io.muster.server.residency.ExposureBoard;
import io.muster.server.residency.ExposureBoard.Cell;
import io.muster.server.residency.ProbeBoard;
import io.muster.server.residency.ReplicationBoard.Moves;
import io.muster.server.tenancy.Catalogue;
import io.muster.server.tenancy.CatalogueBoard;
import io.muster.server.tenancy.CatalogueBoard.Homes;
import io.muster.server.tenancy.Region;
import io.muster.server.tenancy.Store;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** The regions in which there are stores, how each of them is, and the jobs between them: as a list and as a map. */
@Component
class Regions {

    private final Catalogue catalogue;
    private final CatalogueBoard declared;
    private final ExposureBoard exposures;
    private final ProbeBoard probes;

    Regions(Catalogue catalogue, CatalogueBoard declared, ExposureBoard exposures, ProbeBoard probes) {
        this.catalogue = catalogue;
        this.declared = declared;
        this.exposures = exposures;
        this.probes = probes;
    }

    /** A region and what is said of it. */
    record Seen(Place place, Region region, long tenants) {}

    /** The worst first, then those with most tenants. */
    List<Seen> seen(List<Homes> homes, Instant now) {
        var living = homes.stream().collect(Collectors.groupingBy(Homes::home, Collectors.summingLong(Homes::tenants)));
        var cells = exposures.cells();
        var seen = new ArrayList<Seen>();
        for (var code : declared.regionsInUse()) {
            var region = catalogue.region(code).orElse(null);
            if (region == null) continue;
            var here = cells.stream().filter(cell -> cell.region().equals(code)).toList();
            seen.add(seen(region, here, living.getOrDefault(code, 0L), now));
        }
        seen.sort(Comparator.comparing((Seen each) -> each.place.word().state()).thenComparing(each -> -each.tenants));
        return seen;
    }

    private Seen seen(Region region, List<Cell> cells, long tenants, Instant now) {
        var stores = catalogue.storesIn(region.code());
        var violations = cells.stream().mapToLong(Cell::violations).sum();
        var risks = cells.stream().mapToLong(Cell::atRisk).sum();
        var silent = probes.probes(stores.stream().map(Store::id).toList()).stream()
                .filter(probe -> probe.isStale(now))
                .findFirst();
        var word = silent.map(probe -> probe.failure() == null ? Word.unknown("Unknown") : Word.bad("No answer"))
                .orElseGet(() ->
                        violations > 0 ? Word.warn("Degraded") : risks > 0 ? Word.warn("At risk") : Word.ok("Healthy"));
        var note = silent.map(probe -> "probe " + probe.id() + " does not answer")
                .orElseGet(() -> violations > 0
                        ? count(violations, "tenant") + " exposed"
                        : risks > 0 ? count(risks, "tenant") + " at risk" : roles(stores));
        var place = new Place(
                region.code(),
                region.city().isBlank() ? region.name() : region.city(),
                word,
                tenants == 0 ? "no home tenants" : count(tenants, "tenant"),
                note,
                silent.isPresent());
        return new Seen(place, region, tenants);
    }

    private static String roles(List<Store> stores) {
        return stores.stream()
                .map(store -> store.role().word())
                .distinct()
                .limit(3)
                .collect(Collectors.joining(", "));
    }

    WorldMap map(List<Seen> seen, List<Moves> moves, Map<Long, Check> jobs, Instant now) {
        var spots = seen.stream()
                .map(each -> new WorldMap.Spot(
                        each.region.code(),
                        each.region.lat(),
                        each.region.lon(),
                        each.place.word().state(),
                        each.place.city(),
                        each.place.word().state() == State.OK
                                ? null
                                : each.place.word().text(),
                        each.place.city() + ", " + each.region.code() + ": "
                                + each.place.word().text() + "; " + each.place.tenants() + ", " + each.place.note()))
                .toList();
        return WorldMap.of(
                words(seen, moves.size()),
                land -> new WorldMap.Fill(land.equals("Rest of world") ? "pm-deny" : "pm-on", null),
                spots,
                ways(moves, jobs, now));
    }

    private static String words(List<Seen> seen, int jobs) {
        var bad = seen.stream()
                .filter(each -> each.place.word().state() != State.OK)
                .map(each -> each.place.city() + " (" + each.place.word().text() + ")")
                .collect(Collectors.joining(", "));
        return "World map of " + count(seen.size(), "region") + " and " + count(jobs, "replication job") + ". "
                + (bad.isEmpty() ? "All are healthy." : "Not healthy: " + bad + ".")
                + " The list below has the same facts.";
    }

    /** One line between two regions, as bad as the worst of its jobs. */
    private List<WorldMap.Way> ways(List<Moves> moves, Map<Long, Check> jobs, Instant now) {
        var stores = catalogue.stores(moves.stream()
                .flatMap(each -> Stream.of(each.from(), each.to()))
                .collect(Collectors.toCollection(HashSet::new)));
        var worst = new LinkedHashMap<String, WorldMap.Way>();
        for (var each : moves) {
            var from = stores.get(each.from());
            var to = stores.get(each.to());
            var check = jobs.get(each.check());
            if (from == null || to == null || check == null || from.region().equals(to.region())) continue;
            var word = CheckWords.word(check.at(now));
            var way = new WorldMap.Way(from.region(), to.region(), word.state(), check.title() + ": " + word.text());
            worst.merge(
                    from.region() + " " + to.region(), way, (a, b) -> b.state().compareTo(a.state()) < 0 ? b : a);
        }
        return List.copyOf(worst.values());
    }

    /** {@code Healthy 6}, {@code Degraded 3}: the best first. */
    static List<Word> tally(List<Place> places) {
        var tally = new LinkedHashMap<String, List<Word>>();
        places.stream()
                .map(Place::word)
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
}
