package io.muster.server.heartbeat;

import static io.muster.server.layout.Figures.count;
import static io.muster.server.layout.Figures.promise;

import io.muster.server.access.BaseUrl;
import io.muster.server.access.Caller;
import io.muster.server.heartbeat.CheckBoard.Narrow;
import io.muster.server.heartbeat.CheckBoard.PingSeen;
import io.muster.server.heartbeat.CheckBoard.Place;
import io.muster.server.heartbeat.CheckBoard.Shown;
import io.muster.server.heartbeat.ChecksView.Filter;
import io.muster.server.heartbeat.ChecksView.Route;
import io.muster.server.keys.Cursors;
import io.muster.server.layout.Chip;
import io.muster.server.layout.Figures;
import io.muster.server.layout.Nav;
import io.muster.server.layout.NavCount;
import io.muster.server.layout.Page;
import io.muster.server.layout.Pages;
import io.muster.server.layout.Run;
import io.muster.server.layout.State;
import io.muster.server.layout.Word;
import io.muster.server.problem.Problem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.util.UriComponentsBuilder;
import tools.jackson.databind.json.JsonMapper;

/** The pages about checks: did every job report? */
@Controller
class CheckPages implements NavCount {

    private static final int ROWS = 25;
    private static final int PINGS = 20;
    private static final int RUNS = 48;
    private static final int EXPOSURES = 10;
    private static final int NEXT = 5;
    /** Of the last reports, from which the share of good ones is told. */
    private static final int JUDGED = 1_000;

    private final Pages pages;
    private final Checks checks;
    private final CheckBoard board;
    private final ObjectProvider<CheckFacts> above;
    private final Cursors cursors;
    private final BaseUrl baseUrl;
    private final JsonMapper json;

    CheckPages(
            Pages pages,
            Checks checks,
            CheckBoard board,
            ObjectProvider<CheckFacts> above,
            Cursors cursors,
            BaseUrl baseUrl,
            JsonMapper json) {
        this.pages = pages;
        this.checks = checks;
        this.board = board;
        this.above = above;
        this.cursors = cursors;
        this.baseUrl = baseUrl;
        this.json = json;
    }

    @Override
    public Nav nav() {
        return Nav.CHECKS;
    }

    @Override
    public Optional<Count> attention(Caller caller, Instant now) {
        var counts = counts(caller.project(), now);
        var down = counts.getOrDefault(Shown.DOWN, 0L);
        var late = counts.getOrDefault(Shown.LATE, 0L);
        if (down + late == 0) return Optional.empty();
        return Optional.of(new Count(down + late, down > 0 ? State.BAD : State.WARN, downAndLate(down, late)));
    }

    /** Menu and page of one request count once. */
    private Map<Shown, Long> counts(String project, Instant now) {
        var request = RequestContextHolder.currentRequestAttributes();
        var key = CheckPages.class.getName() + "." + project;
        if (request.getAttribute(key, RequestAttributes.SCOPE_REQUEST) instanceof Counts once) return once.counts;
        var once = new Counts(board.counts(project, now));
        request.setAttribute(key, once, RequestAttributes.SCOPE_REQUEST);
        return once.counts;
    }

    private record Counts(Map<Shown, Long> counts) {}

    @GetMapping("/checks")
    @Nullable ModelAndView list(
            @RequestParam(defaultValue = "") String state,
            @RequestParam(defaultValue = "") String q,
            @RequestParam(defaultValue = "") String from,
            @RequestParam(defaultValue = "") String to,
            @RequestParam(defaultValue = "") String cursor,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        var page = pages.page("Checks", Nav.CHECKS);
        var project = page.caller().project();
        var facts = Optional.ofNullable(above.getIfAvailable());
        var regions = facts.map(CheckFacts::regions).orElse(new CheckFacts.Regions(List.of(), List.of()));
        var filter = new Filter(state, q.strip(), from, to, regions.from(), regions.to());
        var among = from.isEmpty() && to.isEmpty()
                ? null
                : facts.map(each -> each.between(from.isEmpty() ? null : from, to.isEmpty() ? null : to))
                        .orElse(List.of());
        var place = cursor.isEmpty() ? null : place(cursors.decode("checks, worst first", cursor));
        var found = board.worst(project, new Narrow(shown(state), filter.q(), among), place, page.now(), ROWS + 1);
        var shown = found.subList(0, Math.min(ROWS, found.size()));
        var counts = counts(project, page.now());
        var next = found.size() > ROWS ? next(request, shown.getLast(), page.now()) : null;
        var exposures = facts.map(CheckFacts::exposures).orElse(new CheckFacts.Exposures(0, 0));
        var view = new ChecksView(
                overall(counts),
                answer(counts, exposures),
                chips(counts, state),
                filter,
                rows(shown, facts, page.now()),
                range(shown.size(), counts, place == null && !filter.narrows()),
                next,
                place == null);
        return pages.live(page, "heartbeat/checks", Map.of("checks", view), request, response);
    }

    @GetMapping("/checks/{jobId}")
    @Nullable ModelAndView one(
            @PathVariable String jobId,
            @RequestParam @Nullable Long ping,
            @RequestParam @Nullable Long before,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        var check = checks.find(project(), jobId)
                .orElseThrow(() -> Problem.notFound("There is no check " + jobId + ", or it is not yours."));
        var page = pages.page(check.name(), Nav.CHECKS);
        return pages.live(page, "heartbeat/check", Map.of("check", view(check, page, ping, before)), request, response);
    }

    @PostMapping("/checks/{jobId}/pause")
    String pause(@PathVariable String jobId) {
        if (checks.pause(project(), jobId).isEmpty()) throw Problem.notFound("There is no check " + jobId + ".");
        return "redirect:/checks/" + jobId;
    }

    @PostMapping("/checks/{jobId}/resume")
    String resume(@PathVariable String jobId) {
        if (checks.resume(project(), jobId).isEmpty()) throw Problem.notFound("There is no check " + jobId + ".");
        return "redirect:/checks/" + jobId;
    }

    private String project() {
        return pages.caller().project();
    }

    // ---- the list

    private static @Nullable Shown shown(String state) {
        for (var each : Shown.values()) {
            if (each.name().toLowerCase(Locale.ROOT).equals(state)) return each;
        }
        return null;
    }

    private static Place place(String position) {
        var parts = position.split(" ", 2);
        return new Place(Integer.parseInt(parts[0]), parts[1]);
    }

    private String next(HttpServletRequest request, Check last, Instant now) {
        var cursor = cursors.encode("checks, worst first", Shown.of(last, now).ordinal() + " " + last.jobId());
        var query = request.getQueryString();
        return UriComponentsBuilder.fromPath("/checks")
                .query(query)
                .replaceQueryParam("cursor", cursor)
                .build()
                .toUriString();
    }

    private static State overall(Map<Shown, Long> counts) {
        if (counts.isEmpty()) return State.MUTE;
        if (counts.getOrDefault(Shown.DOWN, 0L) > 0) return State.BAD;
        return counts.getOrDefault(Shown.LATE, 0L) > 0 ? State.WARN : State.OK;
    }

    private static String answer(Map<Shown, Long> counts, CheckFacts.Exposures exposures) {
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
                + " reported on time, " + downAndLate(down, late) + ".";
        return exposures.violations() == 0
                ? words
                : words + " " + count(exposures.violations(), "tenant") + (exposures.violations() == 1 ? " is" : " are")
                        + " exposed.";
    }

    private static String downAndLate(long down, long late) {
        var words = new ArrayList<String>();
        if (down > 0) words.add(count(down) + " down");
        if (late > 0) words.add(count(late) + " late");
        return String.join(", ", words);
    }

    private static List<Chip> chips(Map<Shown, Long> counts, String state) {
        var chips = new ArrayList<Chip>();
        var all = counts.values().stream().mapToLong(Long::longValue).sum();
        chips.add(new Chip("", null, "All", all, shown(state) == null));
        for (var each : Shown.values()) {
            var value = each.name().toLowerCase(Locale.ROOT);
            chips.add(new Chip(value, word(each), "", counts.getOrDefault(each, 0L), value.equals(state)));
        }
        return chips;
    }

    static Word word(Shown shown) {
        return switch (shown) {
            case DOWN -> Word.bad("Down");
            case LATE -> Word.warn("Late").with("clock-exclamation");
            case RUNNING -> Word.run("Running");
            case UP -> Word.ok("Up");
            case NEW -> Word.mute("New");
            case PAUSED -> Word.mute("Paused").with("player-pause");
        };
    }

    private static String range(int rows, Map<Shown, Long> counts, boolean first) {
        var all = counts.values().stream().mapToLong(Long::longValue).sum();
        return first ? "1 to " + count(rows) + " of " + count(all) + ", worst first" : count(rows) + ", worst first";
    }

    private List<ChecksView.Row> rows(List<Check> shown, Optional<CheckFacts> facts, Instant now) {
        var ids = shown.stream().map(Check::id).toList();
        var routes = facts.map(each -> each.routes(ids)).orElse(Map.of());
        var runs = board.runs(shown);
        return shown.stream()
                .map(check -> row(check, routes.get(check.id()), runs.getOrDefault(check.id(), List.of()), now))
                .toList();
    }

    private static ChecksView.Row row(Check check, @Nullable Route route, List<Run> runs, Instant now) {
        var as = Shown.of(check, now);
        var due = due(check, as);
        return new ChecksView.Row(
                word(as),
                check.jobId(),
                check.name().isBlank() ? check.jobId() : check.name(),
                route,
                schedule(check.schedule()),
                promise(check.grace()),
                check.lastPing(),
                lastWords(check),
                due.at,
                due.state,
                due.words,
                due.small,
                runs);
    }

    private record Due(@Nullable Instant at, State state, String words, String small) {}

    private static Due due(Check check, Shown as) {
        var expected = check.expectedAt().orElse(null);
        return switch (as) {
            case NEW -> new Due(null, State.MUTE, "", "starts with first ping");
            case PAUSED -> new Due(null, State.MUTE, "", "paused");
            case LATE ->
                new Due(
                        expected,
                        State.WARN,
                        "late",
                        check.downAt()
                                .map(at -> "down at " + Figures.minute(at) + " UTC")
                                .orElse(""));
            case DOWN ->
                expected == null
                        ? new Due(null, State.BAD, "", "no report awaited")
                        : check.lastReportFailed()
                                ? new Due(expected, State.MUTE, "", Figures.minute(expected) + " UTC")
                                : new Due(expected, State.BAD, "overdue", "was " + Figures.minute(expected) + " UTC");
            case RUNNING, UP ->
                expected == null
                        ? new Due(null, State.MUTE, "", check.isStarted() ? "its first run" : "never again")
                        : new Due(expected, State.MUTE, "", Figures.minute(expected) + " UTC");
        };
    }

    private static String lastWords(Check check) {
        if (check.isStarted()) return "started";
        if (check.lastPing() == null) return "waits for its first ping";
        var took = check.lastDuration();
        return (check.lastReportFailed() ? "failed" : "passed") + (took == null ? "" : " in " + Figures.duration(took));
    }

    static String schedule(Schedule schedule) {
        return switch (schedule) {
            case Schedule.Every(var period) -> "Every " + promise(period);
            case Schedule.Cron(var expression, var tz) -> expression + ", " + tz.getId();
            case Schedule.OnCalendar(var expression, var tz) -> expression + ", " + tz.getId();
        };
    }

    private static String expression(Schedule schedule) {
        return switch (schedule) {
            case Schedule.Every(var period) -> period.toString();
            case Schedule.Cron cron -> cron.expression();
            case Schedule.OnCalendar calendar -> calendar.expression();
        };
    }

    // ---- one check

    private CheckView view(Check check, Page page, @Nullable Long ping, @Nullable Long before) {
        var now = page.now();
        var as = Shown.of(check, now);
        var facts = Optional.ofNullable(above.getIfAvailable());
        var route = facts.map(each -> each.routes(List.of(check.id())).get(check.id()))
                .orElse(null);
        var exposures = facts.map(each -> each.exposures(check.id(), EXPOSURES)).orElse(List.of());
        var due = due(check, as);
        var heard = board.pings(check.id(), before, PINGS + 1);
        var shownPings = heard.subList(0, Math.min(PINGS, heard.size()));
        var selected = ping == null
                ? shownPings.stream().findFirst()
                : board.pings(check.id(), ping + 1, 1).stream()
                        .filter(each -> each.n() == ping)
                        .findFirst();
        var judged = board.pings(check.id(), null, JUDGED);
        var took = took(judged);
        var rows = facts.map(each -> each.rows(
                        check.id(),
                        judged.stream().limit(3L * RUNS).map(PingSeen::n).toList()))
                .orElse(Map.of());
        var failures = failuresInARow(judged);
        var mayWrite = page.caller().admin() || page.caller().mayWrite();
        var url = baseUrl.url("/ping/" + check.uuid().value());
        var settings = new ArrayList<CheckView.Setting>();
        settings.add(
                new CheckView.Setting("Schedule", schedule(check.schedule()) + ", grace " + promise(check.grace())));
        facts.ifPresent(each -> settings.addAll(each.settings(check.id())));
        if (!check.tags().isEmpty()) {
            settings.add(new CheckView.Setting("Tags", String.join(", ", check.tags())));
        }
        settings.add(new CheckView.Setting("Declared", Figures.day(check.createdAt())));
        return new CheckView(
                check.jobId(),
                check.name().isBlank() ? check.jobId() : check.name(),
                word(as),
                as == Shown.NEW ? null : check.statusSince(),
                answer(check, as, failures, exposures, route),
                failures > 1 ? count(failures) + " failures in a row" : lastWords(check),
                mayWrite ? act(check) : null,
                route,
                check.lastSuccess(),
                lastGood(judged, took, rows),
                due.at,
                dueSmall(check, due),
                good(judged),
                goodSmall(judged),
                exposures,
                runsWords(judged),
                runsJson(judged, took, rows),
                shownPings.stream()
                        .map(each -> new CheckView.PingRow(
                                each.n(),
                                each.at(),
                                word(each),
                                took.containsKey(each.n()) ? Figures.duration(took.get(each.n())) : "",
                                rows.containsKey(each.n()) ? count(rows.get(each.n())) : "",
                                selected.map(one -> one.n() == each.n()).orElse(false)))
                        .toList(),
                heard.size() > PINGS ? shownPings.getLast().n() : null,
                selected.map(each -> selected(check, each)).orElse(null),
                mayWrite ? url : null,
                mayWrite ? baseUrl.url("/fail/" + check.uuid().value()) : null,
                nextRuns(check),
                schedule(check.schedule()),
                expression(check.schedule()),
                settings);
    }

    private static String answer(
            Check check, Shown as, long failures, List<CheckView.Exposed> exposures, @Nullable Route route) {
        var begin = switch (as) {
            case NEW -> "It waits for its first ping.";
            case PAUSED -> "Nothing is awaited until it is resumed or reports.";
            case UP, RUNNING -> "The last report was a good one.";
            case LATE -> "A report is overdue; its grace runs.";
            case DOWN ->
                check.lastReportFailed()
                        ? failures > 1 ? "The last " + count(failures) + " runs failed." : "The last run failed."
                        : "No report came when it was due.";
        };
        if (route == null || exposures.isEmpty()) return begin;
        var violations = route.violations();
        return violations > 0
                ? begin + " " + count(violations, "tenant") + " of " + route.fromRegion()
                        + (violations == 1 ? " is" : " are") + " exposed."
                : begin + " " + count(route.atRisk(), "tenant") + (route.atRisk() == 1 ? " is" : " are") + " at risk.";
    }

    private static CheckView.@Nullable Act act(Check check) {
        return check.status() == Status.PAUSED
                ? new CheckView.Act("Resume", "player-play", "/checks/" + check.jobId() + "/resume")
                : new CheckView.Act("Pause", "player-pause", "/checks/" + check.jobId() + "/pause");
    }

    private static String dueSmall(Check check, Due due) {
        if (due.at == null) return due.small;
        return Figures.minute(due.at) + " UTC, grace to " + Figures.minute(due.at.plus(check.grace()));
    }

    private static long failuresInARow(List<PingSeen> newestFirst) {
        return newestFirst.stream()
                .filter(ping -> ping.kind() == Kind.SUCCESS || ping.kind() == Kind.FAIL)
                .takeWhile(ping -> ping.kind() == Kind.FAIL)
                .count();
    }

    /** How long each run took whose start was heard, by the number of its last ping. */
    private static Map<Long, Duration> took(List<PingSeen> newestFirst) {
        var took = new HashMap<Long, Duration>();
        var started = new HashMap<Optional<UUID>, Instant>();
        for (var ping : newestFirst.reversed()) {
            var run = Optional.ofNullable(ping.rid());
            switch (ping.kind()) {
                case START -> started.put(run, ping.at());
                case SUCCESS, FAIL -> {
                    var start = started.remove(run);
                    if (start != null) took.put(ping.n(), Duration.between(start, ping.at()));
                }
                case LOG, IGN -> {}
            }
        }
        return took;
    }

    private static List<PingSeen> reports(List<PingSeen> newestFirst) {
        return newestFirst.stream()
                .filter(ping -> ping.kind() == Kind.SUCCESS || ping.kind() == Kind.FAIL)
                .toList();
    }

    private static String lastGood(List<PingSeen> newestFirst, Map<Long, Duration> took, Map<Long, Long> rows) {
        return newestFirst.stream()
                .filter(ping -> ping.kind() == Kind.SUCCESS)
                .findFirst()
                .map(ping -> {
                    var words = new ArrayList<String>();
                    if (rows.containsKey(ping.n())) words.add(count(rows.get(ping.n()), "row"));
                    if (took.containsKey(ping.n())) words.add("in " + Figures.duration(took.get(ping.n())));
                    return words.isEmpty() ? Figures.utc(ping.at()) : String.join(" ", words);
                })
                .orElse("no success yet");
    }

    private static String good(List<PingSeen> newestFirst) {
        var reports = reports(newestFirst);
        if (reports.isEmpty()) return "–";
        return Figures.percent(
                reports.stream().filter(ping -> ping.kind() == Kind.SUCCESS).count(), reports.size());
    }

    private static String goodSmall(List<PingSeen> newestFirst) {
        var reports = reports(newestFirst);
        if (reports.isEmpty()) return "no report yet";
        return count(reports.stream()
                        .filter(ping -> ping.kind() == Kind.SUCCESS)
                        .count()) + " of the last " + count(reports.size(), "report");
    }

    private static String runsWords(List<PingSeen> newestFirst) {
        var runs = reports(newestFirst).stream().limit(RUNS).toList();
        var failed = runs.stream().filter(ping -> ping.kind() == Kind.FAIL).count();
        return "last " + count(runs.size(), "run") + ", " + (failed == 0 ? "all passed" : count(failed) + " failed");
    }

    /** For the chart; empty if there is nothing to draw, as for a job that never says when it starts. */
    private String runsJson(List<PingSeen> newestFirst, Map<Long, Duration> took, Map<Long, Long> rows) {
        var runs = reports(newestFirst).stream().limit(RUNS).toList().reversed();
        if (runs.stream().filter(ping -> took.containsKey(ping.n())).count() < 2) return "";
        var drawn = runs.stream()
                .map(ping -> {
                    var run = new LinkedHashMap<String, Object>();
                    run.put("at", ping.at().toString());
                    run.put("run", ping.n());
                    run.put("s", ping.kind() == Kind.SUCCESS ? "ok" : "bad");
                    var time = took.get(ping.n());
                    run.put("sec", time == null ? null : time.toMillis() / 1000.0);
                    run.put("rows", rows.get(ping.n()));
                    return run;
                })
                .toList();
        return json.writeValueAsString(Map.of("runs", drawn)).replace("<", "\\u003c");
    }

    private static Word word(PingSeen ping) {
        return switch (ping.kind()) {
            case SUCCESS -> Word.ok("Passed");
            case START -> Word.run("Started");
            case FAIL -> Word.bad(ping.exit() == null ? "Failed" : "Failed, exit " + ping.exit());
            case LOG -> Word.mute("Log").with("file-text");
            case IGN -> Word.mute("Ignored").with("ban");
        };
    }

    private CheckView.Selected selected(Check check, PingSeen ping) {
        var body = board.body(check.id(), ping.n()).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
        var from = ping.method() + (ping.remoteAddr() == null ? "" : " from " + ping.remoteAddr())
                + (ping.userAgent().isEmpty() ? "" : " · " + ping.userAgent()) + " · " + Figures.bytes(ping.bytes());
        return new CheckView.Selected(ping.n(), word(ping), body.orElse(null), from);
    }

    private static List<CheckView.Next> nextRuns(Check check) {
        var next = new ArrayList<CheckView.Next>();
        var due = check.expectedAt();
        while (due.isPresent() && next.size() < NEXT) {
            next.add(new CheckView.Next(due.get(), due.get().plus(check.grace())));
            due = check.schedule().dueAfter(due.get());
        }
        return next;
    }
}
