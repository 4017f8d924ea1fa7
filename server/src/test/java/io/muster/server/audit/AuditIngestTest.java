package io.muster.server.audit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.merklelog.CanonicalJson;
import io.muster.merklelog.Checkpoint;
import io.muster.merklelog.SignedNote;
import io.muster.server.deadline.PassingTime;
import io.muster.server.testing.Http;
import io.muster.server.testing.Http.Answer;
import io.muster.server.testing.ServerTest;
import io.muster.server.testing.Story;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

@ServerTest
class AuditIngestTest {
    private static final String PATH = TestEvents.PATH;

    private static final String EVENT = """
            {"tenantId":"montclair","userId":"anand.k","action":"UPDATE_USER_PROFILE","timestamp":"2026-03-01T02:59:30Z",
             "resource":"/users/1234","status":"SUCCESS","ip":"192.168.10.2","userAgent":"Mozilla/5.0",
             "details":{"fieldChanged":"email","oldValue":"old@example.com","newValue":"new@example.com"}}""";

    @Autowired
    Http http;

    @Autowired
    TestEvents events;

    @Autowired
    PassingTime time;

    @Autowired
    JdbcClient db;

    @Autowired
    JsonMapper json;

    @BeforeEach
    void tenants() {
        new Story(http, db, time.now()).tell();
    }

    @Test
    void an_event_is_answered_with_a_receipt_and_its_proof_holds() throws Exception {
        var answer = http.post(PATH, EVENT);
        assertThat(answer.status()).isEqualTo(201);
        var receipt = answer.json();
        assertThat(receipt.get("tenantId").stringValue()).isEqualTo("montclair");
        assertThat(receipt.get("receivedAt").stringValue()).isEqualTo("2026-03-01T03:00:00.000Z");
        assertThat(receipt.get("duplicate").booleanValue()).isFalse();
        var id = receipt.get("eventId").stringValue();

        var envelope = events.envelope(id);
        var leaf = SealedEvent.leaf(time.now(), SealedEvent.sha256(envelope), java.util.UUID.fromString(id));
        assertThat(CanonicalJson.of(new String(envelope, UTF_8))).isEqualTo(envelope);
        assertThat(leaf.toString()).isEqualTo(receipt.get("leafHash").stringValue());
        assertThat(events.proven("montclair", id, events.proof(id)).index())
                .isEqualTo(receipt.get("sequence").longValue());
    }

    @Test
    void what_was_sent_is_shown_and_the_envelope_commits_to_it() {
        var id = http.post(PATH, EVENT).json().get("eventId").stringValue();
        var shown = http.get(PATH + "/" + id).json();
        var sent = json.readTree(EVENT);
        for (var member : sent.propertyNames()) {
            if (!member.equals("timestamp"))
                assertThat(shown.get(member)).as(member).isEqualTo(sent.get(member));
        }
        assertThat(shown.get("timestamp").stringValue()).isEqualTo("2026-03-01T02:59:30.000Z");
        assertThat(shown.get("sequence").longValue()).isZero();
        assertThat(shown.has("erased")).isFalse();
    }

    @Test
    void nothing_personal_is_stored_in_clear() {
        http.post(PATH, EVENT);
        var stored = db.sql("select string_agg(r::text, '') from sealed.audit_person r")
                        .query(String.class)
                        .single()
                + db.sql("select string_agg(r::text, '') from sealed.audit_trait r")
                        .query(String.class)
                        .single()
                + stored("convert_from(envelope, 'UTF8') || words::text || action");
        assertThat(stored).contains("UPDATE_USER_PROFILE");
        assertThat(stored).doesNotContain("anand", "192.168", "Mozilla", "example.com", "fieldChanged");
    }

    @Test
    void an_array_is_answered_item_by_item() {
        var array = "[" + EVENT + ",{\"tenantId\":\"montclair\"}," + EVENT.replace("montclair", "nobody-knows") + ","
                + EVENT.replace("montclair", "redwood") + "]";
        var answer = http.post(PATH, array);
        assertThat(answer.status()).isEqualTo(207);
        assertThat(statuses(answer)).containsExactly(201, 422, 404, 201);
        assertThat(answer.json().get("recorded").intValue()).isEqualTo(2);
        assertThat(answer.json().get("refused").intValue()).isEqualTo(2);
        assertThat(answer.json().get("items").get(1).get("errors").toString()).contains("action", "timestamp");
        assertThat(http.post(PATH, "[{}]").status()).isEqualTo(422);
        assertThat(http.post(PATH, "[" + EVENT + "]").status()).isEqualTo(201);
    }

    @Test
    void lines_are_answered_line_by_line() {
        var line = EVENT.replace("\n", "");
        var answer = http.send(http.request("POST", PATH, line + "\n\n{nonsense\n" + line + "\n[" + line + "]")
                .setHeader("Content-Type", "application/x-ndjson")
                .header("X-Api-Key", http.adminKey()));
        assertThat(answer.status()).isEqualTo(207);
        assertThat(statuses(answer)).containsExactly(201, 400, 201, 400);
    }

    @Test
    void a_repeat_is_answered_with_the_first_receipt() {
        var event = EVENT.replaceFirst("\\{", "{\"eventId\":\"0195b1f4-2d0c-7c3e-9b61-5a0f6a7c1d20\",");
        var first = http.post(PATH, event);
        var again = http.post(PATH, event);
        assertThat(first.status()).isEqualTo(201);
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.json().get("duplicate").booleanValue()).isTrue();
        for (var member : List.of("eventId", "sequence", "leafHash", "receivedAt")) {
            assertThat(again.json().get(member)).isEqualTo(first.json().get(member));
        }
        assertThat(http.post(PATH, event.replace("new@", "other@")).status()).isEqualTo(409);
        assertThat(http.post(PATH, event.replace("montclair", "redwood")).status())
                .isEqualTo(201);
        assertThat(statuses(http.post(PATH, "[" + event + "," + event.replace("old@", "x@") + "]")))
                .containsExactly(200, 409);
    }

    @Test
    void one_array_may_hold_an_event_twice() {
        var event = EVENT.replaceFirst("\\{", "{\"eventId\":\"0195b1f4-2d0c-7c3e-9b61-5a0f6a7c1d20\",");
        assertThat(statuses(http.post(PATH, "[" + event + "," + event + "]"))).containsExactly(201, 200);
    }

    @Test
    void an_idempotency_key_covers_the_whole_body() {
        var both = "[" + EVENT + "," + EVENT.replace("anand.k", "lin") + "]";
        var first = keyed("k-1", both);
        var again = keyed("k-1", both);
        assertThat(first.status()).isEqualTo(201);
        assertThat(statuses(first)).containsExactly(201, 201);
        assertThat(statuses(again)).containsExactly(200, 200);
        assertThat(again.json().get("items").get(1).get("sequence"))
                .isEqualTo(first.json().get("items").get(1).get("sequence"));
        assertThat(keyed("k-1", "[" + EVENT + "]").status()).isEqualTo(409);
        assertThat(keyed("k-2", "[" + EVENT + "]").status()).isEqualTo(201);
        assertThat(keyed("k-3", EVENT).status()).isEqualTo(201);
        assertThat(keyed("k-3", EVENT).status()).isEqualTo(200);
        assertThat(keyed("k-3", EVENT.replace("lin", "x").replace("old@", "x@")).status())
                .isEqualTo(409);
    }

    @Test
    void idempotency_keys_are_forgotten_after_eight_days_and_not_before() {
        keyed("k-1", EVENT);
        time.passes(Duration.ofDays(7));
        keyed("k-2", EVENT.replace("02-28", "03-08"));
        assertThat(keyed("k-1", EVENT).status()).isEqualTo(200);
        assertThat(keys()).isEqualTo(2);
        time.passes(Duration.ofDays(1).plusSeconds(1));
        assertThat(keys()).isEqualTo(1);
        time.passes(Duration.ofDays(8));
        assertThat(keys()).isZero();
    }

    private int keys() {
        return db.sql("select count(*) from audit_request").query(Integer.class).single();
    }

    @Test
    void the_whole_log_is_what_its_checkpoint_says() throws Exception {
        for (int batch = 0; batch < 3; batch++) {
            int from = batch;
            var array = IntStream.range(0, 200)
                    .mapToObj(i -> EVENT.replace("anand.k", "user-" + (i + from) % 7))
                    .collect(Collectors.joining(",", "[", "]"));
            assertThat(http.post(PATH, array).status()).isEqualTo(201);
        }
        time.passes(Duration.ofSeconds(2));
        var keys = events.keys("montclair");
        var note = SignedNote.parse(
                http.get("/logs/montclair/checkpoint").response().body());
        var checkpoint = Checkpoint.open(note, keys.getFirst().name(), keys);
        assertThat(checkpoint.size()).isEqualTo(600);
        var frontier = io.muster.merklelog.Frontier.EMPTY;
        for (var path : List.of("entries/000", "entries/001", "entries/002.p/88")) {
            var bundle = (io.muster.merklelog.Bundle) io.muster.merklelog.TilePath.parse("tile/" + path);
            var content = http.get("/logs/montclair/tile/" + path).response().body();
            frontier = frontier.append(bundle.leaves(content));
        }
        assertThat(frontier.root()).isEqualTo(checkpoint.root());
        assertThat(http.get("/logs/montclair/tile/1/000.p/2").response().body()).hasSize(64);
        assertThat(http.get("/logs/montclair/tile/0/000").response().body()).hasSize(8192);
        assertThat(http.get("/logs/montclair/tile/0/002.p/89").status()).isEqualTo(404);
        assertThat(http.get("/logs/montclair/tile/0/2").status()).isEqualTo(404);
        assertThat(db.sql("select count(*) from audit_tile").query(Long.class).single())
                .isEqualTo(2);
    }

    @Test
    void a_tenants_key_writes_and_reads_its_own_log_alone() {
        var id = http.post(PATH, EVENT.replace("montclair", "redwood"))
                .json()
                .get("eventId")
                .stringValue();
        var key = http.post("/api/v1/keys", """
                {"name":"theirs","may":"write","tenant":"montclair"}""").json().get("key").stringValue();
        assertThat(with(key, "POST", PATH, EVENT).status()).isEqualTo(201);
        assertThat(with(key, "POST", PATH, EVENT.replace("montclair", "redwood"))
                        .status())
                .isEqualTo(404);
        assertThat(with(key, "GET", "/logs/montclair/checkpoint", null).status())
                .isEqualTo(200);
        for (var path : List.of("checkpoint", "vkey", "tile/0/000.p/1", "tile/entries/000.p/1")) {
            assertThat(with(key, "GET", "/logs/redwood/" + path, null).status())
                    .as(path)
                    .isEqualTo(404);
        }
        for (var path : List.of("", "/envelope", "/proof")) {
            assertThat(with(key, "GET", PATH + "/" + id + path, null).status()).isEqualTo(404);
            assertThat(with(key, "GET", PATH + "/" + id + path + "?tenantId=redwood", null)
                            .status())
                    .isEqualTo(404);
            assertThat(http.get(PATH + "/" + id + path).status()).isEqualTo(200);
        }
        var reads = http.post("/api/v1/keys", """
                {"name":"looks","may":"read","tenant":"montclair"}""").json().get("key").stringValue();
        assertThat(with(reads, "POST", PATH, EVENT).status()).isEqualTo(403);
        assertThat(http.send(http.request("POST", PATH, EVENT)).status()).isEqualTo(401);
    }

    @Test
    void what_is_wrong_is_told_and_changes_nothing() {
        refused(422, EVENT.replace("\"action\"", "\"acton\""), "acton");
        refused(422, EVENT.replace("2026-03-01T02:59:30Z", "2026-03-01T03:05:01Z"), "5 min ahead");
        refused(422, EVENT.replace("2026-03-01T02:59:30Z", "2016-02-01T03:00:00Z"), "10 years");
        refused(422, EVENT.replace("2026-03-01T02:59:30Z", "yesterday"), "instant");
        refused(422, EVENT.replace("SUCCESS", "OK"), "SUCCESS, FAILURE or DENIED");
        refused(422, EVENT.replace("{\"fieldChanged\"", "{\"n\":12345678901234567890123,\"fieldChanged\""), "number");
        refused(422, EVENT.replace("\"email\"", "[".repeat(15) + "]".repeat(15)), "deeper than 16");
        refused(413, EVENT.replace("Mozilla/5.0", "x".repeat(256 << 10)), "262144");
        refused(400, EVENT.replace("Mozilla", "Moz\\u0000illa"), "NUL");
        refused(400, EVENT.replace("Mozilla", "Moz\\ud800illa"), "surrogate");
        refused(400, EVENT + "x", "");
        refused(400, "[" + EVENT + ",", "");
        refused(404, EVENT.replace("\"montclair\"", "\"muster\""), "");
        assertThat(http.post(PATH, "[" + "{},".repeat(1_000) + "{}]").status()).isEqualTo(413);
        assertThat(http.send(http.request("POST", PATH, EVENT)
                                .setHeader("Content-Type", "text/csv")
                                .header("X-Api-Key", http.adminKey()))
                        .status())
                .isEqualTo(415);
    }

    @Test
    void secrets_are_taken_out_before_anything_is_stored() {
        var event = EVENT.replace(
                "{\"fieldChanged\"",
                "{\"password\":\"hunter2\",\"nested\":{\"Api-Key\":\"k\",\"header\":\"Bearer abcdefghijklmnop\"},\"fieldChanged\"");
        var id = http.post(PATH, event).json().get("eventId").stringValue();
        var details = http.get(PATH + "/" + id).json().get("details").toString();
        assertThat(details).contains("\"password\":\"[redacted]\"", "\"Api-Key\":\"[redacted]\"", "Bearer [redacted]");
        assertThat(details).doesNotContain("hunter2", "abcdefghijklmnop");
    }

    private void refused(int status, String body, String says) {
        var answer = http.post(PATH, body);
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.body()).contains(says);
        assertThat(db.sql("select coalesce(sum(size), 0) from audit_head")
                        .query(Long.class)
                        .single())
                .isZero();
    }

    private Answer keyed(String key, String body) {
        return http.send(http.request("POST", PATH, body)
                .header("X-Api-Key", http.adminKey())
                .header("Idempotency-Key", key));
    }

    private Answer with(String key, String method, String path, String body) {
        return http.send(http.request(method, path, body).header("X-Api-Key", key));
    }

    private static List<Integer> statuses(Answer answer) {
        return answer.json()
                .get("items")
                .valueStream()
                .map(item -> item.get("status").intValue())
                .toList();
    }

    private String stored(String what) {
        return db.sql("with reads as (select set_config('muster.log', '*', false)) select string_agg(" + what
                        + ", '') from reads, audit_event")
                .query(String.class)
                .single();
    }
}
