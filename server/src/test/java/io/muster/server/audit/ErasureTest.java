package io.muster.server.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.deadline.PassingTime;
import io.muster.server.testing.Http;
import io.muster.server.testing.ServerTest;
import io.muster.server.testing.Story;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

@ServerTest
class ErasureTest {

    @Autowired
    Http http;

    @Autowired
    TestEvents events;

    @Autowired
    PassingTime time;

    @Autowired
    JdbcClient db;

    @Autowired
    Sealing sealing;

    @BeforeEach
    void tenants() {
        new Story(http, db, time.now()).tell();
    }

    @Test
    void what_was_sealed_for_a_person_is_gone_and_every_proof_still_holds() throws Exception {
        var byAnand = record("\"userId\":\"anand.k\",\"ip\":\"192.0.2.7\"");
        var aboutAnand = record("\"userId\":\"lin\",\"subjectId\":\"anand.k\"");
        var ofAnandBySystem = record("\"subjectId\":\"anand.k\"");
        var byLin = record("\"userId\":\"lin\",\"ip\":\"192.0.2.7\"");
        var proof = events.proof(byAnand);

        var answer = erase("\"userId\":\"anand.k\"");
        assertThat(answer.get("erased").get("events").intValue()).isEqualTo(3);

        var first = shown(byAnand);
        assertThat(first.get("erased").booleanValue()).isTrue();
        for (var member : new String[] {"userId", "ip", "details"})
            assertThat(first.get(member).isNull()).as(member).isTrue();
        assertThat(first.get("action").stringValue()).isEqualTo("LOOK");
        var second = shown(aboutAnand);
        assertThat(second.get("userId").stringValue()).isEqualTo("lin");
        assertThat(second.get("subjectId").isNull()).isTrue();
        assertThat(second.get("details").isNull()).isTrue();
        assertThat(shown(ofAnandBySystem).get("details").isNull()).isTrue();
        assertThat(shown(byLin).has("erased")).isFalse();

        events.proven("montclair", byAnand, proof);
        events.proven("montclair", byAnand, events.proof(byAnand));
        assertThat(db.sql("select max(n) from (select count(*) as n from sealed.audit_trait group by lookup) as each")
                        .query(Integer.class)
                        .single())
                .isEqualTo(1);
    }

    @Test
    void the_record_of_an_erasure_says_who_did_it_and_why_but_not_of_whom() {
        record("\"userId\":\"anand.k\"");
        var answer = erase("\"subjectId\":\"anand.k\"");
        var record = shown(answer.get("eventId").stringValue());
        assertThat(record.get("action").stringValue()).isEqualTo("audit.erased");
        assertThat(record.get("userId").stringValue()).startsWith("admin");
        assertThat(record.get("subjectId").isNull()).isTrue();
        assertThat(record.get("resource").stringValue())
                .isEqualTo("/audit/erasures/" + answer.get("id").stringValue());
        // the tenant's declaration, the event, the erasure and its reason
        assertThat(http.get("/logs/montclair/checkpoint").body()).contains("\n4\n");
    }

    @Test
    void who_comes_back_after_it_is_another_person() {
        record("\"userId\":\"anand.k\"");
        erase("\"userId\":\"anand.k\"");
        var again = record("\"userId\":\"anand.k\"");
        assertThat(shown(again).get("userId").stringValue()).isEqualTo("anand.k");
        assertThat(erase("\"userId\":\"anand.k\"").get("erased").get("events").intValue())
                .isEqualTo(1);
        assertThat(erase("\"userId\":\"nobody.of.that.name\"")
                        .get("erased")
                        .get("events")
                        .intValue())
                .isZero();
    }

    @Test
    void what_another_server_sealed_before_an_erasure_is_sealed_anew() {
        record("\"userId\":\"anand.k\"");
        // this server does not hear of an erasure that another one commits
        db.sql(
                        "delete from sealed.audit_person where ref in (select ref from sealed.audit_person order by created_at limit 5)")
                .update();
        db.sql("update audit_head set seal = gen_random_uuid()").update();
        var again = record("\"userId\":\"anand.k\"");
        assertThat(shown(again).get("userId").stringValue()).isEqualTo("anand.k");
    }

    @Test
    void only_an_admin_erases_and_only_one_person_with_a_reason() {
        record("\"userId\":\"anand.k\"");
        var key = http.post("/api/v1/keys", """
                {"name":"ci","may":"write"}""").json().get("key").stringValue();
        var body = """
                {"tenantId":"montclair","subject":{"userId":"anand.k"},"reason":"asked"}""";
        assertThat(http.send(http.request("POST", "/api/v1/audit/erasures", body)
                                .header("X-Api-Key", key))
                        .status())
                .isEqualTo(403);
        assertThat(http.post("/api/v1/audit/erasures", body.replace("\"reason\":\"asked\"", "\"reason\":\"\""))
                        .status())
                .isEqualTo(422);
        assertThat(http.post("/api/v1/audit/erasures", body.replace("{\"userId\":\"anand.k\"}", "{}"))
                        .status())
                .isEqualTo(422);
        assertThat(http.post("/api/v1/audit/erasures", body.replace("montclair", "nowhere"))
                        .status())
                .isEqualTo(404);
    }

    private String record(String members) {
        return events.sent(
                "montclair", "\"action\":\"LOOK\",\"resource\":\"/users/1\",\"details\":{\"k\":1}," + members);
    }

    private JsonNode erase(String subject) {
        var answer = http.post(
                "/api/v1/audit/erasures",
                "{\"tenantId\":\"montclair\",\"subject\":{" + subject + "},\"reason\":\"GDPR Art. 17 request 4711\"}");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json();
    }

    private JsonNode shown(String id) {
        return http.get(TestEvents.PATH + "/" + id).json();
    }
}
