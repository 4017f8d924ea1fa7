package io.muster.server.heartbeat;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.muster.server.incident.JobSelector;
import io.muster.server.problem.FieldError;
import io.muster.server.problem.Refused;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When people are not told, by plan, that some jobs are down. Exposures know nothing of it.
 *
 * @param jobs left out: all
 * @param from with {@code to}: once, at most 30 days
 * @param oncalendar when it begins, again and again, as the clocks of {@code tz} show it (left out: UTC)
 * @param duration how long each time, 1 minute to 7 days
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record MaintenanceWindow(
        String name,
        JobSelector jobs,
        @Nullable Instant from,
        @Nullable Instant to,
        @Nullable String oncalendar,
        @Nullable String tz,
        @Nullable Duration duration) {

    /** One time that it is on: from {@code startsAt}, until just before {@code endsAt}. */
    record Occurrence(Instant startsAt, Instant endsAt) {

        boolean isOn(Instant now) {
            return !now.isBefore(startsAt) && now.isBefore(endsAt);
        }
    }

    private static final Instant FIRST = Instant.parse("1970-01-01T00:00:00Z");
    private static final Instant LAST = Instant.parse("9999-01-01T00:00:00Z");

    @SuppressWarnings("NullAway") // `name` and `jobs` may be missing in what was sent
    MaintenanceWindow {
        var errors = new ArrayList<FieldError>();
        if (name == null
                || name.isBlank()
                || name.length() > 200
                || name.chars().anyMatch(Character::isISOControl)) {
            errors.add(new FieldError("name", "must be 1 to 200 characters on one line"));
        }
        jobs = jobs == null ? JobSelector.ALL : jobs;
        boolean once = from != null || to != null;
        if (once == (oncalendar != null)) {
            errors.add(new FieldError(
                    "from", "must be given with to, or oncalendar with duration: exactly one of the two"));
        } else if (once) {
            from = at("from", from, errors);
            to = at("to", to, errors);
            if (from != null && to != null) {
                var length = Duration.between(from, to);
                if (length.compareTo(Duration.ZERO) <= 0 || length.compareTo(Duration.ofDays(30)) > 0) {
                    errors.add(new FieldError("to", "must be later than from, by 30 days at most; got " + to));
                }
            }
            if (tz != null) errors.add(new FieldError("tz", "belongs to oncalendar only"));
            if (duration != null) errors.add(new FieldError("duration", "belongs to oncalendar only"));
        } else {
            if (tz == null) tz = "UTC";
            if (!isZone(tz)) {
                errors.add(new FieldError("tz", "must be a time zone such as Europe/Berlin; got " + Refused.shown(tz)));
            }
            if (!CalendarExpression.isValid(oncalendar)) {
                errors.add(new FieldError(
                        "oncalendar",
                        "must be an OnCalendar expression such as Sun *-*-* 02:00; got " + Refused.shown(oncalendar)));
            }
            if (duration == null
                    || duration.compareTo(Duration.ofMinutes(1)) < 0
                    || duration.compareTo(Duration.ofDays(7)) > 0
                    || duration.getNano() != 0) {
                errors.add(
                        new FieldError("duration", "must be between PT1M and P7D, in whole seconds; got " + duration));
            }
        }
        if (!errors.isEmpty()) throw new Refused(errors);
    }

    private static @Nullable Instant at(String field, @Nullable Instant at, ArrayList<FieldError> errors) {
        if (at == null || at.isBefore(FIRST) || at.isAfter(LAST)) {
            errors.add(new FieldError(field, "must be an instant from 1970 to 9998; got " + at));
            return null;
        }
        return at.truncatedTo(ChronoUnit.MILLIS);
    }

    private static boolean isZone(String tz) {
        try {
            ZoneId.of(tz);
            return true;
        } catch (DateTimeException unknown) {
            return false;
        }
    }

    /** The one that is on, or comes next; empty: never again. */
    Optional<Occurrence> at(Instant now) {
        if (from != null && to != null) {
            return now.isBefore(to) ? Optional.of(new Occurrence(from, to)) : Optional.empty();
        }
        if (oncalendar == null || tz == null || duration == null) throw new IllegalStateException("no times: " + this);
        var length = duration;
        return new Schedule.OnCalendar(oncalendar, ZoneId.of(tz))
                .dueAfter(now.minus(length))
                .map(start -> new Occurrence(start, start.plus(length)));
    }
}
