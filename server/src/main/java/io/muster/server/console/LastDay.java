package io.muster.server.console;

import static io.muster.server.layout.Figures.count;

import io.muster.server.console.OverviewView.Event;
import io.muster.server.heartbeat.CheckBoard.Happened;
import io.muster.server.heartbeat.CheckBoard.Shown;
import io.muster.server.heartbeat.Status;
import io.muster.server.layout.Axis;
import io.muster.server.layout.Figures;
import io.muster.server.layout.Lane;
import io.muster.server.layout.State;
import io.muster.server.layout.Word;
import io.muster.server.residency.ExposureBoard.Exposed;
import io.muster.server.tenancy.Tenant;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What happened in the last 24 hours. */
final class LastDay {

    private static final int EVENTS = 8;

    static Lane exposures(List<Exposed> lately, Axis axis) {
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

    static Lane jobs(List<Happened> happened, Map<Shown, Long> counts) {
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

    static List<Event> events(List<Happened> happened, List<Exposed> lately, Map<String, Tenant> tenants) {
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
        alike(lately).stream().limit(EVENTS).forEach(group -> events.add(event(group, tenants)));
        return events.stream()
                .sorted(Comparator.comparing(Event::at).reversed())
                .limit(EVENTS)
                .toList();
    }

    /** Those that opened or closed for the same cause within a minute are one event. */
    private static List<List<Exposed>> alike(List<Exposed> lately) {
        var groups = new LinkedHashMap<String, List<Exposed>>();
        for (var each : lately) {
            var minute = at(each).getEpochSecond() / 60;
            groups.computeIfAbsent(
                            each.state() + " " + each.store() + " " + each.check() + " " + minute,
                            _ -> new ArrayList<>())
                    .add(each);
        }
        return List.copyOf(groups.values());
    }

    private static Instant at(Exposed exposed) {
        var closed = exposed.closedAt();
        return closed == null ? exposed.since() : closed;
    }

    private static Event event(List<Exposed> group, Map<String, Tenant> tenants) {
        var first = group.getFirst();
        var one = group.size() == 1;
        var word = first.isClosed()
                ? Word.ok("Closed")
                : first.isViolation() ? Word.bad("Violation") : Word.warn("At risk");
        var what = first.isClosed()
                ? one ? "is in place again" : "are in place again"
                : first.isViolation()
                        ? (one ? "has" : "have") + " data where it may not be, in " + first.region()
                        : (one ? "is" : "are") + " at risk in " + first.region();
        var tenant = tenants.get(first.tenant());
        return new Event(
                group.stream().map(LastDay::at).max(Comparator.naturalOrder()).orElse(at(first)),
                word,
                one
                        ? "/exposures/" + first.id()
                        : "/exposures?region=" + first.region() + (first.isClosed() ? "&state=closed" : ""),
                one ? tenant == null ? first.tenant() : tenant.name() : count(group.size(), "tenant"),
                what);
    }

    private LastDay() {}
}
