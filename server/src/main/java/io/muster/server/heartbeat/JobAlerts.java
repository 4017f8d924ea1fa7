package io.muster.server.heartbeat;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.toMap;

import io.muster.server.audit.AuditLog;
import io.muster.server.audit.OwnEvent;
import io.muster.server.deadline.Deadlines;
import io.muster.server.heartbeat.ChecksChanged.Change;
import io.muster.server.heartbeat.HoldRepository.Held;
import io.muster.server.heartbeat.HoldRepository.Name;
import io.muster.server.incident.Alert;
import io.muster.server.incident.Alerts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Whether and when people are told of a job that changed. A snooze, a window or another job may hold an alert back. */
@Component
class JobAlerts {

    /** However a wait was to end, it is looked at again so often: nothing is held back for ever by a mistake. */
    private static final Duration AT_LEAST_EVERY = Duration.ofMinutes(15);

    private final HoldRepository holds;
    private final FlipRepository flips;
    private final OutageRepository outages;
    private final FailureRepository failures;
    private final Alerts alerts;
    private final AuditLog audit;
    private final Deadlines deadlines;

    JobAlerts(
            HoldRepository holds,
            FlipRepository flips,
            OutageRepository outages,
            FailureRepository failures,
            Alerts alerts,
            AuditLog audit,
            Deadlines deadlines) {
        this.holds = holds;
        this.flips = flips;
        this.outages = outages;
        this.failures = failures;
        this.alerts = alerts;
        this.audit = audit;
        this.deadlines = deadlines;
    }

    /** What is raised, held back and released in one transaction. */
    private final class Telling {

        private final Instant now;
        private final List<Outage> outages;
        private final List<Alert> raised = new ArrayList<>();
        private final List<Check> down = new ArrayList<>(); // told with what is stored of them
        private final List<OwnEvent> events = new ArrayList<>();
        private final Map<Long, Held> held = new HashMap<>();
        private final List<Long> released = new ArrayList<>();
        private final Map<String, Instant> again = new HashMap<>();

        /** @param outages of Muster's own, that may be why something is told late */
        Telling(Instant now, List<Outage> outages) {
            this.now = now;
            this.outages = outages;
        }

        String late(News news) {
            if (!isLate(news, now)) return "";
            return Outage.why(news.at(), now, outages)
                    .map(away -> JobAlert.late(news, away, now))
                    .orElse("");
        }

        void hold(Check check, Hold hold, boolean told) {
            held.put(check.id(), new Held(check.id(), hold, told));
            events.add(OwnEvent.of(
                    OwnEvent.PLATFORM,
                    "alert.held_back",
                    "/jobs/" + check.jobId(),
                    now,
                    Map.of("because", hold.because().word(), "what", hold.what())));
        }

        void lookAgain(Check check, Hold hold) {
            var soon = now.plus(AT_LEAST_EVERY);
            var until = hold.until();
            again.put(Long.toString(check.id()), until != null && until.isBefore(soon) ? until : soon);
        }

        void release(long check) {
            held.remove(check);
            released.add(check);
        }

        void store() {
            holds.release(released);
            holds.hold(held.values());
            audit.record(events);
            raised.addAll(downNow(down));
            alerts.raise(raised, now);
        }
    }

    /** In the transaction of the flips, when they are stored; the checks are locked. */
    void tell(List<Change> changes, Instant now) {
        var concerned = changes.stream()
                .filter(change -> !change.flips().isEmpty()
                        || !change.news().isEmpty()
                        || wasDown(change) != isDown(change)
                        || isTiedAnew(change))
                .toList();
        if (concerned.isEmpty()) return;
        var ids = concerned.stream().map(JobAlerts::id).toList();
        var reasons = holds.reasons(
                concerned.stream()
                        .filter(change -> change.news().stream().anyMatch(News::down))
                        .map(JobAlerts::id)
                        .toList(),
                now);
        var heldBefore = holds.held(ids);
        var telling = new Telling(now, outagesBehind(concerned, now));
        for (var change : concerned) {
            var check = change.after();
            if (check == null) {
                if (wasToldDown(change)) telling.raised.add(JobAlert.quiet(requireNonNull(change.before()), now));
                continue;
            }
            if (isDown(change) && isTiedAnew(change)) telling.again.put(Long.toString(check.id()), now);
            var held = heldBefore.get(check.id());
            for (var news : change.news()) {
                held = tell(telling, change, news, held, reasons.get(check.id()));
            }
            if (toldDownAtLast(change) && check.status() != Status.DOWN && check.status() != Status.UP) {
                if (held != null) telling.release(check.id());
                telling.raised.add(JobAlert.quiet(check, now));
            }
        }
        telling.store();
        deadlines.arm(HeldBackDeadline.NAME, telling.again);
        wakeDependents(concerned, now);
    }

    /** Answers how the check is held back after the news; null: it is not. */
    private @Nullable Held tell(Telling telling, Change change, News news, @Nullable Held held, @Nullable Hold reason) {
        var check = change.now();
        if (news.down()) {
            if (reason == null) {
                if (news.reason().equals(News.DECLARED)) telling.down.add(check);
                else telling.raised.add(JobAlert.down(check, news, failure(change, news), telling.late(news)));
                return null;
            }
            telling.hold(check, reason, false);
            telling.lookAgain(check, reason);
            return telling.held.get(check.id());
        }
        if (held != null) telling.release(check.id());
        if (held == null || held.told()) telling.raised.add(JobAlert.up(check, news));
        return null;
    }

    private static boolean isLate(News news, Instant now) {
        return news.down() && news.reason().equals("timeout") && Outage.isLate(news.at(), now);
    }

    private List<Outage> outagesBehind(List<Change> changes, Instant now) {
        return changes.stream()
                .flatMap(change -> change.news().stream())
                .filter(news -> isLate(news, now))
                .map(News::at)
                .min(Comparator.naturalOrder())
                .map(earliest -> outages.within(earliest.minus(Hearing.LONGEST), now))
                .orElse(List.of());
    }

    /** That of the ping which is news; empty if silence is, or the ping did not report it. */
    private static Optional<Failure> failure(Change change, News news) {
        return change.heard().stream()
                .filter(ping -> ping.n() == news.n())
                .findFirst()
                .map(Failure::of);
    }

    /** Jobs that wait for one of these look again, in transactions of their own. */
    private void wakeDependents(List<Change> changes, Instant now) {
        var names = new LinkedHashSet<Name>();
        for (var change : changes) {
            if (wasDown(change) != isDown(change) || isTiedAnew(change)) {
                for (var check : new Check[] {change.before(), change.after()}) {
                    if (check != null) names.add(new Name(check.project(), check.jobId()));
                }
            }
        }
        if (names.isEmpty()) return;
        deadlines.arm(
                DependentsDeadline.NAME,
                holds.withDependents(names).stream().collect(toMap(DependentsDeadline::key, _ -> now)));
    }

    /**
     * Holds back what people are not to hear any more, and tells what they are to hear again.
     *
     * @param locked checks, whether down or not; of one whose failures are still too few people hear nothing
     * @return when to look at each again, by its id; those left out need it no more
     */
    Map<String, Instant> settle(List<Check> locked, Instant now) {
        var ids = locked.stream().map(Check::id).toList();
        var down = locked.stream().filter(Check::isToldDown).map(Check::id).toList();
        holds.unsnooze(ids, now);
        var reasons = holds.reasons(down, now);
        var heldBefore = holds.held(ids);
        var telling = new Telling(now, List.of());
        for (var check : locked) {
            var held = Optional.ofNullable(heldBefore.get(check.id()));
            if (!check.isToldDown()) {
                if (held.isPresent()) telling.release(check.id());
                continue;
            }
            var hold =
                    Hold.next(held.map(Held::hold), Optional.ofNullable(reasons.get(check.id())), check.grace(), now);
            if (hold.isPresent()) {
                if (held.isEmpty()) telling.raised.add(JobAlert.quiet(check, now));
                if (!hold.equals(held.map(Held::hold))) {
                    telling.hold(check, hold.get(), held.map(Held::told).orElse(true));
                }
                telling.lookAgain(check, hold.get());
            } else if (held.isPresent()) {
                telling.release(check.id());
                telling.down.add(check);
            }
        }
        telling.store();
        return telling.again;
    }

    /** That they are down is told with what is stored of it. */
    private List<Alert> downNow(List<Check> checks) {
        if (checks.isEmpty()) return List.of();
        var ids = checks.stream().map(Check::id).toList();
        var turned = flips.lastDown(ids);
        var failed = failures.last(ids);
        return checks.stream()
                .map(check -> {
                    var flip = turned.getOrDefault(
                            check.id(), new Flip(check.id(), check.statusSince(), Status.UP, Status.DOWN, "fail"));
                    var news = new News(
                            check.id(),
                            flip.at(),
                            true,
                            flip.reason(),
                            flip.trouble(),
                            0,
                            Math.max(1, check.inARow().failures()));
                    var failure = flip.reason().equals("timeout") ? null : failed.get(check.id());
                    return JobAlert.down(check, news, Optional.ofNullable(failure), "");
                })
                .toList();
    }

    /** Looks at these again now, for something that holds back alerts has changed. */
    void lookAgain(Iterable<Long> checks, Instant now) {
        var keys = new HashMap<String, Instant>();
        checks.forEach(check -> keys.put(Long.toString(check), now));
        deadlines.arm(HeldBackDeadline.NAME, keys);
    }

    /** Of each that is or would be held back now: why. */
    Map<Long, Hold> heldBack(List<Long> checks, Instant now) {
        var reasons = holds.reasons(checks, now);
        holds.held(checks).forEach((check, held) -> reasons.putIfAbsent(check, held.hold()));
        return reasons;
    }

    private static long id(Change change) {
        return requireNonNull(change.after() == null ? change.before() : change.after())
                .id();
    }

    private static boolean wasDown(Change change) {
        return change.before() != null && change.before().status() == Status.DOWN;
    }

    private static boolean wasToldDown(Change change) {
        return change.before() != null && change.before().isToldDown();
    }

    /** After all that was news; a person's change is none. */
    private static boolean toldDownAtLast(Change change) {
        return change.news().isEmpty()
                ? wasToldDown(change)
                : change.news().getLast().down();
    }

    private static boolean isDown(Change change) {
        return change.after() != null && change.after().status() == Status.DOWN;
    }

    /** Whether it has another name, or waits for others. */
    private static boolean isTiedAnew(Change change) {
        return change.before() != null
                && change.after() != null
                && (!Objects.equals(change.before().jobId(), change.after().jobId())
                        || !change.before()
                                .settings()
                                .dependsOn()
                                .equals(change.after().settings().dependsOn()));
    }
}
