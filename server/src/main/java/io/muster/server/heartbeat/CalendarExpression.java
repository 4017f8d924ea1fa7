package io.muster.server.heartbeat;

import io.muster.server.heartbeat.CronExpression.Malformed;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * systemd's OnCalendar: {@code [weekdays] [[year-]month-day] [hour:minute[:second]] [zone]}, one a line; the earliest time
 * of any line counts. Times that clocks skip do not come; times that they repeat come once, the first time.
 *
 * @see <a href="https://www.freedesktop.org/software/systemd/man/latest/systemd.time.html">systemd.time(7)</a>
 */
final class CalendarExpression {

    private static final int LONGEST = 100;
    private static final int FIRST_YEAR = 1970;
    private static final int LAST_YEAR = 2199;
    private static final CronExpression.Bounded<CalendarExpression> PARSED = new CronExpression.Bounded<>();

    private static final Map<String, String> MACROS = Map.of(
            "minutely", "*-*-* *:*:00",
            "hourly", "*-*-* *:00:00",
            "daily", "*-*-* 00:00:00",
            "weekly", "Mon *-*-* 00:00:00",
            "monthly", "*-*-01 00:00:00",
            "quarterly", "*-01,04,07,10-01 00:00:00",
            "semiannually", "*-01,07-01 00:00:00",
            "yearly", "*-01-01 00:00:00",
            "annually", "*-01-01 00:00:00");
    private static final List<String> WEEKDAYS =
            List.of("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,4}");

    private final List<Line> lines;

    /** Whether it can be read, and has a time after the year 2000 began. */
    static boolean isValid(String text) {
        try {
            return of(text).next(Instant.parse("2000-01-01T00:00:00Z"), ZoneOffset.UTC)
                    .isPresent();
        } catch (Malformed wrong) {
            return false;
        }
    }

    static CalendarExpression of(String text) {
        return PARSED.get(text, CalendarExpression::new);
    }

    private CalendarExpression(String text) {
        if (text.codePointCount(0, text.length()) > LONGEST) throw new Malformed(text);
        lines = text.strip().lines().map(CalendarExpression::line).toList();
        if (lines.isEmpty()) throw new Malformed(text);
    }

    /** The first time after {@code after}, which is a whole second, in {@code zone} unless a line names its own. */
    Optional<Instant> next(Instant after, ZoneId zone) {
        return next(after, zone, new Steps());
    }

    Optional<Instant> next(Instant after, ZoneId zone, Steps steps) {
        return lines.stream()
                .flatMap(line -> line.next(after, zone, steps).stream())
                .min(Instant::compareTo);
    }

    /**
     * @param weekdays 1 (Monday) to 7
     * @param days of the month, from its first day; or {@code fromEnd}, from its last
     */
    private record Line(
            Bits weekdays,
            BitSet years,
            Bits months,
            Bits days,
            boolean fromEnd,
            Bits hours,
            Bits minutes,
            Bits seconds,
            @Nullable ZoneId zone) {

        Optional<Instant> next(Instant after, ZoneId otherwise, Steps steps) {
            if (months.equals(Bits.NONE)) return Optional.empty();
            var rules = (zone == null ? otherwise : zone).getRules();
            var from = LocalDateTime.ofInstant(after, rules.getOffset(after)).plusSeconds(1);
            while (true) {
                var found = atOrAfter(from, steps);
                if (found.isEmpty()) return Optional.empty();
                var local = found.get();
                var change = rules.getTransition(local);
                if (change == null) return Optional.of(local.toInstant(rules.getOffset(local)));
                if (change.isGap()) {
                    from = change.getDateTimeAfter();
                } else {
                    var first = local.toInstant(change.getOffsetBefore());
                    if (first.isAfter(after)) return Optional.of(first);
                    from = change.getDateTimeBefore(); // behind the second pass, in which the clock shows what has been
                }
            }
        }

        /** By a clock that is never changed. */
        private Optional<LocalDateTime> atOrAfter(LocalDateTime from, Steps steps) {
            var start = from.truncatedTo(ChronoUnit.SECONDS);
            var sameDay = hasDay(start.toLocalDate())
                    ? timeAtOrAfter(start.getHour(), start.getMinute(), start.getSecond())
                    : -1;
            if (sameDay >= 0)
                return Optional.of(start.toLocalDate().atStartOfDay().plusSeconds(sameDay));
            int first = timeAtOrAfter(0, 0, 0);
            return first < 0
                    ? Optional.empty()
                    : dayAtOrAfter(start.toLocalDate().plusDays(1), steps)
                            .map(day -> day.atStartOfDay().plusSeconds(first));
        }

        private Optional<LocalDate> dayAtOrAfter(LocalDate from, Steps steps) {
            var date = from;
            while (date.getYear() <= LAST_YEAR && steps.take()) {
                int year = years.nextSetBit(Math.max(0, date.getYear()));
                if (year < 0) return Optional.empty();
                if (year > date.getYear()) {
                    date = LocalDate.of(year, 1, 1);
                } else if (!months.has(date.getMonthValue())) {
                    date = date.withDayOfMonth(1).plusMonths(1);
                } else if (hasDay(date)) {
                    return Optional.of(date);
                } else {
                    date = date.plusDays(1);
                }
            }
            return Optional.empty();
        }

        private boolean hasDay(LocalDate date) {
            int day = fromEnd ? date.lengthOfMonth() - date.getDayOfMonth() + 1 : date.getDayOfMonth();
            return date.getYear() >= 0
                    && years.get(date.getYear())
                    && months.has(date.getMonthValue())
                    && days.has(day)
                    && weekdays.has(date.getDayOfWeek().getValue());
        }

        /** Seconds of the day; -1 if the day has no such time left. */
        private int timeAtOrAfter(int hour, int minute, int second) {
            for (int h = hours.atLeast(hour); h < 24; h = hours.atLeast(h + 1)) {
                for (int m = minutes.atLeast(h == hour ? minute : 0); m < 60; m = minutes.atLeast(m + 1)) {
                    int s = seconds.atLeast(h == hour && m == minute ? second : 0);
                    if (s < 60) return h * 3600 + m * 60 + s;
                }
            }
            return -1;
        }
    }

    private static Line line(String text) {
        var words = new ArrayList<>(Arrays.asList(text.strip().split("[ \\t]+")));
        var zone = words.size() > 1 ? TimeZones.find(words.getLast()) : Optional.<ZoneId>empty();
        if (zone.isPresent()) words.removeLast();
        var macro = words.size() == 1 ? MACROS.get(words.getFirst().toLowerCase(Locale.ROOT)) : null;
        if (macro != null) words = new ArrayList<>(Arrays.asList(macro.split(" ")));

        var weekdays = Character.isLetter(next(words)) ? weekdays(words.removeFirst()) : Bits.range(1, 7);
        var date = !words.isEmpty() && !words.getFirst().contains(":") ? words.removeFirst() : "*-*-*";
        var time = words.isEmpty() ? "00:00:00" : words.removeFirst();
        if (!words.isEmpty()) throw new Malformed(text);

        boolean fromEnd = date.contains("~");
        var parts = (fromEnd ? beforeTilde(date) : date).split("-", -1);
        var day = fromEnd ? date.substring(date.indexOf('~') + 1) : parts[parts.length - 1];
        int left = fromEnd ? parts.length : parts.length - 1;
        if (left < 1 || left > 2) throw new Malformed(text);
        var clock = time.split(":", -1);
        if (clock.length < 2 || clock.length > 3) throw new Malformed(text);
        var months = component(parts[left - 1], 1, 12);
        var days = fromEnd ? daysFromEnd(day) : component(day, 1, 31);
        return new Line(
                weekdays,
                years(left == 2 ? parts[0] : "*"),
                fromEnd ? months : months.and(monthsWith(days.atLeast(1))),
                days,
                fromEnd,
                component(clock[0], 0, 23),
                component(clock[1], 0, 59),
                component(clock.length == 3 ? clock[2] : "0", 0, 59),
                zone.orElse(null));
    }

    private static Bits monthsWith(int day) {
        var all = Bits.range(1, 12);
        if (day <= 29) return all;
        return day == 30
                ? all.without(2)
                : all.without(2).without(4).without(6).without(9).without(11);
    }

    private static char next(List<String> words) {
        var word = words.isEmpty() ? "" : words.getFirst();
        if (word.isEmpty()) throw new Malformed("");
        return word.charAt(0);
    }

    private static String beforeTilde(String date) {
        return date.substring(0, date.indexOf('~'));
    }

    private static Bits weekdays(String list) {
        var days = Bits.NONE;
        var trimmed = list.endsWith(",") ? list.substring(0, list.length() - 1) : list;
        for (var item : trimmed.split(",", -1)) {
            var ends = item.split("\\.\\.|-", 2);
            int first = weekday(ends[0]);
            int last = ends.length == 1 ? first : weekday(ends[1]);
            if (last < first) throw new Malformed(list);
            days = days.with(Bits.range(first, last));
        }
        return days;
    }

    private static int weekday(String name) {
        var lower = name.toLowerCase(Locale.ROOT);
        for (int i = 0; i < 7; i++) {
            var day = WEEKDAYS.get(i);
            if (lower.equals(day) || lower.equals(day.substring(0, 3))) return i + 1;
        }
        throw new Malformed(name);
    }

    private static Bits component(String text, int from, int to) {
        if (text.equals("*")) return Bits.range(from, to);
        var all = Bits.NONE;
        for (var item : text.split(",", -1)) {
            var span = Span.parse(item, to);
            if (span.first() < from || span.last() > to) throw new Malformed(text);
            all = all.with(Bits.range(span.first(), span.last()).every(span.step()));
        }
        return all;
    }

    /** Steps too go forward in time: {@code ~5/3} is the fifth day from the end, and the second. */
    private static Bits daysFromEnd(String text) {
        if (text.equals("*")) return Bits.range(1, 31);
        var all = Bits.NONE;
        for (var item : text.split(",", -1)) {
            boolean open = item.contains("/") && !item.contains("..");
            var span = Span.parse(item, 28);
            if (span.first() < 1 || span.last() > 28) throw new Malformed(text);
            int last = open ? 1 : span.first();
            for (int day = open ? span.first() : span.last(); day >= last; day -= span.step()) {
                all = all.with(Bits.of(day));
            }
        }
        return all;
    }

    private static BitSet years(String text) {
        var all = new BitSet(LAST_YEAR + 1);
        if (text.equals("*")) {
            all.set(FIRST_YEAR, LAST_YEAR + 1);
            return all;
        }
        for (var item : text.split(",", -1)) {
            var span = Span.parse(item, LAST_YEAR);
            int first = year(span.first());
            int last = year(span.last());
            if (first < FIRST_YEAR || last > LAST_YEAR || last < first) throw new Malformed(text);
            for (int year = first; year <= last; year += span.step()) all.set(year);
        }
        return all;
    }

    /** Of two digits: 1970 to 2069. */
    private static int year(int given) {
        if (given < 70) return 2000 + given;
        return given < 100 ? 1900 + given : given;
    }

    /** {@code a}, {@code a..b}, {@code a/n} (to the greatest value) or {@code a..b/n}. */
    private record Span(int first, int last, int step) {

        static Span parse(String text, int greatest) {
            var parts = text.split("/", 2);
            var ends = parts[0].split("\\.\\.", 2);
            int first = number(ends[0]);
            int open = parts.length == 2 ? greatest : first;
            int last = ends.length == 2 ? number(ends[1]) : open;
            int step = parts.length == 2 ? number(parts[1]) : 1;
            if (step < 1 || last < first) throw new Malformed(text);
            return new Span(first, last, step);
        }

        private static int number(String text) {
            if (!NUMBER.matcher(text).matches()) throw new Malformed(text);
            return Integer.parseInt(text);
        }
    }
}
