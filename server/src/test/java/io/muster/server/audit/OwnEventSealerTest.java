package io.muster.server.audit;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.merklelog.Frontier;
import io.muster.merklelog.Hash;
import io.muster.server.access.Caller;
import io.muster.server.deadline.PassingTime;
import io.muster.server.embedded.TestPostgres;
import io.muster.server.incident.channel.webhook.WebhookReceiver;
import io.muster.server.testing.Http;
import io.muster.server.testing.ServerTest;
import io.muster.server.testing.TestBackground;
import io.muster.server.testing.TestClock;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

@ServerTest
class OwnEventSealerTest {

    @Autowired
    OwnEvents own;

    @Autowired
    OwnEventSealer sealer;

    @Autowired
    AuditLog log;

    @Autowired
    Logs logs;

    @Autowired
    TransactionOperations transaction;

    @Autowired
    Http http;

    @Autowired
    PassingTime time;

    @Autowired
    TestBackground background;

    @Autowired
    JdbcClient db;

    @Autowired
    Environment environment;

    @Test
    void every_deed_is_in_the_log_of_whom_it_concerns_in_order_and_nothing_is_left_in_clear() {
        try (var ops = new WebhookReceiver(time::now)) {
            declare(
                    "alert-channels/ops",
                    "{\"kind\":\"webhook\",\"url\":\"%s\",\"secret\":\"%s\"}"
                            .formatted(ops.url(), WebhookReceiver.SECRET));
            declare(
                    "alert-channels/nobody",
                    "{\"kind\":\"webhook\",\"url\":\"http://127.0.0.1:9/\",\"secret\":\"%s\"}"
                            .formatted(WebhookReceiver.SECRET));
            declare("policies/eu-only", "{\"name\":\"EU only\",\"extends\":\"gdpr-eea-only\",\"max_dwell\":\"PT20M\"}");
            for (var tenant : List.of("acme", "globex")) {
                declare(
                        "tenants/" + tenant,
                        "{\"name\":\"T\",\"tier\":\"gold\",\"policy\":\"eu-only\",\"home\":\"eu-west-1\"}");
            }
            declare("stores/intake-us", """
                    {"region":"us-east-1","role":"intake","kind":"postgresql","url":"postgresql://127.0.0.1:9/none",
                     "user":"file:nobody","password":"file:nothing"}""");
            declare("stores/users-eu", "{\"region\":\"eu-west-1\",\"role\":\"primary\",\"kind\":\"postgresql\"}");
            var uuid = declare("jobs/sweep", """
                    {"name":"Users to EU","every":"PT10M","grace":"PT5M",
                     "replicates":{"from":"intake-us","to":"users-eu","tenants":"policy:eu-only"}}""").json().get("uuid").stringValue();
            declare("probes/look", """
                    {"store":"intake-us","every":"PT1M","timeout":"PT5S",
                     "sql":"select tenant_id, count(*), min(created_at) from users group by 1"}""");
            assertThat(http.send(http.request("POST", "/ping/" + uuid + "/fail", ""))
                            .status())
                    .isEqualTo(200);
            for (int minutes = 0; minutes < 60; minutes += 10) {
                time.passes(ofMinutes(10));
                background.run();
                time.passes(ofSeconds(10));
                background.run();
            }
            for (int tries = 0; tries < 10; tries++) {
                time.passes(ofHours(25));
                background.run();
            }
            var key = http.post("/api/v1/keys", "{\"name\":\"ci\",\"may\":\"read\"}")
                    .json()
                    .get("key")
                    .stringValue();
            http.send(http.request("GET", "/api/v1/tenants", null).header("X-Api-Key", key));
            http.send(http.request("GET", "/api/v1/tenants", null)
                    .header("X-Api-Key", key.substring(0, key.length() - 4) + "AAAA"));
            http.send(http.request("POST", "/sign-in", "email=mallory%40example.com&password=wrong+password")
                    .setHeader("Content-Type", "application/x-www-form-urlencoded"));
            assertThat(http.delete("/api/v1/jobs/sweep").status()).isEqualTo(204);
        }
        var recorded =
                db.sql("select count(*) from own_event").query(Integer.class).single();
        assertThat(own.seal()).isEqualTo(recorded);

        var platform = actions(OwnEvent.PLATFORM);
        assertThat(platform)
                .containsSubsequence(
                        "alert_channel.declared",
                        "policy.declared",
                        "store.declared",
                        "job.declared",
                        "check.down",
                        "alert.sent",
                        "key.created",
                        "key.used",
                        "session.refused",
                        "job.deleted");
        assertThat(platform).contains("probe.failed", "alert.given_up", "key.refused");
        for (var tenant : List.of("acme", "globex")) {
            assertThat(actions(tenant))
                    .as(tenant)
                    .startsWith("tenant.declared", "exposure.opened", "exposure.worsened");
            assertThat(own.of(tenant)).allMatch(event -> tenant.equals(event.text("tenantId")));
        }
        assertThat(own.of("acme").getFirst().members())
                .containsEntry("service", "muster")
                .hasEntrySatisfying("userId", key -> assertThat(key).asString().startsWith("admin"));
        var refusal = own.of(OwnEvent.PLATFORM).stream()
                .filter(event -> "session.refused".equals(event.text("action")))
                .findFirst()
                .orElseThrow();
        assertThat(refusal.members())
                .containsEntry("status", "DENIED")
                .containsEntry("ip", "127.0.0.1")
                .containsEntry("subjectId", "mallory@example.com")
                .doesNotContainKey("userId");
        assertThat(own.of(OwnEvent.PLATFORM).size()
                        + own.of("acme").size()
                        + own.of("globex").size())
                .isEqualTo(recorded);
        assertThat(db.sql("select count(*) from own_event").query(Long.class).single())
                .isZero();
        assertThat(own.seal()).isZero();
        heldByItsRoot(OwnEvent.PLATFORM);
    }

    @Test
    void two_servers_seal_each_event_once_and_in_order() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var begin = new CountDownLatch(1);
            var work = new ArrayList<Future<?>>();
            work.add(threads.submit(() -> {
                begin.await();
                for (int n = 0; n < 60; n++) {
                    int from = n * 50;
                    transaction.executeWithoutResult(_ -> log.record(IntStream.range(from, from + 50)
                            .mapToObj(i -> OwnEvent.of(
                                    i % 3 == 0 ? "acme" : OwnEvent.PLATFORM, "tick", "/" + i, time.now(), Map.of()))
                            .toList()));
                }
                return null;
            }));
            for (int server = 0; server < 2; server++) {
                work.add(threads.submit(() -> {
                    begin.await();
                    int sealed = 0;
                    for (int tries = 0; tries < 2_000 && (sealed += sealer.sealAll()) >= 0; tries++) {
                        if (work.getFirst().isDone() && count() == 0) break;
                    }
                    return null;
                }));
            }
            begin.countDown();
            for (var one : work) one.get();
        }
        own.seal();
        for (var tenant : List.of("acme", OwnEvent.PLATFORM)) {
            assertThat(own.deeds(tenant))
                    .containsExactlyElementsOf(IntStream.range(0, 3_000)
                            .filter(i -> (i % 3 == 0) == tenant.equals("acme"))
                            .mapToObj(i -> "tick /" + i)
                            .toList());
            heldByItsRoot(tenant);
        }
    }

    @Test
    void what_was_sealed_under_keys_that_an_erasure_changed_is_sealed_anew() {
        record("one");
        own.seal();
        db.sql("update audit_head set seal = gen_random_uuid()").update();
        record("two");
        assertThat(own.seal()).isEqualTo(1);
        assertThat(own.deeds(OwnEvent.PLATFORM)).containsExactly("one /x", "two /x");
    }

    @Test
    void whom_it_is_about_and_who_did_it_are_sealed_and_odd_numbers_stay_what_they_were() {
        var person = new Caller(
                Caller.Kind.PERSON, "eve@example.com", true, true, true, "default", null, "192.0.2.7", "Browser");
        var details =
                Map.of("bytes", new BigInteger("12345678901234567890"), "list", List.of(1, 2.5, Map.of("n", 1L << 60)));
        transaction.executeWithoutResult(_ -> log.record(List.of(new OwnEvent(
                OwnEvent.PLATFORM,
                "audit.searched",
                "/audit",
                OwnEvent.Status.SUCCESS,
                time.now(),
                person,
                "bob@example.com",
                details))));
        own.seal();
        var event = own.of(OwnEvent.PLATFORM).getFirst();
        assertThat(event.members())
                .containsEntry("userId", "eve@example.com")
                .containsEntry("subjectId", "bob@example.com")
                .containsEntry("ip", "192.0.2.7")
                .containsEntry("userAgent", "Browser");
        assertThat(event.members().get("details").toString())
                .contains("12345678901234567890", "2.5", "1152921504606846976");
        assertThat(new String(event.row().envelope(), java.nio.charset.StandardCharsets.UTF_8))
                .doesNotContain("eve@", "bob@", "192.0.2.7", "Browser");
    }

    @Test
    void who_is_erased_is_erased_from_what_still_waits_too() {
        declare("policies/eu", "{\"name\":\"EU\",\"extends\":\"gdpr-eea-only\",\"max_dwell\":\"PT20M\"}");
        declare("tenants/acme", "{\"name\":\"T\",\"tier\":\"gold\",\"policy\":\"eu\",\"home\":\"eu-west-1\"}");
        own.seal();
        transaction.executeWithoutResult(_ -> log.record(List.of(new OwnEvent(
                "acme",
                "audit.searched",
                "/audit",
                OwnEvent.Status.SUCCESS,
                time.now(),
                Caller.MUSTER,
                "bob@example.com",
                Map.of("rows", 3)))));
        assertThat(http.post("/api/v1/audit/erasures", """
                        {"tenantId":"acme","subject":{"subjectId":"bob@example.com"},"reason":"asked for it"}""").status()).isEqualTo(200);
        assertThat(count()).isZero();
        var searched = own.of("acme").stream()
                .filter(event -> "audit.searched".equals(event.text("action")))
                .findFirst()
                .orElseThrow();
        assertThat(searched.erased()).isTrue();
        assertThat(searched.members()).containsEntry("subjectId", null);
    }

    @Test
    void what_cannot_be_sealed_stands_aside_for_an_hour_and_those_behind_it_go_on() {
        declare("policies/eu", "{\"name\":\"EU\",\"extends\":\"gdpr-eea-only\",\"max_dwell\":\"PT20M\"}");
        declare("tenants/acme", "{\"name\":\"T\",\"tier\":\"gold\",\"policy\":\"eu\",\"home\":\"eu-west-1\"}");
        own.seal();
        transaction.executeWithoutResult(_ -> log.record(List.of(tick("before"), tooDeep("acme"), tick("behind"))));
        for (int tries = 1; tries < 5; tries++) {
            assertThatThrownBy(() -> own.seal()).hasMessageContaining("nesting depth");
            assertThat(own.deeds("acme")).endsWith("before /x").doesNotContain("behind /x");
        }
        assertThat(own.seal()).isEqualTo(1);
        assertThat(own.deeds("acme")).endsWith("before /x", "behind /x");
        assertThat(http.get("/actuator/health/audit").body())
                .contains("\"own_events_aside\":1", "nesting depth", "kept in clear");
        assertThat(db.sql("select type || ' ' || tenant || ' ' || path from alert where type like 'log.%'")
                        .query(String.class)
                        .list())
                .containsExactly("log.unsealed acme /audit");

        transaction.executeWithoutResult(_ -> log.record(List.of(tick("later"))));
        assertThat(own.seal()).isEqualTo(1);
        var refused = http.post(
                "/api/v1/audit/erasures",
                "{\"tenantId\":\"acme\",\"subject\":{\"subjectId\":\"bob\"},\"reason\":\"asked for it\"}");
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.body()).contains("would stay in clear");

        TestPostgres.superuser(environment.getRequiredProperty("muster.database.url"))
                .sql("update own_event set details = '{}'") // as if the fault were mended
                .update();
        assertThat(own.seal()).isZero();
        time.passes(ofMinutes(61));
        own.seal();
        assertThat(own.deeds("acme")).contains("deep /x");
        assertThat(count()).isZero();
        assertThat(http.get("/actuator/health/audit").body()).doesNotContain("own_events_aside");
    }

    private OwnEvent tick(String action) {
        return OwnEvent.of("acme", action, "/x", time.now(), Map.of());
    }

    /** JSON that can be written, but not be read again. */
    private OwnEvent tooDeep(String tenant) {
        Map<String, Object> details = Map.of();
        for (int depth = 0; depth < 100; depth++) details = Map.of("in", details);
        return new OwnEvent(tenant, "deep", "/x", OwnEvent.Status.SUCCESS, time.now(), Caller.MUSTER, "bob", details);
    }

    @Test
    void nothing_that_waits_can_be_removed_unless_it_is_on_record() {
        record("one");
        var id = db.sql("select id from own_event").query(Long.class).single();
        assertThatThrownBy(() -> db.sql("delete from own_event").update()).hasStackTraceContaining("permission denied");
        assertThat(db.sql("select own_event_sealed(:ids, :events, '-infinity')")
                        .param("ids", new Long[] {id})
                        .param("events", new UUID[] {UUID.randomUUID()})
                        .query(Long.class)
                        .single())
                .isZero();
        assertThat(count()).isOne();
    }

    @Test
    void nobody_sends_events_to_the_platforms_log_and_no_tenant_has_its_name() {
        record("one");
        own.seal();
        var answer = http.post("/api/v1/audit/events", """
                {"tenantId":"muster","action":"x","timestamp":"2026-03-01T03:00:00Z"}""");
        assertThat(answer.status()).isEqualTo(404);
        assertThat(http.put(
                                "/api/v1/tenants/muster",
                                "{\"name\":\"M\",\"tier\":\"gold\",\"policy\":\"gdpr-eea-only\",\"home\":\"eu-west-1\"}")
                        .status())
                .isEqualTo(409);
        assertThat(http.get("/logs/muster/checkpoint").body()).startsWith("localhost/main/l/");
    }

    @Test
    void log_of_a_deleted_tenant_stays_and_holds_its_deletion() {
        declare("policies/eu", "{\"name\":\"EU\",\"extends\":\"gdpr-eea-only\",\"max_dwell\":\"PT20M\"}");
        declare("tenants/acme", "{\"name\":\"T\",\"tier\":\"gold\",\"policy\":\"eu\",\"home\":\"eu-west-1\"}");
        own.seal();
        assertThat(http.delete("/api/v1/tenants/acme").status()).isEqualTo(204);
        own.seal();
        assertThat(own.deeds("acme")).containsExactly("tenant.declared /tenants/acme", "tenant.deleted /tenants/acme");
    }

    private Http.Answer declare(String path, String json) {
        var answer = http.put("/api/v1/" + path, json);
        assertThat(answer.status()).as(path + answer.body()).isIn(200, 201);
        return answer;
    }

    private void record(String action) {
        transaction.executeWithoutResult(_ ->
                log.record(List.of(OwnEvent.of(OwnEvent.PLATFORM, action, "/x", TestClock.THREE_AM, Map.of("n", 1)))));
    }

    private List<String> actions(String tenant) {
        return own.of(tenant).stream().map(event -> event.text("action")).toList();
    }

    private long count() {
        return db.sql("select count(*) from own_event").query(Long.class).single();
    }

    private void heldByItsRoot(String tenant) {
        var leaves = own.of(tenant).stream()
                .map(event -> SealedEvent.leaf(
                        event.row().receivedAt(),
                        SealedEvent.sha256(event.row().envelope()),
                        event.row().eventId()))
                .toList();
        var root = db.sql("select root from audit_head where log_id = :log")
                .param("log", logs.newest(tenant).orElseThrow().id())
                .query(byte[].class)
                .single();
        assertThat(Frontier.EMPTY.append(leaves).root())
                .isEqualTo(Hash.split(root).getFirst());
    }
}
