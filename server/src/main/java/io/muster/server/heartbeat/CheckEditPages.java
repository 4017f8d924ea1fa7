package io.muster.server.heartbeat;

import io.muster.server.incident.Channels;
import io.muster.server.layout.Nav;
import io.muster.server.layout.Page;
import io.muster.server.layout.Pages;
import io.muster.server.layout.Upcoming;
import io.muster.server.problem.Problem;
import io.muster.server.problem.Refused;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/** Changes a check of the compatible API by hand. A declared job is edited in the catalogue, where its YAML is. */
@Controller
class CheckEditPages {

    /** So many channels can be chosen on the page; where there are more, the API chooses. */
    private static final int CHANNELS = 100;

    private final Pages pages;
    private final Checks checks;
    private final CompatChecks compat;
    private final CheckBoard board;

    CheckEditPages(Pages pages, Checks checks, CompatChecks compat, CheckBoard board) {
        this.pages = pages;
        this.checks = checks;
        this.compat = compat;
        this.board = board;
    }

    @GetMapping("/checks/{jobId}/edit")
    ModelAndView form(@PathVariable String jobId) {
        var check = find(jobId);
        return show(check, CheckForm.written(check), hearing(check), Map.of());
    }

    /** The next times, while the schedule is written. */
    @PostMapping("/checks/{jobId}/edit/preview")
    ModelAndView preview(@PathVariable String jobId, @RequestParam Map<String, String> written) {
        var page = page(find(jobId));
        var model = new ModelAndView("heartbeat/edit-times", "page", page);
        upcoming(written, page).ifPresent(upcoming -> model.addObject("upcoming", upcoming));
        return model;
    }

    @PostMapping("/checks/{jobId}/edit")
    ModelAndView edit(
            @PathVariable String jobId,
            @RequestParam Map<String, String> written,
            @RequestParam(defaultValue = "") String version,
            @RequestParam(name = "channel", defaultValue = "") List<String> chosen,
            HttpServletResponse response) {
        var check = find(jobId);
        Map<String, String> problems;
        try {
            // those that hear of it already stay chosen as they are: by name, or by what the channels select
            var changed = written.containsKey("channels") && !chosen.equals(hearing(check)) ? chosen : null;
            var body = CompatBody.parse(CheckForm.body(written, CheckForm.written(check), changed));
            var after = compat.edit(check.uuid().value(), body, version, pages.caller());
            board.lookAgain(check.project());
            return new ModelAndView("redirect:/checks/" + after.jobId());
        } catch (Refused refused) {
            problems = CheckForm.problems(refused);
        } catch (CompatError error) {
            if (error.status() == 404) throw notFound(jobId);
            if (error.status() == 409) {
                response.setStatus(HttpServletResponse.SC_CONFLICT);
                var now = find(jobId);
                return show(now, written, chosen, CheckForm.changed(written, CheckForm.written(now)));
            }
            problems = CheckForm.problems(error);
        }
        response.setStatus(HttpServletResponse.SC_UNPROCESSABLE_CONTENT);
        return show(check, written, chosen, problems);
    }

    private Check find(String jobId) {
        var check = checks.find(pages.caller().project(), jobId).orElseThrow(() -> notFound(jobId));
        if (check.isNative()) throw Problem.conflict("It is declared as a job: edit it in the catalogue.");
        return check;
    }

    private static Problem notFound(String jobId) {
        return Problem.notFound("There is no check " + jobId + ".");
    }

    /** Names of the channels that hear of it, in order. */
    private List<String> hearing(Check check) {
        return compat.channelIds().namesOf(check);
    }

    private ModelAndView show(
            Check check, Map<String, String> written, List<String> hearing, Map<String, String> problems) {
        var page = page(check);
        var all = compat.channelIds().all();
        var channels = all.size() > CHANNELS ? List.<Channels.Compatible>of() : all;
        var view = new CheckEditView(
                check.jobId(),
                check.title(),
                CompatChecks.version(check),
                written,
                problems,
                channels.stream()
                        .map(each -> new CheckEditView.Channel(each.name(), each.kind(), hearing.contains(each.name())))
                        .toList(),
                upcoming(written, page).orElse(null));
        return pages.show(page, "heartbeat/edit", Map.of("edit", view));
    }

    private Page page(Check check) {
        return pages.page("Edit " + check.title(), Nav.CHECKS);
    }

    private static Optional<Upcoming> upcoming(Map<String, String> written, Page page) {
        return NextTimes.of(
                written.getOrDefault("every", ""),
                written.getOrDefault("cron", ""),
                written.getOrDefault("oncalendar", ""),
                written.getOrDefault("tz", ""),
                page.now());
    }
}
