package io.muster.server.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.testing.Proves;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
    @Proves("C1")
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
    @Proves({"C3", "D6"})
    void defects_of_the_reference_are_not_copied() throws IOException {
        int checked = 0;
        for (var vector : file().get("deviations")) {
            assertThat(next(vector, 1))
                    .as(vector.toString())
                    .containsExactly(vector.get("muster").stringValue());
            checked++;
        }
        assertThat(checked).isEqualTo(9);
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
    @Proves("C2")
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
    @Proves("C2")
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
    @Proves("C2")
    @ValueSource(strings = {"0 0 * FEB-APR *", "0 0 * * SAT,SUN", "*,5 * * * *", " 0 0 L/2 * *", "0 0 29 2 *"})
    void cron_expression_is_accepted(String expression) {
        assertThat(CronExpression.isValid(expression)).isTrue();
    }

    @ParameterizedTest
    @Proves("C2")
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
    void days_from_the_end_of_a_month_are_stepped_through_forwards() {
        var from = Instant.parse("2026-03-01T00:00:00Z");
        var days = CalendarExpression.of("*-*~5/3");
        var fifth = days.next(from, ZoneOffset.UTC).orElseThrow();
        assertThat(fifth).isEqualTo("2026-03-27T00:00:00Z");
        assertThat(days.next(fifth, ZoneOffset.UTC)).contains(Instant.parse("2026-03-30T00:00:00Z"));
        assertThat(CalendarExpression.of("*-*~*").next(from, ZoneOffset.UTC))
                .as("any day")
                .contains(Instant.parse("2026-03-02T00:00:00Z"));
    }

    @Test
    void calendar_of_a_past_year_has_no_next_time() {
        assertThat(CalendarExpression.of("2020-01-01").next(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC))
                .isEmpty();
    }

    @Test
    @Proves("A14")
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
