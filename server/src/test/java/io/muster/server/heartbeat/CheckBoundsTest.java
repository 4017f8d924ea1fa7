package io.muster.server.heartbeat;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.heartbeat.Bounds.Range;
import io.muster.server.heartbeat.Ping.Target.ByUuid;
import io.muster.server.heartbeat.RunTotals.Nothing;
import io.muster.server.heartbeat.RunTotals.Said;
import io.muster.server.heartbeat.RunTotals.Totals;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a job may demand of its runs, and whom it tells. Pure: each hour on the hour, with ten minutes' grace. */
class CheckBoundsTest {

    private static final UUID UUID_OF_CHECK = UUID.fromString("00000000-0000-4000-8000-000000000000");
    private static final Instant MIDNIGHT = Instant.parse("2026-03-01T00:00:00Z");

    private Check check = hourly(Bounds.NONE, 1);
    private Said says = new Nothing("a manifest is required");

    /** Each flip and what people were told, as {@code 01:10:00 down: did not report in time}. */
    private final List<String> log = new ArrayList<>();

    // ---- start_by

    @Test
    void neither_start_nor_report_within_start_by_is_down_at_that_instant() {
        demands(new Bounds(ofMinutes(3), null, null, null, null));
        at("00:05:00", "ok");
        assertThat(check.at(time("01:00:00"))).isEqualTo(CheckStatus.GRACE);
        assertThat(check.at(time("01:02:59"))).isEqualTo(CheckStatus.GRACE);
        assertThat(check.at(time("01:03:00"))).isEqualTo(CheckStatus.DOWN);
        until("01:59:00");
        assertThat(log).containsExactly("01:03:00 up>down timeout did not start in time", "01:03:00 told down");
    }

    @Test
    void start_within_start_by_leaves_the_report_its_grace() {
        demands(new Bounds(ofMinutes(3), null, null, null, null));
        at("00:05:00", "ok");
        at("01:02:59", "start");
        assertThat(check.downAt()).contains(time("01:10:00"));
        at("01:09:00", "ok");
        assertThat(check.downAt()).contains(time("02:03:00"));
        until("02:00:00");
        assertThat(log).isEmpty();
    }

    @Test
    void start_before_the_expected_time_counts_but_not_one_before_the_last_report() {
        demands(new Bounds(ofMinutes(3), null, null, null, null));
        at("00:05:00", "ok");
        at("00:59:58", "start A");
        assertThat(check.downAt()).contains(time("01:09:58"));
        at("01:00:01", "ok B"); // A is still on, but began before this report
        assertThat(check.nextMiss())
                .hasValueSatisfying(miss -> assertThat(miss.at()).isEqualTo(time("01:09:58")));
        at("01:01:00", "ok A");
        assertThat(check.downAt()).contains(time("02:03:00"));
    }

    @Test
    void start_by_longer_than_the_grace_never_delays_it() {
        demands(new Bounds(ofMinutes(30), null, null, null, null));
        at("00:05:00", "ok");
        assertThat(check.downAt()).contains(time("01:10:00"));
        demands(new Bounds(ofMinutes(30), ofHours(1), null, null, null));
        assertThat(check.downAt()).contains(time("01:10:00"));
    }

    // ---- max_runtime

    @Test
    void run_is_down_when_it_has_run_for_max_runtime_whatever_the_grace() {
        demands(new Bounds(null, ofHours(3), null, null, null));
        at("00:05:00", "ok");
        at("01:00:00", "start A");
        assertThat(check.at(time("03:59:59")))
                .as("no report is late while it runs")
                .isEqualTo(CheckStatus.UP);
        assertThat(check.at(time("04:00:00"))).isEqualTo(CheckStatus.DOWN);
        until("04:30:00");
        assertThat(log).containsExactly("04:00:00 up>down timeout runs longer than 3 h", "04:00:00 told down");
    }

    @Test
    void run_shorter_than_grace_may_be_demanded() {
        demands(new Bounds(null, ofMinutes(2), null, null, null));
        at("00:05:00", "ok");
        at("01:00:00", "start");
        until("01:05:00");
        assertThat(log).containsExactly("01:02:00 up>down timeout runs longer than 2 min", "01:02:00 told down");
    }

    @Test
    void each_of_several_runs_is_watched_and_each_is_told_once() {
        demands(new Bounds(null, ofMinutes(90), null, null, null));
        at("00:05:00", "ok");
        at("01:00:00", "start A");
        at("02:00:00", "start B");
        at("02:15:00", "start C");
        at("02:20:00", "ok B");
        until("02:29:59");
        assertThat(log).isEmpty();
        until("02:40:00");
        assertThat(log).containsExactly("02:30:00 up>down timeout runs longer than 90 min", "02:30:00 told down");
        at("02:45:00", "ok C");
        assertThat(check.openRuns()).as("A is given up").isEmpty();
        assertThat(check.downAt()).contains(time("03:10:00"));
        assertThat(log).hasSize(4).endsWith("02:45:00 down>up success", "02:45:00 told up");
    }

    @Test
    void failure_of_one_run_leaves_the_others_watched() {
        demands(new Bounds(null, ofMinutes(30), null, null, null));
        at("01:00:00", "start A");
        at("01:00:01", "start B");
        at("01:05:00", "fail B");
        at("01:06:00", "ok B");
        assertThat(check.openRuns()).extracting(OpenRun::startedAt).containsExactly(time("01:00:00"));
        assertThat(check.downAt()).contains(time("01:30:00"));
    }

    @Test
    void run_that_is_too_long_while_the_job_is_down_is_noted_and_does_not_turn_it_down_again_later() {
        demands(new Bounds(null, ofMinutes(30), null, null, null));
        at("01:00:00", "fail");
        at("01:01:00", "start A");
        until("02:00:00");
        assertThat(problems).containsExactly("2 too_long");
        at("02:00:00", "ok B");
        assertThat(check.downAt()).contains(time("03:10:00"));
        assertThat(log)
                .containsExactly(
                        "01:00:00 new>down fail", "01:00:00 told down", "02:00:00 down>up success", "02:00:00 told up");
    }

    @Test
    void without_a_start_the_report_is_awaited_as_ever() {
        demands(new Bounds(null, ofHours(3), null, null, null));
        at("00:05:00", "ok");
        assertThat(check.downAt()).contains(time("01:10:00"));
        demands(new Bounds(ofMinutes(1), ofHours(3), null, null, null));
        assertThat(check.downAt()).contains(time("01:01:00"));
    }

    @Test
    void run_that_is_on_when_max_runtime_is_declared_is_watched_and_pause_forgets_all() {
        at("00:05:00", "ok");
        at("01:00:00", "start A");
        check = check.with(
                hourly(new Bounds(null, ofHours(2), null, null, null), 1).settings(), time("01:01:00"));
        assertThat(check.downAt()).contains(time("03:00:00"));
        check = check.paused(time("01:02:00"));
        assertThat(check.openRuns()).isEmpty();
        assertThat(check.downAt()).isEmpty();
    }

    /** Killed each time: each start takes the place of the one before, so no run is ever too long. */
    @Test
    void job_that_starts_each_time_and_never_ends_is_down_all_the_same() {
        demands(new Bounds(null, ofHours(2), null, null, null));
        at("00:05:00", "ok");
        for (var start : List.of("01:00:00", "02:00:00", "03:00:00", "04:00:00")) at(start, "start");
        assertThat(log).containsExactly("03:10:00 up>down timeout", "03:10:00 told down");
    }

    @Test
    void hundred_and_first_run_pushes_out_the_oldest() {
        demands(new Bounds(null, ofHours(2), null, null, null));
        for (int i = 0; i <= OpenRun.MOST; i++) ping(time("01:00:00").plusSeconds(i), Kind.START, new UUID(0, i));
        assertThat(check.openRuns()).hasSize(OpenRun.MOST);
        assertThat(check.openRuns().getFirst().startedAt()).isEqualTo(time("01:00:01"));
    }

    // ---- min_runtime

    @Test
    void success_sooner_than_min_runtime_is_a_failure_and_says_so() {
        demands(new Bounds(null, null, ofMinutes(1), null, null));
        at("00:05:00", "ok");
        at("01:00:00", "start A");
        at("01:00:59", "ok A");
        assertThat(check.lastReportFailed()).isTrue();
        assertThat(check.lastSuccess()).isEqualTo(time("00:05:00"));
        assertThat(log)
                .containsExactly(
                        "01:00:59 up>down fail ended after 59 s, at least 1 min expected", "01:00:59 told down");
        assertThat(problems).containsExactly("3 too_short");
        at("02:00:00", "start A");
        at("02:01:00", "ok A");
        assertThat(check.status()).isEqualTo(Status.UP);
    }

    @Test
    void min_runtime_is_of_the_run_that_ends_not_of_the_latest() {
        demands(new Bounds(null, null, ofMinutes(1), null, null));
        at("01:00:00", "start A");
        at("01:04:30", "start B");
        at("01:05:00", "ok A");
        assertThat(check.status()).isEqualTo(Status.UP);
        at("01:05:29", "ok B");
        assertThat(check.status()).isEqualTo(Status.DOWN);
    }

    @Test
    void success_without_a_start_and_a_failure_are_not_judged_by_min_runtime() {
        demands(new Bounds(null, null, ofMinutes(1), null, null));
        at("01:00:00", "ok");
        assertThat(check.status()).isEqualTo(Status.UP);
        at("01:10:00", "start");
        at("01:10:01", "fail");
        assertThat(log).endsWith("01:10:01 up>down fail", "01:10:01 told down");
        assertThat(problems).isEmpty();
    }

    // ---- expects

    @Test
    void too_few_and_too_many_are_failures_and_the_bounds_themselves_are_not() {
        demands(new Bounds(null, null, null, new Range(1L, 100_000L), new Range(10L, null)));
        assertThat(copied(1L, 10L)).isEmpty();
        assertThat(copied(100_000L, Long.MAX_VALUE)).isEmpty();
        assertThat(copied(0L, 10L)).contains("copied 0 rows, at least 1 expected");
        assertThat(copied(100_001L, 10L)).contains("copied 100,001 rows, at most 100,000 expected");
        assertThat(copied(1L, 9L)).contains("copied 9 bytes, at least 10 expected");
        assertThat(copied(null, 10L)).contains("did not say how many rows it copied");
        says = new Nothing("tenants must be a list");
        at("01:00:00", "ok");
        assertThat(log.getLast()).isEqualTo("01:00:00 told down");
        assertThat(check.lastReportFailed()).isTrue();
        assertThat(problems).containsExactly("1 no_manifest");
    }

    private Optional<String> copied(@Nullable Long rows, @Nullable Long bytes) {
        return check.bounds().judge(new Totals(rows, bytes)).map(Trouble::why);
    }

    // ---- failures_before_alert

    @Test
    void people_are_told_of_the_third_failure_and_of_the_recovery() {
        check = hourly(Bounds.NONE, 3);
        at("00:05:00", "ok");
        at("01:00:00", "fail");
        at("02:00:00", "fail");
        assertThat(log).containsExactly("01:00:00 up>down fail");
        at("03:00:00", "fail");
        at("03:30:00", "fail");
        at("04:00:00", "ok");
        assertThat(log)
                .containsExactly(
                        "01:00:00 up>down fail",
                        "03:00:00 told down, 3 in a row",
                        "04:00:00 down>up success",
                        "04:00:00 told up, 3 in a row");
    }

    @Test
    void recovery_from_what_nobody_was_told_is_no_news_and_counting_begins_anew() {
        check = hourly(Bounds.NONE, 2);
        at("00:05:00", "ok");
        at("01:00:00", "fail");
        at("01:01:00", "ok");
        at("02:00:00", "fail");
        at("02:01:00", "ok");
        assertThat(log).noneMatch(line -> line.contains("told")).hasSize(4);
    }

    @Test
    void each_expected_time_that_passes_in_silence_counts_one() {
        check = hourly(Bounds.NONE, 3);
        at("00:05:00", "ok");
        until("03:09:59");
        assertThat(log).containsExactly("01:10:00 up>down timeout");
        assertThat(check.statusSince()).isEqualTo(time("01:10:00"));
        until("03:10:00");
        assertThat(log).containsExactly("01:10:00 up>down timeout", "03:10:00 told down, 3 in a row");
        assertThat(check.nextMiss()).as("told, nothing more is awaited").isEmpty();
    }

    @Test
    void expected_times_count_also_where_grace_is_longer_than_the_period() {
        check = check(new Schedule.Every(ofMinutes(10)), ofMinutes(25), Bounds.NONE, 3);
        at("00:00:00", "ok");
        until("01:00:00");
        assertThat(log).containsExactly("00:35:00 up>down timeout", "00:55:00 told down, 3 in a row");
    }

    @Test
    void failures_and_silence_count_together() {
        check = hourly(Bounds.NONE, 3);
        at("00:05:00", "ok");
        at("01:02:00", "fail");
        until("02:10:00");
        at("03:02:00", "fail");
        assertThat(log).containsExactly("01:02:00 up>down fail", "03:02:00 told down, 3 in a row");
    }

    @Test
    void run_that_hangs_counts_once_though_its_report_is_missing_too() {
        check = hourly(Bounds.NONE, 3);
        at("00:05:00", "ok");
        at("01:00:02", "start");
        until("01:59:00");
        assertThat(check.inARow().failures()).isEqualTo(1);
        check = hourly(new Bounds(ofMinutes(3), ofMinutes(5), null, null, null), 3);
        log.clear();
        at("00:05:00", "ok");
        at("01:02:00", "start A");
        until("01:59:00");
        assertThat(check.inARow().failures()).isEqualTo(1);
        until("02:03:00");
        assertThat(check.inARow().failures()).as("the next did not start").isEqualTo(2);
        at("03:01:00", "start B");
        until("03:06:00");
        assertThat(log)
                .containsExactly("01:07:00 up>down timeout runs longer than 5 min", "03:06:00 told down, 3 in a row");
    }

    @Test
    void run_that_is_too_long_and_then_fails_counts_once_and_the_next_failure_counts() {
        check = hourly(new Bounds(null, ofMinutes(5), null, null, null), 3);
        at("00:05:00", "ok");
        at("01:02:00", "start A");
        at("01:10:00", "fail A");
        assertThat(check.inARow().failures()).isEqualTo(1);
        at("01:12:00", "start B");
        at("01:13:00", "fail B");
        assertThat(check.inARow().failures()).isEqualTo(2);
        at("01:20:00", "start");
        at("01:30:00", "fail");
        assertThat(log)
                .containsExactly("01:07:00 up>down timeout runs longer than 5 min", "01:25:00 told down, 3 in a row");
    }

    @Test
    void declaring_fewer_tells_of_what_has_been_counted_and_declaring_more_tells_nothing_twice() {
        check = hourly(Bounds.NONE, 5);
        at("00:05:00", "ok");
        at("01:00:00", "fail");
        at("02:00:00", "fail");
        var two = check.with(hourly(Bounds.NONE, 2).settings(), time("02:30:00"));
        assertThat(News.of(check, two, time("02:30:00"), News.DECLARED, null, 0))
                .isPresent();
        var one = check.with(hourly(Bounds.NONE, 1).settings(), time("02:30:00"));
        assertThat(News.of(check, one, time("02:30:00"), News.DECLARED, null, 0))
                .isPresent();
        var six = two.with(hourly(Bounds.NONE, 6).settings(), time("02:40:00"));
        assertThat(News.of(two, six, time("02:40:00"), News.DECLARED, null, 0)).isEmpty();
        assertThat(six.isToldDown()).isTrue();
    }

    @Test
    void failure_that_is_reported_again_counts_once_and_a_later_run_with_the_same_id_counts() {
        check = hourly(Bounds.NONE, 3);
        at("01:00:00", "start A");
        at("01:01:00", "fail A");
        at("01:01:10", "fail A");
        at("01:02:00", "fail A");
        assertThat(check.inARow().failures()).isEqualTo(1);
        at("01:03:00", "start A");
        at("01:03:30", "fail A");
        assertThat(check.inARow().failures()).isEqualTo(2);
        at("01:19:00", "fail A");
        assertThat(log).containsExactly("01:01:00 new>down fail", "01:19:00 told down, 3 in a row");
    }

    @Test
    void success_too_soon_stays_a_failure_however_often_and_late_it_is_reported_again() {
        check = hourly(new Bounds(null, null, ofMinutes(1), null, null), 2);
        at("01:00:00", "start A");
        at("01:00:10", "start B");
        at("01:00:30", "ok A");
        for (var again : List.of("01:00:40", "01:01:20", "01:03:00", "01:14:00")) at(again, "ok A");
        assertThat(log).containsExactly("01:00:30 new>down fail ended after 30 s, at least 1 min expected");
        assertThat(check.inARow().failures()).isEqualTo(1);
        assertThat(check.lastDuration()).isEqualTo(Duration.ofSeconds(30));
        at("01:14:30", "ok B");
        assertThat(check.status()).isEqualTo(Status.UP);
        at("01:15:00", "ok B");
        assertThat(check.status()).as("again").isEqualTo(Status.UP);
    }

    // ---- while Muster was away

    @Test
    void what_was_expected_while_muster_was_away_counts_as_one_failure() {
        check = hourly(Bounds.NONE, 3);
        at("00:05:00", "ok");
        note(check.after(check.nextMiss().orElseThrow(), time("06:10:00")));
        assertThat(check.inARow().failures()).isEqualTo(1);
        assertThat(check.statusSince()).isEqualTo(time("01:10:00"));
        assertThat(check.nextMiss().orElseThrow().at()).isEqualTo(time("07:10:00"));
    }

    // ---- and of who demands nothing

    /** ping-api §3.3 and §3.4, as they stand there. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void job_that_demands_nothing_is_judged_as_by_the_compatible_rules(long seed) {
        var random = new Random(seed);
        for (int i = 0; i < 300; i++) {
            var now = MIDNIGHT.plusSeconds(random.nextInt(60));
            check = hourly(Bounds.NONE, 1);
            for (int j = 0; j < 6; j++) {
                var kind = Kind.values()[random.nextInt(Kind.values().length - 1)];
                ping(now, kind, random.nextBoolean() ? null : new UUID(0, random.nextInt(2)));
                now = now.plusSeconds(random.nextInt(5_000));
                assertThat(check.at(now))
                        .as("seed %d, %s at %s", seed, check.state(), now)
                        .isEqualTo(derived(now));
                assertThat(check.downAt()).isEqualTo(alertAfter());
            }
        }
    }

    private CheckStatus derived(Instant t) {
        var state = check.state();
        var started = state.lastStart();
        if (started != null && !t.isBefore(started.plus(check.grace()))) return CheckStatus.DOWN;
        if (state.status() != Status.UP)
            return CheckStatus.valueOf(state.status().name());
        var g = check.schedule().dueAfter(state.lastPing()).orElseThrow();
        if (!t.isBefore(g.plus(check.grace()))) return CheckStatus.DOWN;
        return t.isBefore(g) ? CheckStatus.UP : CheckStatus.GRACE;
    }

    private Optional<Instant> alertAfter() {
        var state = check.state();
        if (state.status() == Status.DOWN) return Optional.empty();
        var expected = state.status() == Status.UP
                ? check.schedule().dueAfter(state.lastPing()).orElseThrow()
                : Instant.MAX;
        var start = state.lastStart() == null ? Instant.MAX : state.lastStart();
        var first = expected.isBefore(start) ? expected : start;
        return first == Instant.MAX ? Optional.empty() : Optional.of(first.plus(check.grace()));
    }

    // ---- fixtures

    private final List<String> problems = new ArrayList<>();

    private static Check hourly(Bounds bounds, int tellAt) {
        return check(new Schedule.Cron("0 * * * *", ZoneId.of("UTC")), ofMinutes(10), bounds, tellAt);
    }

    private static Check check(Schedule schedule, Duration grace, Bounds bounds, int tellAt) {
        var job = new Declaration(
                "Job", schedule, ofHours(9), List.of(), null, null, null, null, bounds, tellAt, List.of());
        var settings = TestChecks.schedule(schedule, grace)
                .apply(Settings.fresh("job", "Job").declared("job", job));
        return DeclaredChecks.unborn("default", UUID_OF_CHECK, settings, MIDNIGHT);
    }

    private void demands(Bounds bounds) {
        check = check.with(hourly(bounds, 1).settings(), MIDNIGHT);
    }

    private static Instant time(String clock) {
        return Instant.parse("2026-03-01T" + clock + "Z");
    }

    /** {@code ok}, {@code fail} or {@code start}, and a letter for the run's id. */
    private void at(String clock, String report) {
        until(clock);
        var words = report.split(" ");
        var kind = words[0].equals("ok") ? Kind.SUCCESS : Kind.valueOf(words[0].toUpperCase(Locale.ROOT));
        ping(time(clock), kind, words.length == 1 ? null : new UUID(0, words[1].charAt(0)));
    }

    private void ping(Instant now, Kind kind, @Nullable UUID rid) {
        note(check.after(
                new Ping(new ByUuid(UUID_OF_CHECK), now, kind, null, rid, "http", "GET", "", null, new byte[0]),
                _ -> says));
    }

    /** Lets silence last, as deadlines do that ring in time. */
    private void until(String clock) {
        for (var miss = check.nextMiss(); miss.isPresent() && !miss.get().at().isAfter(time(clock)); ) {
            note(check.after(miss.get(), miss.get().at()));
            miss = check.nextMiss();
        }
    }

    private void note(Check.Step step) {
        check = step.after();
        step.flip()
                .filter(flip -> flip.from() == Status.UP || flip.from() == Status.DOWN || flip.to() == Status.DOWN)
                .ifPresent(flip -> log.add("%s %s>%s %s%s"
                        .formatted(
                                clock(flip.at()),
                                flip.from().word(),
                                flip.to().word(),
                                flip.reason(),
                                flip.trouble() == null
                                        ? ""
                                        : " " + flip.trouble().predicate())));
        step.news()
                .ifPresent(news -> log.add("%s told %s%s"
                        .formatted(
                                clock(news.at()),
                                news.down() ? "down" : "up",
                                news.inARow() == 1 ? "" : ", " + news.inARow() + " in a row")));
        step.judged()
                .filter(run -> run.trouble() != null)
                .ifPresent(run ->
                        problems.add(run.n() + " " + run.trouble().problem().word()));
    }

    private static String clock(Instant at) {
        return at.toString().substring(11, 19);
    }
}
