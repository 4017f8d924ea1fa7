package io.muster.server.residency;

import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.deadline.PassingTime;
import io.muster.server.incident.channel.webhook.WebhookReceiver;
import io.muster.server.testing.Http;
import io.muster.server.testing.ServerTest;
import io.muster.server.testing.TestBackground;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** When people are told that a job is down, and what the cause was. */
@ServerTest
class JobAlertsTest {

    @Autowired
    Http http;

    @Autowired
    PassingTime time;

    @Autowired
    TestBackground background;

    @Autowired
    JdbcClient db;

    WebhookReceiver ops;

    @BeforeEach
    void a_channel_that_listens() {
        ops = new WebhookReceiver(time::now);
        put(
                "alert-channels/ops",
                "{\"kind\":\"webhook\",\"url\":\"%s\",\"secret\":\"%s\"}".formatted(ops.url(), WebhookReceiver.SECRET));
    }

    @AfterEach
    void stop() {
        ops.close();
        assertThat(ops.complaints).isEmpty();
    }

    // ---- the cause

    @Test
    void cause_of_a_failure_is_in_the_alert_and_in_the_answer() {
        job("copy", "");
        assertThat(get("copy").path("last_failure").isNull()).isTrue();
        ping("copy", "/2", "psql: error: FATAL:  password authentication failed for user \"copy\" hunter2");
        pass(ofSeconds(10));
        var data = ops.last().json().path("data");
        assertThat(data.path("cause").asString())
                .isEqualTo("copy ended with exit code 2: authentication (“password authentication failed”)");
        assertThat(data.path("what_to_do").asString()).startsWith("See whether the job's user and password");
        ping("copy", "", "fine");
        var failure = get("copy").path("last_failure");
        assertThat(failure.toString())
                .isEqualTo(
                        "{\"n\":1,\"at\":\"2026-03-01T03:00:00.000Z\",\"exit_status\":2,"
                                + "\"category\":\"authentication\",\"evidence\":\"password authentication failed\","
                                + "\"hint\":\"See whether the job's user and password, key or token are right and still valid.\"}");
        assertThat(http.get("/checks/copy?ping=1").body())
                .contains("Cause: authentication")
                .contains("password authentication failed</span>");
    }

    @Test
    void unknown_cause_is_not_invented() {
        job("copy", "");
        ping("copy", "/fail", "it did not work");
        pass(ofSeconds(10));
        assertThat(ops.last().json().path("data").path("cause").asString()).isEqualTo("copy reported a failure");
        var failure = get("copy").path("last_failure");
        assertThat(failure.path("category").asString()).isEqualTo("unknown");
        assertThat(failure.path("evidence").isNull()).isTrue();
        assertThat(failure.path("exit_status").isNull()).isTrue();
    }

    // ---- reminders

    @Test
    void job_that_stays_down_is_called_to_mind_every_day_until_it_is_well() {
        job("copy", "");
        fail("copy");
        pass(ofSeconds(10));
        pass(ofDays(1));
        pass(ofDays(1));
        assertThat(told()).containsExactly("job.down copy", "job.reminder copy", "job.reminder copy");
        succeed("copy");
        pass(ofMinutes(5));
        assertThat(told()).hasSize(4).endsWith("job.up copy");
        for (int day = 0; day < 3; day++) {
            succeed("copy");
            pass(ofDays(1));
        }
        assertThat(told()).hasSize(4);
    }

    @Test
    void nobody_is_reminded_of_what_was_paused_or_deleted() {
        job("paused", "");
        job("gone", "");
        fail("paused", "gone");
        pass(ofSeconds(10));
        ok(http.post("/api/v3/checks/" + uuid("paused") + "/pause", "{}"));
        ok(http.delete("/api/v1/jobs/gone"));
        for (int day = 0; day < 3; day++) pass(ofDays(1));
        assertThat(told()).containsExactlyInAnyOrder("job.down paused", "job.down gone");
        assertThat(db.sql("select count(*) from alert").query(Long.class).single())
                .isZero();
    }

    // ---- jobs that wait for others

    @Test
    void job_that_waits_for_one_that_is_down_is_not_told() {
        copyDependsOnDatabase();
        fail("database", "copy");
        pass(ofSeconds(10));
        assertThat(told()).containsExactly("job.down database");
        assertThat(get("copy").path("status").asString()).isEqualTo("down");
        assertThat(get("copy").path("held_back").toString())
                .isEqualTo("{\"because\":\"waits_for\",\"what\":\"database\",\"until\":null}");
        assertThat(http.get("/checks/copy").body()).contains("Not told: waits for database");
        assertThat(http.get("/api/v1/jobs/copy/flips")
                        .json()
                        .path("items")
                        .get(0)
                        .path("to")
                        .asString())
                .isEqualTo("down");
        pass(ofDays(1));
        assertThat(told()).containsExactly("job.down database", "job.reminder database");
        assertThat(events("alert.held_back")).containsExactly("/jobs/copy");
    }

    @Test
    void when_the_other_is_up_again_a_job_has_its_grace_to_follow_and_then_is_told() {
        copyDependsOnDatabase();
        fail("database");
        ping("copy", "/fail", "no space left on device");
        pass(ofMinutes(30));
        succeed("database");
        pass(ofSeconds(10));
        assertThat(told()).containsExactly("job.down database", "job.up database");
        assertThat(heldBack("copy")).isEqualTo("follows");
        pass(ofMinutes(59));
        assertThat(told()).hasSize(2);
        pass(ofMinutes(1));
        pass(ofSeconds(10));
        assertThat(told()).hasSize(3).endsWith("job.down copy");
        assertThat(ops.last().json().path("data").path("cause").asString()).contains("no space left on device");
        assertThat(ops.last().json().path("data").path("since").asString()).isEqualTo("2026-03-01T03:00:00.000Z");
        assertThat(get("copy").path("held_back").isNull()).isTrue();
        pass(ofDays(1));
        assertThat(told()).hasSize(4).endsWith("job.reminder copy");
    }

    @Test
    void job_that_follows_in_time_was_never_news() {
        copyDependsOnDatabase();
        fail("database", "copy");
        pass(ofMinutes(30));
        succeed("database");
        pass(ofMinutes(1));
        succeed("copy");
        pass(ofHours(2));
        assertThat(told()).containsExactly("job.down database", "job.up database");
        assertThat(db.sql("select count(*) from held_back").query(Long.class).single())
                .isZero();
    }

    @Test
    void waiting_reaches_through_others_and_whoever_was_down_first_in_ten_seconds_is_held_back_too() {
        job("network", "");
        job("database", "\"depends_on\":[\"network\"],");
        job("copy", "\"depends_on\":[\"database\"],");
        fail("copy");
        pass(ofSeconds(3));
        fail("network");
        pass(ofSeconds(7));
        pass(ofMinutes(10));
        assertThat(told()).containsExactly("job.down network");
        assertThat(get("copy").path("held_back").path("what").asString()).isEqualTo("network");
        ok(http.delete("/api/v3/checks/" + uuid("network")));
        pass(ofMinutes(1));
        assertThat(heldBack("copy")).isEqualTo("follows");
        pass(ofHours(1));
        pass(ofSeconds(10));
        assertThat(told()).hasSize(2).endsWith("job.down copy");
    }

    @Test
    void dependency_that_is_declared_or_taken_away_counts_from_then_on() {
        job("database", "");
        job("copy", "");
        fail("database", "copy");
        pass(ofSeconds(10));
        assertThat(told()).containsExactlyInAnyOrder("job.down copy", "job.down database");
        job("copy", "\"depends_on\":[\"database\"],");
        pass(ofDays(1));
        assertThat(told()).hasSize(3).endsWith("job.reminder database");
        job("copy", "");
        pass(ofHours(1));
        pass(ofHours(1));
        pass(ofSeconds(10));
        assertThat(told()).hasSize(4).endsWith("job.down copy");
    }

    @Test
    void job_that_nobody_is_told_of_holds_no_other_back() {
        job("database", "\"failures_before_alert\":3,");
        job("copy", "\"depends_on\":[\"database\"],");
        fail("database", "copy");
        pass(ofSeconds(10));
        assertThat(told()).containsExactly("job.down copy");
    }

    @Test
    void dependencies_that_cannot_be_are_refused_and_those_that_are_protect_the_other() {
        job("a", "");
        job("b", "\"depends_on\":[\"a\"],");
        refused(http.put("/api/v1/jobs/a", body("a", "\"depends_on\":[\"b\"],")), "depends_on");
        refused(http.put("/api/v1/jobs/a", body("a", "\"depends_on\":[\"a\"],")), "depends_on");
        refused(http.put("/api/v1/jobs/a", body("a", "\"depends_on\":[\"nobody\"],")), "depends_on");
        var many = new ArrayList<String>();
        for (int n = 0; n < 51; n++) {
            job("n" + n, "");
            many.add("\"n" + n + "\"");
        }
        refused(http.put("/api/v1/jobs/a", body("a", "\"depends_on\":" + many + ",")), "depends_on");
        assertThat(get("a").path("depends_on")).isEmpty();
        assertThat(get("a").path("version").asInt()).isEqualTo(1);
        assertThat(http.delete("/api/v1/jobs/a").status()).isEqualTo(409);
        job("b", "\"depends_on\":[\"a\"],");
        assertThat(get("b").path("version").asInt()).isEqualTo(1);
        var cycle = http.post("/api/v1/apply", """
                {"muster":"v1","jobs":[{"id":"x","name":"x","every":"PT1H","depends_on":["y"]},
                                       {"id":"y","name":"y","every":"PT1H","depends_on":["x"]}]}""");
        assertThat(cycle.status()).isEqualTo(422);
        assertThat(cycle.body()).contains("depends_on");
        ok(http.post("/api/v1/apply", """
                {"muster":"v1","jobs":[{"id":"x","name":"x","every":"PT1H","depends_on":["y"]},
                                       {"id":"y","name":"y","every":"PT1H"}]}"""));
        assertThat(get("x").path("depends_on").toString()).isEqualTo("[\"y\"]");
    }

    // ---- snooze

    @Test
    void snoozed_job_is_told_when_the_snooze_ends_and_it_is_still_down() {
        job("copy", "");
        var snooze = http.post("/api/v1/jobs/copy/snooze", "{\"for\":\"PT2H\",\"reason\":\"disk comes today\"}");
        ok(snooze);
        assertThat(snooze.json().path("until").asString()).isEqualTo("2026-03-01T05:00:00.000Z");
        fail("copy");
        pass(ofHours(1));
        assertThat(told()).isEmpty();
        assertThat(heldBack("copy")).isEqualTo("snooze");
        assertThat(get("copy").path("snooze").path("reason").asString()).isEqualTo("disk comes today");
        assertThat(get("copy").path("status").asString()).isEqualTo("down");
        assertThat(http.get("/checks/copy").body())
                .contains("Not told: snoozed by")
                .contains("disk comes today");
        pass(ofHours(1));
        pass(ofSeconds(10));
        assertThat(told()).containsExactly("job.down copy");
        assertThat(get("copy").path("snooze").isNull()).isTrue();
        assertThat(db.sql("select count(*) from snooze").query(Long.class).single())
                .isZero();
    }

    @Test
    void snooze_of_what_was_told_ends_reminders_but_not_the_good_news() {
        job("copy", "");
        fail("copy");
        pass(ofSeconds(10));
        ok(http.post("/api/v1/jobs/copy/snooze", "{\"for\":\"P3D\"}"));
        pass(ofDays(1));
        pass(ofDays(1));
        assertThat(told()).containsExactly("job.down copy");
        succeed("copy");
        pass(ofMinutes(5));
        assertThat(told()).containsExactly("job.down copy", "job.up copy");
        fail("copy");
        succeed("copy");
        pass(ofMinutes(5));
        assertThat(told()).as("down and up while snoozed").hasSize(2);
    }

    @Test
    void snooze_can_be_ended_and_replaced_and_has_bounds() {
        job("copy", "");
        ok(http.post("/api/v1/jobs/copy/snooze", "{\"for\":\"P30D\"}"));
        ok(http.post("/api/v1/jobs/copy/snooze", "{\"until\":\"2026-03-02T00:00:00Z\",\"reason\":\"x\"}"));
        fail("copy");
        pass(ofMinutes(1));
        assertThat(told()).isEmpty();
        assertThat(http.delete("/api/v1/jobs/copy/snooze").status()).isEqualTo(204);
        assertThat(http.delete("/api/v1/jobs/copy/snooze").status()).isEqualTo(204);
        pass(ofSeconds(10));
        assertThat(told()).containsExactly("job.down copy");
        assertThat(events("check.snoozed")).hasSize(2);
        assertThat(events("check.snooze_ended")).hasSize(1);
        for (var wrong : new String[] {
            "{}",
            "{\"for\":\"PT1H\",\"until\":\"2026-03-02T00:00:00Z\"}",
            "{\"for\":\"P31D\"}",
            "{\"for\":\"PT0S\"}",
            "{\"for\":\"-PT1H\"}",
            "{\"until\":\"2026-03-01T03:00:00Z\"}",
            "{\"until\":\"2027-03-01T03:00:00Z\"}",
            "{\"for\":\"PT1H\",\"reason\":\"" + "x".repeat(501) + "\"}",
            "{\"for\":\"PT1H\",\"raeson\":\"\"}"
        }) {
            assertThat(http.post("/api/v1/jobs/copy/snooze", wrong).status())
                    .as(wrong)
                    .isEqualTo(422);
        }
        assertThat(http.post("/api/v1/jobs/copy/snooze", "{").status()).isEqualTo(400);
        assertThat(http.post("/api/v1/jobs/nobody/snooze", "{\"for\":\"PT1H\"}").status())
                .isEqualTo(404);
        assertThat(http.delete("/api/v1/jobs/nobody/snooze").status()).isEqualTo(404);
        assertThat(get("copy").path("snooze").isNull()).isTrue();
    }

    // ---- maintenance windows

    @Test
    void window_that_recurs_holds_back_those_it_selects_and_tells_what_is_still_down_at_its_end() {
        job("patched", "\"tags\":[\"eu\"],");
        job("other", "");
        put("maintenance-windows/patches", """
                {"name":"Patches","jobs":{"tags":["eu"]},"oncalendar":"*-*-* 04:00","duration":"PT2H"}""");
        fail("patched", "other");
        pass(ofSeconds(10));
        assertThat(told()).containsExactlyInAnyOrder("job.down patched", "job.down other");
        succeed("patched");
        pass(ofMinutes(59).plusSeconds(50));
        var on = http.get("/api/v1/maintenance-windows/patches").json();
        assertThat(on.path("on").asBoolean()).isTrue();
        assertThat(on.path("next").path("ends_at").asString()).isEqualTo("2026-03-01T06:00:00.000Z");
        var before = told().size();
        fail("patched");
        pass(ofHours(1));
        assertThat(told()).hasSize(before);
        assertThat(get("patched").path("held_back").toString())
                .isEqualTo("{\"because\":\"maintenance\",\"what\":\"patches\",\"until\":\"2026-03-01T06:00:00.000Z\"}");
        pass(ofHours(1));
        pass(ofSeconds(10));
        assertThat(told()).hasSize(before + 1).endsWith("job.down patched");
        assertThat(http.get("/api/v1/maintenance-windows/patches")
                        .json()
                        .path("on")
                        .asBoolean())
                .isFalse();
    }

    @Test
    void window_stops_reminders_of_what_was_told_and_its_deletion_ends_that() {
        job("copy", "");
        fail("copy");
        pass(ofSeconds(10));
        put("maintenance-windows/move", """
                {"name":"Move","jobs":["copy"],"from":"2026-03-01T10:00:00Z","to":"2026-03-05T10:00:00Z"}""");
        pass(ofHours(8));
        pass(ofDays(1));
        pass(ofDays(1));
        assertThat(told()).containsExactly("job.down copy");
        assertThat(http.get("/checks/copy").body()).contains("Not told: maintenance window move");
        assertThat(http.delete("/api/v1/maintenance-windows/move").status()).isEqualTo(204);
        pass(ofSeconds(10));
        pass(ofSeconds(10));
        assertThat(told()).containsExactly("job.down copy", "job.down copy");
    }

    @Test
    void window_is_declared_like_everything_else() {
        ok(http.post("/api/v1/apply", """
                {"muster":"v1","set":"production","maintenance_windows":[
                 {"id":"patches","name":"Patches","oncalendar":"Sun *-*-* 02:00","tz":"Europe/Berlin","duration":"PT2H"}]}
                """));
        var window = http.get("/api/v1/maintenance-windows/patches").json();
        assertThat(window.path("jobs").asString()).isEqualTo("all");
        assertThat(window.path("on").asBoolean()).isFalse();
        assertThat(window.path("next").path("starts_at").asString()).isEqualTo("2026-03-08T01:00:00.000Z");
        assertThat(http.get("/api/v1/maintenance-windows").json().path("items")).hasSize(1);
        for (var wrong : new String[] {
            "{\"name\":\"x\"}",
            "{\"name\":\"x\",\"oncalendar\":\"Sun *-*-* 02:00\"}",
            "{\"name\":\"x\",\"oncalendar\":\"often\",\"duration\":\"PT1H\"}",
            "{\"name\":\"x\",\"from\":\"2026-03-01T10:00:00Z\",\"to\":\"2026-03-01T10:00:00Z\"}",
            "{\"oncalendar\":\"Sun *-*-* 02:00\",\"duration\":\"PT1H\"}",
            "{\"name\":\"x\",\"jobs\":\"some\",\"oncalendar\":\"Sun *-*-* 02:00\",\"duration\":\"PT1H\"}",
        }) {
            assertThat(http.put("/api/v1/maintenance-windows/x", wrong).status())
                    .as(wrong)
                    .isEqualTo(422);
        }
        ok(http.send("POST", "/api/v1/apply?prune=true", "{\"muster\":\"v1\",\"set\":\"production\"}"));
        assertThat(http.get("/api/v1/maintenance-windows/patches").status()).isEqualTo(404);
        assertThat(http.get("/declare/maintenance-windows").status()).isLessThan(500);
    }

    // ---- exposures

    @Test
    void nothing_of_this_changes_an_exposure() {
        put(
                "policies/eu-only",
                "{\"name\":\"EU only\",\"allow\":[\"EU\"],\"default\":\"deny\",\"max_dwell\":\"PT15M\"}");
        put("stores/intake", "{\"region\":\"us-east-1\",\"role\":\"intake\",\"kind\":\"other\"}");
        put("stores/home", "{\"region\":\"eu-west-1\",\"role\":\"primary\",\"kind\":\"other\"}");
        put("tenants/acme", "{\"name\":\"Acme\",\"tier\":\"gold\",\"policy\":\"eu-only\",\"home\":\"eu-west-1\"}");
        job("database", "");
        job("copy", "\"depends_on\":[\"database\"],\"replicates\":{\"from\":\"intake\",\"to\":\"home\"},");
        put("maintenance-windows/all", "{\"name\":\"x\",\"oncalendar\":\"hourly\",\"duration\":\"PT2H\"}");
        ok(http.post("/api/v1/jobs/copy/snooze", "{\"for\":\"P1D\"}"));
        fail("database", "copy");
        pass(ofMinutes(16));
        pass(ofMinutes(1));
        assertThat(told()).containsExactly("exposure.violation copy");
        assertThat(http.get("/api/v1/exposures?open=true")
                        .json()
                        .path("items")
                        .get(0)
                        .path("state")
                        .asString())
                .isEqualTo("violation");
    }

    // ----

    private void copyDependsOnDatabase() {
        job("database", "");
        job("copy", "\"depends_on\":[\"database\"],");
    }

    private void job(String slug, String members) {
        put("jobs/" + slug, body(slug, members));
    }

    private static String body(String slug, String members) {
        return "{%s\"name\":\"%s\",\"every\":\"P365D\",\"grace\":\"PT1H\"}".formatted(members, slug);
    }

    private void put(String path, String json) {
        ok(http.put("/api/v1/" + path, json));
    }

    private static void ok(Http.Answer answer) {
        assertThat(answer.status()).as(answer.body()).isBetween(200, 204);
    }

    private static void refused(Http.Answer answer, String field) {
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.json().path("errors").get(0).path("field").asString()).isEqualTo(field);
    }

    private JsonNode get(String slug) {
        return http.get("/api/v1/jobs/" + slug).json();
    }

    /** What keeps people from being told. */
    private String heldBack(String slug) {
        return get(slug).path("held_back").path("because").asString();
    }

    private String uuid(String slug) {
        return get(slug).path("uuid").asString();
    }

    private void fail(String... slugs) {
        for (var slug : slugs) ping(slug, "/fail", "");
    }

    private void succeed(String slug) {
        ping(slug, "", "");
    }

    private void ping(String slug, String end, String body) {
        assertThat(http.send(http.request("POST", "/ping/" + uuid(slug) + end, body))
                        .status())
                .isEqualTo(200);
    }

    private void pass(Duration duration) {
        time.passes(duration);
        background.run();
    }

    private List<String> told() {
        return ops.calls.stream()
                .map(call -> call.json().path("type").asString() + " "
                        + call.json().path("data").path("job").asString())
                .toList();
    }

    private List<String> events(String action) {
        return db.sql("select resource from own_event where action = :action order by id")
                .param("action", action)
                .query(String.class)
                .list();
    }
}
