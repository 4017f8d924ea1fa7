package io.muster.server.heartbeat;

import static io.muster.server.layout.Figures.count;
import static io.muster.server.layout.Figures.promise;

import io.muster.server.heartbeat.CheckBoard.Look;
import io.muster.server.heartbeat.CheckBoard.Shown;
import io.muster.server.heartbeat.ChecksView.Route;
import io.muster.server.layout.Chip;
import io.muster.server.layout.Run;
import io.muster.server.layout.State;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Puts together what the list of checks says. */
final class CheckList {

    static State overall(Map<Shown, Long> counts) {
        if (counts.isEmpty()) return State.MUTE;
        if (counts.getOrDefault(Shown.DOWN, 0L) > 0) return State.BAD;
        return counts.getOrDefault(Shown.LATE, 0L) > 0 ? State.WARN : State.OK;
    }

    static String answer(Map<Shown, Long> counts, CheckFacts.Exposures exposures) {
        var down = counts.getOrDefault(Shown.DOWN, 0L);
        var late = counts.getOrDefault(Shown.LATE, 0L);
        var unborn = counts.getOrDefault(Shown.NEW, 0L);
        var active = counts.values().stream().mapToLong(Long::longValue).sum()
                - unborn
                - counts.getOrDefault(Shown.PAUSED, 0L);
        if (counts.isEmpty()) return "No job is watched yet.";
        if (active == 0) return "None is awaited: " + count(unborn, "check") + " wait for a first ping.";
        if (down + late == 0) return "Yes. All " + count(active, "active check") + " reported on time.";
        var words = "No. " + count(active - down - late) + " of " + count(active, "active check")
                + " reported on time, " + CheckWords.downAndLate(down, late) + ".";
        return exposures.violations() == 0
                ? words
                : words + " " + count(exposures.violations(), "tenant") + (exposures.violations() == 1 ? " is" : " are")
                        + " exposed.";
    }

    static List<Chip> chips(Map<Shown, Long> counts, String state) {
        var chips = new ArrayList<Chip>();
        var all = counts.values().stream().mapToLong(Long::longValue).sum();
        chips.add(new Chip("", null, "All", all, CheckFilter.shown(state) == null));
        for (var each : Shown.values()) {
            var value = each.name().toLowerCase(Locale.ROOT);
            chips.add(new Chip(value, CheckWords.word(each), "", counts.getOrDefault(each, 0L), value.equals(state)));
        }
        return chips;
    }

    static String range(int rows, Look look, CheckFilter filter, boolean first) {
        var sorted = ", " + filter.sorted().words();
        var counted = look.isKept() ? "; counts are up to 5 s old" : "";
        return first && !filter.narrows()
                ? "1 to " + count(rows) + " of " + count(look.all()) + sorted + counted
                : count(rows) + " shown" + sorted + counted;
    }

    static List<ChecksView.Row> rows(
            List<Check> shown, Optional<CheckFacts> facts, Map<Long, List<Run>> runs, Instant now) {
        var ids = shown.stream().map(Check::id).toList();
        var routes = facts.map(each -> each.routes(ids)).orElse(Map.of());
        return shown.stream()
                .map(check -> row(check, routes.get(check.id()), runs.getOrDefault(check.id(), List.of()), now))
                .toList();
    }

    private static ChecksView.Row row(Check check, @Nullable Route route, List<Run> runs, Instant now) {
        var as = Shown.of(check, now);
        var due = CheckWords.due(check, as);
        return new ChecksView.Row(
                CheckWords.word(as),
                check.jobId(),
                check.title(),
                route,
                CheckWords.schedule(check.schedule()),
                promise(check.grace()),
                check.lastPing(),
                CheckWords.lastWords(check),
                due.at(),
                due.state(),
                due.words(),
                due.small(),
                runs);
    }

    static ChecksView.View view(SavedViews.SavedView view, CheckFilter shown) {
        return new ChecksView.View(
                view.id(), view.name(), CheckFilter.url(view), view.query().equals(shown.query()), view.isDefault());
    }

    private CheckList() {}
}
