package io.muster.server.heartbeat;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.deadline.PassingTime;
import io.muster.server.testing.Http;
import io.muster.server.testing.ServerTest;
import io.muster.server.testing.TestClock;
import java.sql.SQLException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What Muster's own outages mean for jobs that it could not hear. A check here is down at 04:10. */
@ServerTest
@Import(TestChecks.class)
class HearingTest {

    @Autowired
    JdbcClient db;

    @Autowired
    TestChecks checks;

    @Autowired
    Hearing hearing;

    @Autowired
    PassingTime time;

    @Autowired
    Http http;

    @AfterEach
    void hearAgain() {
        hearing.beat();
    }

    private Check pinged() {
        var check = checks.with("hourly", TestChecks.schedule(new Schedule.Every(ofHours(1)), ofMinutes(10)));
        ping(check);
        hearing.beat();
        return check;
    }

    private void ping(Check check) {
        assertThat(http.get("/ping/" + check.uuid().value()).status()).isEqualTo(200);
    }

    private void refused() {
        hearing.refused(new DataAccessResourceFailureException("no room", new SQLException("no room", "53100")));
    }

    /** Time passes while a server says every few seconds that pings can be stored. */
    private void heard(Duration length) {
        time.clock().advance(length);
        saidSo();
        time.passes(Duration.ZERO);
    }

    private void saidSo() {
        db.sql("update hearing set until = :now")
                .param("now", time.now().atOffset(ZoneOffset.UTC))
                .update();
    }

    @Test
    void while_pings_are_refused_nobody_is_silent_and_then_has_the_grace_that_was_lost() {
        var check = pinged();
        heard(ofMinutes(64)); // 04:04
        refused();
        heard(ofMinutes(30)); // 04:34
        assertThat(checks.flips(check)).containsExactly("new>up success");
        assertThat(http.get("/actuator/health/hearing").body()).contains("DOWN", "pings are refused since");
        hearing.beat();
        assertThat(http.get("/actuator/health/hearing").body()).contains("UP");
        assertThat(http.get("/api/v1/outages").body())
                .contains("\"kind\":\"disk-full\"", "2026-03-01T04:04:00", "2026-03-01T04:34:00");
        heard(ofSeconds(5));
        assertThat(checks.read(check).at(time.now())).isEqualTo(CheckStatus.GRACE);
        heard(ofMinutes(5).plusSeconds(54)); // 04:39:59
        assertThat(checks.read(check).at(time.now())).isEqualTo(CheckStatus.GRACE);
        assertThat(checks.flips(check)).containsExactly("new>up success");
        heard(ofSeconds(1));
        assertThat(checks.flips(check)).containsExactly("up>down timeout", "new>up success");
    }

    @Test
    void run_that_may_have_ended_while_pings_were_refused_has_that_time_again() {
        var uuid = declared("\"max_runtime\":\"PT30M\"");
        http.get("/ping/" + uuid + "/start");
        heard(ofMinutes(25)); // 03:25
        refused();
        heard(ofMinutes(20)); // 03:45
        hearing.beat();
        heard(ofMinutes(4)); // 03:49
        assertThat(jobsFlips()).isEmpty();
        heard(ofMinutes(1));
        assertThat(jobsFlips()).containsExactly("2026-03-01T03:30:00.000Z new>down runs longer than 30 min");
    }

    @Test
    void of_failures_in_a_row_all_that_was_expected_while_muster_was_away_is_one() {
        var uuid = declared("\"failures_before_alert\":3");
        http.get("/ping/" + uuid);
        hearing.beat();
        time.passes(ofHours(10)); // 13:00
        hearing.beat();
        for (int i = 0; i < 12; i++) heard(ofMinutes(5)); // 14:00
        assertThat(jobsFlips()).first().isEqualTo("2026-03-01T04:10:00.000Z up>down null");
        assertThat(alerts()).isZero();
        for (int i = 0; i < 24; i++) heard(ofMinutes(5)); // 16:00
        assertThat(alerts()).isEqualTo(1);
    }

    private String declared(String more) {
        return http.put("/api/v1/jobs/job", "{\"name\":\"Job\",\"every\":\"PT1H\",\"grace\":\"PT10M\"," + more + "}")
                .json()
                .get("uuid")
                .asString();
    }

    private List<String> jobsFlips() {
        var flips = new ArrayList<String>();
        http.get("/api/v1/jobs/job/flips")
                .json()
                .get("items")
                .forEach(flip -> flips.add("%s %s>%s %s"
                        .formatted(
                                flip.get("at").asString(),
                                flip.get("from").asString(),
                                flip.get("to").asString(),
                                flip.get("why").isNull()
                                        ? null
                                        : flip.get("why").asString())));
        return flips;
    }

    private long alerts() {
        return db.sql("select count(*) from alert").query(Long.class).single();
    }

    @Test
    void pings_of_the_rehearsal_are_not_stored() {
        refused();
        hearing.beat();
        assertThat(db.sql("select count(*) from ping").query(Long.class).single())
                .isZero();
    }

    @Test
    void silence_while_no_server_ran_is_judged_when_the_job_had_its_grace_and_the_record_says_why() {
        var check = pinged();
        time.passes(ofMinutes(125)); // 05:05: nobody has said meanwhile that pings can be stored
        assertThat(checks.flips(check)).containsExactly("new>up success");
        hearing.beat();
        heard(ofSeconds(5));
        assertThat(checks.flips(check)).containsExactly("new>up success");
        assertThat(checks.read(check).downAt()).contains(TestClock.THREE_AM.plus(ofMinutes(135)));
        assertThat(http.get("/checks/hourly").body())
                .contains("Muster stood still from 03:00:00 to 05:05:00 UTC, so its grace runs until 05:15:00 UTC.");
        heard(ofMinutes(20));
        assertThat(checks.flipRows(check).getFirst()).satisfies(flip -> {
            assertThat(flip.reason()).isEqualTo("timeout");
            assertThat(flip.at()).isEqualTo(TestClock.THREE_AM.plus(ofMinutes(70)));
            assertThat(flip.recordedAt())
                    .isEqualTo(TestClock.THREE_AM.plus(ofMinutes(145)).plusSeconds(5));
        });
        assertThat(http.get("/checks/hourly").body())
                .contains("Noticed 1 h 15 min after it was due: Muster stood still from 03:00:00 to 05:05:00 UTC.")
                .contains("it did not report in time; noticed at 05:25:05 UTC, for Muster stood still from");
        assertThat(db.sql("select cause from alert where type = 'job.down'")
                        .query(String.class)
                        .list())
                .containsExactly("hourly did not report in time"
                        + " (noticed 1 h 15 min late: Muster stood still from 03:00:00 to 05:05:00 UTC)");
        var flips = http.get("/api/v1/jobs/hourly/flips").json().get("items");
        assertThat(flips.get(0).get("outage").toString())
                .isEqualTo("{\"kind\":\"standstill\",\"began_at\":\"2026-03-01T03:00:00.000Z\","
                        + "\"ended_at\":\"2026-03-01T05:05:00.000Z\"}");
        assertThat(flips.get(1).get("outage").isNull()).isTrue();
    }

    @Test
    void job_that_reports_in_the_grace_that_it_has_again_was_never_down() {
        var check = pinged();
        time.passes(ofMinutes(125));
        hearing.beat();
        heard(ofSeconds(5));
        ping(check);
        heard(ofMinutes(20));
        assertThat(checks.flips(check)).containsExactly("new>up success");
    }

    @Test
    void what_was_due_before_an_outage_is_told_as_soon_as_it_is_over() {
        var check = pinged();
        time.clock().advance(ofMinutes(71)); // 04:11, and the server dies
        saidSo();
        time.passes(ofMinutes(60));
        hearing.beat();
        heard(ofSeconds(5));
        assertThat(checks.flips(check)).containsExactly("up>down timeout", "new>up success");
    }
}
