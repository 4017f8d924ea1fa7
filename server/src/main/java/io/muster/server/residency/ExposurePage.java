package io.muster.server.residency;

import static io.muster.server.layout.Figures.count;

import io.muster.server.heartbeat.Check;
import io.muster.server.heartbeat.CheckWords;
import io.muster.server.heartbeat.Checks;
import io.muster.server.incident.Delivery;
import io.muster.server.incident.Told;
import io.muster.server.layout.Figures;
import io.muster.server.layout.Page;
import io.muster.server.layout.State;
import io.muster.server.layout.Word;
import io.muster.server.residency.ExposureBoard.Exposed;
import io.muster.server.residency.ProbeBoard.Watch;
import io.muster.server.tenancy.Catalogue;
import io.muster.server.tenancy.Rules;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Puts together what the page of one exposure says. */
@Component
class ExposurePage {

    private static final int HISTORY = 100;

    private final ExposureBoard board;
    private final ProbeBoard probeBoard;
    private final ExposureRepository exposures;
    private final Catalogue catalogue;
    private final Checks checks;
    private final ExposureLanes lanes;
    private final Told told;

    ExposurePage(
            ExposureBoard board,
            ProbeBoard probeBoard,
            ExposureRepository exposures,
            Catalogue catalogue,
            Checks checks,
            ExposureLanes lanes,
            Told told) {
        this.board = board;
        this.probeBoard = probeBoard;
        this.exposures = exposures;
        this.catalogue = catalogue;
        this.checks = checks;
        this.lanes = lanes;
        this.told = told;
    }

    ExposureView view(Exposed exposed, Page page) {
        var tenants = catalogue.tenants(List.of(exposed.tenant()));
        var tenantName = Saying.tenantName(tenants, exposed);
        var city = Saying.city(catalogue, exposed.region());
        var checkId = exposed.check();
        var check = checkId == null ? null : checks.byIds(List.of(checkId)).get(checkId);
        var probes = probeBoard.probes(List.of(exposed.store()));
        var probe = probes.isEmpty() ? null : probes.getFirst();
        var seen =
                probe == null ? Optional.<ProbeBoard.Counted>empty() : probeBoard.counted(probe.id(), exposed.tenant());
        var history = board.history(exposed.id(), HISTORY);
        var rules = catalogue.rules(List.of(exposed.policy())).get(exposed.policy());
        var end = exposed.closedAt() == null ? page.now() : exposed.closedAt();
        var arrival = ExposureLanes.arrival(exposed);
        var axis = ExposureLanes.axis(arrival, end, exposed.closedAt() != null);
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
                                : "; oldest row of " + Figures.clock(exposed.oldestAt(), page.now()))
                        + away(exposed, page.now()),
                Saying.evidence(exposed.evidence()),
                evidenceSmall(exposed, probe, page.now()),
                decision(exposed, rules, page.now()),
                page.mayChange() && exposed.awareAt() != null,
                page.mayChange() && !exposed.isClosed() && !exposed.evidence().equals("MEASURED"),
                axis,
                lanes.of(exposed, tenantName, check, history, axis, arrival, end, page.now()),
                "limit " + Figures.promise(exposed.maxDwell()),
                exposed.isClosed() ? List.of() : ExposureAdvice.steps(exposed, check, probe, seen, page.now()),
                exposed.isClosed() ? List.of() : ExposureAdvice.ways(exposed, probe),
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

    /** Why it was noticed late, if Muster was away when it began. */
    private String away(Exposed exposed, Instant now) {
        var outage = checks.outagesAt(List.of(exposed.since())).get(exposed.since());
        return outage == null ? "" : "; noticed later, for " + outage.words(now);
    }

    private static String answer(Exposed exposed, @Nullable Check check) {
        var rows = exposed.rows() == null ? "data" : count(exposed.rows(), "row");
        var are = exposed.rows() != null && exposed.rows() != 1 ? "have" : "has";
        var why = check == null ? "A probe saw it" : check.title() + ": " + Saying.reason(exposed.reason());
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

    private List<ExposureView.Fact> facts(Exposed exposed, @Nullable Check check, @Nullable Watch probe, Instant now) {
        var facts = new ArrayList<ExposureView.Fact>();
        if (check != null) {
            var word = CheckWords.word(check.at(now));
            facts.add(new ExposureView.Fact(
                    "Job", new ExposureView.Link("/checks/" + check.jobId(), check.title()), "", word));
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
            var same = exposures.openOf(List.of(checkId)).getOrDefault(checkId, new ExposureRepository.Counts(0, 0));
            var others = same.atRisk() + same.violation() - 1;
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

    private static String channels(List<Delivery> sent) {
        var names = sent.stream().map(Delivery::channel).distinct().limit(4).toList();
        return names.isEmpty() ? "no channel" : String.join(", ", names);
    }
}
