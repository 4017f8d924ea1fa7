package io.muster.server.incident;

import io.muster.server.incident.AlertRepository.Bundle;
import io.muster.server.incident.AlertRepository.Lead;
import io.muster.server.incident.GroupDeadline.Telling;
import io.muster.server.incident.channel.Message;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Puts together what a channel is told: the gravest change leads, what else changed and what is open follow. Pure. */
final class Messages {

    private static final String VIOLATION = Alert.Type.EXPOSURE_VIOLATION.event();
    private static final String DOWN = Alert.Type.JOB_DOWN.event();
    private static final String AT_RISK = Alert.Type.EXPOSURE_AT_RISK.event();

    /** The gravest first. */
    private static final List<String> GRAVITY = List.of(
            Alert.Type.LOG_LOST.event(),
            VIOLATION,
            DOWN,
            Alert.Type.LOG_UNSEALED.event(),
            AT_RISK,
            Alert.Type.EXPOSURE_CLOSED.event(),
            Alert.Type.JOB_UP.event());

    private static final Comparator<Bundle> GRAVEST = Comparator.comparing(bundle -> GRAVITY.indexOf(bundle.type()));

    /** What the message is about; of a reminder, the gravest that is open. */
    static Bundle lead(Telling telling) {
        return (telling.news().isEmpty() ? telling.open() : telling.news())
                .stream().min(GRAVEST).orElseThrow();
    }

    /** All whom the message is about, those first who are new to it. */
    static List<String> tenants(Telling telling) {
        var about = new LinkedHashSet<>(lead(telling).tenants());
        about.addAll(sameOpen(telling).map(Bundle::tenants).orElse(List.of()));
        if (telling.news().isEmpty() || lead(telling).type().equals(DOWN)) {
            for (var type : List.of(VIOLATION, AT_RISK)) {
                open(telling, type).ifPresent(bundle -> about.addAll(bundle.tenants()));
            }
        }
        return List.copyOf(about);
    }

    static Message of(Telling telling, Lead words, Instant now) {
        var lead = lead(telling);
        var tenants = tenants(telling);
        var jobs = jobs(telling);
        var still = sameOpen(telling);
        var several = Math.max(lead.subjects(), still.map(Bundle::subjects).orElse(0)) > 1;
        return new Message(
                telling.news().isEmpty() ? Alert.Type.JOB_REMINDER.event() : lead.type(),
                now,
                jobs.size() == 1 ? jobs.getFirst() : null,
                jobs.subList(0, Math.min(Message.NAMED, jobs.size())),
                jobs.size(),
                words.store(),
                words.region(),
                tenants.subList(0, Math.min(Message.NAMED, tenants.size())),
                tenants.size(),
                still.map(Bundle::since).filter(lead.since()::isAfter).orElse(lead.since()),
                lead.began().orElse(null),
                words.cause() + more(lead),
                words.whatToDo(),
                several ? parent(words.path()) : words.path(),
                counts(telling.news()),
                counts(telling.open()));
    }

    private static List<Message.Named> jobs(Telling telling) {
        var jobs = new LinkedHashSet<>(lead(telling).jobs());
        sameOpen(telling).ifPresent(bundle -> jobs.addAll(bundle.jobs()));
        return jobs.stream().map(Messages::named).toList();
    }

    private static Message.Named named(String job) {
        var end = job.indexOf('\u001f');
        return new Message.Named(job.substring(0, end), job.substring(end + 1));
    }

    /** What is as the message says, whether or not it is new; empty if it says that something is over. */
    private static Optional<Bundle> sameOpen(Telling telling) {
        return open(telling, lead(telling).type());
    }

    private static Optional<Bundle> open(Telling telling, String type) {
        return telling.open().stream()
                .filter(bundle -> bundle.type().equals(type))
                .findAny();
    }

    private static String more(Bundle lead) {
        return lead.subjects() == 1 ? "" : String.format(Locale.ROOT, " (the first of %,d)", lead.subjects());
    }

    /** {@code /exposures} for {@code /exposures/42}. */
    private static String parent(String path) {
        var end = path.indexOf('/', 1);
        return end == -1 ? path : path.substring(0, end);
    }

    private static Map<String, Integer> counts(Collection<Bundle> bundles) {
        var counts = new LinkedHashMap<String, Integer>();
        bundles.stream().sorted(GRAVEST).forEach(bundle -> counts.put(bundle.type(), bundle.subjects()));
        return counts;
    }

    private Messages() {}
}
