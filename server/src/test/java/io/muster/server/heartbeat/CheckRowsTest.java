package io.muster.server.heartbeat;

import static java.util.Comparator.comparing;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.heartbeat.CheckBoard.Shown;
import io.muster.server.heartbeat.CheckRows.Narrow;
import io.muster.server.heartbeat.CheckRows.Place;
import io.muster.server.heartbeat.CheckRows.Sort;
import io.muster.server.testing.ServerTest;
import io.muster.server.testing.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What SQL says of many checks is what {@link Check} says of each. */
@ServerTest
class CheckRowsTest {

    @Autowired
    CheckBoard board;

    @Autowired
    CheckRepository repository;

    @Autowired
    HeardChecks heard;

    @Autowired
    TestChecks checks;

    @Autowired
    TestClock clock;

    @Autowired
    JdbcClient db;

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void lists_and_counts_are_what_each_check_says_of_itself(long seed) {
        var now = clock.instant();
        var all = random(new Random(seed), 80);
        var shown = all.stream().collect(Collectors.groupingBy(check -> Shown.of(check, now), Collectors.counting()));
        assertThat(shown).hasSizeGreaterThan(4);
        assertThat(board.counts("default", now)).isEqualTo(shown);
        var worst = comparing((Check check) -> Shown.of(check, now)).thenComparing(Check::jobId);
        assertThat(pages(Narrow.NOT, Sort.WORST)).isEqualTo(ids(all, worst));
        assertThat(pages(Narrow.NOT, Sort.NAME))
                .isEqualTo(ids(
                        all,
                        comparing((Check check) -> check.title().toLowerCase()).thenComparing(Check::jobId)));
        assertThat(pages(Narrow.NOT, Sort.LAST_PING))
                .isEqualTo(ids(
                        all,
                        comparing((Check check) -> or(check.lastPing(), Instant.MIN))
                                .thenComparing(Check::jobId)
                                .reversed()));
        assertThat(pages(Narrow.NOT, Sort.NEXT_DUE))
                .isEqualTo(ids(
                        all,
                        comparing((Check check) -> check.expectedAt().orElse(Instant.MAX))
                                .thenComparing(Check::jobId)));
        for (var state : Shown.values()) {
            var such =
                    all.stream().filter(check -> Shown.of(check, now) == state).toList();
            assertThat(pages(new Narrow(state, "", "", "", null), Sort.WORST)).isEqualTo(ids(such, worst));
            assertThat(pages(new Narrow(state, "job", "", "", null), Sort.WORST))
                    .isEqualTo(ids(such, worst));
        }
        var tagged = all.stream().filter(check -> check.tags().contains("eu")).toList();
        assertThat(pages(new Narrow(null, "", "eu", "", null), Sort.WORST)).isEqualTo(ids(tagged, worst));
        assertThat(board.tagged("default", "eu", now))
                .isEqualTo(tagged.stream()
                        .collect(Collectors.groupingBy(check -> Shown.of(check, now), Collectors.counting())));
        assertThat(board.tags("default")).containsExactly("eu", "prod");
    }

    @Test
    void of_many_checks_what_was_counted_is_kept_until_somebody_changes_one() {
        db.sql("""
                insert into checks (project, uuid, unique_key, job_id, slug, name, created_at, updated_at, status, status_since)
                select 'default', gen_random_uuid(), 'k' || n, 'k' || n, '', 'Many', now(), now(), 'new', now()
                  from generate_series(1, 5001) as n
                """).update();
        assertThat(board.counts("default", clock.instant())).isEqualTo(Map.of(Shown.NEW, 5001L));
        db.sql("update checks set status = 'paused' where job_id = 'k1'").update();
        assertThat(board.counts("default", clock.instant())).isEqualTo(Map.of(Shown.NEW, 5001L));
        board.lookAgain("default");
        assertThat(board.counts("default", clock.instant())).isEqualTo(Map.of(Shown.NEW, 5000L, Shown.PAUSED, 1L));
        board.lookAgain("default");
    }

    @Test
    void no_index_holds_what_each_ping_changes() {
        var indexes = db.sql("select pg_get_indexdef(indexrelid) from pg_index where indrelid = 'checks'::regclass")
                .query(String.class)
                .list();
        assertThat(indexes)
                .hasSizeGreaterThan(8)
                .allSatisfy(
                        index -> assertThat(index)
                                .doesNotContainPattern(
                                        "status_since|last_ping|last_success|last_start|last_duration|last_report|pings|armed_at|due_at"));
    }

    private List<Check> random(Random random, int n) {
        var now = clock.instant();
        for (int i = 0; i < n; i++) {
            var schedule = switch (random.nextInt(3)) {
                case 0 -> new Schedule.Every(Duration.ofMinutes(10 + random.nextInt(100)));
                case 1 -> new Schedule.Cron(random.nextInt(60) + " * * * *", ZoneId.of("Europe/Berlin"));
                default -> new Schedule.OnCalendar("*:0/" + (5 + random.nextInt(40)), ZoneId.of("UTC"));
            };
            var grace = Duration.ofMinutes(1 + random.nextInt(40));
            var check = checks.with("job-" + i, TestChecks.schedule(schedule, grace));
            var status = Status.values()[random.nextInt(4)];
            var last = status == Status.NEW ? null : now.minusSeconds(random.nextInt(7_000));
            var start = random.nextInt(4) == 0 ? now.minusSeconds(random.nextInt(2_000)) : null;
            heard.update(List.of(
                    check.with(new State(status, now, last, last, start, null, null, status == Status.DOWN, 1, null))));
            if (random.nextBoolean()) {
                db.sql("update checks set tags = ' prod  eu' where id = :id")
                        .param("id", check.id())
                        .update();
            }
            if (random.nextInt(3) == 0) {
                db.sql("update checks set name = :name where id = :id")
                        .param("name", random.nextBoolean() ? "" : "Zebra " + random.nextInt(3))
                        .param("id", check.id())
                        .update();
            }
        }
        return repository.byIds(repository.idsOf("default", null, List.of()));
    }

    /** The job ids of all pages, seven a page. */
    private List<String> pages(Narrow narrow, Sort sort) {
        var ids = new ArrayList<String>();
        @Nullable Place place = null;
        do {
            var listed = board.page("default", narrow, sort, place, clock.instant(), 7);
            listed.checks().forEach(check -> ids.add(check.jobId()));
            place = listed.next();
        } while (place != null);
        return ids;
    }

    private static List<String> ids(List<Check> checks, Comparator<Check> order) {
        return checks.stream().sorted(order).map(Check::jobId).toList();
    }

    private static Instant or(@Nullable Instant at, Instant otherwise) {
        return at == null ? otherwise : at;
    }
}
