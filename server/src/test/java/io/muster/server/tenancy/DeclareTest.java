package io.muster.server.tenancy;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.testing.Http;
import io.muster.server.testing.ServerTest;
import io.muster.server.testing.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;

/** Contract section 1, by the nouns of section 2. */
@ServerTest
class DeclareTest {

    static final String EU_ONLY = """
            {"name":"EU only","allow":["EU","EEA"],"default":"deny","max_dwell":"PT15M"}
            """;
    static final String ACME = """
            {"name":"Acme GmbH","tier":"gold","policy":"eu-only","home":"eu-west-1","contacts":["dpo@acme.example"],"labels":{"industry":"health"}}
            """;
    static final String INTAKE = """
            {"region":"us-east-1","role":"intake","kind":"postgresql","url":"postgresql://db.internal:5432/intake?sslmode=verify-full","user":"env:MUSTER_SECRET_INTAKE_USER","password":"file:intake"}
            """;

    @Autowired
    Http http;

    @Autowired
    TestClock time;

    @Test
    void all_shipped_regions_are_there_under_their_providers_codes() {
        var ids = new HashSet<String>();
        var path = "/api/v1/regions?limit=100";
        for (var next = ""; next != null; ) {
            var page = http.get(path + next).json();
            page.get("items").forEach(item -> ids.add(item.get("id").stringValue()));
            var cursor = page.get("next");
            next = cursor.isNull() ? null : "&cursor=" + cursor.stringValue();
            if (next != null) assertThat(cursor.stringValue()).matches("[A-Za-z0-9_-]+");
        }
        assertThat(ids).hasSize(231).contains("eu-west-1", "GRA");
        assertThat(http.get("/api/v1/regions/eu-west-1").body())
                .startsWith("{\"id\":\"eu-west-1\",\"provider\":\"aws\",\"name\":\"Dublin\",\"city\":\"Dublin\","
                        + "\"country\":\"IE\",\"jurisdiction\":\"EU\",\"lat\":53.3498,\"lon\":-6.2603,");
    }

    @Test
    void three_tiers_are_there_from_the_start() {
        var gold = http.get("/api/v1/tiers/gold").json();
        assertThat(gold.get("rto").stringValue()).isEqualTo("PT1H");
        assertThat(gold.get("rpo").stringValue()).isEqualTo("PT15M");
        assertThat(http.get("/api/v1/tiers/silver").status()).isEqualTo(200);
        assertThat(http.get("/api/v1/tiers/bronze").json().get("rto").stringValue())
                .isEqualTo("PT12H");
    }

    @Test
    void put_creates_then_replaces_and_an_equal_one_changes_nothing() {
        var created = http.put("/api/v1/policies/eu-only", EU_ONLY);
        assertThat(created.status()).isEqualTo(201);
        assertThat(created.header("ETag")).isEqualTo("\"1\"");
        assertThat(created.json().get("created_at").stringValue()).isEqualTo("2026-03-01T03:00:00.000Z");
        assertThat(created.json().get("deny").isEmpty()).isTrue();

        time.advance(Duration.ofMinutes(1));
        var equal = http.put("/api/v1/policies/eu-only", EU_ONLY.replace("\"default\"", "\"deny\":[],\"default\""));
        assertThat(equal.status()).isEqualTo(200);
        assertThat(equal.body()).isEqualTo(created.body());

        var replaced = http.put("/api/v1/policies/eu-only", EU_ONLY.replace("PT15M", "PT10M"));
        assertThat(replaced.status()).isEqualTo(200);
        assertThat(replaced.header("ETag")).isEqualTo("\"2\"");
        assertThat(replaced.json().get("updated_at").stringValue()).isEqualTo("2026-03-01T03:01:00.000Z");
        assertThat(replaced.json().get("created_at")).isEqualTo(created.json().get("created_at"));
        assertThat(http.get("/api/v1/policies/eu-only").body()).isEqualTo(replaced.body());
    }

    @Test
    void whole_object_comes_back_as_it_was_declared() {
        acme();
        assertThat(http.put("/api/v1/stores/intake-us", INTAKE).body())
                .isEqualTo("{\"id\":\"intake-us\",\"region\":\"us-east-1\",\"role\":\"intake\",\"kind\":\"postgresql\","
                        + "\"zone\":null,\"tenants\":\"all\","
                        + "\"url\":\"postgresql://db.internal:5432/intake?sslmode=verify-full\","
                        + "\"user\":\"env:MUSTER_SECRET_INTAKE_USER\",\"password\":\"file:intake\","
                        + "\"created_at\":\"2026-03-01T03:00:00.000Z\",\"updated_at\":\"2026-03-01T03:00:00.000Z\","
                        + "\"version\":1}");
        assertThat(http.get("/api/v1/tenants/acme").body())
                .isEqualTo("{\"id\":\"acme\",\"name\":\"Acme GmbH\",\"tier\":\"gold\",\"policy\":\"eu-only\","
                        + "\"home\":\"eu-west-1\",\"contacts\":[\"dpo@acme.example\"],"
                        + "\"labels\":{\"industry\":\"health\"},\"created_at\":\"2026-03-01T03:00:00.000Z\","
                        + "\"updated_at\":\"2026-03-01T03:00:00.000Z\",\"version\":1}");
    }

    @Test
    void patch_merges_and_null_removes() {
        acme();
        var patched = http.send(
                "PATCH",
                "/api/v1/tenants/acme",
                "{\"tier\":\"silver\",\"labels\":{\"industry\":null,\"size\":\"xl\"}}");
        assertThat(patched.status()).isEqualTo(200);
        assertThat(patched.json().get("tier").stringValue()).isEqualTo("silver");
        assertThat(patched.json().get("labels").toString()).isEqualTo("{\"size\":\"xl\"}");
        assertThat(patched.json().get("name").stringValue()).isEqualTo("Acme GmbH");
        assertThat(http.send("PATCH", "/api/v1/tenants/acme", "{\"tier\":null}").status())
                .isEqualTo(422);
        assertThat(http.send("PATCH", "/api/v1/tenants/nobody", "{}").status()).isEqualTo(404);
        assertThat(http.send("PATCH", "/api/v1/tenants/acme", "{}")
                        .json()
                        .get("version")
                        .intValue())
                .isEqualTo(2);
    }

    @Test
    void if_match_that_does_not_fit_is_412_and_changes_nothing() {
        acme();
        assertThat(conditional("PUT", ACME.replace("gold", "silver"), "\"2\"").status())
                .isEqualTo(412);
        assertThat(conditional("PUT", ACME.replace("gold", "silver"), "W/\"1\"").status())
                .isEqualTo(412);
        assertThat(conditional("DELETE", null, "\"7\"").status()).isEqualTo(412);
        assertThat(http.get("/api/v1/tenants/acme").json().get("tier").stringValue())
                .isEqualTo("gold");
        assertThat(conditional("PUT", ACME.replace("gold", "silver"), "\"1\"").status())
                .isEqualTo(200);
        assertThat(conditional("DELETE", null, "\"2\"").status()).isEqualTo(204);
        assertThat(conditional("PUT", ACME, "*").status()).isEqualTo(412);
    }

    @Test
    void what_is_referred_to_is_409_and_names_what_refers_to_it() {
        acme();
        var inUse = http.delete("/api/v1/policies/eu-only");
        assertThat(inUse.status()).isEqualTo(409);
        assertThat(inUse.json().get("type").stringValue()).isEqualTo("/problems/in_use");
        assertThat(inUse.json().get("used_by").toString()).isEqualTo("[\"tenants/acme\"]");
        assertThat(http.delete("/api/v1/tiers/gold").status()).isEqualTo(409);
        assertThat(http.delete("/api/v1/regions/eu-west-1").status()).isEqualTo(409);
        assertThat(http.delete("/api/v1/tenants/acme").status()).isEqualTo(204);
        assertThat(http.delete("/api/v1/policies/eu-only").status()).isEqualTo(204);
        assertThat(http.delete("/api/v1/policies/eu-only").status()).isEqualTo(404);
        assertThat(http.get("/api/v1/policies/eu-only").status()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "tenants/acme   | {\"tier\":\"gold\",\"policy\":\"eu-only\",\"home\":\"eu-west-1\"}                        | name",
                "tenants/acme   | {\"name\":\"A\",\"tier\":\"golden\",\"policy\":\"eu-only\",\"home\":\"eu-west-1\"}      | tier",
                "tenants/acme   | {\"name\":\"A\",\"tier\":\"gold\",\"policy\":\"none\",\"home\":\"eu-west-1\"}           | policy",
                "tenants/acme   | {\"name\":\"A\",\"tier\":\"gold\",\"policy\":\"eu-only\",\"home\":\"mars-1\"}           | home",
                "tenants/acme   | {\"name\":7,\"tier\":\"gold\",\"policy\":\"eu-only\",\"home\":\"eu-west-1\"}            | name",
                "tenants/acme   | {\"nmae\":\"A\",\"tier\":\"gold\",\"policy\":\"eu-only\",\"home\":\"eu-west-1\"}        | nmae",
                "tenants/Acme   | {\"name\":\"A\",\"tier\":\"gold\",\"policy\":\"eu-only\",\"home\":\"eu-west-1\"}        | id",
                "policies/p     | {\"name\":\"P\",\"default\":\"deny\",\"max_dwell\":\"PT-1S\"}                          | max_dwell",
                "policies/p     | {\"name\":\"P\",\"default\":\"deny\",\"max_dwell\":\"P1M\"}                            | max_dwell",
                "policies/p     | {\"name\":\"P\",\"default\":\"deny\",\"max_dwell\":900}                                | max_dwell",
                "policies/p     | {\"name\":\"P\",\"default\":\"maybe\",\"max_dwell\":\"PT1M\"}                          | default",
                "policies/p     | {\"name\":\"P\",\"max_dwell\":\"PT1M\"}                                                | default",
                "policies/p     | {\"name\":\"P\",\"default\":\"deny\"}                                                  | max_dwell",
                "policies/p     | {\"name\":\"P\",\"extends\":\"nothing\"}                                               | extends",
                "policies/p     | {\"name\":\"P\",\"extends\":\"p\"}                                                     | extends",
                "policies/p     | {\"name\":\"P\",\"default\":\"deny\",\"max_dwell\":\"PT1M\",\"allow\":[\"region:mars-1\"]} | allow[0]",
                "policies/p     | {\"name\":\"P\",\"default\":\"deny\",\"max_dwell\":\"PT1M\",\"deny\":[\"DE\"]}         | deny[0]",
                "policies/p     | {\"name\":\"P\",\"default\":\"deny\",\"max_dwell\":\"PT1M\",\"deny\":\"EU\"}           | deny",
                "policies/p     | {\"name\":\"P\",\"default\":\"deny\",\"max_dwell\":\"PT1M\",\"conditional\":[{\"to\":[]}]} | conditional[0].to",
                "stores/s       | {\"region\":\"us-east-1\",\"role\":\"intake\",\"kind\":\"oracle\"}                     | kind",
                "stores/s       | {\"region\":\"us-east-1\",\"role\":\"intake\",\"kind\":\"other\",\"tenants\":[\"who\"]} | tenants",
                "stores/s       | {\"region\":\"us-east-1\",\"role\":\"intake\",\"kind\":\"other\",\"tenants\":\"some\"} | tenants",
                "stores/s       | {\"region\":\"us-east-1\",\"role\":\"intake\",\"kind\":\"other\",\"user\":\"root\"}    | user",
                "regions/own-1  | {\"provider\":\"own\",\"name\":\"X\",\"city\":\"X\",\"country\":\"CH\",\"jurisdiction\":\"CH\",\"lat\":91,\"lon\":0} | lat",
                "regions/own-1  | {\"provider\":\"own\",\"name\":\"X\",\"city\":\"X\",\"country\":\"CH\",\"jurisdiction\":\"CH\",\"lat\":1e999,\"lon\":0} | lat",
                "tiers/t        | {\"name\":\"T\",\"rto\":\"PT1H\"}                                                      | rpo",
                "transfers/t    | {\"tenant\":\"nobody\",\"from\":\"EU\",\"to\":\"US\",\"mechanism\":\"m\",\"document\":\"d\",\"approver\":\"a\",\"expires_at\":\"2027-06-30T00:00:00Z\"} | tenant",
                "transfers/t    | {\"tenant\":\"nobody\",\"from\":\"EU\",\"to\":\"US\",\"mechanism\":\"m\",\"document\":\"d\",\"approver\":\"a\",\"expires_at\":\"soon\"} | expires_at",
            })
    void wrong_member_is_422_and_named(String path, String body, String field) {
        http.put("/api/v1/policies/eu-only", EU_ONLY);
        var refused = http.put("/api/v1/" + path, body);
        assertThat(refused.status()).as(refused.body()).isEqualTo(422);
        var fields = new ArrayList<String>();
        refused.json()
                .get("errors")
                .forEach(error -> fields.add(error.get("field").stringValue()));
        assertThat(fields).as(refused.body()).contains(field);
        assertThat(http.get("/api/v1/" + path).status()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "postgresql | postgresql://u@db/x",
                "postgresql | postgresql://u:p@db/x",
                "postgresql | postgresql://db/x?user=root",
                "postgresql | postgresql://db/x?sslmode=require&socketFactory=Evil",
                "postgresql | postgresql://db/x?sslmode=sometimes",
                "postgresql | postgresql://db/x?sslmode=require;a=b",
                "postgresql | postgresql://db/x#y",
                "postgresql | postgresql://db",
                "postgresql | postgresql://a,b/x",
                "postgresql | postgresql:///x",
                "postgresql | jdbc:postgresql://db/x",
                "postgresql | https://db/x",
                "postgresql | nonsense",
                "mysql      | mysql://u:p@db/x",
                "mysql      | postgresql://db/x",
                "mysql      | mysql://db/x?sslmode=prefer",
                "mysql      | mysql://db/x?allowLocalInfile=true",
                "mysql      | mysql://db/x?sslmode=disable&allowMultiQueries=true",
                "mysql      | mysql://a,b/x",
                "mysql      | mysql://db/x?autoDeserialize=true",
                "sqlserver  | sqlserver://db/x;integratedSecurity=true",
                "sqlserver  | sqlserver://db/x?sslmode=verify-ca",
                "sqlserver  | sqlserver://db",
                "s3         | https://u:p@minio.internal/bucket",
                "s3         | https://minio.internal/bucket?X-Amz-Signature=1",
                "azure-blob | https://a.blob.core.windows.net/c?sv=1&sig=u:p",
            })
    void url_of_a_store_holds_no_secret_and_no_parameter_but_sslmode(String kind, String url) {
        var refused = http.put(
                "/api/v1/stores/s",
                "{\"region\":\"us-east-1\",\"role\":\"intake\",\"kind\":\"" + kind + "\",\"url\":\"" + url + "\"}");
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.json().get("errors").get(0).get("field").stringValue())
                .isEqualTo("url");
        assertThat(refused.body()).doesNotContain("u:p");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mysql      | mysql://db.internal:3306/intake?sslmode=require",
                "mysql      | mariadb://db.internal/intake",
                "sqlserver  | sqlserver://db.internal:1433/intake?sslmode=verify-full",
                "s3         | s3://bucket",
                "s3         | https://minio.internal:9000/bucket",
                "azure-blob | https://account.blob.core.windows.net/container",
            })
    void url_of_a_store_says_where_it_is(String kind, String url) {
        var answer = http.put(
                "/api/v1/stores/s",
                "{\"region\":\"us-east-1\",\"role\":\"intake\",\"kind\":\"" + kind + "\",\"url\":\"" + url + "\"}");
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        assertThat(answer.json().get("url").stringValue()).isEqualTo(url);
    }

    @Test
    void cycle_of_policies_is_refused() {
        http.put("/api/v1/policies/a", EU_ONLY);
        http.put("/api/v1/policies/b", "{\"name\":\"B\",\"extends\":\"a\"}");
        http.put("/api/v1/policies/c", "{\"name\":\"C\",\"extends\":\"b\"}");
        var cycle = http.put("/api/v1/policies/a", "{\"name\":\"A\",\"extends\":\"c\"}");
        assertThat(cycle.status()).isEqualTo(422);
        assertThat(cycle.body()).contains("extends goes in a circle: a > c > b > a");
        assertThat(http.delete("/api/v1/policies/b").status()).isEqualTo(409);
    }

    @Test
    void policy_inherits_what_it_does_not_give() {
        var policy = http.put("/api/v1/policies/mine", "{\"name\":\"Mine\",\"extends\":\"gdpr-eea-only\"}")
                .json();
        assertThat(policy.get("allow")).isNull();
        assertThat(policy.get("effective").get("allow").toString()).isEqualTo("[\"EU\",\"EEA\"]");
        assertThat(policy.get("effective").get("notify_within").stringValue()).isEqualTo("PT72H");
        http.put("/api/v1/policies/child", "{\"name\":\"Child\",\"extends\":\"mine\",\"notify_within\":null}");
        http.put("/api/v1/policies/mine", "{\"name\":\"Mine\",\"extends\":\"gdpr-eea-only\",\"allow\":[\"CH\"]}");
        var child = http.get("/api/v1/policies/child").json();
        assertThat(child.get("effective").get("allow").toString()).isEqualTo("[\"CH\"]");
        assertThat(child.get("effective").get("notify_within").isNull()).isTrue();
        assertThat(child.get("notify_within").isNull()).isTrue();
    }

    @Test
    void presets_are_listed() {
        var presets = http.get("/api/v1/policies?preset=true").json();
        assertThat(presets.get("items").size()).isEqualTo(39);
        assertThat(presets.get("items").get(0).get("id").stringValue()).isEqualTo("gdpr-eea-only");
        assertThat(presets.get("items").get(0).get("max_dwell").stringValue()).isEqualTo("PT15M");
        assertThat(presets.get("next").isNull()).isTrue();
        assertThat(http.get("/api/v1/policies").json().get("items").isEmpty()).isTrue();
    }

    @Test
    void tenant_muster_is_reserved() {
        assertThat(http.put("/api/v1/tenants/muster", ACME).status()).isEqualTo(409);
    }

    @Test
    void what_is_no_json_is_400_and_another_media_type_415() {
        assertThat(http.put("/api/v1/tenants/acme", "{").status()).isEqualTo(400);
        assertThat(http.put("/api/v1/tenants/acme", "").status()).isEqualTo(400);
        assertThat(http.put("/api/v1/tenants/acme", "{\"name\":\"A\",\"name\":\"B\"}")
                        .status())
                .isEqualTo(400);
        assertThat(http.put("/api/v1/tenants/acme", "{\"name\":\"\\u0000\"}").status())
                .isEqualTo(400);
        assertThat(http.put("/api/v1/tenants/acme", "[]").status()).isEqualTo(422);
        assertThat(http.put("/api/v1/tenants/acme", "[".repeat(5_000)).status()).isBetween(400, 422);
        var text = http.request("PUT", "/api/v1/tenants/acme", ACME)
                .setHeader("Content-Type", "text/plain")
                .header("X-Api-Key", http.adminKey());
        assertThat(http.send(text).status()).isEqualTo(415);
        assertThat(http.post("/api/v1/tenants/acme", ACME).status()).isEqualTo(405);
    }

    @ParameterizedTest
    @CsvSource({
        "limit=0,422",
        "limit=1001,422",
        "limit=many,422",
        "cursor=nonsense,400",
        "limit=1000,200",
        "limit=1,200"
    })
    void pages_have_1_to_1000_items_and_cursors_that_we_made(String query, int status) {
        assertThat(http.get("/api/v1/tenants?" + query).status()).isEqualTo(status);
    }

    @Test
    void cursor_of_another_list_is_400() {
        var next = http.get("/api/v1/regions?limit=1").json().get("next").stringValue();
        assertThat(http.get("/api/v1/tenants?cursor=" + next).status()).isEqualTo(400);
    }

    @Test
    void of_two_puts_of_one_id_at_once_one_creates() throws Exception {
        http.put("/api/v1/policies/eu-only", EU_ONLY);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var answers = new ArrayList<java.util.concurrent.Future<Http.Answer>>();
            for (int i = 0; i < 8; i++) {
                var body = ACME.replace("Acme GmbH", "Acme " + i % 2);
                answers.add(threads.submit(() -> http.put("/api/v1/tenants/acme", body)));
            }
            int created = 0;
            for (var answer : answers) {
                assertThat(answer.get().status()).isIn(200, 201);
                if (answer.get().status() == 201) created++;
            }
            assertThat(created).isOne();
        }
    }

    private void acme() {
        assertThat(http.put("/api/v1/policies/eu-only", EU_ONLY).status()).isEqualTo(201);
        assertThat(http.put("/api/v1/tenants/acme", ACME).status()).isEqualTo(201);
    }

    private Http.Answer conditional(String method, String body, String ifMatch) {
        return http.send(http.request(method, "/api/v1/tenants/acme", body)
                .header("X-Api-Key", http.adminKey())
                .header("If-Match", ifMatch));
    }
}
