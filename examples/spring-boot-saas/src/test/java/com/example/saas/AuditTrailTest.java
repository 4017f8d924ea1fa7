package com.example.saas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.client.AuditEvent;
import io.muster.client.AuditSender;
import io.muster.client.Receipt;
import io.muster.merklelog.CanonicalJson;
import io.muster.merklelog.Hash;
import io.muster.merklelog.TlogProof;
import io.muster.merklelog.VerifierKey;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What people do in this application is in the trail of a real Muster server, and its proofs hold. */
class AuditTrailTest {
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    static Path folder;

    private static MusterServer muster;
    private static ConfigurableApplicationContext saas;

    @BeforeAll
    static void start() throws Exception {
        muster = MusterServer.start(folder);
        var applied = muster.post("/api/v1/apply", "application/yaml", Files.readString(Path.of("tenants.yaml")));
        assertThat(applied.statusCode()).as(text(applied.body())).isEqualTo(200);
        var key = muster.post(
                "/api/v1/keys", "application/json", "{\"name\":\"saas\",\"may\":\"write\",\"project\":\"default\"}");
        assertThat(key.statusCode()).as(text(key.body())).isEqualTo(201);
        saas = SpringApplication.from(SaasApplication::main)
                .with(Receipts.class)
                .run(
                        "--server.port=0",
                        "--muster.audit.url=" + muster.url(),
                        "--muster.audit.key="
                                + JSON.readTree(key.body()).get("key").asString())
                .getApplicationContext();
    }

    @AfterAll
    static void stop() throws Exception {
        if (saas != null) saas.close();
        if (muster != null) muster.close();
    }

    private static String text(byte[] body) {
        return new String(body, StandardCharsets.UTF_8);
    }

    private static int call(String method, String path, String user, String password) throws Exception {
        int port = ((WebServerApplicationContext) saas).getWebServer().getPort();
        var signIn = Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
        var request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                .method(method, BodyPublishers.noBody())
                .header("Authorization", "Basic " + signIn)
                .header("User-Agent", "saas-browser/1")
                .build();
        try (var http = HttpClient.newHttpClient()) {
            return http.send(request, BodyHandlers.discarding()).statusCode();
        }
    }

    @Test
    void a_payment_a_refused_login_and_a_new_permission_are_in_the_trail_and_proven() throws Exception {
        assertThat(call("POST", "/invoices/4711/pay?amount=1250&card=4242424242424242", "anand.k", "a guess"))
                .isEqualTo(401);
        assertThat(call("POST", "/invoices/4711/pay?amount=1250&card=4242424242424242", "anand.k", "correct horse"))
                .isEqualTo(403);
        assertThat(call("PUT", "/users/anand.k/permissions/pay", "carla.m", "battery staple"))
                .isEqualTo(200);
        assertThat(call("POST", "/invoices/4711/pay?amount=1250&card=4242424242424242", "anand.k", "correct horse"))
                .isEqualTo(200);

        var paid = proven("acme", "invoice.pay", "SUCCESS");
        assertThat(paid.get("userId").asString()).isEqualTo("anand.k");
        assertThat(paid.get("resource").asString()).isEqualTo("invoices/4711");
        assertThat(paid.get("service").asString()).isEqualTo("saas");
        assertThat(paid.get("userAgent").asString()).isEqualTo("saas-browser/1");
        assertThat(paid.at("/details/amount").asInt()).isEqualTo(1250);
        assertThat(paid.at("/details/card").asString()).isEqualTo("***");

        assertThat(proven("acme", "invoice.pay", "DENIED").get("sequence").asLong())
                .isLessThan(paid.get("sequence").asLong());

        var granted = proven("acme", "permission.grant", "SUCCESS");
        assertThat(granted.get("userId").asString()).isEqualTo("carla.m");
        assertThat(granted.get("subjectId").asString()).isEqualTo("anand.k");

        var refused = proven("platform", "authentication.failure", "FAILURE");
        assertThat(refused.get("userId").asString()).isEqualTo("anand.k");
        assertThat(refused.get("ip").asString()).isIn("127.0.0.1", "0:0:0:0:0:0:0:1", "::1");

        assertThat(numbers("acme"))
                .isEqualTo(List.of(1L, 2L, 3L, 4L, 5L, 6L)); // three sign-ins, and what was done: no gap
    }

    @Test
    void a_muster_that_is_killed_and_comes_back_has_every_event_once() throws Exception {
        var tenant = "{\"name\":\"Globex\",\"tier\":\"gold\",\"policy\":\"saas-eu\",\"home\":\"eu-west-1\"}";
        assertThat(muster.put("/api/v1/tenants/globex", tenant).statusCode()).isEqualTo(201);
        var receipts = new Receipts();
        try (var audit = AuditSender.to(URI.create(muster.url()), muster.adminKey())
                .batch(20)
                .linger(Duration.ofMillis(5))
                .backOff(Duration.ofMillis(50), Duration.ofSeconds(1))
                .listener(receipts)
                .start()) {
            for (int i = 0; i < 2000; i++) {
                audit.send(AuditEvent.of("globex", "row.read")
                        .resource("rows/" + i)
                        .build());
            }
            await().atMost(Duration.ofMinutes(1)).until(() -> audit.statistics().recorded() >= 200);
            muster.killAndStartAgain();
            assertThat(audit.flush(Duration.ofMinutes(2))).isTrue();
        }
        assertThat(receipts.lost).isEmpty();
        assertThat(receipts.all).extracting(Receipt::eventId).hasSize(2000).doesNotHaveDuplicates();
        assertThat(receipts.all)
                .extracting(Receipt::sequence)
                .doesNotHaveDuplicates()
                .isSorted();
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(Long.parseLong(
                                text(muster.get("/logs/globex/checkpoint").body())
                                        .split("\n")[1]))
                        .as("and what Muster itself did to this tenant: it was declared")
                        .isBetween(2000L, 2003L));
    }

    @Test
    void what_muster_refuses_is_told_in_its_words_and_what_it_has_already_is_not_recorded_again() throws Exception {
        var receipts = new Receipts();
        var event = AuditEvent.of("platform", "row.read").build();
        try (var audit = AuditSender.to(URI.create(muster.url()), muster.adminKey())
                .listener(receipts)
                .start()) {
            audit.send(event);
            audit.send(AuditEvent.of("nobody", "row.read").build());
            audit.send(AuditEvent.of("platform", "row.written")
                    .eventId(event.eventId())
                    .build());
            audit.send(AuditEvent.of("platform", "row.read")
                    .timestamp(Instant.EPOCH)
                    .build());
            audit.send(AuditEvent.of("platform", "row.read")
                    .userId("\0")
                    .userAgent("x".repeat(9000))
                    .build());
            assertThat(audit.flush(Duration.ofMinutes(1))).isTrue();
        }
        assertThat(receipts.all).extracting(Receipt::duplicate).containsExactly(false, false);
        assertThat(receipts.lost).hasSize(3);
        assertThat(receipts.lost.get(0)).contains("404");
        assertThat(receipts.lost.get(1)).contains("409");
        assertThat(receipts.lost.get(2)).contains("422 timestamp lies more than 10 years back");
    }

    /** The one such event, whose proof is checked by what we know ourselves: the log's key, and its name. */
    private static JsonNode proven(String tenant, String action, String status) throws Exception {
        assertThat(saas.getBean(AuditSender.class).flush(Duration.ofMinutes(1))).isTrue();
        assertThat(saas.getBean(Receipts.class).lost).isEmpty();
        var found = search(tenant, "action=" + action + "&status=" + status);
        assertThat(found).hasSize(1);
        var event = found.getFirst();
        assertThat(saas.getBean(Receipts.class).all)
                .filteredOn(receipt ->
                        receipt.eventId().toString().equals(event.get("eventId").asString()))
                .extracting(Receipt::sequence)
                .containsExactly(event.get("sequence").asLong());
        var address = "/api/v1/audit/events/" + event.get("eventId").asString();
        var keys = text(muster.get("/logs/" + tenant + "/vkey").body())
                .lines()
                .map(VerifierKey::parse)
                .toList();
        var envelope = muster.get(address + "/envelope").body();
        var proof = await().atMost(Duration.ofSeconds(30)) // a checkpoint follows within a second or so
                .until(() -> muster.get(address + "/proof"), answer -> answer.statusCode() == 200);

        var sealed = JSON.readTree(envelope);
        assertThat(CanonicalJson.of(text(envelope))).isEqualTo(envelope);
        assertThat(sealed.get("id")).isEqualTo(event.get("eventId"));
        assertThat(sealed.get("action").asString()).isEqualTo(action);
        assertThat(text(envelope)).doesNotContain("anand.k", "carla.m"); // people are in it only sealed

        var entry = JSON.createObjectNode()
                .put("at", sealed.get("recorded_at").asString())
                .put(
                        "c",
                        Base64.getEncoder()
                                .encodeToString(
                                        MessageDigest.getInstance("SHA-256").digest(envelope)))
                .put("id", sealed.get("id").asString())
                .put("v", 1);
        var tlog = TlogProof.parse(proof.body());
        var checkpoint = tlog.verify(
                Hash.ofLeaf(CanonicalJson.of(entry.toString())), keys.getFirst().name(), keys);
        assertThat(tlog.index()).isEqualTo(event.get("sequence").asLong());
        assertThat(checkpoint.size()).isGreaterThan(tlog.index());
        return event;
    }

    private static List<JsonNode> search(String tenant, String wanted) throws Exception {
        var answer = muster.get("/api/v1/audit?tenantId=" + tenant + "&" + wanted);
        assertThat(answer.statusCode()).as(text(answer.body())).isEqualTo(200);
        var items = new ArrayList<JsonNode>();
        JSON.readTree(answer.body()).get("items").forEach(items::add);
        return items;
    }

    /** The sender's, of all events of the tenant that came from this application. */
    private static List<Long> numbers(String tenant) throws Exception {
        return search(tenant, "service=saas").stream()
                .map(event -> event.at("/details/_source/seq").asLong())
                .sorted()
                .toList();
    }
}
