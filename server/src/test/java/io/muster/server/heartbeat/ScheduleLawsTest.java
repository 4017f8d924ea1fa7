package io.muster.server.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.heartbeat.SlowSchedule.Clocks;
import io.muster.server.testing.Proves;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds of every schedule, against its slow definition: expressions are made at random together with what they mean. */
class ScheduleLawsTest {

    private static final List<String> ZONES = List.of(
            "UTC",
            "Europe/Berlin",
            "America/New_York",
            "Australia/Lord_Howe",
            "America/Santiago",
            "Asia/Kathmandu",
            "Africa/Casablanca",
            "Antarctica/Troll",
            "Asia/Beirut",
            "America/Havana");
    private static final String[] MONTHS = {
        "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"
    };
    private static final String[] DAYS = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};
    private static final int DAYS_WATCHED = 60;

    static Stream<Long> seeds() {
        return Stream.iterate(1L, seed -> seed + 1).limit(100);
    }

    /** Numbers as they are written, and which they are. */
    private record Part(String text, IntPredicate has) {}

    /** A day as it is written, and which days it means. */
    private record Day(String text, Predicate<LocalDate> has) {}

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    @Proves({"C4", "D6"})
    void times_of_cron_are_those_of_its_definition_each_later_than_the_one_before(long seed) {
        var random = new Random(seed);
        var minute = cron(random, 0, 59);
        var hour = cron(random, 0, 23);
        var dayOfMonth = dayOfMonth(random);
        var month = random.nextInt(4) > 0 ? new Part("*", _ -> true) : named(cron(random, 1, 12), MONTHS, 1, random);
        var dayOfWeek = dayOfWeek(random);
        boolean both = dayOfMonth.text().startsWith("*") || dayOfWeek.text().startsWith("*");
        boolean elapsed = minute.text().startsWith("*") || hour.text().startsWith("*");
        var text = String.join(
                random.nextBoolean() ? " " : " \t ",
                minute.text(),
                hour.text(),
                dayOfMonth.text(),
                month.text(),
                dayOfWeek.text());
        Predicate<LocalDate> days = date -> month.has().test(date.getMonthValue())
                && (both
                        ? dayOfMonth.has().test(date) && dayOfWeek.has().test(date)
                        : dayOfMonth.has().test(date) || dayOfWeek.has().test(date));
        if (!CronExpression.isValid(text)) { // as 30 2: days that none of its months has
            assertThat(firstDay(days, LocalDate.of(2000, 1, 2), 50 * 366))
                    .as(text)
                    .isEmpty();
            return;
        }
        var cron = CronExpression.of(text);
        follows(
                text,
                cron::next,
                elapsed ? Clocks.ELAPSED : Clocks.WALL,
                days,
                second -> second % 60 == 0
                        && minute.has().test(second / 60 % 60)
                        && hour.has().test(second / 3600),
                random);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    @Proves({"C4", "D6"})
    void times_of_oncalendar_are_those_of_its_definition_each_later_than_the_one_before(long seed) {
        var random = new Random(seed);
        var year = random.nextInt(3) > 0 ? new Part("*", _ -> true) : calendar(random, 2025, 2028);
        var month = random.nextInt(4) > 0 ? new Part("*", _ -> true) : calendar(random, 1, 12);
        boolean fromEnd = random.nextInt(4) == 0;
        var day = random.nextInt(3) > 0
                ? new Part("*", _ -> true)
                : fromEnd ? daysFromEnd(random) : calendar(random, 1, 31);
        var hour = calendar(random, 0, 23);
        var minute = calendar(random, 0, 59);
        var second = random.nextInt(3) > 0
                ? new Part("0", value -> value == 0)
                : new Part("5..45/20", value -> value >= 5 && value <= 45 && value % 20 == 5);
        var weekday = weekdays(random);
        var text = weekday.text() + year.text() + "-" + month.text() + (fromEnd ? "~" : "-") + day.text() + " "
                + hour.text() + ":" + minute.text()
                + (second.text().equals("0") && random.nextBoolean() ? "" : ":" + second.text());
        Predicate<LocalDate> days = date -> year.has().test(date.getYear())
                && month.has().test(date.getMonthValue())
                && day.has().test(fromEnd ? date.lengthOfMonth() - date.getDayOfMonth() + 1 : date.getDayOfMonth())
                && weekday.has().test(date);
        if (!CalendarExpression.isValid(text)) {
            assertThat(firstDay(days, LocalDate.of(2000, 1, 2), 200 * 365))
                    .as(text)
                    .isEmpty();
            return;
        }
        var calendar = CalendarExpression.of(text);
        follows(
                text,
                calendar::next,
                Clocks.SKIPPING,
                days,
                at -> second.has().test(at % 60)
                        && minute.has().test(at / 60 % 60)
                        && hour.has().test(at / 3600),
                random);
    }

    private interface Next {

        Optional<Instant> after(Instant from, ZoneId zone);
    }

    private static void follows(
            String text,
            Next next,
            Clocks clocks,
            Predicate<LocalDate> days,
            IntPredicate secondsOfDay,
            Random random) {
        var zone = ZoneId.of(ZONES.get(random.nextInt(ZONES.size())));
        var begin = aroundAChange(zone, random);
        var first = begin.atZone(ZoneOffset.UTC).toLocalDate().minusDays(2);
        var all = new TreeSet<Instant>();
        var last = first;
        for (; last.isBefore(first.plusDays(all.size() < 3_000 ? DAYS_WATCHED : 8)); last = last.plusDays(4)) {
            all.addAll(SlowSchedule.times(clocks, days, secondsOfDay, zone, last, last.plusDays(3)));
        }
        var end = last.minusDays(2).atStartOfDay().toInstant(ZoneOffset.UTC); // no zone is farther from UTC
        var expected = new TreeSet<>(all.subSet(begin, false, end, false));
        var at = begin;
        for (var time : expected) {
            var found = next.after(at, zone);
            assertThat(found).as("%s in %s after %s", text, zone, at).contains(time);
            at = time;
        }
        var behind = next.after(at, zone);
        if (behind.isPresent()) {
            assertThat(behind.get()).as("%s in %s after %s", text, zone, at).isAfterOrEqualTo(end);
        }
        long span = Duration.between(begin, end).toSeconds();
        for (int i = 0; i < 30; i++) {
            var from = begin.plusSeconds(random.nextLong(span));
            var time = expected.higher(from);
            if (time == null) continue;
            assertThat(next.after(from, zone))
                    .as("%s in %s after %s", text, zone, from)
                    .contains(time);
        }
    }

    /** Up to two days before clocks are changed, where they are. */
    private static Instant aroundAChange(ZoneId zone, Random random) {
        var from = Instant.parse("2026-01-01T00:00:00Z").plusSeconds(random.nextLong(366L * 86400));
        var change = zone.getRules().nextTransition(from);
        return change == null ? from : change.getInstant().minusSeconds(random.nextLong(2L * 86400));
    }

    private static Optional<LocalDate> firstDay(Predicate<LocalDate> days, LocalDate from, int count) {
        return Stream.iterate(from, day -> day.plusDays(1))
                .limit(count)
                .filter(days)
                .findFirst();
    }

    private static Part cron(Random random, int from, int to) {
        if (random.nextInt(4) == 0) return new Part("*", _ -> true);
        return list(random, random.nextInt(3) == 0 ? 3 : 1, () -> cronItem(random, from, to));
    }

    private static Part cronItem(Random random, int from, int to) {
        int a = from + random.nextInt(to - from + 1);
        int b = a + random.nextInt(to - a + 1);
        int n = 1 + random.nextInt(random.nextBoolean() ? 5 : 40);
        return switch (random.nextInt(5)) {
            case 0 -> new Part("*/" + n, value -> (value - from) % n == 0);
            case 1 -> new Part(a + "-" + b, value -> value >= a && value <= b);
            case 2 -> new Part(a + "-" + b + "/" + n, value -> value >= a && value <= b && (value - a) % n == 0);
            case 3 -> new Part(a + "/" + n, value -> value >= a && (value - a) % n == 0);
            default -> new Part("" + a, value -> value == a);
        };
    }

    private static Part calendar(Random random, int from, int to) {
        if (random.nextInt(4) == 0) return new Part("*", _ -> true);
        return list(random, random.nextInt(3) == 0 ? 3 : 1, () -> {
            int a = from + random.nextInt(to - from + 1);
            int b = a + random.nextInt(to - a + 1);
            int n = 1 + random.nextInt(random.nextBoolean() ? 5 : 40);
            return switch (random.nextInt(4)) {
                case 0 -> new Part(a + ".." + b, value -> value >= a && value <= b);
                case 1 -> new Part(a + ".." + b + "/" + n, value -> value >= a && value <= b && (value - a) % n == 0);
                case 2 -> new Part(a + "/" + n, value -> value >= a && (value - a) % n == 0);
                default -> new Part("" + a, value -> value == a);
            };
        });
    }

    /** Steps go forward in time: from what is farther from the end. */
    private static Part daysFromEnd(Random random) {
        return list(random, 2, () -> {
            int a = 1 + random.nextInt(28);
            int b = a + random.nextInt(29 - a);
            int n = 1 + random.nextInt(12);
            return switch (random.nextInt(4)) {
                case 0 -> new Part(a + ".." + b, day -> day >= a && day <= b);
                case 1 -> new Part(a + ".." + b + "/" + n, day -> day >= a && day <= b && (b - day) % n == 0);
                case 2 -> new Part(a + "/" + n, day -> day <= a && (a - day) % n == 0);
                default -> new Part("" + a, day -> day == a);
            };
        });
    }

    private static Part list(Random random, int most, java.util.function.Supplier<Part> item) {
        var items = IntStream.rangeClosed(0, random.nextInt(most))
                .mapToObj(_ -> item.get())
                .toList();
        return new Part(
                items.stream().map(Part::text).collect(Collectors.joining(",")),
                value -> items.stream().anyMatch(one -> one.has().test(value)));
    }

    /** A single number may be written as its name, in any case. */
    private static Part named(Part part, String[] names, int first, Random random) {
        if (!part.text().matches("[0-9]{1,2}")) return part;
        var name = names[Integer.parseInt(part.text()) - first];
        return new Part(random.nextBoolean() ? name : name.toLowerCase(Locale.ROOT), part.has());
    }

    private static Day dayOfMonth(Random random) {
        return switch (random.nextInt(8)) {
            case 0, 1, 2 -> new Day("*", _ -> true);
            case 3 -> new Day("L", ScheduleLawsTest::isLast);
            case 4 -> new Day("LW", ScheduleLawsTest::isLastWorkday);
            case 5 -> new Day("1,L/3", date -> date.getDayOfMonth() == 1 || isLast(date));
            default -> {
                var days = cron(random, 1, 31);
                yield new Day(days.text(), date -> days.has().test(date.getDayOfMonth()));
            }
        };
    }

    private static boolean isLast(LocalDate date) {
        return date.plusDays(1).getDayOfMonth() == 1;
    }

    private static boolean isLastWorkday(LocalDate date) {
        return isWorkday(date)
                && Stream.iterate(date.plusDays(1), day -> day.getMonth() == date.getMonth(), day -> day.plusDays(1))
                        .noneMatch(ScheduleLawsTest::isWorkday);
    }

    private static boolean isWorkday(LocalDate date) {
        return date.getDayOfWeek().getValue() <= 5;
    }

    /** Sunday is 0 and 7. */
    private static Day dayOfWeek(Random random) {
        int day = random.nextInt(7);
        int nth = 1 + random.nextInt(5);
        return switch (random.nextInt(8)) {
            case 0, 1, 2 -> new Day("*", _ -> true);
            case 3 ->
                new Day(
                        day + "L",
                        date -> weekday(date) == day && date.plusDays(7).getMonth() != date.getMonth());
            case 4 ->
                new Day(
                        (random.nextBoolean() ? DAYS[day] : "" + day) + "#" + nth,
                        date -> weekday(date) == day && (date.getDayOfMonth() + 6) / 7 == nth);
            case 5 -> new Day(DAYS[day].toLowerCase(Locale.ROOT), date -> weekday(date) == day);
            default -> {
                var days = cron(random, 0, 7);
                yield new Day(
                        days.text(),
                        date -> days.has().test(weekday(date))
                                || weekday(date) == 0 && days.has().test(7));
            }
        };
    }

    private static int weekday(LocalDate date) {
        return date.getDayOfWeek().getValue() % 7;
    }

    private static Day weekdays(Random random) {
        int a = 1 + random.nextInt(7);
        int b = a + random.nextInt(8 - a);
        Function<Integer, String> name = day -> {
            var full = DayOfWeek.of(day).name();
            return random.nextBoolean() ? full.substring(0, 3) : full.toLowerCase(Locale.ROOT);
        };
        return switch (random.nextInt(5)) {
            case 0 ->
                new Day(
                        name.apply(a) + ".." + name.apply(b) + " ",
                        date -> date.getDayOfWeek().getValue() >= a
                                && date.getDayOfWeek().getValue() <= b);
            case 1 ->
                new Day(
                        name.apply(a) + "," + name.apply(b) + ", ",
                        date -> date.getDayOfWeek().getValue() == a
                                || date.getDayOfWeek().getValue() == b);
            default -> new Day("", _ -> true);
        };
    }

    @Test
    @Proves("C5")
    void in_every_zone_times_around_every_change_of_clocks_go_forward() {
        var day = Duration.ofDays(1);
        int zones = 0;
        for (var name : ZoneId.getAvailableZoneIds()) {
            var zone = ZoneId.of(name);
            zones++;
            var changes = new ArrayList<Instant>();
            var change = zone.getRules().nextTransition(Instant.parse("2026-01-01T00:00:00Z"));
            while (change != null && change.getInstant().isBefore(Instant.parse("2027-01-01T00:00:00Z"))) {
                changes.add(change.getInstant());
                change = zone.getRules().nextTransition(change.getInstant());
            }
            for (var at : changes) {
                for (var next : List.<Next>of(
                        CronExpression.of("0,20,40 0-4 * * *")::next,
                        CronExpression.of("*/20 * * * *")::next,
                        CronExpression.of("30 */2 * * *")::next,
                        CalendarExpression.of("*:0/20")::next)) {
                    var expected = next.after(at.minus(day), zone).orElseThrow();
                    for (var from = at.minus(day); from.isBefore(at.plus(day)); from = from.plusSeconds(1201)) {
                        var found = next.after(from, zone).orElseThrow();
                        assertThat(found).as("%s after %s", zone, from).isAfter(from);
                        assertThat(found).as("%s after %s", zone, from).isAfterOrEqualTo(expected);
                        expected = found;
                    }
                }
            }
        }
        assertThat(zones).isGreaterThanOrEqualTo(483);
    }

    @Test
    @Proves("C6")
    void every_search_is_bounded_by_its_steps_and_what_never_comes_is_refused() {
        var never = List.of("0 0 30 2 *", "0 0 31 2,4,6,9,11 *", "* * LW * */6", "0 0 LW 2 */6");
        for (var text : never) assertThat(CronExpression.isValid(text)).as(text).isFalse();
        var noCalendar = List.of("*-2-30", "*-2,4,6,9,11-31 12:00", "2100-2-29", "Mon 2026-3-1", "1970..1999-*-*");
        for (var text : noCalendar) {
            assertThat(CalendarExpression.isValid(text)).as(text).isFalse();
        }
        var seldom = List.of(
                "0 0 29 2 *",
                "* * 29 2 *",
                "*/7 * 29 2 */7",
                "59 23 29 2 */7",
                "0 12 31 12 *",
                "* * * * *",
                "*/30 2 25-31 3 */7", // the hour that Berlin skips
                "* * LW 2 */5");
        var far = List.of(
                "2199-12-31 23:59:59",
                "Sun *-02-29",
                "Sun *-03-25..31 02:30", // the hour that Berlin skips
                "*:*:*",
                "*-2-29\n".repeat(14).strip(),
                "*-2-31\n".repeat(13) + "12:00",
                "2020-01-01");
        for (var name : ZoneId.getAvailableZoneIds()) {
            var zone = ZoneId.of(name);
            for (var start : List.of("2026-10-25T01:00:05Z", "2096-03-01T00:00:00Z", "2198-06-01T00:00:00Z")) {
                var from = Instant.parse(start);
                for (var text : seldom) {
                    var steps = new Steps();
                    CronExpression.of(text).next(from, zone, steps);
                    assertThat(steps.taken()).as(text + " " + zone).isLessThan(Steps.MOST / 2);
                }
                for (var text : far) {
                    var steps = new Steps();
                    CalendarExpression.of(text).next(from, zone, steps);
                    assertThat(steps.taken()).as(text + " " + zone).isLessThan(Steps.MOST / 2);
                }
            }
        }
        assertThat(CronExpression.of("*/7 * 29 2 */7").next(Instant.parse("2096-03-01T00:00:00Z"), ZoneOffset.UTC))
                .as("2100 is no leap year")
                .contains(Instant.parse("2128-02-29T00:00:00Z"));
    }
}
