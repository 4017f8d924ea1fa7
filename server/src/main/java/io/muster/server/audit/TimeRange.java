package io.muster.server.audit;

import io.muster.server.problem.Refused;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** From an instant until another, which is not in it any more. */
record TimeRange(Instant from, Instant to) {

    private static final Duration USUAL = Duration.ofDays(30);

    /** By which a sender's clock may be ahead of ours; see {@link EventReader}. */
    private static final Duration MOST_AHEAD = Duration.ofMinutes(5);

    private static final Instant EARLIEST = Instant.parse("2000-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("2100-01-01T00:00:00Z");
    private static final Pattern LAST = Pattern.compile("last(\\d{1,7})(minute|hour|day)s?");

    TimeRange {
        if (!from.isBefore(to)) throw new Refused("from", "must be before its end; got " + from + " and " + to);
    }

    /** The last 30 days. */
    static TimeRange before(Instant now) {
        return new TimeRange(now.minus(USUAL), now);
    }

    /** When events that happened in {@code occurred} can have been received: not before that, but any time later. */
    static TimeRange after(TimeRange occurred, Instant now) {
        var from = occurred.from.minus(MOST_AHEAD);
        return new TimeRange(from.isBefore(now) ? from : now.minus(MOST_AHEAD), now);
    }

    boolean holds(Instant at) {
        return !at.isBefore(from) && at.isBefore(to);
    }

    /** {@code last30days}, {@code today}, {@code yesterday}, or an ISO interval. */
    static TimeRange named(String text, ZoneId zone, Instant now) {
        var last = LAST.matcher(text);
        if (last.matches()) {
            long n = Long.parseLong(last.group(1));
            var length = switch (last.group(2)) {
                case "minute" -> Duration.ofMinutes(n);
                case "hour" -> Duration.ofHours(n);
                default -> Duration.ofDays(n);
            };
            if (n == 0) throw new Refused("from", "must be of 1 at least; got " + text);
            var from = now.minus(length);
            return new TimeRange(from.isBefore(EARLIEST) ? EARLIEST : from, now);
        }
        var today = now.atZone(zone).toLocalDate();
        return switch (text) {
            case "today" -> day(today, zone);
            case "yesterday" -> day(today.minusDays(1), zone);
            default -> interval(text, zone);
        };
    }

    private static TimeRange day(LocalDate day, ZoneId zone) {
        return new TimeRange(
                day.atStartOfDay(zone).toInstant(),
                day.plusDays(1).atStartOfDay(zone).toInstant());
    }

    private static TimeRange interval(String text, ZoneId zone) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            throw new Refused(
                    "from",
                    "must be last<N>minutes, last<N>hours, last<N>days, today, yesterday, or an ISO interval such as"
                            + " 2026-03-01/2026-03-31; got " + Refused.shown(text));
        }
        var from = text.substring(0, slash);
        var to = text.substring(slash + 1);
        if (from.startsWith("P")) {
            var end = end(to, zone);
            return new TimeRange(moved("from", end.atZone(zone), from, -1), end);
        }
        var begin = begin(from, zone);
        return to.startsWith("P")
                ? new TimeRange(begin, moved("to", begin.atZone(zone), to, 1))
                : new TimeRange(begin, end(to, zone));
    }

    private static Instant moved(String field, ZonedDateTime at, String text, int direction) {
        try {
            var amount = text.contains("T") ? Duration.parse(text) : Period.parse(text);
            return bounded(field, direction < 0 ? at.minus(amount) : at.plus(amount));
        } catch (DateTimeException | ArithmeticException wrong) {
            throw new Refused(field, "has a duration that is none: " + Refused.shown(text));
        }
    }

    /** Two instants or days; without the first, 30 days; without the second, until now. */
    static TimeRange between(@Nullable String from, @Nullable String to, ZoneId zone, Instant now) {
        var end = to == null ? now : end(to, zone);
        if (from == null) return before(end);
        return new TimeRange(begin(from, zone), end);
    }

    /** A day begins at its first instant… */
    private static Instant begin(String text, ZoneId zone) {
        return at("from", text, zone, 0);
    }

    /** … and ends before the next day's. */
    private static Instant end(String text, ZoneId zone) {
        return at("to", text, zone, 1);
    }

    private static Instant at(String field, String text, ZoneId zone, int days) {
        try {
            return bounded(
                    field,
                    text.length() == 10
                            ? LocalDate.parse(text).plusDays(days).atStartOfDay(zone)
                            : OffsetDateTime.parse(text).toZonedDateTime());
        } catch (DateTimeException wrong) {
            throw new Refused(
                    field,
                    "must be an instant such as 2026-03-01T00:00:00Z, or a day such as 2026-03-01; got "
                            + Refused.shown(text));
        }
    }

    private static Instant bounded(String field, ZonedDateTime at) {
        var instant = at.toInstant();
        if (instant.isBefore(EARLIEST) || instant.isAfter(LATEST)) {
            throw new Refused(field, "must be between " + EARLIEST + " and " + LATEST + "; got " + instant);
        }
        return instant;
    }
}
