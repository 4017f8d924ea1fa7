package io.muster.server.heartbeat;

import static java.util.Objects.requireNonNull;

import io.muster.server.access.Access;
import io.muster.server.audit.AuditLog;
import io.muster.server.audit.OwnEvent;
import io.muster.server.deadline.Deadlines;
import io.muster.server.heartbeat.ChecksChanged.Change;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.util.function.SingletonSupplier;

/** Stores what became of checks, and tells whom it concerns. Pings, silence, people and declarations all end here. */
@Component
class CheckChanges {

    private static final Logger log = LoggerFactory.getLogger(CheckChanges.class);

    private final HeardChecks checks;
    private final RunRepository runs;
    private final FlipRepository flipRows;
    private final Deadlines deadlines;
    private final Retention retention;
    private final JobAlerts alerts;
    private final AuditLog audit;
    private final Access access;
    private final Supplier<List<CheckListener>> listeners;

    CheckChanges(
            HeardChecks checks,
            RunRepository runs,
            FlipRepository flipRows,
            Deadlines deadlines,
            Retention retention,
            JobAlerts alerts,
            AuditLog audit,
            Access access,
            ObjectProvider<CheckListener> listeners) {
        this.checks = checks;
        this.runs = runs;
        this.flipRows = flipRows;
        this.deadlines = deadlines;
        this.retention = retention;
        this.alerts = alerts;
        this.audit = audit;
        this.access = access;
        this.listeners = SingletonSupplier.of(() -> listeners.orderedStream().toList()); // they need checks themselves
    }

    /**
     * In the transaction that locked these checks, or inserted or deleted them: all of it is stored, or nothing.
     *
     * @param changes in the order of ids
     */
    @Transactional(propagation = Propagation.MANDATORY)
    List<Verdict> store(List<Change> changes, Instant now) {
        if (changes.isEmpty()) return List.of();
        var earlier = new HashMap<String, Instant>();
        var armed = changes.stream().map(change -> armed(change, earlier)).toList();
        var heardOf =
                armed.stream().filter(CheckChanges::heardOf).map(Change::now).toList();
        checks.update(heardOf);
        runs.store(armed);
        deadlines.arm(CheckDeadline.NAME, earlier);
        retention.begin(firstHeard(armed), now);
        tell(armed, now);
        var told =
                new ChecksChanged(armed.stream().filter(CheckChanges::concerns).toList(), now);
        var verdicts = new ArrayList<Verdict>();
        if (!told.changes().isEmpty()) {
            listeners.get().forEach(listener -> verdicts.addAll(listener.on(told)));
        }
        return verdicts;
    }

    /** Those that heard their first ping. */
    private static List<Long> firstHeard(List<Change> changes) {
        var ids = new ArrayList<Long>(0);
        for (var change : changes) {
            var before = change.before();
            if (before != null && before.pings() == 0 && !change.heard().isEmpty()) ids.add(before.id());
        }
        return ids;
    }

    /** Not when only its deadline moved. */
    private static boolean concerns(Change change) {
        var before = change.before();
        var after = change.after();
        return before == null
                || after == null
                || !change.heard().isEmpty()
                || !change.flips().isEmpty()
                || !before.settings().equals(after.settings());
    }

    /** Puts an earlier deadline into {@code earlier}. An ordinary ping moves it later, and leaves the stored one. */
    private static Change armed(Change change, Map<String, Instant> earlier) {
        var after = change.after();
        if (after == null) return change;
        var armedAt = after.state().armedAt();
        var next = after.nextMiss().map(after::countsAt).filter(at -> armedAt == null || at.isBefore(armedAt));
        if (next.isEmpty()) return change;
        earlier.put(Long.toString(after.id()), next.get());
        return change.with(after.with(after.state().armed(next.get())));
    }

    private void tell(List<Change> changes, Instant now) {
        var flips = new ArrayList<Flip>();
        var events = new ArrayList<OwnEvent>();
        for (var change : changes) {
            for (var flip : change.flips()) {
                var check = requireNonNull(change.after());
                flips.add(flip);
                events.add(event(check, flip));
                log(check, flip);
            }
        }
        flipRows.insert(flips, now);
        audit.record(events);
        alerts.tell(changes, now);
    }

    private OwnEvent event(Check check, Flip flip) {
        return new OwnEvent(
                OwnEvent.PLATFORM,
                "check." + flip.to().word(),
                "/jobs/" + check.jobId(),
                OwnEvent.Status.SUCCESS,
                flip.at(),
                access.caller(),
                Map.of("from", flip.from().word(), "reason", flip.reason()));
    }

    private static void log(Check check, Flip flip) {
        if (flip.to() == Status.DOWN) {
            log.warn(
                    "check {} is down since {}: {}",
                    check.jobId(),
                    flip.at(),
                    flip.trouble() == null ? flip.reason() : flip.trouble().predicate());
        } else {
            log.info("check {} is {} since {}: {}", check.jobId(), flip.to().word(), flip.at(), flip.reason());
        }
    }

    /** Whether something was heard that must be stored: what is new or deleted is stored elsewhere. */
    private static boolean heardOf(Change change) {
        var before = change.before();
        var after = change.after();
        return before != null && after != null && !before.state().equals(after.state());
    }
}
