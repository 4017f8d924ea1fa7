package io.muster.server.heartbeat;

import io.muster.server.access.Caller;
import io.muster.server.heartbeat.CheckBoard.Narrow;
import io.muster.server.heartbeat.CheckBoard.Place;
import io.muster.server.heartbeat.CheckBoard.Shown;
import io.muster.server.heartbeat.ChecksView.Filter;
import io.muster.server.keys.Cursors;
import io.muster.server.layout.Nav;
import io.muster.server.layout.NavCount;
import io.muster.server.layout.Pages;
import io.muster.server.layout.State;
import io.muster.server.problem.Problem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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

/** The pages about checks: did every job report? */
@Controller
class CheckPages implements NavCount {

    private static final int ROWS = 25;

    private final Pages pages;
    private final Checks checks;
    private final CheckBoard board;
    private final ObjectProvider<CheckFacts> above;
    private final Cursors cursors;
    private final CheckPage one;

    CheckPages(
            Pages pages,
            Checks checks,
            CheckBoard board,
            ObjectProvider<CheckFacts> above,
            Cursors cursors,
            CheckPage one) {
        this.pages = pages;
        this.checks = checks;
        this.board = board;
        this.above = above;
        this.cursors = cursors;
        this.one = one;
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
        return Optional.of(
                new Count(down + late, down > 0 ? State.BAD : State.WARN, CheckWords.downAndLate(down, late)));
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
                CheckList.overall(counts),
                CheckList.answer(counts, exposures),
                CheckList.chips(counts, state),
                filter,
                CheckList.rows(shown, facts, board.runs(shown), page.now()),
                CheckList.range(shown.size(), counts, place == null && !filter.narrows()),
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
        return pages.live(
                page, "heartbeat/check", Map.of("check", one.view(check, page, ping, before)), request, response);
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

    static @Nullable Shown shown(String state) {
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
}
