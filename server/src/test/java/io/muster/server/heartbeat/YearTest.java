package io.muster.server.heartbeat;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.muster.server.heartbeat.SlowSchedule.Clocks;
import io.muster.server.testing.Proves;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks over a year with all its changes of clocks: the jobs run when a cron or a systemd would run them. */
class YearTest {

    /** @param grace less than what lies between two runs, so that a late run is not the next one */
    private record Job(
            Schedule schedule,
            Duration grace,
            Clocks clocks,
            Predicate<LocalDate> days,
            IntPredicate secondsOfDay,
            ZoneId zone) {

        List<Instant> runs() {
            return List.copyOf(SlowSchedule.times(
                    clocks, days, secondsOfDay, zone, LocalDate.of(2026, 1, 1), LocalDate.of(2026, 12, 31)));
        }

        @Override
        public String toString() {
            return schedule.toString();
        }
    }

    static Stream<Job> jobs() {
        return Stream.of("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca")
                .map(ZoneId::of)
                .flatMap(zone -> Stream.of(
                        cron("30 2 * * *", ofHours(1), at("02:30"), zone),
                        cron("30 1 * * *", ofHours(1), at("01:30"), zone),
                        cron(
                                "45 2,3 * * *",
                                ofMinutes(20),
                                second ->
                                        at("02:45").test(second) || at("03:45").test(second),
                                zone),
                        cron("0 * * * *", ofMinutes(20), second -> second % 3600 == 0, zone),
                        cron("*/15 * * * *", ofMinutes(14), second -> second % 900 == 0, zone),
                        cron("0 9 * * 1-5", ofHours(12), at("09:00"), zone),
                        calendar("02:30", ofHours(1), at("02:30"), zone),
                        calendar("hourly", ofMinutes(20), second -> second % 3600 == 0, zone),
                        calendar("*:0/15", ofMinutes(14), second -> second % 900 == 0, zone),
                        calendar("Mon..Fri 09:00", ofHours(12), at("09:00"), zone)));
    }

    static IntPredicate at(String time) {
        int wanted = java.time.LocalTime.parse(time).toSecondOfDay();
        return second -> second == wanted;
    }

    private static Job cron(String text, Duration grace, IntPredicate times, ZoneId zone) {
        var clocks = text.startsWith("*") || text.split(" ")[1].equals("*") ? Clocks.ELAPSED : Clocks.WALL;
        return new Job(new Schedule.Cron(text, zone), grace, clocks, days(text.endsWith("1-5")), times, zone);
    }

    private static Job calendar(String text, Duration grace, IntPredicate times, ZoneId zone) {
        var days = days(text.startsWith("Mon..Fri"));
        return new Job(new Schedule.OnCalendar(text, zone), grace, Clocks.SKIPPING, days, times, zone);
    }

    private static Predicate<LocalDate> days(boolean onlyWorkdays) {
        return day -> !onlyWorkdays || day.getDayOfWeek().getValue() <= 5;
    }

    @ParameterizedTest
    @MethodSource("jobs")
    @Proves("C7")
    void job_that_runs_on_time_is_never_down_and_a_run_that_does_not_come_is_noticed_once_at_due_plus_grace(Job job) {
        var random = new Random(7);
        var runs = job.runs();
        assertThat(runs).hasSizeGreaterThan(250);
        var settings = TestChecks.schedule(job.schedule(), job.grace()).apply(Settings.fresh("job", "job"));
        var check =
                ping(DeclaredChecks.unborn("default", UUID.randomUUID(), settings, runs.getFirst()), runs.getFirst());
        int missed = 0;
        int noticed = 0;
        for (int i = 1; i < runs.size(); i++) {
            var due = runs.get(i);
            boolean comes = random.nextInt(40) > 0 && !isFirstAfterAChange(runs.get(i - 1), due, job.zone())
                    || runs.get(i - 1).equals(check.statusSince());
            if (check.status() == Status.UP && !isAwaited(check, due)) {
                fail("after %s due at %s, but %s", check.lastPing(), due, check.expectedAt());
            }
            if (comes) {
                check = ping(check, due.plusMillis(random.nextLong(job.grace().toMillis())));
                assertThat(check.status()).isEqualTo(Status.UP);
            } else if (check.status() == Status.UP) {
                missed++;
                var downAt = check.downAt().orElseThrow();
                assertThat(check.at(downAt)).isEqualTo(CheckStatus.DOWN);
                check = check.after(check.nextMiss().orElseThrow(), downAt).after();
                noticed++;
                assertThat(check.downAt()).as("a second deadline").isEmpty();
            }
        }
        assertThat(missed).isEqualTo(noticed).isGreaterThan(4);
    }

    /** At {@code due}, and neither earlier nor later. */
    private static boolean isAwaited(Check check, Instant due) {
        var downAt = due.plus(check.grace());
        return check.downAt().equals(Optional.of(downAt))
                && check.at(due.minusMillis(1)) == CheckStatus.UP
                && check.at(due) == CheckStatus.GRACE
                && check.at(downAt.minusMillis(1)) == CheckStatus.GRACE
                && check.at(downAt) == CheckStatus.DOWN;
    }

    /** The first run on the other side of a change of clocks is one that does not come. */
    static boolean isFirstAfterAChange(Instant before, Instant run, ZoneId zone) {
        var change = zone.getRules().nextTransition(before);
        return change != null && !change.getInstant().isAfter(run);
    }

    private static Check ping(Check check, Instant at) {
        return check.after(TestChecks.success(check, at), _ -> new RunTotals.Totals(null, null))
                .after();
    }
}
