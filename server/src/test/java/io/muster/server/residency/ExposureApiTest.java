package io.muster.server.residency;

import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.deadline.PassingTime;
import io.muster.server.testing.Http;
import io.muster.server.testing.ServerTest;
import io.muster.server.testing.TestBackground;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Exposures over HTTP: they open when data stays, and close on a proof. Intake in us-east-1, home in eu-west-1. */
@ServerTest
class ExposureApiTest {
    @Autowired
    Http http;

    @Autowired
    PassingTime time;

    @Autowired
    TestBackground background;

    @Autowired
    JdbcClient db;

    private String job;

    @BeforeEach
    void declare() {
        ok(http.put(
                "/api/v1/policies/eu-only",
                "{\"name\":\"EU only\",\"extends\":\"gdpr-eea-only\",\"max_dwell\":\"PT20M\"}"));
        tenant("acme");
        tenant("globex");
        ok(http.put(
                "/api/v1/stores/intake-us", "{\"region\":\"us-east-1\",\"role\":\"intake\",\"kind\":\"postgresql\"}"));
        ok(http.put(
                "/api/v1/stores/users-eu", "{\"region\":\"eu-west-1\",\"role\":\"primary\",\"kind\":\"postgresql\"}"));
        job = declareJob("sweep", "optional");
    }

    @Test
    void silent_job_puts_its_tenants_at_risk_then_in_violation_and_a_good_run_closes_it() {
        ping("");
        assertThat(story()).isEmpty();

        time.passes(ofMinutes(10)); // due, and no report
        assertThat(story()).containsExactly("acme at_risk late inferred", "globex at_risk late inferred");

        time.passes(ofMinutes(10)); // 20 minutes since the last proof
        assertThat(story()).containsExactly("acme violation late inferred", "globex violation late inferred");
        var acme = exposures("tenant=acme&open=true").get(0);
        assertThat(acme.get("opened_at").asString()).isEqualTo("2026-03-01T03:10:00.000Z");
        assertThat(acme.get("violation_at").asString()).isEqualTo("2026-03-01T03:20:00.000Z");
        assertThat(acme.get("decide_by").asString()).isEqualTo("2026-03-04T03:20:00.000Z");
        assertThat(acme.get("job").asString()).isEqualTo("sweep");
        assertThat(acme.get("outage").isNull()).isTrue();
        assertThat(acme.get("history").get(0).get("why").asString())
                .isEqualTo("Users to EU did not report when it was due and is 10 min behind; 20 min allowed");

        time.passes(ofMinutes(1));
        ping("");
        time.passes(Duration.ZERO);
        assertThat(story()).isEmpty();
        var closed = exposures("tenant=acme").get(0);
        assertThat(closed.get("closed_by").get("kind").asString()).isEqualTo("ping");
        assertThat(closed.get("closed_by").get("id").asString()).isEqualTo("sweep/2");
    }

    @Test
    void what_began_while_muster_was_away_says_so() {
        ping("");
        time.clock().advance(ofMinutes(40));
        db.sql("""
                insert into outage (kind, began_at, ended_at)
                values ('database-away', '2026-03-01T03:15:00Z', '2026-03-01T03:40:00Z')
                """).update();
        time.passes(Duration.ZERO);
        var acme = exposures("tenant=acme&open=true").get(0);
        assertThat(acme.get("violation_at").asString()).isEqualTo("2026-03-01T03:20:00.000Z");
        assertThat(acme.get("aware_at").asString()).isEqualTo("2026-03-01T03:40:00.000Z");
        assertThat(acme.get("outage").toString())
                .isEqualTo("{\"kind\":\"database-away\",\"began_at\":\"2026-03-01T03:15:00.000Z\","
                        + "\"ended_at\":\"2026-03-01T03:40:00.000Z\"}");
        assertThat(http.get("/exposures/" + acme.get("id").asString()).body())
                .contains("noticed later, for Muster could not reach its database from 03:15:00 to 03:40:00 UTC");
    }

    @Test
    void what_an_exposure_says_outlives_the_pings_that_proved_it() {
        ping("");
        time.passes(ofMinutes(21));
        ping("");
        time.passes(Duration.ZERO);
        var closed = exposures("tenant=acme").get(0);
        for (int n = 0; n < 100; n++) ping("");
        time.passes(Duration.ofDays(401));
        time.passes(Duration.ofDays(1));
        var uuid = http.get("/api/v1/jobs/sweep").json().path("uuid").asString();
        assertThat(http.get("/api/v3/checks/" + uuid + "/pings/").json().path("pings"))
                .as("of 102 pings")
                .hasSize(100);
        var id = closed.path("id").asString();
        assertThat(http.get("/api/v1/exposures/" + id).json()).isEqualTo(closed);
        assertThat(http.get("/exposures/" + id).status()).isEqualTo(200);
    }

    @Test
    void failure_puts_at_risk_at_once() {
        ping("");
        time.passes(ofMinutes(2));
        ping("/fail");
        time.passes(Duration.ZERO);
        assertThat(story()).containsExactly("acme at_risk failed inferred", "globex at_risk failed inferred");
    }

    @Test
    void run_that_began_before_it_opened_proves_too_little_to_close_it() {
        ping("");
        time.passes(ofMinutes(9));
        ping("/start");
        time.passes(ofMinutes(2)); // opened at the tenth minute
        ping("");
        time.passes(Duration.ZERO);
        assertThat(story()).hasSize(2);
        time.passes(ofMinutes(1));
        ping("");
        time.passes(Duration.ZERO);
        assertThat(story()).isEmpty();
    }

    @Test
    void manifest_moves_each_tenant_by_itself() {
        time.passes(ofMinutes(9));
        ping("", """
                {"manifest":1,"region":"eu-west-1","watermark":"2026-03-01T03:08:00Z","complete":true,
                 "tenants":[{"id":"acme","rows":7,"watermark":"2026-03-01T02:50:00Z"},{"id":"nobody","rows":1}]}
                """);
        time.passes(ofMinutes(9));
        assertThat(http.get("/api/v1/jobs/sweep")
                        .json()
                        .get("unknown_tenants")
                        .get(0)
                        .asString())
                .isEqualTo("nobody");
        ping("", """
                {"manifest":1,"region":"eu-west-1","watermark":"2026-03-01T03:17:00Z",
                 "tenants":[{"id":"globex","rows":7}]}
                """);
        time.passes(ofMinutes(3)); // 03:21; acme has proven nothing since 03:00
        assertThat(story()).containsExactly("acme violation overstayed inferred");
    }

    @Test
    void invalid_manifest_is_answered_ok_and_proves_nothing() {
        time.passes(ofMinutes(9));
        var answer = ping("", "{\"manifest\":1,\"watermark\":\"yesterday\"}");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("OK");
        assertThat(answer.header("Muster-Manifest")).startsWith("invalid; watermark must be an instant");
        time.passes(ofMinutes(6)); // 15 of 20 minutes, but a report is due before the violation
        assertThat(story()).isEmpty();
        time.passes(ofMinutes(5));
        assertThat(story()).contains("acme violation late inferred");
    }

    @Test
    void missing_manifest_of_a_job_that_must_send_one_proves_nothing() {
        job = declareJob("strict", "required");
        time.passes(ofMinutes(1));
        assertThat(ping("").header("Muster-Manifest")).isEqualTo("invalid; a manifest is required");
    }

    @Test
    void manifest_that_names_another_region_opens_a_violation_there() {
        var answer = ping("", "{\"manifest\":1,\"region\":\"us-west-2\",\"tenants\":[{\"id\":\"acme\"}]}");
        assertThat(answer.header("Muster-Manifest")).startsWith("invalid; names region us-west-2");
        time.passes(Duration.ZERO);
        assertThat(story()).containsExactly("acme violation wrong_region reported");
        var exposure = exposures("open=true").get(0);
        assertThat(exposure.get("store").asString()).isEqualTo("users-eu");
        assertThat(exposure.get("region").asString()).isEqualTo("us-west-2");
    }

    @Test
    void attestation_closes_what_no_probe_measured_and_is_on_record() {
        time.passes(ofMinutes(25));
        var id = exposures("tenant=acme").get(0).get("id").asString();
        assertThat(http.post("/api/v1/exposures/" + id + "/close", "{\"document\":\"x\"}")
                        .status())
                .isEqualTo(422);
        var closed = http.post(
                "/api/v1/exposures/" + id + "/close", "{\"document\":\"https://docs/1\",\"reason\":\"moved by hand\"}");
        assertThat(closed.status()).isEqualTo(200);
        assertThat(closed.json().get("closed_by").get("kind").asString()).isEqualTo("attestation");
        assertThat(http.post("/api/v1/exposures/" + id + "/close", "{\"document\":\"x\",\"reason\":\"y\"}")
                        .status())
                .isEqualTo(409);
    }

    @Test
    void person_decides_whether_authorities_are_told() {
        time.passes(ofMinutes(25));
        var id = exposures("tenant=acme").get(0).get("id").asString();
        var decided = http.post(
                "/api/v1/exposures/" + id + "/decision",
                "{\"notify\":false,\"document\":\"https://docs/2\",\"reason\":\"no risk to people\"}");
        assertThat(decided.status()).isEqualTo(200);
        assertThat(decided.json().get("decision").get("notify").asBoolean()).isFalse();
    }

    @Test
    void policy_that_allows_the_place_closes_and_one_that_forbids_it_later_starts_the_clock_then() {
        time.passes(ofMinutes(25));
        assertThat(story()).hasSize(2);
        ok(
                http.put(
                        "/api/v1/policies/eu-only",
                        "{\"name\":\"EU only\",\"extends\":\"gdpr-eea-only\",\"allow\":[\"EU\",\"US\"],\"max_dwell\":\"PT20M\"}"));
        time.passes(Duration.ZERO);
        assertThat(story()).isEmpty();
        assertThat(exposures("tenant=acme").get(0).get("closed_by").get("kind").asString())
                .isEqualTo("catalogue");
        time.passes(ofMinutes(60));
        ok(http.put(
                "/api/v1/policies/eu-only",
                "{\"name\":\"EU only\",\"extends\":\"gdpr-eea-only\",\"max_dwell\":\"PT20M\"}"));
        time.passes(ofMinutes(14));
        assertThat(story()).isEmpty();
        time.passes(ofMinutes(1)); // three quarters of what is allowed, and no report is due
        assertThat(story()).contains("acme at_risk never_ran inferred");
        time.passes(ofMinutes(5));
        assertThat(story()).contains("acme violation never_ran inferred");
    }

    @Test
    void transfer_that_expires_starts_the_clock_at_that_instant_and_a_new_one_closes() {
        ok(http.put("/api/v1/policies/eu-only", """
                {"name":"EU only","extends":"gdpr-eea-only","max_dwell":"PT20M",
                 "conditional":[{"to":["US"],"mechanisms":["scc-2021-914"]}]}"""));
        transfer("2026-03-01T04:00:00Z");
        time.passes(Duration.ZERO);
        time.passes(ofMinutes(59));
        assertThat(story()).containsExactly("globex violation no_transfer_record inferred");
        time.passes(ofMinutes(1)); // four o'clock: acme's data has been unlawful for no time at all
        assertThat(story()).hasSize(1);
        time.passes(ofMinutes(14));
        assertThat(story()).hasSize(1);
        time.passes(ofMinutes(1));
        assertThat(story()).contains("acme at_risk no_transfer_record inferred");
        time.passes(ofMinutes(5));
        assertThat(story()).contains("acme violation no_transfer_record inferred");
        var acme = exposures("tenant=acme&open=true").get(0);
        assertThat(acme.get("opened_at").asString()).isEqualTo("2026-03-01T04:15:00.000Z");
        assertThat(acme.get("violation_at").asString()).isEqualTo("2026-03-01T04:20:00.000Z");

        transfer("2027-03-01T00:00:00Z");
        time.passes(Duration.ZERO);
        assertThat(story()).containsExactly("globex violation no_transfer_record inferred");
        assertThat(exposures("tenant=acme").get(0).get("closed_by").get("kind").asString())
                .isEqualTo("catalogue");
    }

    private void transfer(String expiresAt) {
        ok(http.put("/api/v1/transfers/acme-scc", """
                {"tenant":"acme","from":"EU","to":"US","mechanism":"scc-2021-914","document":"DPA 17",
                 "approver":"legal@example.com","expires_at":"%s"}""".formatted(expiresAt)));
    }

    @Test
    void each_flip_counts_what_opened_until_the_next_one_also_on_the_next_page() {
        ping("");
        for (int round = 0; round < 3; round++) {
            time.passes(ofMinutes(2));
            ping("/fail");
            time.passes(Duration.ZERO);
            time.passes(ofMinutes(2));
            ping("");
            time.passes(Duration.ZERO);
        }
        assertThat(story()).isEmpty();
        for (int limit : new int[] {1, 2, 3, 100}) {
            var flips = new ArrayList<String>();
            String cursor = null;
            do {
                var page = http.get(
                                "/api/v1/jobs/sweep/flips?limit=" + limit + (cursor == null ? "" : "&cursor=" + cursor))
                        .json();
                page.get("items")
                        .forEach(flip -> flips.add(flip.get("from").asString() + " "
                                + flip.get("to").asString() + " "
                                + flip.get("exposures_opened").asInt()));
                cursor = page.get("next").isNull() ? null : page.get("next").asString();
            } while (cursor != null);
            assertThat(flips)
                    .as("limit " + limit)
                    .containsExactly(
                            "down up 0", "up down 2", "down up 0", "up down 2", "down up 0", "up down 2", "new up 0");
        }
    }

    @Test
    void deleted_tenant_closes_by_the_catalogue() {
        time.passes(ofMinutes(25));
        assertThat(http.delete("/api/v1/tenants/acme").status()).isEqualTo(204);
        time.passes(Duration.ZERO);
        assertThat(story()).containsExactly("globex violation never_ran inferred");
    }

    @Test
    void many_tenants_open_in_batches_stamped_with_the_due_instant() {
        var apply = new StringBuilder("{\"muster\":\"v1\",\"set\":\"t\",\"tenants\":[");
        for (int i = 0; i < 2_500; i++) {
            apply.append(i == 0 ? "" : ",")
                    .append(
                            "{\"id\":\"t%d\",\"name\":\"T\",\"tier\":\"gold\",\"policy\":\"eu-only\",\"home\":\"eu-west-1\"}"
                                    .formatted(i));
        }
        ok(http.post("/api/v1/apply", apply.append("]}").toString()));
        ping("");
        time.passes(ofMinutes(12));
        var opened = all("open=true");
        assertThat(opened).hasSize(2_502);
        assertThat(opened)
                .allSatisfy(one -> assertThat(one.get("opened_at").asString()).isEqualTo("2026-03-01T03:10:00.000Z"));
        ping("");
        time.passes(Duration.ZERO);
        assertThat(all("open=true")).isEmpty();
    }

    @Test
    void residency_says_where_each_tenant_is() {
        ping("");
        var items = http.get("/api/v1/residency?tenant=acme").json().get("items");
        assertThat(items).hasSize(2);
        assertThat(items.get(0).get("store").asString()).isEqualTo("intake-us");
        assertThat(items.get(0).get("verdict").asString()).isEqualTo("transit");
        assertThat(items.get(0).get("max_dwell_seconds").asLong()).isEqualTo(1_200);
        assertThat(items.get(1).get("verdict").asString()).isEqualTo("home");
    }

    @Test
    void job_that_cannot_keep_its_promise_is_told_so() {
        var answer = http.put("/api/v1/jobs/daily", """
                {"name":"Daily","every":"P1D","replicates":{"from":"intake-us","to":"users-eu"}}""");
        assertThat(answer.json().get("warnings").get(0).asString())
                .isEqualTo("runs every P1D, but eu-only allows PT20M in us-east-1: cannot be kept");
    }

    // ---- words of these tests ----

    private void tenant(String id) {
        ok(http.put("/api/v1/tenants/" + id, """
                {"name":"%s","tier":"gold","policy":"eu-only","home":"eu-west-1"}""".formatted(id)));
    }

    private String declareJob(String slug, String manifest) {
        var answer = http.put("/api/v1/jobs/" + slug, """
                {"name":"Users to EU","every":"PT10M","grace":"PT5M",
                 "replicates":{"from":"intake-us","to":"users-eu","tenants":"policy:eu-only","manifest":"%s"}}
                """.formatted(manifest));
        ok(answer);
        var url = answer.json().get("ping_url").asString();
        return url.substring(url.indexOf("/ping/"));
    }

    private Http.Answer ping(String action) {
        return ping(action, null);
    }

    private Http.Answer ping(String action, String body) {
        var answer = http.send(http.request(body == null ? "GET" : "POST", job + action, body));
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer;
    }

    private List<String> story() {
        var lines = new ArrayList<String>();
        for (var one : all("open=true")) {
            lines.add("%s %s %s %s"
                    .formatted(
                            one.get("tenant").asString(),
                            one.get("state").asString(),
                            one.get("reason").asString(),
                            one.get("evidence").asString()));
        }
        lines.sort(null);
        return lines;
    }

    private JsonNode exposures(String query) {
        return http.get("/api/v1/exposures?" + query).json().get("items");
    }

    private List<JsonNode> all(String query) {
        var all = new ArrayList<JsonNode>();
        String cursor = null;
        do {
            var page = http.get("/api/v1/exposures?limit=1000&" + query + (cursor == null ? "" : "&cursor=" + cursor))
                    .json();
            page.get("items").forEach(all::add);
            cursor = page.get("next").isNull() ? null : page.get("next").asString();
        } while (cursor != null);
        return all;
    }

    private static void ok(Http.Answer answer) {
        assertThat(answer.status()).as(answer.body()).isBetween(200, 201);
    }
}
