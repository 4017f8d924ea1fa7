package io.muster.server.incident.channel;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A message in the words of people: whoever is woken by it at three in the morning has not read the manual. */
public record Words(String headline, List<Fact> facts) {

    /** {@code Since: 2026-03-01 02:45:10 UTC, 15 min ago}. */
    public record Fact(String name, String text) {}

    private static final DateTimeFormatter SECONDS = DateTimeFormatter.ofPattern(
                    "yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter MILLIS = DateTimeFormatter.ofPattern(
                    "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final int LONGEST = 1_000;

    public static Words of(Message message) {
        var headline = headline(message);
        if (message.type().equals(Message.TEST)) {
            return new Words(
                    headline,
                    List.of(new Fact("Why", line(message.cause())), new Fact("What to do", line(message.whatToDo()))));
        }
        var facts = new ArrayList<Fact>();
        facts.add(time(message));
        if (message.tenantsTotal() > 0) facts.add(new Fact("Tenants", some(message.tenants(), message.tenantsTotal())));
        if (message.jobsTotal() > 0) facts.add(new Fact(message.jobsTotal() == 1 ? "Job" : "Jobs", jobs(message)));
        if (message.store() != null || message.region() != null) facts.add(new Fact("Where", where(message)));
        facts.add(new Fact("How we know", line(message.cause())));
        facts.add(new Fact("What to do", line(message.whatToDo())));
        var more = new ArrayList<>(message.changes().keySet());
        more.remove(message.type());
        if (!more.isEmpty()) {
            facts.add(new Fact(
                    "Also now",
                    list(more.stream()
                            .map(type -> state(message.changed(type), type))
                            .toList())));
        }
        facts.add(new Fact("Open now", open(message)));
        return new Words(headline, facts);
    }

    private static String headline(Message message) {
        var place = place(message);
        var where = place.isEmpty() ? "" : ": " + place;
        return switch (message.type()) {
            case "log.down" -> "LOST: events that were on record in the audit log of " + tenants(message);
            case "log.unsealed" ->
                "NOT SEALED: what Muster did waits in clear, for the audit log of " + tenants(message);
            case "job.down" -> "DOWN: " + theJobs(message) + (message.jobsTotal() == 1 ? "" : where);
            case "job.up" -> "UP again: " + theJobs(message) + (message.jobsTotal() == 1 ? "" : where);
            case "exposure.at_risk" -> "AT RISK: data of " + tenants(message) + " might not get home in time" + where;
            case "exposure.violation" ->
                "VIOLATION: data of " + tenants(message) + " is where it is not allowed" + where;
            case "exposure.closed" -> "CLOSED: exposure of " + tenants(message) + where;
            case "job.reminder" -> "STILL OPEN: " + open(message) + (place.isEmpty() ? ": " + theJobs(message) : where);
            default -> "Test from Muster, nothing is wrong";
        };
    }

    private static String theJobs(Message message) {
        return message.jobsTotal() == 1
                ? line(message.jobs().getFirst().name())
                : count(message.jobsTotal(), "job", "jobs");
    }

    private static String tenants(Message message) {
        return message.tenantsTotal() == 1
                ? message.tenants().getFirst()
                : count(message.tenantsTotal(), "tenant", "tenants");
    }

    private static String place(Message message) {
        if (message.store() == null) return message.region() == null ? "" : message.region();
        return message.store() + (message.region() == null ? "" : " (" + message.region() + ")");
    }

    private static String where(Message message) {
        if (message.store() == null) return "region " + message.region();
        return "store " + message.store() + (message.region() == null ? "" : ", region " + message.region());
    }

    /** Since when it is so; of what is over, how long it was. */
    private static Fact time(Message message) {
        var began = message.began();
        return began == null
                ? new Fact(
                        "Since",
                        time(message.since()) + ", " + span(Duration.between(message.since(), message.at()))
                                + " before this message")
                : new Fact(
                        "Lasted",
                        span(Duration.between(began, message.since())) + ", from " + time(began) + " to "
                                + time(message.since()));
    }

    private static String jobs(Message message) {
        return some(message.jobs().stream().map(Words::job).toList(), message.jobsTotal());
    }

    private static String job(Message.Named job) {
        return job.name().isBlank() || job.name().equals(job.id())
                ? job.id()
                : line(job.name()) + " (" + job.id() + ")";
    }

    private static String some(List<String> first, int total) {
        var more = total - first.size();
        return String.join(", ", first)
                + (more > 0 ? " and " + number(more) + " more, " + number(total) + " in all" : "");
    }

    private static String open(Message message) {
        if (message.over()) return "nothing, all of it is over";
        return list(message.open().entrySet().stream()
                .map(entry -> state(entry.getValue(), entry.getKey()))
                .toList());
    }

    private static String state(int count, String type) {
        return switch (type) {
            case "log.down" -> count(count, "log has lost events", "logs have lost events");
            case "log.unsealed" -> count(count, "log waits for an event", "logs wait for events");
            case "job.down" -> count(count, "job is down", "jobs are down");
            case "job.up" -> count(count, "job is up again", "jobs are up again");
            case "exposure.at_risk" -> count(count, "tenant is at risk", "tenants are at risk");
            case "exposure.violation" -> count(count, "tenant is in violation", "tenants are in violation");
            case "exposure.closed" -> count(count, "exposure is closed", "exposures are closed");
            default -> number(count) + " " + type;
        };
    }

    private static String list(List<String> parts) {
        return parts.size() < 2
                ? String.join("", parts)
                : String.join(", ", parts.subList(0, parts.size() - 1)) + " and " + parts.getLast();
    }

    private static String count(int count, String one, String many) {
        return number(count) + " " + (count == 1 ? one : many);
    }

    private static String number(int count) {
        return String.format(Locale.ROOT, "%,d", count);
    }

    /** {@code 2026-03-01T03:00:00.000Z}. */
    public static String instant(Instant instant) {
        return MILLIS.format(instant);
    }

    /** {@code 2026-03-01 03:00:00 UTC}. */
    public static String time(Instant instant) {
        return SECONDS.format(instant);
    }

    /** {@code 45 s}, {@code 11 min 15 s}, {@code 3 h 20 min}, {@code 2 d 4 h}. */
    public static String span(Duration time) {
        var seconds = Math.max(0, time.toSeconds());
        if (seconds < 60) return seconds + " s";
        if (seconds < 3_600) return seconds / 60 + " min" + (seconds % 60 == 0 ? "" : " " + seconds % 60 + " s");
        if (seconds < 86_400)
            return seconds / 3_600 + " h" + (seconds / 60 % 60 == 0 ? "" : " " + seconds / 60 % 60 + " min");
        return seconds / 86_400 + " d" + (seconds / 3_600 % 24 == 0 ? "" : " " + seconds / 3_600 % 24 + " h");
    }

    /** What others wrote, on one line and not endless. */
    static String line(String text) {
        var line = text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
        if (line.length() <= LONGEST) return line;
        var end = LONGEST - 1;
        return line.substring(0, Character.isHighSurrogate(line.charAt(end - 1)) ? end - 1 : end) + "…";
    }
}
