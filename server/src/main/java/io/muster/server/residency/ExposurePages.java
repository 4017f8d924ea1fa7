package io.muster.server.residency;

import static io.muster.server.layout.Figures.count;

import io.muster.server.access.Caller;
import io.muster.server.heartbeat.Check;
import io.muster.server.heartbeat.CheckBoard;
import io.muster.server.heartbeat.Checks;
import io.muster.server.incident.Delivery;
import io.muster.server.incident.Told;
import io.muster.server.keys.Cursors;
import io.muster.server.layout.Axis;
import io.muster.server.layout.Chip;
import io.muster.server.layout.Figures;
import io.muster.server.layout.Lane;
import io.muster.server.layout.Nav;
import io.muster.server.layout.NavCount;
import io.muster.server.layout.Page;
import io.muster.server.layout.Pages;
import io.muster.server.layout.State;
import io.muster.server.layout.Word;
import io.muster.server.problem.Problem;
import io.muster.server.residency.ExposureBoard.Exposed;
import io.muster.server.residency.ExposureBoard.Narrow;
import io.muster.server.residency.ExposureBoard.Place;
import io.muster.server.residency.ExposureBoard.Said;
import io.muster.server.residency.ExposureBoard.Watch;
import io.muster.server.tenancy.Catalogue;
import io.muster.server.tenancy.Rules;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
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
    private static final int HISTORY = 100;

    private final Pages pages;
    private final ExposureBoard board;
    private final Catalogue catalogue;
    private final Checks checks;
    private final CheckBoard heard;
    private final Cursors cursors;
    private final Exposures exposures;
    private final Told told;

    ExposurePages(
            Pages pages,
            ExposureBoard board,
            Catalogue catalogue,
            Checks checks,
            CheckBoard heard,
            Cursors cursors,
            Exposures exposures,
            Told told) {
        this.pages = pages;
        this.board = board;
        this.catalogue = catalogue;
        this.checks = checks;
        this.heard = heard;
        this.cursors = cursors;
        this.exposures = exposures;
        this.told = told;
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
                new ExposuresView.Filter(state, tenant, region, job),
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
        var view = view(
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
        return check == null ? null : new ExposuresView.Job(check.jobId(), name(check));
    }

    private static String name(Check check) {
        return check.name().isBlank() ? check.jobId() : check.name();
    }

    private static String channels(List<Delivery> sent) {
        var names = sent.stream().map(Delivery::channel).distinct().limit(4).toList();
        return names.isEmpty() ? "no channel" : String.join(", ", names);
    }

    // ---- one exposure

    private ExposureView view(Exposed exposed, Page page) {
        var tenants = catalogue.tenants(List.of(exposed.tenant()));
        var tenantName = Saying.tenantName(tenants, exposed);
        var city = Saying.city(catalogue, exposed.region());
        var checkId = exposed.check();
        var check = checkId == null ? null : checks.byIds(List.of(checkId)).get(checkId);
        var probes = board.probes(List.of(exposed.store()));
        var probe = probes.isEmpty() ? null : probes.getFirst();
        var history = board.history(exposed.id(), HISTORY);
        var rules = catalogue.rules(List.of(exposed.policy())).get(exposed.policy());
        var end = exposed.closedAt() == null ? page.now() : exposed.closedAt();
        var arrival = arrival(exposed);
        var axis = axis(arrival, end, exposed.closedAt() != null);
        return new ExposureView(
                exposed.id(),
                tenantName + (exposed.isClosed() ? " had data in " : " has data in ") + city,
                exposed.isClosed() ? State.OK : exposed.isViolation() ? State.BAD : State.WARN,
                exposed.isClosed() ? null : exposed.since(),
                exposed.isClosed() ? "" : "For",
                answer(exposed, check),
                Saying.state(exposed.state()),
                Saying.reason(exposed.reason()),
                exposed.tenant(),
                tenantName,
                Saying.tier(tenants, exposed.tenant()),
                exposed.policy(),
                exposed.store(),
                exposed.region(),
                city,
                exposed.since(),
                exposed.closedAt(),
                Figures.clock(exposed.since(), page.now()) + " UTC"
                        + (exposed.oldestAt() == null
                                ? ""
                                : "; oldest row of " + Figures.clock(exposed.oldestAt(), page.now())),
                Saying.evidence(exposed.evidence()),
                evidenceSmall(exposed, probe, page.now()),
                decision(exposed, rules, page.now()),
                page.mayChange() && exposed.awareAt() != null,
                page.mayChange() && !exposed.isClosed() && !exposed.evidence().equals("MEASURED"),
                axis,
                lanes(exposed, tenantName, check, history, axis, arrival, end, page.now()),
                "limit " + Figures.promise(exposed.maxDwell()),
                exposed.isClosed() ? List.of() : steps(exposed, check, probe, page.now()),
                exposed.isClosed() ? List.of() : ways(exposed, probe),
                history.stream()
                        .map(said -> new ExposureView.Entry(
                                said.at(),
                                Saying.state(said.state()),
                                Saying.evidence(said.evidence()),
                                Saying.reason(said.reason()),
                                said.why()))
                        .toList(),
                facts(exposed, check, probe, page.now()));
    }

    /** When its oldest data came, as far as is known. */
    private static Instant arrival(Exposed exposed) {
        var oldest = exposed.oldestAt();
        var violation = exposed.violationAt();
        var first = violation == null ? exposed.openedAt() : violation.minus(exposed.maxDwell());
        if (oldest != null && oldest.isBefore(first)) first = oldest;
        return first.isAfter(exposed.openedAt()) ? exposed.openedAt() : first;
    }

    /** A little more than the exposure; its ends move in steps, so that nothing changes while nothing happens. */
    private static Axis axis(Instant arrival, Instant end, boolean over) {
        var span = Math.max(60, Duration.between(arrival, end).toSeconds());
        var step = Math.max(10, span / 40);
        var from = Math.floorDiv(arrival.getEpochSecond() - span / 20, step) * step;
        var to = (Math.floorDiv(end.getEpochSecond(), step) + (over ? 2 : 3)) * step;
        return new Axis(Instant.ofEpochSecond(from), Instant.ofEpochSecond(to));
    }

    private static String answer(Exposed exposed, @Nullable Check check) {
        var rows = exposed.rows() == null ? "data" : count(exposed.rows(), "row");
        var are = exposed.rows() != null && exposed.rows() != 1 ? "have" : "has";
        var why = check == null ? "A probe saw it" : name(check) + ": " + Saying.reason(exposed.reason());
        if (exposed.isClosed()) {
            var closed = Objects.requireNonNull(exposed.closedAt());
            return "It lasted " + Figures.duration(Duration.between(exposed.since(), closed)) + " and was closed by "
                    + closedBy(exposed) + ".";
        }
        if (exposed.isViolation()) {
            return ", " + rows + " " + are + " been where " + (are.equals("have") ? "they" : "it") + " may not be. "
                    + why + "; the next step is yours.";
        }
        return ", " + rows + " " + are + " been on a way that may not end in time. " + why + ".";
    }

    private static String closedBy(Exposed exposed) {
        var id = exposed.closedById() == null ? "" : " (" + exposed.closedById() + ")";
        return switch (String.valueOf(exposed.closedByKind())) {
            case "PROBE" -> "a probe that saw nothing left" + id;
            case "MANIFEST" -> "a manifest" + id;
            case "PING" -> "a good run" + id;
            case "ATTESTATION" -> "a person’s word" + id;
            case "CATALOGUE" -> "a change of the catalogue" + id;
            default -> "nobody knows what";
        };
    }

    private static String evidenceSmall(Exposed exposed, @Nullable Watch probe, Instant now) {
        return switch (exposed.evidence()) {
            case "MEASURED" ->
                probe == null || probe.begunAt() == null
                        ? "a probe counted"
                        : "probe " + probe.id() + ", " + Figures.clock(probe.begunAt(), now) + " UTC";
            case "REPORTED" -> "manifests of the job";
            default -> "pings claim; nobody counted";
        };
    }

    private ExposureView.@Nullable Decision decision(Exposed exposed, @Nullable Rules rules, Instant now) {
        var aware = exposed.awareAt();
        var due = exposed.decideBy();
        if (aware == null || due == null) return null;
        var made = board.decisions(exposed.id());
        var whole = Math.max(1, Duration.between(aware, due).toSeconds());
        var percent = (int) Math.clamp(Duration.between(aware, now).toSeconds() * 100 / whole, 1, 100);
        var window = Duration.between(aware, due);
        var state = !made.isEmpty()
                ? Word.ok("Decided")
                : now.isAfter(due)
                        ? Word.bad("Overdue")
                        : Word.warn("Waits for a person").with("hourglass");
        return new ExposureView.Decision(
                state, aware, due, Figures.promise(Duration.ofSeconds(window.toSeconds())), percent, made);
    }

    private List<Lane> lanes(
            Exposed exposed,
            String tenantName,
            @Nullable Check check,
            List<Said> history,
            Axis axis,
            Instant arrival,
            Instant end,
            Instant now) {
        var lanes = new ArrayList<Lane>();
        var bars = new ArrayList<Lane.Bar>();
        var violation = exposed.violationAt();
        var risk = history.stream()
                .filter(said -> said.state().equals("AT_RISK"))
                .map(Said::at)
                .min(Comparator.naturalOrder())
                .orElse(null);
        var stop = exposed.isClosed() ? end : axis.to().isBefore(end) ? axis.to() : end;
        // the open end moves with the axis, in steps
        var open = exposed.isClosed() ? stop : floor(stop, axis);
        var lawful = risk != null ? risk : violation != null ? violation : open;
        if (arrival.isBefore(lawful)) {
            bars.add(new Lane.Bar(arrival, lawful, "g-transit", "in transit", Figures.utc(arrival) + " · arrived"));
        }
        if (risk != null && (violation == null || risk.isBefore(violation))) {
            var until = violation == null ? open : violation;
            bars.add(new Lane.Bar(risk, until, "g-risk", "at risk", Figures.utc(risk) + " · at risk"));
        }
        if (violation != null) {
            bars.add(new Lane.Bar(violation, open, "f-bad", "violation", Figures.utc(violation) + " · violation"));
        }
        var lasted = new ArrayList<String>();
        lasted.add(Figures.promise(exposed.maxDwell()) + " allowed");
        lanes.add(new Lane(
                "Data of " + tenantName,
                "in " + exposed.store(),
                null,
                bars.stream()
                        .map(Lane.Bar::title)
                        .reduce((a, b) -> a + ", " + b)
                        .orElse("nothing"),
                bars,
                List.of(),
                Saying.state(exposed.state()),
                String.join(", ", lasted)));
        if (check != null) lanes.add(jobLane(check, axis));
        var marks = new ArrayList<Lane.Mark>();
        for (var said : history.reversed()) {
            if (axis.shows(said.at())) {
                marks.add(new Lane.Mark(
                        said.at(),
                        Saying.state(said.state()).state(),
                        null,
                        Figures.utc(said.at()) + " · " + said.why()));
            }
        }
        for (var made : board.decisions(exposed.id())) {
            if (axis.shows(made.at())) {
                marks.add(new Lane.Mark(
                        made.at(), State.MUTE, "decided", Figures.utc(made.at()) + " · decided by " + made.by()));
            }
        }
        for (var sent : told.about(exposed.store(), exposed.tenant(), exposed.openedAt())) {
            var at = sent.settledAt().orElse(sent.createdAt());
            if (axis.shows(at)) {
                marks.add(new Lane.Mark(
                        at,
                        sent.state() == Delivery.State.SENT ? State.MUTE : State.WARN,
                        null,
                        Figures.utc(at) + " · " + sent.channel() + ": "
                                + sent.state().word()));
            }
        }
        lanes.add(new Lane(
                "What was found",
                "told and decided",
                null,
                count(history.size(), "entry") + " in the history",
                List.of(),
                marks,
                null,
                count(history.size(), "entry")));
        return lanes;
    }

    private static Instant floor(Instant at, Axis axis) {
        var step = Math.max(1, Duration.between(axis.from(), axis.to()).toSeconds() / 100);
        return Instant.ofEpochSecond(Math.floorDiv(at.getEpochSecond(), step) * step);
    }

    private Lane jobLane(Check check, Axis axis) {
        var reports = heard.reports(check.id(), 200).stream()
                .filter(report -> axis.shows(report.at()))
                .toList();
        var marks = reports.stream()
                .map(report -> new Lane.Mark(
                        report.at(),
                        report.good() ? State.OK : State.BAD,
                        null,
                        Figures.utc(report.at()) + " · ping " + report.n() + (report.good() ? " passed" : " failed")))
                .toList();
        var failed = reports.stream().filter(report -> !report.good()).count();
        return new Lane(
                name(check),
                "its reports",
                "/checks/" + check.jobId(),
                count(reports.size(), "report") + ", " + count(failed) + " failed",
                List.of(),
                marks,
                failed > 0
                        ? Word.bad("Failed " + count(failed, "time"))
                        : reports.isEmpty() ? Word.mute("Silent") : Word.ok("Passed"),
                count(reports.size(), "report"));
    }

    private static List<ExposureView.Step> steps(
            Exposed exposed, @Nullable Check check, @Nullable Watch probe, Instant now) {
        var steps = new ArrayList<ExposureView.Step>();
        if (check == null) {
            steps.add(new ExposureView.Step(
                    "Bring the data home, or remove it",
                    "No job takes the data of this tenant out of " + exposed.store()
                            + ". Declare one, or move the rows by hand.",
                    null,
                    new ExposureView.Link("/catalogue?kind=jobs#declare", "Declare a job")));
        } else {
            var why = switch (exposed.reason()) {
                case "FAILED" -> "Its last report was a failure; what it printed is on its page.";
                case "LATE" -> "It did not report when it was due; look where it runs.";
                case "NEVER_RAN" -> "It has not reported a success yet; start it where it runs.";
                case "WRONG_REGION" -> "Its manifest names a region that the policy does not allow.";
                default -> "It reports, yet the data stays; see what its runs move.";
            };
            steps.add(new ExposureView.Step(
                    "See why " + name(check) + " does not bring it home",
                    why,
                    null,
                    new ExposureView.Link("/checks/" + check.jobId(), "Open the check")));
            steps.add(new ExposureView.Step(
                    "Run the job now",
                    "Where it runs, and without waiting for its next turn. A good run asks for a probe at once.",
                    null,
                    null));
        }
        if (probe != null) {
            var begun = probe.begunAt();
            var next = begun == null ? null : begun.plus(probe.every());
            steps.add(new ExposureView.Step(
                    "See that it is gone",
                    "Probe " + probe.id() + " counts every " + Figures.promise(probe.every())
                            + (probe.failure() != null
                                    ? ", but failed the last time: " + probe.failure()
                                    : next == null ? "" : ", next at " + Figures.clock(next, now) + " UTC")
                            + ". At no row this exposure closes by itself.",
                    null,
                    null));
        } else {
            steps.add(new ExposureView.Step(
                    "See that it is gone",
                    "No probe counts in " + exposed.store()
                            + ": a good run or a manifest that reaches past the oldest row closes it.",
                    null,
                    null));
        }
        return steps;
    }

    private static List<ExposureView.Way> ways(Exposed exposed, @Nullable Watch probe) {
        var ways = new ArrayList<ExposureView.Way>();
        var measured = exposed.evidence().equals("MEASURED");
        if (probe != null || measured) {
            ways.add(new ExposureView.Way(
                    "radar-2",
                    "A probe of " + exposed.store() + " sees no such row",
                    measured
                            ? "the way back, while evidence is measured. A good run asks for a probe at once"
                            : "it proves more than any claim"));
        }
        if (!measured) {
            ways.add(new ExposureView.Way(
                    "circle-check",
                    "A good run or a manifest that reaches far enough",
                    "past the oldest row, or past the opening where none was counted"));
            ways.add(new ExposureView.Way(
                    "signature", "A person attests it", "with a document and a reason, under their name"));
        }
        ways.add(new ExposureView.Way(
                "license",
                "A transfer record for this tenant",
                "where the policy allows the place on that condition. Closes as “catalogue”"));
        ways.add(new ExposureView.Way(
                "edit", "The policy changes or the tenant is deleted", "closes as “catalogue”. History stays"));
        if (measured) {
            ways.add(new ExposureView.Way(
                    "x", "Not by a ping alone, not by attestation", "what a probe opened, a probe closes"));
        }
        ways.add(new ExposureView.Way(
                "x", "Not by pause, mute, grace or maintenance", "they quieten alerts; the clock runs on"));
        return ways;
    }

    private List<ExposureView.Fact> facts(Exposed exposed, @Nullable Check check, @Nullable Watch probe, Instant now) {
        var facts = new ArrayList<ExposureView.Fact>();
        if (check != null) {
            var status = check.at(now);
            var word = switch (status) {
                case UP -> Word.ok("Up");
                case GRACE -> Word.warn("Late").with("clock-exclamation");
                case DOWN -> Word.bad("Down");
                case NEW -> Word.mute("New");
                case PAUSED -> Word.mute("Paused").with("player-pause");
            };
            facts.add(new ExposureView.Fact(
                    "Job", new ExposureView.Link("/checks/" + check.jobId(), name(check)), "", word));
        }
        var store = catalogue.store(exposed.store());
        facts.add(new ExposureView.Fact(
                "Store",
                new ExposureView.Link("/catalogue?kind=stores&q=" + exposed.store(), exposed.store()),
                store.map(each -> each.kind().word() + ", role " + each.role().word())
                        .orElse("no longer declared"),
                null));
        if (probe != null) {
            var word = probe.failure() != null
                    ? Word.bad("Failed")
                    : probe.isStale(now) ? Word.unknown("Unknown") : Word.ok("Fresh");
            facts.add(new ExposureView.Fact(
                    "Probe", null, probe.id() + ", every " + Figures.promise(probe.every()), word));
        }
        var sent = told.about(exposed.store(), exposed.tenant(), exposed.openedAt());
        var arrived = sent.stream()
                .filter(each -> each.state() == Delivery.State.SENT)
                .toList();
        facts.add(new ExposureView.Fact(
                "Told",
                new ExposureView.Link("/channels", sent.isEmpty() ? "nobody yet" : channels(arrived)),
                sent.size() == arrived.size() ? "" : count(sent.size() - arrived.size()) + " not delivered",
                sent.isEmpty()
                        ? Word.mute("None")
                        : sent.size() == arrived.size()
                                ? Word.ok("Sent")
                                : Word.warn("Waits").with("hourglass")));
        facts.add(new ExposureView.Fact(
                "Policy", new ExposureView.Link("/policies/" + exposed.policy(), exposed.policy()), "", null));
        var checkId = exposed.check();
        if (checkId != null && !exposed.isClosed()) {
            var same = board.openOf(List.of(checkId)).getOrDefault(checkId, new ExposureBoard.Counts(0, 0));
            var others = same.atRisk() + same.violations() - 1;
            if (others > 0 && check != null) {
                facts.add(new ExposureView.Fact(
                        "Same cause",
                        new ExposureView.Link("/exposures?job=" + check.jobId(), count(others, "other exposure")),
                        "",
                        null));
            }
        }
        return facts;
    }
}
