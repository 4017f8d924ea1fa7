package io.muster.server.residency;

import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.embedded.TestPostgres;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import tools.jackson.databind.JsonNode;

/** Muster looks for itself, into a real database: a probe overrules what pings claim, in both directions. */
class ProbeApiTest extends Probing {
    private JdbcClient intake;
    private String job;

    @BeforeEach
    void declare() throws Exception {
        var database = TestPostgres.empty();
        intake = JdbcClient.create(
                new DriverManagerDataSource(database.url(), database.ownerUser(), database.ownerPassword()));
        intake.sql("create table users (tenant_id text, created_at timestamptz)")
                .update();
        secret("intake-user", database.ownerUser() + "\n");
        secret("intake-password", database.ownerPassword());
        ok(http.put("/api/v1/stores/intake-us", """
                {"region":"us-east-1","role":"intake","kind":"postgresql","url":"%s",
                 "user":"file:intake-user","password":"file:intake-password"}""".formatted(database.url().substring("jdbc:".length()))));
        ok(http.put(
                "/api/v1/stores/users-eu", "{\"region\":\"eu-west-1\",\"role\":\"primary\",\"kind\":\"postgresql\"}"));
        var answer = http.put("/api/v1/jobs/sweep", """
                {"name":"Users to EU","every":"PT10M","grace":"PT5M",
                 "replicates":{"from":"intake-us","to":"users-eu"}}""");
        ok(answer);
        job = answer.json().get("ping_url").asString();
        job = job.substring(job.indexOf("/ping/"));
    }

    @Test
    void rows_that_are_still_there_open_a_violation_although_the_job_claims_success() {
        row("acme", "2026-03-01T02:30:00Z");
        row("acme", "2026-03-01T02:50:00Z");
        probe();
        ping("");
        look();
        var exposure = only();
        assertThat(exposure.get("tenant").asString()).isEqualTo("acme");
        assertThat(exposure.get("state").asString()).isEqualTo("violation");
        assertThat(exposure.get("evidence").asString()).isEqualTo("measured");
        assertThat(exposure.get("rows").asLong()).isEqualTo(2);
        assertThat(exposure.get("violation_at").asString()).isEqualTo("2026-03-01T02:50:00.000Z");
        assertThat(exposure.get("aware_at").asString()).isEqualTo("2026-03-01T03:00:00.000Z");

        time.passes(ofSeconds(30));
        ping("");
        assertThat(open()).as("a ping alone closes nothing that was measured").hasSize(1);
        assertThat(http.post(
                                "/api/v1/exposures/" + exposure.get("id").asString() + "/close",
                                "{\"document\":\"d\",\"reason\":\"r\"}")
                        .status())
                .isEqualTo(409);

        intake.sql("delete from users").update();
        time.passes(ofSeconds(15));
        ping(""); // asks for a probe at once
        look();
        assertThat(open()).isEmpty();
        var closed = http.get("/api/v1/exposures").json().get("items").get(0);
        assertThat(closed.get("closed_by").get("kind").asString()).isEqualTo("probe");
        assertThat(closed.get("closed_by").get("id").asString()).isEqualTo("intake-rows");
    }

    @Test
    void tenant_that_a_probe_found_without_rows_is_not_at_risk_when_the_job_fails() {
        ping("");
        row("acme", "2026-03-01T03:00:30Z");
        time.passes(ofMinutes(1));
        probe();
        look();
        ping("/fail");
        time.passes(Duration.ZERO);
        assertThat(open()).hasSize(1);
        assertThat(only().get("tenant").asString()).isEqualTo("acme");
        assertThat(only().get("state").asString()).isEqualTo("at_risk");
    }

    @Test
    void probe_that_fails_proves_nothing_and_says_why() {
        probe();
        look();
        intake.sql("drop table users").update();
        var answer = http.post("/api/v1/probes/intake-rows/run", "").json();
        assertThat(answer.get("state").asString()).isEqualTo("failed");
        assertThat(answer.get("failure").asString()).contains("relation \"users\" does not exist");
        time.passes(ofMinutes(25));
        assertThat(open())
                .as("the watermark stays where the last good look put it")
                .hasSize(2);
    }

    @Test
    void run_answers_what_it_saw() {
        row("acme", "2026-03-01T02:59:00Z");
        probe();
        var answer = http.post("/api/v1/probes/intake-rows/run", "").json();
        assertThat(answer.get("state").asString()).isEqualTo("ok");
        assertThat(answer.get("rows").asLong()).isEqualTo(1);
        assertThat(answer.get("tenants").get(0).get("oldest").asString()).isEqualTo("2026-03-01T02:59:00.000Z");
    }

    @Test
    void more_than_a_hundred_thousand_rows_prove_nothing() {
        intake.sql("insert into users select 'tenant-' || i, now() from generate_series(1, 100001) as i")
                .update();
        probe();
        var answer = http.post("/api/v1/probes/intake-rows/run", "").json();
        assertThat(answer.get("state").asString()).isEqualTo("failed");
        assertThat(open()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select 'a', 1, null; commit; begin read write; drop table users",
                "select 'a', 1, null) as probe; commit; begin read write; drop table users; select * from (select 1",
                "select 'a', 1, null) as x(a,b,c), (select 1",
                "select 'a', 1, null) as x(a,b,c) limit 1 -- ",
                "select 'a', 1, null) as x(a,b,c) /* ",
                "select 'a', 1, null;",
                "select 'a', 1, $$ ) $x",
                ""
            })
    void hostile_text_is_refused(String sql) {
        var answer = http.put("/api/v1/probes/hostile", """
                {"store":"intake-us","sql":"%s","every":"PT1M"}""".formatted(sql));
        assertThat(answer.status()).as(answer.body()).isEqualTo(422);
        assertThat(http.get("/api/v1/probes/hostile").status()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "with gone as (delete from users returning 1) select 'a', count(*), null::timestamptz from gone",
                "select set_config('default_transaction_read_only', 'off', false), 1, null::timestamptz",
                "select set_config('transaction_read_only', 'off', false), 1, null::timestamptz",
                "select 'a', (select count(*) from pg_sleep(30)), null::timestamptz",
                "select tenant_id, 1, created_at from users for update"
            })
    void text_that_tries_to_write_or_to_stay_changes_nothing(String sql) {
        row("acme", "2026-03-01T02:59:00Z");
        ok(http.put("/api/v1/probes/hostile", """
                {"store":"intake-us","sql":"%s","every":"PT1M","timeout":"PT1S"}""".formatted(sql)));
        long begun = System.nanoTime();
        http.post("/api/v1/probes/hostile/run", "");
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(ofSeconds(20));
        assertThat(intake.sql("select count(*) from users").query(Long.class).single())
                .isEqualTo(1);
    }

    @Test
    void secret_that_is_not_there_is_told_without_its_value() {
        ok(http.put("/api/v1/stores/locked", """
                {"region":"us-east-1","role":"intake","kind":"postgresql","url":"postgresql://127.0.0.1:1/x",
                 "user":"env:MUSTER_SECRET_NOT_THERE","password":"file:none"}"""));
        ok(http.put("/api/v1/probes/locked", """
                {"store":"locked","sql":"select 'a', 1, null","every":"PT1M"}"""));
        var answer = http.post("/api/v1/probes/locked/run", "").json();
        assertThat(answer.get("failure").asString()).contains("MUSTER_SECRET_NOT_THERE");
    }

    // ---- words of these tests ----

    private void probe() {
        ok(http.put("/api/v1/probes/intake-rows", """
                {"store":"intake-us","every":"PT1M","timeout":"PT5S",
                 "sql":"select tenant_id, count(*), min(created_at) from users group by 1"}"""));
    }

    private void row(String tenant, String at) {
        intake.sql("insert into users values (:tenant, cast(:at as timestamptz))")
                .param("tenant", tenant)
                .param("at", Instant.parse(at).toString())
                .update();
    }

    private void ping(String action) {
        assertThat(http.send(http.request("GET", job + action, null)).body()).isEqualTo("OK");
    }

    private JsonNode only() {
        assertThat(open()).hasSize(1);
        return open().get(0);
    }
}
