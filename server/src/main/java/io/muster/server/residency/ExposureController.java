package io.muster.server.residency;

import io.muster.server.access.Access;
import io.muster.server.heartbeat.Check;
import io.muster.server.heartbeat.Checks;
import io.muster.server.heartbeat.Outage;
import io.muster.server.keys.Cursors;
import io.muster.server.keys.Cursors.Page;
import io.muster.server.problem.Refused;
import io.muster.server.residency.ExposureRepository.Decision;
import io.muster.server.residency.ExposureRepository.Filter;
import io.muster.server.residency.ExposureRepository.Said;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
class ExposureController {

    private final ExposureRepository exposures;
    private final Exposures deeds;
    private final Checks checks;
    private final Cursors cursors;
    private final Access access;

    ExposureController(ExposureRepository exposures, Exposures deeds, Checks checks, Cursors cursors, Access access) {
        this.exposures = exposures;
        this.deeds = deeds;
        this.checks = checks;
        this.cursors = cursors;
        this.access = access;
    }

    /**
     * As in the contract; times are UTC.
     *
     * @param outage of Muster's own, in which it began, so that it was noticed late; null: in none
     */
    record Answer(
            String id,
            String tenant,
            String policy,
            @Nullable String job,
            String store,
            String region,
            String state,
            String reason,
            String evidence,
            @Nullable Long rows,
            @Nullable Instant oldestAt,
            Instant openedAt,
            @Nullable Instant violationAt,
            @Nullable Instant awareAt,
            @Nullable Instant decideBy,
            @Nullable Outage outage,
            @Nullable Instant closedAt,
            @Nullable By closedBy,
            List<Line> history,
            @Nullable Decided decision) {

        record By(String kind, String id) {}

        record Line(Instant at, String state, String evidence, String why) {}

        record Decided(
                Instant at,
                String by,

                @com.fasterxml.jackson.annotation.JsonProperty("notify")
                boolean notifies,

                @Nullable String authority,
                String document,
                String reason) {}
    }

    @GetMapping("/api/v1/exposures")
    Page<Answer> list(
            @RequestParam(required = false) @Nullable String state,
            @RequestParam(required = false) @Nullable String tenant,
            @RequestParam(required = false) @Nullable String region,
            @RequestParam(required = false) @Nullable String job,
            @RequestParam(required = false) @Nullable String open,
            @RequestParam(defaultValue = "100") int limit,
            @RequestParam(required = false) @Nullable String cursor) {
        Cursors.limit(limit);
        long before = cursor == null ? Long.MAX_VALUE : Long.parseLong(cursors.decode("exposures", cursor));
        var caller = access.caller();
        var confined = caller.tenant();
        if (confined != null && tenant != null && !tenant.equals(confined)) {
            return new Page<>(List.of(), null);
        }
        var check = job == null ? null : checks.find(caller.project(), job).map(Check::id);
        if (check != null && check.isEmpty()) {
            return new Page<>(List.of(), null);
        }
        var filter = new Filter(
                state(state),
                confined == null ? tenant : confined,
                region,
                check == null ? null : check.get(),
                flag("open", open));
        var page = cursors.page(
                "exposures", exposures.page(filter, before, limit + 1), limit, found -> Long.toString(found.id()));
        return new Page<>(answers(page.items()), page.next());
    }

    private static boolean flag(String name, @Nullable String sent) {
        if (sent == null || sent.equals("false")) return false;
        if (sent.equals("true")) return true;
        throw new Refused(name, "must be true or false; got " + Refused.shown(sent));
    }

    private static @Nullable String state(@Nullable String word) {
        if (word == null) return null;
        return switch (word) {
            case "at_risk", "violation", "closed" -> word.toUpperCase(Locale.ROOT);
            default -> throw new Refused("state", "must be at_risk, violation or closed; got " + Refused.shown(word));
        };
    }

    @GetMapping("/api/v1/exposures/{id}")
    Answer get(@PathVariable String id) {
        return answers(List.of(deeds.find(number(id)).orElseThrow(() -> Exposures.none(Refused.shown(id)))))
                .getFirst();
    }

    @PostMapping("/api/v1/exposures/{id}/close")
    Answer close(@PathVariable String id, @RequestBody Exposures.Attestation attestation) {
        return answers(List.of(deeds.close(number(id), attestation))).getFirst();
    }

    @PostMapping("/api/v1/exposures/{id}/decision")
    Answer decide(@PathVariable String id, @RequestBody Exposures.Verdict verdict) {
        deeds.decide(number(id), verdict);
        return get(id);
    }

    private static long number(String id) {
        if (!id.matches("[1-9][0-9]{0,17}")) throw Exposures.none(Refused.shown(id));
        return Long.parseLong(id);
    }

    private List<Answer> answers(List<Exposure> found) {
        var history = exposures.history(found.stream().map(Exposure::id).toList());
        var jobs = checks.byIds(found.stream()
                .map(Exposure::check)
                .filter(Objects::nonNull)
                .distinct()
                .toList());
        var outages = checks.outagesAt(
                found.stream().map(ExposureController::since).distinct().toList());
        return found.stream()
                .map(exposure -> answer(
                        exposure, history.getOrDefault(exposure.id(), List.of()), jobs, outages.get(since(exposure))))
                .toList();
    }

    private static Instant since(Exposure exposure) {
        return exposure.violationAt() == null ? exposure.openedAt() : exposure.violationAt();
    }

    private Answer answer(Exposure exposure, List<Said> history, Map<Long, Check> jobs, @Nullable Outage outage) {
        var job = exposure.check() == null ? null : jobs.get(exposure.check());
        var closedBy = exposure.closedBy();
        return new Answer(
                Long.toString(exposure.id()),
                exposure.tenant(),
                exposure.policy(),
                job == null ? null : job.jobId(),
                exposure.store(),
                exposure.region(),
                Words.word(exposure.state()),
                Words.word(exposure.reason()),
                Words.word(exposure.evidence()),
                exposure.rows(),
                exposure.oldestAt(),
                exposure.openedAt(),
                exposure.violationAt(),
                exposure.awareAt(),
                exposure.decideBy(),
                outage,
                exposure.closedAt(),
                closedBy == null ? null : new Answer.By(Words.word(closedBy.kind()), closedBy.id()),
                history.stream()
                        .map(said -> new Answer.Line(
                                said.at(), Words.word(said.state()), Words.word(said.evidence()), said.why()))
                        .toList(),
                exposures
                        .decision(exposure.id())
                        .map(ExposureController::decided)
                        .orElse(null));
    }

    private static Answer.Decided decided(Decision decision) {
        return new Answer.Decided(
                decision.at(),
                decision.by(),
                decision.notifies(),
                decision.authority(),
                decision.document(),
                decision.reason());
    }
}
