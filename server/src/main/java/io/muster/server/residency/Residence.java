package io.muster.server.residency;

import io.muster.server.audit.AuditLog;
import io.muster.server.audit.OwnEvent;
import io.muster.server.deadline.Deadlines;
import io.muster.server.heartbeat.Check;
import io.muster.server.heartbeat.Checks;
import io.muster.server.heartbeat.Status;
import io.muster.server.incident.Alert;
import io.muster.server.incident.Alerts;
import io.muster.server.residency.Exposure.Step;
import io.muster.server.residency.Situation.Mover;
import io.muster.server.tenancy.Catalogue;
import io.muster.server.tenancy.Store;
import io.muster.server.tenancy.Tenant;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Looks at tenants' data in a store, and stores what became of it: the only writer of exposures but for people. */
@Component
class Residence {

    /** Most tenants of one look, and so of one transaction. */
    static final int BATCH = 1_000;

    private static final Logger log = LoggerFactory.getLogger(Residence.class);

    private final Catalogue catalogue;
    private final Checks checks;
    private final ReplicationRepository replications;
    private final ProbeRepository probes;
    private final ExposureRepository exposures;
    private final Deadlines deadlines;
    private final AuditLog audit;
    private final Alerts alerts;

    Residence(
            Catalogue catalogue,
            Checks checks,
            ReplicationRepository replications,
            ProbeRepository probes,
            ExposureRepository exposures,
            Deadlines deadlines,
            AuditLog audit,
            Alerts alerts) {
        this.catalogue = catalogue;
        this.checks = checks;
        this.replications = replications;
        this.probes = probes;
        this.exposures = exposures;
        this.deadlines = deadlines;
        this.audit = audit;
        this.alerts = alerts;
    }

    /** A job, with the check that watches it and what it proves. */
    record Watched(Check check, Replication replication, Proven shared) {}

    /** All jobs that take data out of a store, locked, so that no ping moves a watermark while exposures are judged. */
    @Transactional(propagation = Propagation.MANDATORY)
    List<Watched> watched(String store) {
        return watched(replications.lockFrom(store));
    }

    /** As {@link #watched}, for those who only tell. */
    List<Watched> watchedReadOnly(String store) {
        return watched(replications.from(store));
    }

    private List<Watched> watched(List<Replication> rows) {
        var ids = rows.stream().map(Replication::check).toList();
        var found = checks.byIds(ids);
        var waiting = replications.beforeWaiting(ids);
        var watched = new ArrayList<Watched>();
        for (var row : rows) {
            var check = found.get(row.check());
            if (check != null) {
                watched.add(new Watched(check, row, waiting.getOrDefault(row.check(), row.proven())));
            }
        }
        return watched;
    }

    /**
     * Judges up to {@link #BATCH} tenants in one store, and stores what changed.
     *
     * @return when to look at a tenant again although nothing was heard; a tenant left out needs no look
     */
    @Transactional(propagation = Propagation.MANDATORY)
    Map<String, Instant> look(Store store, List<Watched> jobs, Collection<String> tenantIds, Instant now) {
        var ids = new TreeSet<>(tenantIds);
        if (ids.isEmpty()) return Map.of();
        var open = exposures.lockOpen(store.id(), ids);
        var steps = new ArrayList<Step>();
        var again = new HashMap<String, Instant>();
        var situations = situations(store, jobs, ids, now);
        for (var tenant : ids) {
            var exposure = Optional.ofNullable(open.get(tenant));
            var situation = situations.get(tenant);
            if (situation == null) {
                exposure.ifPresent(left -> steps.add(new Step.Close(
                        left,
                        new Exposure.ClosedBy(Exposure.ClosedBy.Kind.CATALOGUE, tenant),
                        "tenant " + tenant + " is no longer declared",
                        Optional.empty())));
                continue;
            }
            steps.add(Exposure.next(exposure, situation, now));
            situation.judge(now).flatMap(Situation.Judged::next).ifPresent(at -> again.put(tenant, at));
        }
        store(steps, jobs, now);
        return again;
    }

    /** What is known of each tenant; those that the catalogue does not know are left out. */
    Map<String, Situation> situations(Store store, List<Watched> jobs, Collection<String> ids, Instant now) {
        var tenants = catalogue.tenants(ids);
        var rules = catalogue.rules(
                tenants.values().stream().map(Tenant::policy).distinct().toList());
        var places = catalogue.places(tenants.values(), store.region(), now);
        var proofs = replications.proofs(
                jobs.stream().map(job -> job.replication().check()).toList(), ids);
        var seen = probes.seen(store.id(), ids);
        var situations = new HashMap<String, Situation>();
        for (var tenant : tenants.values()) {
            var rule = rules.get(tenant.policy());
            var place = places.get(tenant.id());
            if (rule == null || place == null) continue;
            var movers = new ArrayList<Mover>();
            for (var job : jobs) {
                if (!job.replication().tenants().covers(tenant)) continue;
                var own =
                        proofs.getOrDefault(job.replication().check(), Map.of()).get(tenant.id());
                movers.add(mover(job, job.replication().claim(own, job.shared(), tenant.createdAt()), rule.maxDwell()));
            }
            situations.put(
                    tenant.id(),
                    new Situation(
                            tenant.id(),
                            tenant.policy(),
                            store.id(),
                            store.region(),
                            rule.notifyWithin(),
                            rule.maxDwell(),
                            place,
                            movers,
                            seen.of(tenant.id())));
        }
        return situations;
    }

    static Mover mover(Watched job, Watermark claim, java.time.Duration policyDwell) {
        return new Mover(
                job.check().id(),
                job.check().jobId(),
                job.check().name(),
                claim,
                job.replication().allowed(policyDwell),
                state(job.check()));
    }

    /** What the arithmetic asks of a check. Its grace, a pause of its alerts or a snooze change nothing here. */
    static JobState state(Check check) {
        var down = check.status() == Status.DOWN;
        var failedAt = !check.lastReportFailed() ? null : down ? check.statusSince() : check.lastPing();
        var due = check.expectedAt().or(() -> down ? Optional.of(check.statusSince()) : Optional.empty());
        return new JobState(check.lastSuccess(), failedAt, due);
    }

    /** Writes all that changed, in the one transaction: exposures, history, own events, alerts. */
    void store(List<Step> steps, List<Watched> jobs, Instant now) {
        var opened = new ArrayList<Step.Open>();
        var updated = new ArrayList<Exposure>();
        var history = new ArrayList<ExposureRepository.Entry>();
        var told = new ArrayList<Told>();
        for (var step : steps) {
            switch (step) {
                case Step.Stay _ -> {}
                case Step.Open open -> opened.add(open);
                case Step.Recount recount -> updated.add(recount.after());
                case Step.Change change -> {
                    updated.add(change.after());
                    var worse = change.after().state() != change.before().state();
                    var at = worse && change.after().violationAt() != null
                            ? change.after().violationAt()
                            : now;
                    history.add(new ExposureRepository.Entry(change.after(), at, change.why()));
                    if (worse) told.add(new Told(change.after(), at, change.why(), false));
                }
                case Step.Close close -> {
                    var closed = close.before().closed(close.by(), now);
                    updated.add(closed);
                    history.add(new ExposureRepository.Entry(closed, now, close.why()));
                    told.add(new Told(closed, now, close.why(), false));
                    close.again().ifPresent(opened::add);
                }
            }
        }
        exposures.update(updated);
        var stored = exposures.insert(opened.stream().map(Step.Open::exposure).toList(), now);
        for (var open : opened) {
            var exposure = stored.get(open.exposure().tenant());
            if (exposure == null) continue; // another node has opened it
            history.add(new ExposureRepository.Entry(exposure, exposure.openedAt(), open.why()));
            told.add(new Told(exposure, exposure.openedAt(), open.why(), true));
        }
        exposures.remember(history, now);
        stored.values().stream().map(Exposure::store).distinct().sorted().forEach(replications::trouble);
        audit.record(told.stream().map(Residence::event).toList());
        var byCheck = new HashMap<Long, Check>();
        jobs.forEach(job -> byCheck.put(job.check().id(), job.check()));
        alerts.raise(
                told.stream()
                        .map(what -> alert(what, byCheck.get(what.exposure().check())))
                        .toList(),
                now);
        if (!told.isEmpty()) {
            var first = told.getFirst();
            log.warn(
                    "{} exposures changed in store {}, the first: tenant {} is {}: {}",
                    told.size(),
                    first.exposure().store(),
                    first.exposure().tenant(),
                    Words.word(first.exposure().state()),
                    first.why());
        }
    }

    private record Told(Exposure exposure, Instant at, String why, boolean opened) {}

    private static OwnEvent event(Told told) {
        var exposure = told.exposure();
        var verb = switch (exposure.state()) {
            case CLOSED -> "closed";
            case VIOLATION -> told.opened() ? "opened" : "worsened";
            case AT_RISK -> "opened";
        };
        var details = new LinkedHashMap<String, @Nullable Object>();
        details.put("state", Words.word(exposure.state()));
        details.put("store", exposure.store());
        details.put("region", exposure.region());
        details.put("policy", exposure.policy());
        details.put("reason", Words.word(exposure.reason()));
        details.put("evidence", Words.word(exposure.evidence()));
        details.put("why", told.why());
        if (exposure.rows() != null) details.put("rows", exposure.rows());
        if (exposure.closedBy() != null) {
            details.put(
                    "closed_by",
                    Words.word(exposure.closedBy().kind()) + " "
                            + exposure.closedBy().id());
        }
        return OwnEvent.of(
                exposure.tenant(), "exposure." + verb, "/exposures/" + exposure.id(), told.at(), Map.copyOf(details));
    }

    private static Alert alert(Told told, @Nullable Check check) {
        var exposure = told.exposure();
        var type = switch (exposure.state()) {
            case AT_RISK -> Alert.Type.EXPOSURE_AT_RISK;
            case VIOLATION -> Alert.Type.EXPOSURE_VIOLATION;
            case CLOSED -> Alert.Type.EXPOSURE_CLOSED;
        };
        var job = check == null
                ? null
                : new Alert.Job(check.id(), check.jobId(), check.name(), check.tags(), check.channels());
        return new Alert(
                type,
                job,
                exposure.store(),
                exposure.region(),
                exposure.tenant(),
                exposure.state() == Exposure.State.CLOSED ? told.at() : exposure.openedAt(),
                told.why(),
                whatToDo(exposure, check),
                "/exposures/" + exposure.id());
    }

    private static String whatToDo(Exposure exposure, @Nullable Check check) {
        if (exposure.state() == Exposure.State.CLOSED) {
            return "Nothing: it is over.";
        }
        if (exposure.reason() == Reason.WRONG_REGION) {
            return "Remove the tenant's data from " + exposure.region() + " and point the job at the right region.";
        }
        return check == null
                ? "Take the rows out of store " + exposure.store() + " and see that a probe counts none."
                : "Mend job " + check.jobId() + " and run it now; a good run moves the data and closes this.";
    }

    /** That a tenant is looked at in a store at an instant: {@code <store>/<tenant>}. */
    void arm(String store, Map<String, Instant> tenants) {
        var keys = new HashMap<String, Instant>();
        tenants.forEach((tenant, at) -> keys.put(store + "/" + tenant, at));
        deadlines.arm(TenantLook.NAME, keys);
    }
}
