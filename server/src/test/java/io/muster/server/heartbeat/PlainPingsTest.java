package io.muster.server.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.deadline.PassingTime;
import io.muster.server.testing.Http;
import io.muster.server.testing.ServerTest;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

@ServerTest
@Import(TestChecks.class)
class PlainPingsTest {

    private static final UUID RUN = UUID.randomUUID();

    @Autowired
    TestChecks checks;

    @Autowired
    CheckRepository repository;

    @Autowired
    HeardChecks heard;

    @Autowired
    Http http;

    @Autowired
    PassingTime time;

    @Autowired
    JdbcClient db;

    @Autowired
    TransactionTemplate transaction;

    /** Pings by slug are never plain, so the second check takes the long way. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void random_story_leaves_a_check_as_the_long_way_does(long seed) {
        var random = new Random(seed);
        var quick = checks.daily("quick");
        var slow = checks.daily("slow");
        int plain = 0;
        for (int step = 0; step < 120; step++) {
            if (heard.known(quick.uuid().value())
                    .filter(KnownChecks.Known::isCalm)
                    .isPresent()) plain++;
            switch (random.nextInt(14)) {
                case 0 -> time.passes(Duration.ofHours(random.nextInt(30)));
                case 1 -> both(quick, slow, "/pause", "");
                case 2 -> both(quick, slow, "/resume", "");
                case 3 -> both(quick, slow, "", "{\"timeout\":" + (3600 + 3600 * random.nextInt(30)) + "}");
                case 4 ->
                    ping(
                            quick,
                            slow,
                            List.of("/start", "/start?rid=" + RUN, "/fail", "/3", "/log")
                                    .get(random.nextInt(5)));
                case 5 -> ping(quick, slow, "?rid=" + RUN);
                case 6 -> ping(quick, slow, "/0");
                default -> {
                    time.clock().advance(Duration.ofMillis(random.nextInt(5_000)));
                    ping(quick, slow, "");
                }
            }
            var one = checks.read(quick).state();
            var other = checks.read(slow).state();
            assertThat(one).as("after step %s", step).isEqualTo(other);
            assertThat(dueAt(quick)).as("after step %s", step).isEqualTo(dueAt(slow));
        }
        assertThat(plain).as("steps that could be plain").isGreaterThan(20);
        assertThat(checks.pings(quick))
                .usingRecursiveFieldByFieldElementComparator()
                .isEqualTo(checks.pings(slow));
        assertThat(checks.flips(quick)).isEqualTo(checks.flips(slow));
    }

    @Test
    void pings_at_once_are_numbered_without_gaps_and_none_is_lost_when_the_guess_is_wrong() throws Exception {
        var one = checks.daily("one");
        var other = checks.daily("other");
        for (int n = 0; n < 2; n++) {
            get("/ping/" + uuid(one));
            get("/ping/" + uuid(other));
        }
        assertThat(heard.known(one.uuid().value()).orElseThrow().isCalm()).isTrue();
        db.sql("update checks set status = 'down' where id = :id")
                .param("id", other.id())
                .update(); // by another server
        try (var jobs = Executors.newVirtualThreadPerTaskExecutor()) {
            var pings = LongStream.range(0, 200)
                    .mapToObj(n -> (Callable<Integer>) () ->
                            http.get("/ping/" + uuid(n % 4 == 0 ? other : one)).status())
                    .toList();
            for (var answer : jobs.invokeAll(pings)) assertThat(answer.get()).isEqualTo(200);
        }
        assertThat(checks.pings(one)).extracting(TestChecks.Row::n).containsExactlyElementsOf(numbers(152));
        assertThat(checks.pings(other)).extracting(TestChecks.Row::n).containsExactlyElementsOf(numbers(52));
        assertThat(checks.read(one).pings()).isEqualTo(152);
        assertThat(checks.read(other).status()).isEqualTo(Status.UP);
    }

    /** As after a start of the server, and as of most of a million. */
    @Test
    void check_that_nobody_asked_about_yet_is_plain_if_it_reports_at_fixed_intervals() {
        var fixed = up(checks.daily("fixed"));
        assertThat(heard.known(uuid(fixed))).isEmpty();
        for (int n = 0; n < 3; n++) get("/ping/" + uuid(fixed));
        assertThat(heard.known(uuid(fixed))).as("nothing had to be read").isEmpty();
        assertThat(checks.pings(fixed)).extracting(TestChecks.Row::n).containsExactlyElementsOf(numbers(3));
        assertThatItIsDueAsItsScheduleSays(fixed);
    }

    /** Whatever a stranger turns out to be, it is heard, and so are those beside it. */
    @Test
    void strangers_of_every_kind_are_heard_together() throws Exception {
        var fixed = up(checks.daily("fixed"));
        var fresh = checks.daily("fresh");
        var posted = up(checks.daily("posted"));
        db.sql("update checks set post_only = true where id = :id")
                .param("id", posted.id())
                .update();
        var cron = up(checks.daily("cron"));
        db.sql("update checks set kind = 'cron', expression = '0 3 * * *' where id = :id")
                .param("id", cron.id())
                .update();
        var nobody = UUID.randomUUID();
        var all = List.of(uuid(fixed), uuid(fresh), uuid(posted), uuid(cron), nobody);
        try (var jobs = Executors.newVirtualThreadPerTaskExecutor()) {
            var pings = LongStream.range(0, 100)
                    .mapToObj(n -> (Callable<Integer>)
                            () -> http.get("/ping/" + all.get((int) n % 5)).status())
                    .toList();
            var answers = jobs.invokeAll(pings);
            for (int n = 0; n < 100; n++) assertThat(answers.get(n).get()).isEqualTo(n % 5 == 4 ? 404 : 200);
        }
        for (var check : List.of(fixed, fresh, posted, cron)) {
            assertThat(checks.pings(check)).extracting(TestChecks.Row::n).containsExactlyElementsOf(numbers(20));
        }
        assertThat(checks.read(fresh).status()).isEqualTo(Status.UP);
        assertThat(checks.pings(posted)).extracting(TestChecks.Row::kind).containsOnly("ign");
        for (var check : List.of(fixed, fresh, cron)) assertThatItIsDueAsItsScheduleSays(check);
    }

    /** Who has changed others already does not wait for it: their locks could be waited for. */
    @Test
    void stranger_that_is_locked_makes_its_batch_go_the_long_way() throws Exception {
        var fixed = up(checks.daily("fixed"));
        var fresh = checks.daily("fresh");
        try (var jobs = Executors.newVirtualThreadPerTaskExecutor()) {
            var answers = new ArrayList<Future<Integer>>();
            transaction.executeWithoutResult(_ -> {
                heard.lockByUuid(List.of(uuid(fresh)));
                for (var check : List.of(fixed, fresh, fixed, fresh)) {
                    answers.add(
                            jobs.submit(() -> http.get("/ping/" + uuid(check)).status()));
                }
            });
            for (var answer : answers) assertThat(answer.get()).isEqualTo(200);
        }
        assertThat(checks.pings(fixed)).hasSize(2);
        assertThat(checks.pings(fresh)).hasSize(2);
    }

    /** A job is plain again, and its pings go the quick way, once nothing more is demanded of its runs. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"start_by\":\"PT1M\"",
                "\"max_runtime\":\"PT1M\"",
                "\"min_runtime\":\"PT1M\"",
                "\"expects\":{\"rows\":{\"min\":1}}",
                "\"expects\":{\"bytes\":{\"max\":1}}"
            })
    void success_of_a_job_with_bounds_is_never_plain(String bound) {
        declare("");
        var check = repository.byJobId("default", "job").orElseThrow();
        for (int n = 0; n < 2; n++) get("/ping/" + uuid(check));
        assertThat(isPlain(check)).as("without bounds").isTrue();
        declare("," + bound);
        for (int n = 0; n < 3; n++) get("/ping/" + uuid(check));
        assertThat(isPlain(check)).isFalse();
        assertThat(checks.read(check).status()).isEqualTo(bound.contains("expects") ? Status.DOWN : Status.UP);
        declare(",\"failures_before_alert\":2");
        for (int n = 0; n < 2; n++) get("/ping/" + uuid(check));
        assertThat(isPlain(check)).as("one failure is not told").isTrue();
        assertThat(checks.pings(check)).hasSize(7);
    }

    private void declare(String more) {
        var answer = http.put("/api/v1/jobs/job", "{\"name\":\"Job\",\"every\":\"PT1H\"" + more + "}");
        assertThat(answer.status()).as(answer.body()).isLessThan(300);
    }

    private boolean isPlain(Check check) {
        return PlainPings.isPlain(TestChecks.success(check, time.now()), heard);
    }

    private String dueAt(Check check) {
        return db.sql("select coalesce(due_at, 'infinity') from checks where id = :id")
                .param("id", check.id())
                .query(String.class)
                .single();
    }

    private void assertThatItIsDueAsItsScheduleSays(Check check) {
        var due = db.sql("select due_at from checks where id = :id")
                .param("id", check.id())
                .query(OffsetDateTime.class)
                .single();
        assertThat(due.toInstant()).isEqualTo(checks.read(check).expectedAt().orElseThrow());
    }

    /** Since before this server was started. */
    private Check up(Check check) {
        db.sql("""
                update checks
                   set status = 'up', last_ping = :now, last_success = :now, armed_at = :now + interval '1 hour'
                 where id = :id
                """)
                .param("now", time.now().atOffset(ZoneOffset.UTC))
                .param("id", check.id())
                .update();
        return check;
    }

    private static List<Long> numbers(long last) {
        return LongStream.rangeClosed(1, last).boxed().toList();
    }

    private void both(Check quick, Check slow, String what, String body) {
        var first = http.post("/api/v3/checks/" + uuid(quick) + what, body);
        var second = http.post("/api/v3/checks/" + uuid(slow) + what, body);
        assertThat(first.status()).isEqualTo(second.status());
    }

    private void ping(Check quick, Check slow, String what) {
        get("/ping/" + uuid(quick) + what);
        get("/ping/" + checks.pingKey() + "/slow" + what);
    }

    private void get(String path) {
        assertThat(http.get(path).status()).isEqualTo(200);
    }

    private static UUID uuid(Check check) {
        return check.uuid().value();
    }
}
