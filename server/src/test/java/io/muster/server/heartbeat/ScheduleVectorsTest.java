package io.muster.server.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Against vectors that the reference implementations of cron and OnCalendar computed. */
class ScheduleVectorsTest {

    private static JsonNode file() throws IOException {
        try (var in = ScheduleVectorsTest.class.getResourceAsStream("/heartbeat/schedule-vectors.json")) {
            return new JsonMapper().readTree(in);
        }
    }

    @Test
    void all_vectors_of_cron_and_oncalendar_agree() throws IOException {
        var wrong = new ArrayList<String>();
        int checked = 0;
        for (var vector : file().get("vectors")) {
            var expected = new ArrayList<String>();
            vector.get("next").forEach(at -> expected.add(at.stringValue()));
            var found = next(vector, expected.size());
            if (!found.equals(expected)) wrong.add(vector + "\n  found " + found);
            checked++;
        }
        assertThat(wrong).isEmpty();
        assertThat(checked).isEqualTo(1651);
    }

    @Test
    void defects_of_the_reference_are_not_copied() throws IOException {
        for (var vector : file().get("deviations")) {
            assertThat(next(vector, 1))
                    .as(vector.toString())
                    .containsExactly(vector.get("muster").stringValue());
        }
    }

    /** Five, or all if there are fewer. */
    private static List<String> next(JsonNode vector, int expected) {
        var found = new ArrayList<String>();
        var at = Instant.parse(vector.get("from").stringValue());
        var zone = ZoneId.of(vector.get("zone").stringValue());
        for (int i = 0; i < Math.min(5, expected + (expected < 5 && expected != 1 ? 1 : 0)); i++) {
            var following =
                    next(vector.get("kind").stringValue(), vector.get("expr").stringValue(), at, zone);
            if (following.isEmpty()) break;
            at = following.get();
            found.add(at.toString());
        }
        return found;
    }

    private static Optional<Instant> next(String kind, String expression, Instant from, ZoneId zone) {
        return kind.equals("cron")
                ? CronExpression.of(expression).next(from, zone)
                : CalendarExpression.of(expression).next(from, zone);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "60 * * * *",
                "* 24 * * *",
                "* * 0 * *",
                "* * * 13 *",
                "* * * * 8",
                "5-1 * * * *",
                "*/0 * * * *",
                "0 0 31 2 *",
                "0 0 31 4 *",
                "0 0 30 2 *",
                "0 0 * * MON#6",
                "0 0 * * 5L#1",
                "0 0 * * MONL",
                "0 0 ? * *",
                "0 0 15W * *",
                "0 0 * * FRI-MON",
                "1/5-9 * * * *",
                "MON * * * *",
                ", * * * *",
                "*, * * * *",
                "\u0661 * * * *",
                "* * * *\n* * * * *",
                "1-2-3 * * * *",
                "0 0 L-3 * *"
            })
    void what_is_no_cron_expression_is_refused(String expression) {
        assertThat(CronExpression.isValid(expression)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "@daily",
                "* * * *",
                "* * * * * *",
                "bad-expression",
                "*-*-* 25:00",
                "Fri..Mon 12:00",
                "*-*~29 00:00",
                "12:34:56.7",
                "*/2:00",
                "12:34 Europe/surprise",
                "secondly",
                "2026-02-30 00:00",
                "",
                " ",
                "\n",
                "Mon\n\nTue",
                "12:00 UTC UTC",
                "1999-01-01",
                "*-*-*-* 00:00",
                "12:00 12:00",
                "Mon Tue 12:00"
            })
    void what_is_no_calendar_expression_is_refused(String expression) {
        assertThat(CalendarExpression.isValid(expression)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0 0 * FEB-APR *", "0 0 * * SAT,SUN", "*,5 * * * *", " 0 0 L/2 * *", "0 0 29 2 *"})
    void cron_expression_is_accepted(String expression) {
        assertThat(CronExpression.isValid(expression)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Mon",
                "Monday",
                "*-*-*",
                "0/2:00",
                "*-*-1/7 0:0",
                "wed *-1",
                "Mon, 12:00",
                "Mon  *-*-*  00:00:00 UTC",
                "DAILY",
                "2020-01-01",
                "00:00 Europe/Riga\n00:00 UTC",
                "70-1-1"
            })
    void calendar_expression_is_accepted(String expression) {
        if (expression.equals("70-1-1")) {
            assertThat(CalendarExpression.of(expression).next(Instant.EPOCH.minusSeconds(1), ZoneOffset.UTC))
                    .contains(Instant.EPOCH);
        } else {
            assertThat(CalendarExpression.isValid(expression)).isTrue();
        }
    }

    @Test
    void calendar_of_a_past_year_has_no_next_time() {
        assertThat(CalendarExpression.of("2020-01-01").next(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC))
                .isEmpty();
    }

    static Stream<Long> seeds() {
        return Stream.iterate(1L, seed -> seed + 1).limit(60);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void next_time_is_later_matches_and_has_no_match_before_it(long seed) {
        var random = new Random(seed);
        var expression = "%s %s %s * %s"
                .formatted(
                        pick(random, "*/7", "0", "15,45", "*", "30", "5/20"),
                        pick(random, "2", "*/2", "*", "1-4", "2,3", "23"),
                        pick(random, "*", "*/2", "L", "LW", "1,15"),
                        pick(random, "*", "1-5", "7", "SUN#2", "0L"));
        var zone = ZoneId.of(pick(
                random,
                "UTC",
                "Europe/Berlin",
                "America/New_York",
                "Australia/Lord_Howe",
                "America/Santiago",
                "Asia/Kathmandu",
                "Africa/Casablanca"));
        var from = Instant.parse("2026-01-01T00:00:00Z").plusSeconds(random.nextLong(366L * 86400));
        var cron = CronExpression.of(expression);
        var slow = slowCron(expression, from, zone);
        var found = cron.next(from, zone);
        if (slow.isPresent()) {
            assertThat(found).as(expression + " " + zone + " from " + from).isEqualTo(slow);
        } else {
            assertThat(found.orElseThrow()).isAfter(from.plus(Duration.ofDays(60)));
        }
    }

    /** By asking every minute of the next two months whether it matches, as the specification's text says. */
    private static Optional<Instant> slowCron(String expression, Instant from, ZoneId zone) {
        var fields = expression.split(" ");
        boolean elapsed = fields[0].startsWith("*") || fields[1].startsWith("*");
        var rules = zone.getRules();
        var minute = from.truncatedTo(java.time.temporal.ChronoUnit.MINUTES);
        if (!elapsed) {
            var best = Optional.<Instant>empty();
            var local = LocalDateTime.ofInstant(minute, zone).minusHours(2);
            for (int i = 0; i < 62 * 1440; i++, local = local.plusMinutes(1)) {
                if (!matches(fields, local)) continue;
                var gap = rules.getTransition(local);
                var at = gap != null && gap.isGap()
                        ? gap.getInstant()
                        : local.atZone(zone).toInstant();
                if (at.isAfter(from) && (best.isEmpty() || at.isBefore(best.get()))) best = Optional.of(at);
            }
            return best;
        }
        for (int i = 0; i < 62 * 1440; i++) {
            minute = minute.plus(Duration.ofMinutes(1));
            if (matches(fields, LocalDateTime.ofInstant(minute, zone))) return Optional.of(minute);
        }
        return Optional.empty();
    }

    private static boolean matches(String[] fields, LocalDateTime local) {
        var single = "%s %s %s %s %s".formatted((Object[]) fields);
        if (!minuteOrHour(fields[0], local.getMinute(), 59) || !minuteOrHour(fields[1], local.getHour(), 23))
            return false;
        var date = local.toLocalDate();
        boolean dom = switch (fields[2]) {
            case "*" -> true;
            case "*/2" -> date.getDayOfMonth() % 2 == 1;
            case "L" -> date.getDayOfMonth() == date.lengthOfMonth();
            case "LW" -> {
                var day = date.withDayOfMonth(date.lengthOfMonth());
                while (day.getDayOfWeek().getValue() > 5) day = day.minusDays(1);
                yield day.equals(date);
            }
            case "1,15" -> date.getDayOfMonth() == 1 || date.getDayOfMonth() == 15;
            default -> throw new IllegalArgumentException(single);
        };
        int weekday = date.getDayOfWeek().getValue();
        boolean dow = switch (fields[4]) {
            case "*" -> true;
            case "1-5" -> weekday <= 5;
            case "7" -> weekday == 7;
            case "SUN#2" -> weekday == 7 && date.getDayOfMonth() > 7 && date.getDayOfMonth() <= 14;
            case "0L" -> weekday == 7 && date.plusDays(7).getMonth() != date.getMonth();
            default -> throw new IllegalArgumentException(single);
        };
        return fields[2].startsWith("*") || fields[4].startsWith("*") ? dom && dow : dom || dow;
    }

    private static boolean minuteOrHour(String field, int value, int most) {
        return switch (field) {
            case "*" -> true;
            case "*/7" -> value % 7 == 0;
            case "*/2" -> value % 2 == 0;
            case "5/20" -> value >= 5 && (value - 5) % 20 == 0 && value <= most;
            case "1-4" -> value >= 1 && value <= 4;
            default -> List.of(field.split(",")).contains(Integer.toString(value));
        };
    }

    private static String pick(Random random, String... of) {
        return of[random.nextInt(of.length)];
    }

    @Test
    void in_every_zone_times_around_every_change_of_clocks_go_forward() {
        for (var name : ZoneId.getAvailableZoneIds()) {
            var zone = ZoneId.of(name);
            var change = zone.getRules().nextTransition(Instant.parse("2026-01-01T00:00:00Z"));
            if (change == null || change.getInstant().isAfter(Instant.parse("2027-01-01T00:00:00Z"))) continue;
            for (var expression : List.of("0,20,40 0-4 * * *", "*/20 * * * *", "30 */2 * * *")) {
                var cron = CronExpression.of(expression);
                for (long s = -86400; s <= 86400; s += 1201) {
                    var from = change.getInstant().plusSeconds(s);
                    assertThat(cron.next(from, zone).orElseThrow()).isAfter(from);
                }
            }
            var calendar = CalendarExpression.of("*:0/20");
            for (long s = -86400; s <= 86400; s += 1201) {
                var from = change.getInstant().plusSeconds(s);
                assertThat(calendar.next(from, zone).orElseThrow()).isAfter(from);
            }
        }
    }

    @Test
    void old_names_of_zones_are_rewritten_and_others_refused() {
        assertThat(TimeZones.find("Europe/Kiev")).contains(ZoneId.of("Europe/Kyiv"));
        assertThat(TimeZones.find("US/Eastern")).contains(ZoneId.of("America/New_York"));
        assertThat(TimeZones.find("CET")).contains(ZoneId.of("Europe/Brussels"));
        assertThat(TimeZones.find("EST")).contains(ZoneId.of("America/Panama"));
        assertThat(TimeZones.find("Zulu")).contains(ZoneId.of("Etc/UTC"));
        assertThat(TimeZones.find("UTC")).contains(ZoneId.of("UTC"));
        assertThat(TimeZones.find("Europe/surprise")).isEmpty();
        assertThat(TimeZones.find("+02:00")).isEmpty();
        assertThat(TimeZones.find("europe/berlin")).isEmpty();
    }
}
