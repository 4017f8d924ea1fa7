package io.muster.server.heartbeat;

import io.muster.server.access.Caller;
import io.muster.server.heartbeat.CheckBoard.Look;
import io.muster.server.heartbeat.CheckBoard.Shown;
import io.muster.server.heartbeat.CheckRows.Place;
import io.muster.server.keys.Cursors;
import io.muster.server.layout.Nav;
import io.muster.server.layout.NavCount;
import io.muster.server.layout.Pages;
import io.muster.server.layout.State;
import io.muster.server.problem.Problem;
import io.muster.server.problem.Refused;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
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

/** The pages about checks: did every job report? */
@Controller
class CheckPages implements NavCount {

    private static final int ROWS = 25;
    private static final CheckFacts.Exposures NO_EXPOSURES = new CheckFacts.Exposures(0, 0);
    private static final CheckFacts.Regions NO_REGIONS = new CheckFacts.Regions(List.of(), List.of());

    private final Pages pages;
    private final Checks checks;
    private final CheckBoard board;
    private final ObjectProvider<CheckFacts> above;
    private final Cursors cursors;
    private final CheckPage one;
    private final SavedViews views;
    private final CompatChecks compat;

    CheckPages(
            Pages pages,
            Checks checks,
            CheckBoard board,
            ObjectProvider<CheckFacts> above,
            Cursors cursors,
            CheckPage one,
            SavedViews views,
            CompatChecks compat) {
        this.pages = pages;
        this.checks = checks;
        this.board = board;
        this.above = above;
        this.cursors = cursors;
        this.one = one;
        this.views = views;
        this.compat = compat;
    }

    @Override
    public Nav nav() {
        return Nav.CHECKS;
    }

    @Override
    public Optional<Count> attention(Caller caller, Instant now) {
        var counts = look(caller.project(), now).counts();
        var down = counts.getOrDefault(Shown.DOWN, 0L);
        var late = counts.getOrDefault(Shown.LATE, 0L);
        if (down + late == 0) return Optional.empty();
        return Optional.of(
                new Count(down + late, down > 0 ? State.BAD : State.WARN, CheckWords.downAndLate(down, late)));
    }

    /** Menu and page of one request count once. */
    private Look look(String project, Instant now) {
        var request = RequestContextHolder.currentRequestAttributes();
        var key = CheckPages.class.getName() + "." + project;
        if (request.getAttribute(key, RequestAttributes.SCOPE_REQUEST) instanceof Look once) return once;
        var once = board.look(project, now);
        request.setAttribute(key, once, RequestAttributes.SCOPE_REQUEST);
        return once;
    }

    @GetMapping("/checks")
    @Nullable ModelAndView list(
            @RequestParam Map<String, String> parameters,
            @RequestParam(defaultValue = "") String cursor,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        var filter = CheckFilter.of(parameters);
        var page = pages.page("Checks", Nav.CHECKS);
        var kept = views.of(page.caller().name());
        if (parameters.isEmpty()) {
            var begin = kept.stream().filter(SavedViews.SavedView::isDefault).findFirst();
            if (begin.isPresent()) return new ModelAndView("redirect:" + CheckFilter.url(begin.get()));
        }
        var project = page.caller().project();
        var facts = Optional.ofNullable(above.getIfAvailable());
        var place = cursor.isEmpty() ? null : place(cursors.decode(filter.cursor(), cursor));
        var listed = board.page(project, filter.narrow(among(filter, facts)), filter.sorted(), place, page.now(), ROWS);
        var look = look(project, page.now());
        var view = new ChecksView(
                CheckList.overall(look.counts()),
                CheckList.answer(look.counts(), facts.map(CheckFacts::exposures).orElse(NO_EXPOSURES)),
                CheckList.chips(look.counts(), filter.state()),
                filter,
                facts.map(CheckFacts::regions).orElse(NO_REGIONS),
                CheckList.rows(listed.checks(), facts, board.runs(listed.checks()), page.now()),
                CheckList.range(listed.checks().size(), look, filter, place == null),
                listed.next() == null ? null : filter.url(cursors.encode(filter.cursor(), position(listed.next()))),
                place == null,
                kept.stream().map(each -> CheckList.view(each, filter)).toList(),
                page.signedIn());
        return pages.live(page, "heartbeat/checks", Map.of("checks", view), request, response);
    }

    /** The checks to which the module above narrows the list; null: all. */
    private static @Nullable List<Long> among(CheckFilter filter, Optional<CheckFacts> facts) {
        var among = new ArrayList<List<Long>>();
        if (filter.exposed()) among.add(facts.map(CheckFacts::exposed).orElse(List.of()));
        if (!filter.from().isEmpty() || !filter.to().isEmpty()) {
            var from = filter.from().isEmpty() ? null : filter.from();
            var to = filter.to().isEmpty() ? null : filter.to();
            among.add(facts.map(each -> each.between(from, to)).orElse(List.of()));
        }
        return among.stream()
                .reduce((a, b) -> a.stream().filter(new HashSet<>(b)::contains).toList())
                .orElse(null);
    }

    @GetMapping("/checks/{jobId}")
    @Nullable ModelAndView one(
            @PathVariable String jobId,
            @RequestParam @Nullable Long ping,
            @RequestParam @Nullable Long before,
            @RequestParam @Nullable Long runs,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        var check = checks.find(project(), jobId)
                .orElseThrow(() -> Problem.notFound("There is no check " + jobId + ", or it is not yours."));
        var page = pages.page(check.name(), Nav.CHECKS);
        return pages.live(
                page, "heartbeat/check", Map.of("check", one.view(check, page, ping, before, runs)), request, response);
    }

    @PostMapping("/checks/{jobId}/pause")
    String pause(@PathVariable String jobId) {
        if (checks.pause(project(), jobId).isEmpty()) throw notFound(jobId);
        board.lookAgain(project());
        return "redirect:/checks/" + jobId;
    }

    @PostMapping("/checks/{jobId}/resume")
    String resume(@PathVariable String jobId) {
        if (checks.resume(project(), jobId).isEmpty()) throw notFound(jobId);
        board.lookAgain(project());
        return "redirect:/checks/" + jobId;
    }

    @PostMapping("/checks/{jobId}/snooze")
    String snooze(
            @PathVariable String jobId,
            @RequestParam("for") String length,
            @RequestParam(defaultValue = "") String reason) {
        if (checks.snooze(project(), jobId, span(length), reason.strip()).isEmpty()) {
            throw notFound(jobId);
        }
        return "redirect:/checks/" + jobId;
    }

    @PostMapping("/checks/{jobId}/snooze/end")
    String endSnooze(@PathVariable String jobId) {
        if (!checks.endSnooze(project(), jobId)) throw notFound(jobId);
        return "redirect:/checks/" + jobId;
    }

    private static Problem notFound(String jobId) {
        return Problem.notFound("There is no check " + jobId + ".");
    }

    private static Duration span(String text) {
        try {
            return Duration.parse(text);
        } catch (DateTimeParseException wrong) {
            throw new Refused("for", "must be a duration such as PT4H; got " + Refused.shown(text));
        }
    }

    /** Of the compatible API's; a declared job is deleted from the catalogue. */
    @PostMapping("/checks/{jobId}/delete")
    String delete(@PathVariable String jobId) {
        var caller = pages.caller();
        var check = checks.find(caller.project(), jobId).orElseThrow(() -> notFound(jobId));
        if (check.isNative()) throw Problem.conflict("It is declared as a job: delete it from the catalogue.");
        try {
            var _ = compat.delete(check.uuid().value(), caller);
        } catch (CompatError error) {
            if (error.status() == 404) throw notFound(jobId); // another request deleted it meanwhile
            throw error;
        }
        board.lookAgain(caller.project());
        return "redirect:/checks?state=";
    }

    /** Several at once; who is shown the list afterwards sees it at once. */
    @PostMapping("/checks")
    String pauseOrResume(
            @RequestParam(defaultValue = "") String act,
            @RequestParam(name = "check", defaultValue = "") List<String> jobIds,
            @RequestParam Map<String, String> parameters) {
        if (!List.of("pause", "resume").contains(act)) throw new Refused("act", "must be pause or resume");
        if (jobIds.isEmpty() || jobIds.size() > ROWS) throw new Refused("check", "must be 1 to " + ROWS + " checks");
        checks.pauseOrResume(project(), jobIds, act.equals("pause"));
        board.lookAgain(project());
        return "redirect:" + CheckFilter.of(parameters).url();
    }

    @PostMapping("/checks/-/views")
    String keep(@RequestParam(defaultValue = "") String name, @RequestParam Map<String, String> parameters) {
        var filter = CheckFilter.of(parameters);
        views.keep(person(), name, filter);
        return "redirect:" + filter.url();
    }

    @PostMapping("/checks/-/views/{id}")
    String change(
            @PathVariable long id,
            @RequestParam(defaultValue = "") String act,
            @RequestParam(defaultValue = "") String name) {
        switch (act) {
            case "rename" -> views.rename(person(), id, name);
            case "open" -> views.open(person(), id);
            case "delete" -> views.delete(person(), id);
            default -> throw new Refused("act", "must be rename, open or delete");
        }
        return "redirect:/checks?state=";
    }

    /** Views are kept for people, not for keys. */
    private String person() {
        var caller = pages.caller();
        if (caller.kind() != Caller.Kind.PERSON) throw Problem.forbidden("Sign in to keep views: a key has none.");
        return caller.name();
    }

    private String project() {
        return pages.caller().project();
    }

    // ---- the list

    private static Place place(String position) {
        var parts = position.split(" ", 2);
        return new Place(parts[1], parts[0]);
    }

    private static String position(Place place) {
        return place.jobId() + " " + place.key();
    }
}
