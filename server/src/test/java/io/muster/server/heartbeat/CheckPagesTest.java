package io.muster.server.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.testing.Http;
import io.muster.server.testing.Looks;
import io.muster.server.testing.ServerTest;
import io.muster.server.testing.TestClock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

@ServerTest
class CheckPagesTest {
    @Autowired
    Http http;

    @Autowired
    Checks checks;

    @Autowired
    JdbcClient db;

    @Autowired
    TestClock clock;

    @Test
    void the_worst_check_stands_first_and_the_answer_counts_them() {
        reporting("fine", "Fine", 40);
        reporting("late", "Late", 62);
        reporting("silent", "Silent", 200);
        checks.declare("default", "unborn", TestChecks.hourly("Unborn"));
        var page = http.get("/checks");
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.body()).contains("No. 1 of 3 active checks reported on time, 1 down, 1 late.");
        assertThat(page.body().indexOf("/checks/silent"))
                .isPositive()
                .isLessThan(page.body().indexOf("/checks/late"));
        assertThat(page.body().indexOf("/checks/late")).isLessThan(page.body().indexOf("/checks/fine"));
        assertThat(page.body().indexOf("/checks/fine")).isLessThan(page.body().indexOf("/checks/unborn"));
    }

    @Test
    void a_list_can_be_narrowed_and_paged() {
        for (var i = 0; i < 30; i++) checks.declare("default", "job-%02d".formatted(i), TestChecks.hourly("Job " + i));
        var first = http.get("/checks").body();
        assertThat(first)
                .contains("1 to 25 of 30, worst first")
                .contains("job-24")
                .doesNotContain("job-25");
        var next = first.replaceFirst("(?s).*href=\"(/checks\\?[^\"]*cursor=[^\"]*)\".*", "$1")
                .replace("&amp;", "&");
        assertThat(http.get(next).body()).contains("job-25").contains("job-29").doesNotContain("job-24");
        assertThat(http.get("/checks?q=job-07").body()).contains("Job 7").doesNotContain("Job 8");
        assertThat(http.get("/checks?state=down").body()).contains("No check matches");
        assertThat(http.get("/checks?kind=cron").body()).contains("No check matches");
        assertThat(http.get("/checks?kind=every&sort=name&q=eu").body())
                .contains("25 shown, by name")
                .contains("job-00");
        assertThat(http.get("/checks?tag=eu").body()).contains("job-00");
        assertThat(http.get("/checks?tag=us").body()).contains("No check matches");
        assertThat(http.get("/checks?exposed=yes").body()).contains("No check matches");
        assertThat(http.get("/checks?cursor=bad").status()).isEqualTo(400);
    }

    @Test
    void a_check_is_paused_and_resumed_on_its_page() {
        reporting("fine", "Fine", 40);
        assertThat(http.send("POST", "/checks/fine/pause", null).status()).isEqualTo(302);
        assertThat(checks.find("default", "fine").orElseThrow().status()).isEqualTo(Status.PAUSED);
        assertThat(http.get("/checks/fine").body()).contains("/checks/fine/resume");
        assertThat(http.send("POST", "/checks/fine/resume", null).status()).isEqualTo(302);
        assertThat(checks.find("default", "fine").orElseThrow().status()).isEqualTo(Status.NEW);
    }

    @Test
    void a_check_that_is_not_there_is_not_found() {
        assertThat(http.get("/checks/nobody").status()).isEqualTo(404);
    }

    @Test
    void what_a_job_sends_is_shown_as_text() {
        var check = reporting("fine", "Fine", 40);
        ping(check, 99, "fail", clock.instant().minusSeconds(60), "<script>alert(1)</script>", 3);
        assertThat(http.get("/checks/fine").body())
                .contains("&lt;script&gt;alert(1)&lt;/script&gt;")
                .contains("Failed, exit 3")
                .doesNotContain("<script>alert");
    }

    @Test
    @Tag("browser")
    void the_pages_look_right() {
        reporting("eu-intake-sweep", "EU intake sweep", 20);
        reporting("late", "AU archive sync", 62);
        reporting("silent", "JP imaging repatriation", 200);
        checks.declare("default", "unborn", TestChecks.hourly("IN KYC documents"));
        var failed = reporting("uk-ledger-split", "UK ledger split", 14);
        ping(failed, 99, "fail", clock.instant().minusSeconds(60), "14:31:08 ERROR connection refused\nexit 2", 2);
        db.sql(
                        "update checks set status = 'down', last_report_failed = true, last_ping = :at, status_since = :at where id = :id")
                .param("at", clock.instant().minusSeconds(60).atOffset(ZoneOffset.UTC))
                .param("id", failed.id())
                .update();
        var judged = reporting("us-claims", "US claims", 2);
        db.sql("delete from ping where check_id = :check and n in (38, 40)")
                .param("check", judged.id())
                .update();
        ping(judged, 38, "fail", clock.instant().minusSeconds(3_720), null, null);
        ping(judged, 40, "fail", clock.instant().minusSeconds(120), null, null);
        ping(judged, 41, "start", clock.instant().minusSeconds(30), null, null);
        db.sql("insert into open_run (check_id, n, rid, started_at) values (:check, 41, :rid, :at)")
                .param("check", judged.id())
                .param("rid", new UUID(0, 21))
                .param("at", clock.instant().minusSeconds(30).atOffset(ZoneOffset.UTC))
                .update();
        db.sql("""
                insert into judged_run (check_id, n, problem, why, rows, bytes)
                values (:check, 40, 'too_short', 'ended after 31 s, at least 50 s expected', null, null),
                       (:check, 38, 'unexpected', 'copied 8,812 rows, at most 100 expected', 8812, 1000000)
                """).param("check", judged.id()).update();
        db.sql("update checks set max_runtime_seconds = 60, min_runtime_seconds = 50, rows_max = 100 where id = :check")
                .param("check", judged.id())
                .update();
        try (var looks = new Looks(http)) {
            assertThat(looks.findings("/checks")).isEmpty();
            assertThat(looks.findings("/checks/uk-ledger-split")).isEmpty();
            assertThat(looks.findings(
                            "/checks/us-claims",
                            page -> assertThat(
                                            page.locator("section:has(#h-each)").textContent())
                                    .contains("Running", "Ended after 31 s", "8,812", "1.0 MB")))
                    .isEmpty();
            assertThat(looks.findings("/checks/us-claims?runs=21")).isEmpty();
            assertThat(looks.findings("/checks/unborn")).isEmpty();
        }
    }

    /** An hourly job that reported each hour, the last time {@code minutesAgo}. */
    private Check reporting(String slug, String name, int minutesAgo) {
        var check = checks.declare("default", slug, TestChecks.hourly(name));
        var last = clock.instant().minusSeconds(60L * minutesAgo);
        for (var i = 0; i < 20; i++) {
            var end = last.minusSeconds(3600L * (19 - i));
            ping(check, 2 * i + 1, "start", end.minusSeconds(50 + i), null, null);
            ping(check, 2 * i + 2, "success", end, "copied 8,812 rows", null);
        }
        db.sql("""
                update checks
                   set status = 'up', status_since = :since, last_ping = :last, last_success = :last, pings = 40, due_at = cast(:last as timestamptz) + interval '1 hour'
                 where id = :id
                """)
                .param("since", last.minusSeconds(72_000).atOffset(ZoneOffset.UTC))
                .param("last", last.atOffset(ZoneOffset.UTC))
                .param("id", check.id())
                .update();
        return check;
    }

    private void ping(Check check, long n, String kind, Instant at, @Nullable String body, @Nullable Integer exit) {
        db.sql("""
                insert into ping (check_id, n, at, kind, scheme, method, user_agent, remote_addr, rid, exit_status, body)
                values (:check, :n, :at, :kind, 'https', 'POST', 'curl/8.11', '10.24.3.9', :rid, :exit, :body)
                """)
                .param("check", check.id())
                .param("n", n)
                .param("at", at.atOffset(ZoneOffset.UTC))
                .param("kind", kind)
                .param("rid", new UUID(0, (n + 1) / 2))
                .param("exit", exit, java.sql.Types.SMALLINT)
                .param(
                        "body",
                        body == null ? null : body.getBytes(java.nio.charset.StandardCharsets.UTF_8),
                        java.sql.Types.BINARY)
                .update();
    }
}
