package io.muster.server.residency;

import static io.muster.server.layout.Figures.count;

import io.muster.server.access.Caller;
import io.muster.server.heartbeat.Check;
import io.muster.server.heartbeat.Checks;
import io.muster.server.keys.Cursors;
import io.muster.server.layout.Chip;
import io.muster.server.layout.Nav;
import io.muster.server.layout.NavCount;
import io.muster.server.layout.Pages;
import io.muster.server.layout.State;
import io.muster.server.problem.Problem;
import io.muster.server.residency.ExposureBoard.Exposed;
import io.muster.server.residency.ExposureBoard.Narrow;
import io.muster.server.residency.ExposureBoard.Place;
import io.muster.server.tenancy.Catalogue;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.util.UriComponentsBuilder;

/** The pages about exposures: whose data is where it may not be, since when, and what to do. */
@Controller
class ExposurePages implements NavCount {

    private static final int ROWS = 50;

    private final Pages pages;
    private final ExposureBoard board;
    private final Catalogue catalogue;
    private final Checks checks;
    private final Cursors cursors;
    private final Exposures exposures;
    private final ExposurePage one;

    ExposurePages(
            Pages pages,
            ExposureBoard board,
            Catalogue catalogue,
            Checks checks,
            Cursors cursors,
            Exposures exposures,
            ExposurePage one) {
        this.pages = pages;
        this.board = board;
        this.catalogue = catalogue;
        this.checks = checks;
        this.cursors = cursors;
        this.exposures = exposures;
        this.one = one;
    }

    @Override
    public Nav nav() {
        return Nav.RESIDENCY;
    }

    @Override
    public Optional<Count> attention(Caller caller, Instant now) {
        var open = board.open();
        if (open.violations() > 0) {
            return Optional.of(new Count(open.violations(), State.BAD, count(open.violations(), "open violation")));
        }
        if (open.atRisk() > 0) return Optional.of(new Count(open.atRisk(), State.WARN, open.atRisk() + " at risk"));
        return Optional.empty();
    }

    @GetMapping("/exposures")
    @Nullable ModelAndView list(
            @RequestParam(defaultValue = "open") String state,
            @RequestParam(defaultValue = "") String tenant,
            @RequestParam(defaultValue = "") String region,
            @RequestParam(defaultValue = "") String job,
            @RequestParam(defaultValue = "") String cursor,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        var page = pages.page("Exposures", Nav.RESIDENCY);
        var check = job.isEmpty()
                ? null
                : checks.find(page.caller().project(), job).map(Check::id).orElse(-1L);
        var wanted = state.toUpperCase(Locale.ROOT);
        var stored = List.of("VIOLATION", "AT_RISK", "CLOSED").contains(wanted) ? wanted : null;
        var narrow = new Narrow(
                stored, stored == null, tenant.isEmpty() ? null : tenant, region.isEmpty() ? null : region, check);
        var found = board.worst(
                narrow, cursor.isEmpty() ? null : place(cursors.decode("exposures, worst first", cursor)), ROWS + 1);
        var shown = found.subList(0, Math.min(ROWS, found.size()));
        var open = board.open();
        var next = found.size() > ROWS ? next(request, shown.getLast()) : null;
        var view = new ExposuresView(
                open.violations() > 0 ? State.BAD : open.atRisk() > 0 ? State.WARN : State.OK,
                answer(open),
                List.of(
                        new Chip("open", null, "Open", open.violations() + open.atRisk(), stored == null),
                        new Chip(
                                "violation",
                                Saying.state("VIOLATION"),
                                "",
                                open.violations(),
                                "VIOLATION".equals(stored)),
                        new Chip("at_risk", Saying.state("AT_RISK"), "", open.atRisk(), "AT_RISK".equals(stored)),
                        new Chip("closed", Saying.state("CLOSED"), "", null, "CLOSED".equals(stored))),
                new ExposuresView.Filter(stored == null ? "" : stored.toLowerCase(Locale.ROOT), tenant, region, job),
                rows(shown),
                count(shown.size())
                        + (cursor.isEmpty() ? "" : " more")
                        + ("CLOSED".equals(stored) ? ", newest first" : ", worst first, then the longest"),
                next);
        return pages.live(page, "residency/exposures", Map.of("exposures", view), request, response);
    }

    @GetMapping("/exposures/{id}")
    @Nullable ModelAndView one(@PathVariable String id, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        var exposed = id.matches("[0-9]{1,18}") ? board.find(Long.parseLong(id)) : Optional.<Exposed>empty();
        var page = pages.page("Exposure " + id, Nav.RESIDENCY);
        var view = one.view(
                exposed.orElseThrow(() -> Problem.notFound("There is no exposure " + id + ", or it is not yours.")),
                page);
        return pages.live(page, "residency/exposure", Map.of("exposure", view), request, response);
    }

    @PostMapping("/exposures/{id}/decision")
    String decide(
            @PathVariable long id,
            @RequestParam @Nullable Boolean notify,
            @RequestParam(defaultValue = "") String authority,
            @RequestParam(defaultValue = "") String document,
            @RequestParam(defaultValue = "") String reason) {
        exposures.decide(id, new Exposures.Verdict(notify, authority.isBlank() ? null : authority, document, reason));
        return "redirect:/exposures/" + id;
    }

    @PostMapping("/exposures/{id}/close")
    String close(
            @PathVariable long id,
            @RequestParam(defaultValue = "") String document,
            @RequestParam(defaultValue = "") String reason) {
        exposures.close(id, new Exposures.Attestation(document, reason));
        return "redirect:/exposures/" + id;
    }

    // ---- the list

    private static String answer(ExposureBoard.Open open) {
        if (open.violations() + open.atRisk() == 0) return "Nobody’s. All data that is watched is where it may be.";
        var risk = open.atRisk() == 0 ? "" : " " + count(open.tenantsAtRisk(), "tenant") + " at risk.";
        if (open.violations() == 0) return "Nobody’s yet." + risk;
        var rows = open.rows() == 0 ? "data" : count(open.rows(), "row");
        return "%s %s %s in %s where the policy does not allow it."
                        .formatted(
                                count(open.tenantsInViolation(), "tenant"),
                                open.tenantsInViolation() == 1 ? "has" : "have",
                                rows,
                                count(open.regions(), "region"))
                + risk;
    }

    private static Place place(String position) {
        var parts = position.split(" ");
        return new Place(Integer.parseInt(parts[0]), Instant.parse(parts[1]), Long.parseLong(parts[2]));
    }

    private String next(HttpServletRequest request, Exposed last) {
        var rank = last.isClosed() ? 2 : last.isViolation() ? 0 : 1;
        return UriComponentsBuilder.fromPath("/exposures")
                .query(request.getQueryString())
                .replaceQueryParam(
                        "cursor", cursors.encode("exposures, worst first", rank + " " + last.since() + " " + last.id()))
                .build()
                .toUriString();
    }

    private List<ExposuresView.Row> rows(List<Exposed> shown) {
        var tenants =
                catalogue.tenants(shown.stream().map(Exposed::tenant).distinct().toList());
        var jobs = checks.byIds(shown.stream()
                .map(Exposed::check)
                .filter(Objects::nonNull)
                .distinct()
                .toList());
        return shown.stream()
                .map(each -> new ExposuresView.Row(
                        each.id(),
                        Saying.state(each.state()),
                        Saying.reason(each.reason()),
                        each.tenant(),
                        Saying.tenantName(tenants, each),
                        Saying.tier(tenants, each.tenant()),
                        each.store(),
                        each.region(),
                        Saying.city(catalogue, each.region()),
                        job(jobs.get(each.check())),
                        Saying.evidence(each.evidence()),
                        each.rows(),
                        each.since(),
                        each.closedAt(),
                        each.decideBy(),
                        each.decidedAt() != null))
                .toList();
    }

    private static ExposuresView.@Nullable Job job(@Nullable Check check) {
        return check == null ? null : new ExposuresView.Job(check.jobId(), check.title());
    }
}
