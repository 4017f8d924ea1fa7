package io.muster.server.heartbeat;

import static java.time.Duration.ofDays;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.server.deadline.Deadlines;
import io.muster.server.deadline.PassingTime;
import io.muster.server.testing.Http;
import io.muster.server.testing.ServerTest;
import io.muster.server.testing.TestClock;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

@ServerTest
@Import(TestChecks.class)
class RetentionTest {

    private static final Duration KEPT = ofDays(400);

    @Autowired
    TestChecks checks;

    @Autowired
    PassingTime time;

    @Autowired
    Http http;

    @Autowired
    JdbcClient db;

    @Autowired
    Deadlines deadlines;

    @Autowired
    TransactionTemplate transaction;

    @Test
    void pings_that_were_kept_long_enough_go_but_the_newest_hundred_stay_and_the_count_goes_on() {
        var check = heard("copy", 250);
        db.sql("insert into judged_run select :check, n, 'too_short', '' from generate_series(140, 160) as n")
                .param("check", check.id())
                .update();
        time.passes(KEPT.minusSeconds(1));
        assertThat(checks.pings(check)).hasSize(250);
        time.passes(ofSeconds(1));
        time.passes(ofDays(1));
        assertThat(checks.pings(check))
                .hasSize(100)
                .first()
                .satisfies(ping -> assertThat(ping.n()).isEqualTo(151));
        assertThat(db.sql("select min(n) from judged_run").query(Long.class).single())
                .isEqualTo(151);
        var uuid = check.uuid().value();
        assertThat(http.get("/api/v3/checks/" + uuid + "/pings/150/body").status())
                .isEqualTo(404);
        assertThat(http.get("/api/v3/checks/" + uuid + "/pings/151/body").body())
                .isEqualTo("body 151");
        assertThat(http.get("/api/v3/checks/" + uuid).json().path("n_pings").asInt())
                .isEqualTo(250);
        ping(check);
        assertThat(checks.pings(check).getLast().n()).isEqualTo(251);
        assertThat(http.get("/checks/copy?ping=1").status()).isEqualTo(200);
        assertThat(http.get("/checks/copy?before=151").status()).isEqualTo(200);
    }

    @Test
    void what_is_younger_stays_and_is_looked_at_when_it_expires() {
        var check = heard("copy", 150);
        time.passes(ofDays(200));
        add(check, 151, 300);
        time.passes(ofDays(201));
        assertThat(checks.pings(check))
                .hasSize(150)
                .first()
                .satisfies(ping -> assertThat(ping.n()).isEqualTo(151));
        assertThat(deadline()).containsExactly(at(ofDays(600)));
        time.passes(ofDays(200));
        assertThat(checks.pings(check)).hasSize(100);
    }

    @Test
    void much_goes_in_batches_each_its_own_transaction() {
        var check = heard("copy", 2 * Retention.BATCH + 500);
        time.passes(KEPT.plusDays(1));
        assertThat(checks.pings(check)).hasSize(100);
        assertThat(db.sql("select count(distinct check_id) from ping")
                        .query(Long.class)
                        .single())
                .isEqualTo(1);
    }

    @Test
    void check_that_reports_seldom_is_asked_seldom() {
        heard("copy", 20);
        time.passes(KEPT);
        assertThat(deadline()).containsExactly(at(KEPT.plusDays(30)));
    }

    @Test
    void old_flips_go_too_but_the_newest_hundred_stay() {
        var check = heard("copy", 1);
        db.sql("""
                insert into flip (check_id, at, recorded_at, from_status, to_status, reason)
                select :check, :begun, :begun, 'up', 'down', 'fail' from generate_series(1, 300)
                """)
                .param("check", check.id())
                .param("begun", time.now().atOffset(ZoneOffset.UTC))
                .update();
        time.passes(KEPT.plusDays(1));
        assertThat(db.sql("select count(*) from flip where check_id = :check")
                        .param("check", check.id())
                        .query(Long.class)
                        .single())
                .isEqualTo(100);
        assertThat(checks.flips(check).getFirst()).isEqualTo("up>down timeout");
    }

    @Test
    void shorter_retention_counts_from_the_next_start_on() {
        heard("copy", 150);
        retention(KEPT).adopt();
        assertThat(deadline()).containsExactly(at(KEPT));
        time.passes(ofDays(40));
        var shorter = retention(ofDays(30));
        transaction.executeWithoutResult(_ -> shorter.adopt());
        assertThat(deadline()).containsExactly(at(ofDays(40)));
        transaction.executeWithoutResult(_ -> shorter.wake(List.of(key()), time.now()));
        assertThat(db.sql("select count(*) from ping").query(Long.class).single())
                .isEqualTo(100);
        assertThatThrownBy(() -> properties(Duration.ofHours(23))).hasMessageContaining("P1D to P36500D");
    }

    /** Makes a check that heard so many pings at once, each with a body. */
    private Check heard(String slug, int pings) {
        var check = checks.daily(slug);
        ping(check);
        add(check, 2, pings);
        return check;
    }

    private void add(Check check, int from, int to) {
        db.sql("""
                insert into ping (check_id, n, at, kind, scheme, method, user_agent, body)
                select :check, n, :at, 'log', 'http', 'GET', '', convert_to('body ' || n, 'UTF8')
                  from generate_series(:from, :to) as n
                """)
                .param("check", check.id())
                .param("at", time.now().atOffset(ZoneOffset.UTC))
                .param("from", from)
                .param("to", to)
                .update();
        db.sql("update checks set pings = :to where id = :check")
                .param("to", to)
                .param("check", check.id())
                .update();
    }

    private void ping(Check check) {
        assertThat(http.send(http.request("GET", "/ping/" + check.uuid().value(), null))
                        .status())
                .isEqualTo(200);
    }

    private Retention retention(Duration kept) {
        return new Retention(db, deadlines, time.clock(), properties(kept));
    }

    private static PingProperties properties(Duration kept) {
        return new PingProperties("10000", 4096, 512, 2, Duration.ofMillis(1500), false, 0, kept);
    }

    private String key() {
        return db.sql("select key from deadline where kind = 'retention'")
                .query(String.class)
                .single();
    }

    private List<OffsetDateTime> deadline() {
        return db.sql("select due_at from deadline where kind = 'retention'")
                .query((row, n) -> row.getObject(1, OffsetDateTime.class).withOffsetSameInstant(ZoneOffset.UTC))
                .list();
    }

    private static OffsetDateTime at(Duration later) {
        return TestClock.THREE_AM.plus(later).atOffset(ZoneOffset.UTC);
    }
}
