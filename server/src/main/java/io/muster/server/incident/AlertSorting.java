package io.muster.server.incident;

import static java.util.stream.Collectors.toMap;

import io.muster.server.deadline.DeadlineKind;
import io.muster.server.deadline.Deadlines;
import io.muster.server.incident.AlertRepository.Raised;
import io.muster.server.incident.AlertRepository.Sorted;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/** Puts what was raised into its topics, in order, and arms the groups of the channels that hear of it. */
@Component
@Order(10) // before GroupDeadline, so that one round of the loop does both
class AlertSorting implements DeadlineKind {

    static final String NAME = "alert-raise";

    private static final int BATCH = 20_000;
    private static final Set<String> ENDS = Set.of(
            Alert.Type.JOB_UP.event(),
            Alert.Type.JOB_QUIET.event(),
            Alert.Type.EXPOSURE_CLOSED.event(),
            Alert.Type.LOG_LOST.event(),
            Alert.Type.LOG_UNSEALED.event());

    private final AlertRepository alerts;
    private final Deadlines deadlines;

    AlertSorting(AlertRepository alerts, Deadlines deadlines) {
        this.alerts = alerts;
        this.deadlines = deadlines;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Map<String, Instant> wake(List<String> raises, Instant now) {
        var topics = alerts.topicsOf(raises);
        if (topics.isEmpty()) return Map.of();
        var places = new HashMap<>(alerts.lock(topics));
        for (var some = alerts.unsorted(topics, BATCH); !some.isEmpty(); some = alerts.unsorted(topics, BATCH)) {
            sort(some, places);
        }
        deadlines.arm(
                GroupDeadline.NAME,
                alerts.untold(topics).entrySet().stream()
                        .collect(toMap(
                                untold -> untold.getKey().key(),
                                untold -> untold.getValue().plus(Grouping.FIRST))));
        alerts.tidy(topics);
        return Map.of();
    }

    private void sort(List<Raised> raised, Map<String, Long> places) {
        var sorting = new Folding(alerts.open(raised), places);
        raised.forEach(sorting::next);
        alerts.store(List.copyOf(sorting.sorted.values()), sorting.noLongerOpen, places);
        alerts.group(List.copyOf(sorting.sorted.values()));
    }

    /** One subject has at most one open alert: each new one ends the one before. Pure. */
    static final class Folding {

        private record Subject(String topic, String subject) {}

        final Map<Long, Sorted> sorted = new HashMap<>();
        final Collection<Long> noLongerOpen = new HashSet<>();
        private final Map<Subject, Raised> open = new HashMap<>();
        private final Map<String, Long> places;

        Folding(List<Raised> open, Map<String, Long> places) {
            open.forEach(alert -> this.open.put(new Subject(alert.topic(), alert.subject()), alert));
            this.places = places;
        }

        void next(Raised alert) {
            var subject = new Subject(alert.topic(), alert.subject());
            var before = open.remove(subject);
            if (before != null) close(before);
            var place = places.merge(alert.topic(), 1L, Long::sum);
            var was = before == null ? null : worst(before);
            if (ENDS.contains(alert.type())) {
                sorted.put(
                        alert.id(), new Sorted(alert.id(), place, false, was, before == null ? null : before.since()));
            } else {
                sorted.put(alert.id(), new Sorted(alert.id(), place, true, was, null));
                open.put(
                        subject,
                        new Raised(
                                alert.id(),
                                alert.topic(),
                                alert.subject(),
                                alert.type(),
                                alert.since(),
                                Optional.ofNullable(was)));
            }
        }

        private void close(Raised before) {
            var justSorted = sorted.get(before.id());
            if (justSorted == null) {
                noLongerOpen.add(before.id());
            } else {
                sorted.put(
                        before.id(),
                        new Sorted(justSorted.id(), justSorted.place(), false, justSorted.was(), justSorted.began()));
            }
        }

        /** A violation stays one, whatever it became later. */
        private static @Nullable String worst(Raised before) {
            var violation = Alert.Type.EXPOSURE_VIOLATION.event();
            return before.was().filter(violation::equals).orElse(before.type());
        }
    }
}
