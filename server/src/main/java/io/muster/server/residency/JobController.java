package io.muster.server.residency;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.muster.server.access.Access;
import io.muster.server.heartbeat.Check;
import io.muster.server.heartbeat.Checks;
import io.muster.server.heartbeat.FlipRow;
import io.muster.server.heartbeat.Outage;
import io.muster.server.heartbeat.RunRow;
import io.muster.server.heartbeat.Snooze;
import io.muster.server.heartbeat.Status;
import io.muster.server.heartbeat.Trouble;
import io.muster.server.keys.Cursors;
import io.muster.server.keys.Cursors.Page;
import io.muster.server.problem.Problem;
import io.muster.server.problem.Refused;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** What else there is about a job; its declaration is {@link JobNoun}'s. */
@RestController
class JobController {

    private static final Instant NEVER = Instant.parse("9999-01-01T00:00:00Z");

    private final Checks checks;
    private final ExposureRepository exposures;
    private final Cursors cursors;
    private final Access access;

    JobController(Checks checks, ExposureRepository exposures, Cursors cursors, Access access) {
        this.checks = checks;
        this.exposures = exposures;
        this.cursors = cursors;
        this.access = access;
    }

    /**
     * @param at the ping's or the deadline's instant; {@code recordedAt}: when Muster committed it
     * @param why what the reason cannot say: {@code did not start in time}; null: nothing
     * @param outage of Muster's own, for which it was noticed late; null: of none
     */
    record Flipped(
            Instant at,
            Instant recordedAt,
            Status from,
            Status to,
            String reason,
            @Nullable String why,
            @Nullable Outage outage,
            long exposuresOpened) {}

    /** Newest first. */
    @GetMapping("/api/v1/jobs/{slug}/flips")
    Page<Flipped> flips(
            @PathVariable String slug,
            @RequestParam(defaultValue = "100") int limit,
            @RequestParam(required = false) @Nullable String cursor) {
        var check = check(slug);
        var list = "flips of " + check.id();
        var before = before(list, cursor);
        var found =
                new ArrayList<>(checks.flips(check.id(), before == null ? null : before + 1, Cursors.limit(limit) + 2));
        var until = NEVER;
        if (before != null && !found.isEmpty() && found.getFirst().id() == before) {
            until = found.removeFirst().at(); // the last flip of the page before ends the first one of this page
        }
        var page = cursors.page(list, found, limit, flip -> Long.toString(flip.id()));
        return new Page<>(flipped(check, page.items(), until), page.next());
    }

    private List<Flipped> flipped(Check check, List<FlipRow> page, Instant end) {
        var items = new ArrayList<Flipped>();
        var outages = checks.outages(page);
        var until = end;
        for (var flip : page) {
            var opened = flip.to() == Status.DOWN ? exposures.openedWithin(check.id(), flip.at(), until) : 0;
            items.add(new Flipped(
                    flip.at(),
                    flip.recordedAt(),
                    flip.from(),
                    flip.to(),
                    flip.reason(),
                    flip.trouble() == null ? null : flip.trouble().predicate(),
                    outages.get(flip.id()),
                    opened));
            until = flip.at();
        }
        return items;
    }

    /**
     * @param n the number of the ping that ended it; of the one that started it, if no end was heard
     * @param startedAt null: no start was heard; {@code endedAt}: no end
     * @param rows how many its manifest told of, and {@code bytes}; null: it did not say
     * @param problem why Muster took it for a failure, or noticed it for being too long; null: nothing of that
     */
    record Ran(
            long n,
            @Nullable UUID rid,
            RunRow.Outcome state,
            @Nullable Instant startedAt,
            @Nullable Instant endedAt,
            @Nullable Double durationSeconds,
            @Nullable Integer exitStatus,
            @Nullable Long rows,
            @Nullable Long bytes,
            @Nullable Problematic problem) {

        record Problematic(Trouble.Problem kind, String why) {}

        static Ran of(RunRow run) {
            var told = run.totals();
            var problem = run.problem();
            return new Ran(
                    run.n(),
                    run.rid(),
                    run.outcome(),
                    run.startedAt(),
                    run.endedAt(),
                    run.took().map(took -> took.toMillis() / 1000.0).orElse(null),
                    run.exitStatus(),
                    told == null ? null : told.rows(),
                    told == null ? null : told.bytes(),
                    problem == null ? null : new Problematic(problem.problem(), problem.predicate()));
        }
    }

    /** Newest first by their last ping. A page may have fewer than {@code limit}: {@code next} says whether it is the last. */
    @GetMapping("/api/v1/jobs/{slug}/runs")
    Page<Ran> runs(
            @PathVariable String slug,
            @RequestParam(defaultValue = "100") int limit,
            @RequestParam(required = false) @Nullable String cursor) {
        var check = check(slug);
        var list = "runs of " + check.id();
        var before = before(list, cursor);
        var page = checks.runs(check, before, Cursors.limit(limit));
        return new Page<>(
                page.runs().stream().map(Ran::of).toList(),
                page.next() == null ? null : cursors.encode(list, Long.toString(page.next())));
    }

    /** @param until or {@code for}: exactly one of the two */
    record SnoozeRequest(
            @Nullable Instant until,
            @JsonProperty("for") @Nullable Duration length,
            @Nullable String reason) {

        SnoozeRequest {
            if ((until == null) == (length == null)) {
                throw new Refused("until", "must be given, or for: exactly one of the two");
            }
        }
    }

    @PostMapping("/api/v1/jobs/{slug}/snooze")
    Snooze snooze(@PathVariable String slug, @RequestBody SnoozeRequest request) {
        var reason = request.reason() == null ? "" : request.reason();
        var project = access.caller().project();
        var until = request.until();
        var snooze = until != null
                ? checks.snooze(project, slug, until, reason)
                : checks.snooze(project, slug, Objects.requireNonNull(request.length()), reason);
        return snooze.orElseThrow(() -> noJob(slug));
    }

    @DeleteMapping("/api/v1/jobs/{slug}/snooze")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void endSnooze(@PathVariable String slug) {
        if (!checks.endSnooze(access.caller().project(), slug)) throw noJob(slug);
    }

    /** Where the page before ended; null: this is the first. */
    private @Nullable Long before(String list, @Nullable String cursor) {
        return cursor == null ? null : Long.valueOf(cursors.decode(list, cursor));
    }

    private static Problem noJob(String slug) {
        return Problem.notFound("There is no job " + Refused.shown(slug) + ".");
    }

    private Check check(String slug) {
        var caller = access.caller();
        return checks.find(caller.project(), slug)
                .filter(_ -> caller.tenant() == null)
                .orElseThrow(() -> noJob(slug));
    }
}
