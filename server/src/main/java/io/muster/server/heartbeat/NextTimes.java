package io.muster.server.heartbeat;

import io.muster.server.layout.Upcoming;
import io.muster.server.problem.Refused;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Pure: when a schedule that somebody is writing asks for reports, and what is wrong with it, in words that help. */
public final class NextTimes {

    private static final int SHOWN = 10;
    private static final DateTimeFormatter THERE =
            DateTimeFormatter.ofPattern("EEE d MMM HH:mm:ss xxx", Locale.ENGLISH);

    /** Empty as long as no schedule is written. The four are as in a job's declaration; empty: not given. */
    public static Optional<Upcoming> of(String every, String cron, String oncalendar, String tz, Instant now) {
        var given = List.of(every, cron, oncalendar).stream()
                .filter(text -> !text.isBlank())
                .count();
        if (given == 0) return Optional.empty();
        if (given > 1) return Optional.of(no("Only one of Every, Cron and OnCalendar can say when: empty the others."));
        var zone = TimeZones.find(tz.isBlank() ? "UTC" : tz.strip());
        if (zone.isEmpty()) {
            return Optional.of(no("No time zone is called " + cut(tz) + ". It is like Europe/Berlin, or UTC."));
        }
        try {
            if (!every.isBlank()) {
                return Optional.of(times(new Schedule.Every(Duration.parse(every.strip())), zone.get(), now));
            }
            return Optional.of(times(
                    cron.isBlank()
                            ? new Schedule.OnCalendar(oncalendar.strip(), zone.get())
                            : new Schedule.Cron(cron.strip(), zone.get()),
                    zone.get(),
                    now));
        } catch (DateTimeParseException noDuration) {
            return Optional.of(no("Every is written like PT15M (15 minutes), PT1H or P1D; not " + cut(every) + "."));
        } catch (Refused refused) {
            var error = refused.errors().getFirst();
            return Optional.of(no(
                    switch (error.field()) {
                        case "cron" ->
                            "This is not cron yet: five fields say minute, hour, day, month and weekday, such as 0 2 * * 1-5.";
                        case "oncalendar" -> "This is not a calendar expression yet: it is like Mon..Fri *-*-* 02:00.";
                        default -> "Every " + error.message() + ".";
                    }));
        }
    }

    private static Upcoming times(Schedule schedule, ZoneId zone, Instant now) {
        var times = new ArrayList<Upcoming.Time>();
        var due = schedule.dueAfter(now);
        while (due.isPresent() && times.size() < SHOWN) {
            times.add(new Upcoming.Time(THERE.format(due.get().atZone(zone)), due.get()));
            due = schedule.dueAfter(due.get());
        }
        return times.isEmpty()
                ? no("It can be read, but there is no such time any more.")
                : new Upcoming(zone.getId(), times, "");
    }

    private static Upcoming no(String problem) {
        return new Upcoming("", List.of(), problem);
    }

    private static String cut(String text) {
        var stripped = text.strip();
        return stripped.length() <= 60 ? stripped : stripped.substring(0, 60) + "…";
    }

    private NextTimes() {}
}
