package io.muster.server.heartbeat;

import io.muster.server.problem.Refused;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** When a job must report. */
public sealed interface Schedule {

    /** One {@code period} after the last report; 1 minute to 365 days, whole seconds. */
    record Every(Duration period) implements Schedule {

        public Every {
            requireSpan("every", period);
        }
    }

    /** At the times of {@code expression}, as the clocks of {@code tz} show them; see {@link CronExpression}. */
    record Cron(String expression, ZoneId tz) implements Schedule {

        public Cron {
            if (!CronExpression.isValid(expression)) {
                throw new Refused("cron", "must be five fields such as 0 2 * * *; got " + expression);
            }
        }
    }

    /** At the times of {@code expression}, as systemd reads it; see {@link CalendarExpression}. */
    record OnCalendar(String expression, ZoneId tz) implements Schedule {

        public OnCalendar {
            if (!CalendarExpression.isValid(expression)) {
                throw new Refused(
                        "oncalendar", "must be an OnCalendar expression such as *-*-* 02:00; got " + expression);
            }
        }
    }

    /** When the report after the one at {@code last} is due, later than that; empty if never again. */
    default Optional<Instant> dueAfter(Instant last) {
        return switch (this) {
            case Every(var period) -> Optional.of(last.plus(period));
            case Cron(var text, var tz) -> CronExpression.of(text).next(last.truncatedTo(ChronoUnit.SECONDS), tz);
            case OnCalendar(var text, var tz) ->
                CalendarExpression.of(text).next(last.truncatedTo(ChronoUnit.SECONDS), tz);
        };
    }

    /** What {@code every} and {@code grace} may be. */
    static void requireSpan(String field, Duration span) {
        if (span.compareTo(Duration.ofMinutes(1)) < 0 || span.compareTo(Duration.ofDays(365)) > 0) {
            throw new Refused(field, "must be between PT1M and P365D; got " + span);
        }
        if (span.getNano() != 0) {
            throw new Refused(field, "must be whole seconds; got " + span);
        }
    }
}
