package io.muster.server.heartbeat;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.server.deadline.PassingTime;
import io.muster.server.testing.Http;
import io.muster.server.testing.Proves;
import io.muster.server.testing.ServerTest;
import io.muster.server.testing.TestClock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

@ServerTest
@Import(TestChecks.class)
class CheckDeadlineTest {

    @Autowired
    TestChecks checks;

    @Autowired
    Checks api;

    @Autowired
    DeletedChecks deleted;

    @Autowired
    PassingTime time;

    @Autowired
    Http http;

    @Autowired
    JdbcClient db;

    @Autowired
    CheckDeadline deadline;

    @Autowired
    PlatformTransactionManager transactions;

    @Test
    @Proves("M10")
    void silence_turns_a_check_down_at_its_deadline_once_however_late_it_is_noticed() {
        var check = hourly();
        ping(check, "");
        time.passes(ofMinutes(69));
        assertThat(checks.read(check).status()).isEqualTo(Status.UP);
        assertThat(checks.read(check).at(time.now())).isEqualTo(CheckStatus.GRACE);
        time.passes(ofMinutes(30));
        time.passes(ofHours(5));
        assertThat(checks.flipRows(check)).hasSize(2).first().satisfies(flip -> {
            assertThat(flip.reason()).isEqualTo("timeout");
            assertThat(flip.at()).isEqualTo(TestClock.THREE_AM.plus(ofMinutes(70)));
            assertThat(flip.recordedAt()).isEqualTo(TestClock.THREE_AM.plus(ofMinutes(99)));
        });
        assertThat(deadline(check)).isEmpty();
        assertThat(recorded()).containsExactly("check.up /jobs/hourly", "check.down /jobs/hourly");
    }

    @Test
    void pings_in_time_leave_the_stored_deadline_which_rings_early_and_is_set_again() {
        var check = hourly();
        ping(check, "");
        var first = deadline(check);
        assertThat(first).containsExactly(TestClock.THREE_AM.plus(ofMinutes(70)));
        time.passes(ofMinutes(60));
        ping(check, "");
        assertThat(deadline(check)).isEqualTo(first);
        time.passes(ofMinutes(10));
        assertThat(checks.read(check).status()).isEqualTo(Status.UP);
        assertThat(deadline(check)).containsExactly(TestClock.THREE_AM.plus(ofMinutes(130)));
        assertThat(checks.read(check).state().armedAt()).isEqualTo(TestClock.THREE_AM.plus(ofMinutes(130)));
    }

    @Test
    @Proves({"M1", "M2"})
    void run_that_does_not_end_turns_new_and_paused_checks_down() {
        var fresh = hourly();
        ping(fresh, "/start");
        time.passes(ofSeconds(601));
        assertThat(checks.flips(fresh)).containsExactly("new>down timeout");
        assertThat(checks.flipRows(fresh).getFirst().at()).isEqualTo(TestClock.THREE_AM.plus(ofMinutes(10)));
        var paused = checks.daily("paused");
        api.pause("default", "paused");
        ping(paused, "/start");
        time.passes(ofMinutes(61));
        assertThat(checks.flips(paused)).containsExactly("paused>down timeout", "new>paused paused");
        assertThat(checks.read(paused).isStarted()).isTrue();
    }

    @Test
    @Proves("M3")
    void start_of_a_check_that_is_down_arms_nothing() {
        var check = hourly();
        ping(check, "/fail");
        ping(check, "/start");
        assertThat(checks.read(check).downAt()).isEmpty();
        assertThat(deadline(check)).isEmpty();
    }

    @Test
    void start_brings_the_deadline_forward_and_the_end_of_the_run_moves_it_back() {
        var check = hourly();
        ping(check, "");
        ping(check, "/start");
        assertThat(deadline(check)).containsExactly(TestClock.THREE_AM.plus(ofMinutes(10)));
        time.passes(ofMinutes(5));
        ping(check, "");
        time.passes(ofMinutes(6));
        assertThat(checks.read(check).status()).isEqualTo(Status.UP);
        assertThat(checks.read(check).lastDuration()).isEqualTo(ofMinutes(5));
        time.passes(ofMinutes(64));
        assertThat(checks.read(check).status()).isEqualTo(Status.DOWN);
    }

    @Test
    @Proves({"M12", "M13"})
    void pause_forgets_the_run_and_happens_once_and_resume_begins_anew() {
        var check = hourly();
        ping(check, "");
        ping(check, "/start");
        api.pause("default", "hourly");
        api.pause("default", "hourly");
        assertThat(checks.read(check).isStarted()).isFalse();
        assertThat(checks.read(check).downAt()).isEmpty();
        time.passes(ofHours(10));
        api.resume("default", "hourly");
        assertThat(checks.flips(check)).containsExactly("paused>new resumed", "up>paused paused", "new>up success");
        assertThat(alerts()).isEmpty();
        assertThat(checks.read(check).lastPing()).isNull();
        time.passes(ofHours(10));
        assertThat(checks.read(check).status()).isEqualTo(Status.NEW);
    }

    @Test
    void ping_brings_a_paused_check_up_unless_it_waits_for_a_hand() {
        var any = checks.daily("any");
        var manual = checks.with("manual", TestChecks.flags(true, false));
        for (var check : List.of(any, manual)) {
            api.pause("default", check.jobId());
            ping(check, "/fail");
        }
        assertThat(checks.read(any).status()).isEqualTo(Status.DOWN);
        assertThat(checks.read(manual).status()).isEqualTo(Status.PAUSED);
        assertThat(checks.pings(manual)).extracting(TestChecks.Row::kind).containsExactly("ign");
    }

    @Test
    @Proves("M16")
    void failure_of_a_check_that_is_down_is_no_news() {
        var check = hourly();
        ping(check, "/fail");
        ping(check, "/1");
        assertThat(checks.flips(check)).containsExactly("new>down fail");
        assertThat(checks.read(check).pings()).isEqualTo(2);
    }

    @Test
    void deleted_check_takes_along_in_time_and_in_batches_what_was_heard_of_it() {
        var check = hourly();
        ping(check, "");
        db.sql("insert into judged_run select :check, n, 'too_short', '' from generate_series(1, :runs) as n")
                .param("check", check.id())
                .param("runs", DeletedChecks.BATCH + 1)
                .update();
        api.delete("default", List.of("hourly"));
        assertThat(http.get("/ping/" + check.uuid().value()).status()).isEqualTo(404);
        assertThat(heardOf(check)).isEqualTo(1 + DeletedChecks.BATCH + 1 + 1);
        var id = Long.toString(check.id());
        assertThat(deleted.wake(List.of(id), time.now())).containsOnlyKeys(id);
        assertThat(heardOf(check)).isEqualTo(2);
        time.passes(ofSeconds(1));
        assertThat(heardOf(check)).isZero();
        time.passes(ofHours(3));
    }

    private long heardOf(Check check) {
        return db.sql("""
                select (select count(*) from ping where check_id = :check)
                     + (select count(*) from judged_run where check_id = :check)
                     + (select count(*) from flip where check_id = :check)
                """).param("check", check.id()).query(Long.class).single();
    }

    @Test
    void ordinary_ping_writes_two_rows_and_touches_no_index_of_checks() {
        var check = hourly();
        ping(check, "");
        var before = written();
        ping(check, "");
        var after = written();
        assertThat(after - before).isZero();
    }

    @Test
    @Proves("M11")
    void only_what_goes_down_or_comes_back_from_there_is_news() {
        http.put("/api/v1/alert-channels/ops", "{\"kind\":\"email\",\"to\":\"ops@acme.example\"}");
        var check = checks.with("hourly", is -> is.withChannels(List.of("ops")));
        ping(check, "");
        api.pause("default", "hourly");
        ping(check, "");
        assertThat(checks.flips(check)).containsExactly("paused>up success", "up>paused paused", "new>up success");
        assertThat(alerts()).isEmpty();
        ping(check, "/fail");
        assertThat(alerts()).containsExactly("job.down");
        ping(check, "");
        assertThat(alerts()).containsExactly("job.down", "job.up");
    }

    private List<String> alerts() {
        return db.sql("select type from alert order by id").query(String.class).list();
    }

    @Test
    @Proves("M17")
    void ping_that_comes_while_silence_is_judged_waits_for_the_verdict_and_both_are_stored() throws Exception {
        var check = hourly();
        ping(check, "");
        time.clock().advance(ofMinutes(70));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var pinged = new AtomicReference<Future<?>>();
            new TransactionTemplate(transactions).executeWithoutResult(_ -> {
                deadline.wake(List.of(Long.toString(check.id())), time.now());
                pinged.set(threads.submit(() -> ping(check, "")));
                await().untilAsserted(() -> assertThat(waitingForLocks()).isPositive());
                assertThat(pinged.get().isDone()).isFalse();
            });
            pinged.get().get();
        }
        assertThat(checks.flips(check)).containsExactly("down>up success", "up>down timeout", "new>up success");
        assertThat(checks.read(check).pings()).isEqualTo(2);
        assertThat(checks.read(check).lastPing()).isEqualTo(time.now());
        time.passes(ofMinutes(70));
        assertThat(checks.read(check).status()).isEqualTo(Status.DOWN);
    }

    private long waitingForLocks() {
        return db.sql("select count(*) from pg_locks where not granted")
                .query(Long.class)
                .single();
    }

    /** Own events, flips and deadlines together. */
    private long written() {
        return db.sql("select (select count(*) from own_event) + (select count(*) from flip)"
                        + " + (select sum(extract(epoch from due_at))::bigint from deadline)")
                .query(Long.class)
                .single();
    }

    private Check hourly() {
        return checks.with("hourly", TestChecks.schedule(new Schedule.Every(ofHours(1)), ofMinutes(10)));
    }

    private void ping(Check check, String end) {
        assertThat(http.send(http.request("GET", "/ping/" + check.uuid().value() + end, null))
                        .status())
                .isEqualTo(200);
    }

    private List<Instant> deadline(Check check) {
        return db.sql("select due_at from deadline where kind = 'check' and key = :key")
                .param("key", Long.toString(check.id()))
                .query((row, n) ->
                        row.getObject(1, java.time.OffsetDateTime.class).toInstant())
                .list();
    }

    private List<String> recorded() {
        return db.sql("select action || ' ' || resource from own_event where action like 'check.%' order by id")
                .query(String.class)
                .list();
    }
}
