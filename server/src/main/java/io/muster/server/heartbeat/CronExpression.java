package io.muster.server.heartbeat;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Five fields of Debian's cron, with {@code L}, {@code LW}, {@code 5L} and {@code MON#2}: minute, hour, day of month, month,
 * day of week. Two modes, as cron has them when clocks change:
 *
 * <ul>
 *   <li><i>elapsed</i>, where minute or hour begins with {@code *}: every real minute is asked what the clock shows, so
 *       times in a gap never come, and times in an overlap come twice;
 *   <li><i>wall</i>, at fixed times: one in a gap comes at the gap's end, one in an overlap once, the first time.
 * </ul>
 */
final class CronExpression {

    private static final int LONGEST = 100;
    private static final int YEARS = 50;
    private static final Bounded<CronExpression> PARSED = new Bounded<>();

    private static final List<String> MONTHS =
            List.of("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC");
    private static final List<String> DAYS = List.of("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,4}");
    private static final Pattern LAST_OF_MONTH = Pattern.compile("(L|LW)(?:/[0-9]+)?");
    private static final Pattern LAST_DAY = Pattern.compile("([0-7])L");
    private static final Pattern NTH_DAY = Pattern.compile("([0-7]|[A-Z]{3})#([1-5])");

    private final Bits minutes;
    private final Bits hours;
    private final Bits months;
    private final DaysOfMonth daysOfMonth;
    private final DaysOfWeek daysOfWeek;
    private final boolean bothDaysMustMatch;
    private final boolean elapsed;

    /** @param last the last day of the month; {@code lastWorkday}: its last Monday to Friday */
    private record DaysOfMonth(Bits days, boolean last, boolean lastWorkday) {

        boolean has(LocalDate date) {
            int length = date.lengthOfMonth();
            if (days.has(date.getDayOfMonth()) || last && date.getDayOfMonth() == length) return true;
            if (!lastWorkday) return false;
            var end = date.withDayOfMonth(length);
            int back = Math.max(0, end.getDayOfWeek().getValue() - 5);
            return date.getDayOfMonth() == length - back;
        }
    }

    /** @param last those whose last one of the month counts; {@code nth}: bit 8 * k + d is the k-th of weekday d */
    private record DaysOfWeek(Bits days, Bits last, Bits nth) {

        boolean has(LocalDate date) {
            int day = date.getDayOfWeek().getValue() % 7;
            if (days.has(day)) return true;
            if (last.has(day) && date.getDayOfMonth() + 7 > date.lengthOfMonth()) return true;
            return nth.has(8 * ((date.getDayOfMonth() - 1) / 7 + 1) + day);
        }
    }

    /** Not an expression of when. */
    static final class Malformed extends RuntimeException {

        private static final long serialVersionUID = 1;

        Malformed(String what) {
            super(what, null, false, false);
        }
    }

    /** Whether it can be read, and has a time after the year 2000 began. */
    static boolean isValid(String text) {
        try {
            return of(text).next(Instant.parse("2000-01-01T00:00:00Z"), ZoneOffset.UTC)
                    .isPresent();
        } catch (Malformed wrong) {
            return false;
        }
    }

    static CronExpression of(String text) {
        return PARSED.get(text, CronExpression::new);
    }

    private CronExpression(String text) {
        if (text.codePointCount(0, text.length()) > LONGEST) throw new Malformed(text);
        var fields = text.strip().toUpperCase(Locale.ROOT).split("[ \\t]+", -1);
        if (fields.length != 5) throw new Malformed(text);
        minutes = Field.MINUTE.parse(fields[0]);
        hours = Field.HOUR.parse(fields[1]);
        daysOfMonth = daysOfMonth(fields[2]);
        months = Field.MONTH.parse(fields[3]);
        daysOfWeek = daysOfWeek(fields[4]);
        bothDaysMustMatch = fields[2].startsWith("*") || fields[4].startsWith("*");
        elapsed = fields[0].startsWith("*") || fields[1].startsWith("*");
        refuseDaysThatNoMonthHas(text);
    }

    /** One of the five, with the numbers and names that it takes. */
    private record Field(int from, int to, List<String> names, int firstName) {

        static final Field MINUTE = new Field(0, 59, List.of(), 0);
        static final Field HOUR = new Field(0, 23, List.of(), 0);
        static final Field DAY_OF_MONTH = new Field(1, 31, List.of(), 0);
        static final Field MONTH = new Field(1, 12, MONTHS, 1);
        static final Field DAY_OF_WEEK = new Field(0, 7, DAYS, 0);

        Bits parse(String list) {
            var all = Bits.NONE;
            for (var item : list.split(",", -1)) all = all.with(item(item));
            return all;
        }

        Bits item(String item) {
            var parts = item.split("/", 2);
            if (parts.length == 1) return range(item);
            int step = number(parts[1], 1, 9999);
            // a step on a single number goes from it to the end
            var range =
                    parts[0].equals("*") || parts[0].contains("-") ? range(parts[0]) : Bits.range(value(parts[0]), to);
            return range.every(step);
        }

        private Bits range(String text) {
            if (text.equals("*")) return Bits.range(from, to);
            var ends = text.split("-", 2);
            int first = value(ends[0]);
            int last = ends.length == 1 ? first : value(ends[1]);
            if (last < first) throw new Malformed(text);
            return Bits.range(first, last);
        }

        int value(String text) {
            int name = names.indexOf(text);
            return name >= 0 ? name + firstName : number(text, from, to);
        }

        private static int number(String text, int from, int to) {
            if (!NUMBER.matcher(text).matches()) throw new Malformed(text);
            int value = Integer.parseInt(text);
            if (value < from || value > to) throw new Malformed(text);
            return value;
        }
    }

    private static DaysOfMonth daysOfMonth(String list) {
        var days = Bits.NONE;
        boolean last = false;
        boolean lastWorkday = false;
        for (var item : list.split(",", -1)) {
            var end = LAST_OF_MONTH.matcher(item);
            if (!end.matches()) {
                days = days.with(Field.DAY_OF_MONTH.item(item));
            } else if (end.group(1).equals("L")) {
                last = true;
            } else {
                lastWorkday = true;
            }
        }
        return new DaysOfMonth(days, last, lastWorkday);
    }

    private static DaysOfWeek daysOfWeek(String list) {
        var days = Bits.NONE;
        var last = Bits.NONE;
        var nth = Bits.NONE;
        for (var item : list.split(",", -1)) {
            var ofLast = LAST_DAY.matcher(item);
            var ofNth = NTH_DAY.matcher(item);
            if (ofLast.matches()) {
                last = last.with(Bits.of(Integer.parseInt(ofLast.group(1)) % 7));
            } else if (ofNth.matches()) {
                int day = Field.DAY_OF_WEEK.value(ofNth.group(1)) % 7;
                nth = nth.with(Bits.of(8 * Integer.parseInt(ofNth.group(2)) + day));
            } else {
                days = days.with(Field.DAY_OF_WEEK.item(item));
            }
        }
        return new DaysOfWeek(days.has(7) ? days.with(Bits.of(0)) : days, last, nth);
    }

    private void refuseDaysThatNoMonthHas(String text) {
        if (daysOfMonth.last() || daysOfMonth.lastWorkday()) return;
        int longest = months.has(2) ? 29 : 30;
        for (int month : new int[] {1, 3, 5, 7, 8, 10, 12}) {
            if (months.has(month)) longest = 31;
        }
        for (int month : new int[] {4, 6, 9, 11}) {
            if (months.has(month)) longest = Math.max(longest, 30);
        }
        if (daysOfMonth.days().atLeast(1) > longest) throw new Malformed(text);
    }

    /** The first time after {@code after}, which is a whole second; empty if there is none within 50 years. */
    Optional<Instant> next(Instant after, ZoneId zone) {
        return next(after, zone, new Steps());
    }

    Optional<Instant> next(Instant after, ZoneId zone, Steps steps) {
        return elapsed ? nextElapsed(after, zone, steps) : nextWall(after, zone, steps);
    }

    /** Within each stretch without a change of clocks, the clock's time runs as the real one. */
    private Optional<Instant> nextElapsed(Instant after, ZoneId zone, Steps steps) {
        var rules = zone.getRules();
        var end = after.plus(366L * YEARS, ChronoUnit.DAYS);
        var from = after.plusSeconds(1);
        while (from.isBefore(end)) {
            var offset = rules.getOffset(from);
            var change = rules.nextTransition(from);
            var until = change == null || change.getInstant().isAfter(end) ? end : change.getInstant();
            var found = between(LocalDateTime.ofInstant(from, offset), LocalDateTime.ofInstant(until, offset), steps);
            if (found.isPresent()) return found.map(local -> local.toInstant(offset));
            from = until;
        }
        return Optional.empty();
    }

    private Optional<Instant> nextWall(Instant after, ZoneId zone, Steps steps) {
        var rules = zone.getRules();
        var from = LocalDateTime.ofInstant(after, rules.getOffset(after)).plusSeconds(1);
        var end = from.plusYears(YEARS);
        while (true) {
            var found = between(from, end, steps);
            if (found.isEmpty()) return Optional.empty();
            var local = found.get();
            var change = rules.getTransition(local);
            if (change == null) return Optional.of(local.toInstant(rules.getOffset(local)));
            if (change.isGap()) return Optional.of(change.getInstant());
            var first = local.toInstant(change.getOffsetBefore());
            if (first.isAfter(after)) return Optional.of(first);
            from = change.getDateTimeBefore(); // behind the second pass, in which the clock shows what has been
        }
    }

    /** The first matching minute at or after {@code from} and before {@code until}, by a clock that is never changed. */
    private Optional<LocalDateTime> between(LocalDateTime from, LocalDateTime until, Steps steps) {
        var start = from.truncatedTo(ChronoUnit.MINUTES);
        if (start.isBefore(from)) start = start.plusMinutes(1);
        var date = start.toLocalDate();
        int hour = start.getHour();
        int minute = start.getMinute();
        while (!date.isAfter(until.toLocalDate()) && steps.take()) {
            if (!months.has(date.getMonthValue())) {
                date = date.with(TemporalAdjusters.firstDayOfNextMonth());
            } else {
                if (hasDay(date)) {
                    for (int h = hours.atLeast(hour); h < 24; h = hours.atLeast(h + 1)) {
                        int m = minutes.atLeast(h == hour ? minute : 0);
                        if (m < 60) return Optional.of(date.atTime(h, m)).filter(found -> found.isBefore(until));
                    }
                }
                date = date.plusDays(1);
            }
            hour = 0;
            minute = 0;
        }
        return Optional.empty();
    }

    private boolean hasDay(LocalDate date) {
        return bothDaysMustMatch
                ? daysOfMonth.has(date) && daysOfWeek.has(date)
                : daysOfMonth.has(date) || daysOfWeek.has(date);
    }

    /** What was parsed lately. Parsing costs microseconds; this keeps it out of the way of every ping. */
    static final class Bounded<T> {

        private static final int MOST = 10_000;

        private final java.util.concurrent.ConcurrentHashMap<String, T> parsed =
                new java.util.concurrent.ConcurrentHashMap<>();

        T get(String text, Function<String, T> parse) {
            var known = parsed.get(text);
            if (known != null) return known;
            var fresh = parse.apply(text);
            if (parsed.size() >= MOST) parsed.clear();
            parsed.put(text, fresh);
            return fresh;
        }
    }
}
