package io.muster.server.tenancy;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.testing.Http;
import io.muster.server.testing.ServerTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

@ServerTest
class ApplyTest {

    static final String DOCUMENT = """
            muster: v1
            set: production
            # tenants may stand before what they refer to
            tenants:
              - {id: acme, name: Acme GmbH, tier: gold, policy: eu-only, home: eu-west-1}
              - id: globex
                name: Globex
                tier: silver
                policy: eu-only
                home: eu-central-1
                labels: {country: "NO", size: '12'}
            policies: [{id: eu-only, name: EU only, extends: gdpr-eea-only, max_dwell: PT10M}]
            stores:
              - {id: intake-us, region: us-east-1, role: intake, kind: postgresql}
            """;

    @Autowired
    Http http;

    @Autowired
    JdbcClient db;

    @Test
    void document_is_applied_once_and_again_changes_nothing() {
        var first = apply("", DOCUMENT);
        assertThat(first.status()).as(first.body()).isEqualTo(200);
        assertThat(first.json().get("dry_run").booleanValue()).isFalse();
        assertThat(first.json().get("unchanged").intValue()).isZero();
        assertThat(said(first))
                .containsExactly(
                        "policy eu-only created []",
                        "tenant acme created []",
                        "tenant globex created []",
                        "store intake-us created []");
        var again = apply("", DOCUMENT);
        assertThat(again.body()).isEqualTo("{\"dry_run\":false,\"changes\":[],\"unchanged\":4}");
        assertThat(http.get("/api/v1/tenants/globex").json().get("version").intValue())
                .isOne();
        assertThat(http.get("/api/v1/tenants/globex")
                        .json()
                        .get("labels")
                        .get("country")
                        .stringValue())
                .isEqualTo("NO");
    }

    @Test
    void change_tells_which_members_and_from_what_to_what() {
        apply("", DOCUMENT);
        var changed = apply("", DOCUMENT.replace("PT10M", "PT5M").replace("tier: gold", "tier: bronze"));
        assertThat(said(changed)).containsExactly("policy eu-only updated [max_dwell]", "tenant acme updated [tier]");
        assertThat(changed.json().get("changes").get(0).get("before").toString())
                .isEqualTo("{\"max_dwell\":\"PT10M\"}");
        assertThat(changed.json().get("changes").get(0).get("after").toString()).isEqualTo("{\"max_dwell\":\"PT5M\"}");
        assertThat(changed.json().get("unchanged").intValue()).isEqualTo(2);
    }

    @Test
    void what_is_declared_is_downloaded_and_applied_again_changes_nothing() {
        var all = """
                muster: v1
                regions:
                  - {id: our-cellar, provider: own, name: Cellar, city: Bonn, country: DE, jurisdiction: EU, lat: 50.7, lon: 7.1}
                tiers: [{id: best, name: Best, rto: PT10M, rpo: PT0S, backup_every: PT1H, restore_test_every: P30D, drill_every: P90D, first_update_within: PT30M}]
                policies:
                  - {id: eu-only, name: EU only, extends: gdpr-eea-only, allow: [], max_dwell: PT10M}
                  - id: eu-us
                    name: "EU: and US #2"
                    default: deny
                    allow: [EU, region:eu-west-2]
                    conditional: [{to: [US], mechanisms: [dpf], note: "yes, 'quoted' \\"twice\\""}]
                    max_dwell: PT20M
                    notify_within: PT72H
                  - {id: no-clock, name: No clock, extends: gdpr-eea-only, notify_within: null}
                tenants:
                  - {id: acme, name: "12", tier: best, policy: eu-only, home: eu-west-1, contacts: [dpo@acme.example]}
                  - {id: globex, name: "null", tier: gold, policy: eu-us, home: our-cellar, labels: {country: "NO", "a b: c": "#1, {x}"}}
                  - {id: initech, name: "Ünï – 語 🦔 - x", tier: gold, policy: eu-us, home: our-cellar, labels: {size: "1e3", truth: "true"}}
                stores:
                  - {id: intake-us, region: us-east-1, role: intake, kind: postgresql, tenants: [acme, globex],
                     url: "postgresql://db:5432/users?sslmode=verify-full", user: env:MUSTER_SECRET_USER, password: env:MUSTER_SECRET_PASSWORD}
                  - {id: home-eu, region: eu-west-1, role: primary, kind: postgresql}
                transfers:
                  - {id: t-1, tenant: globex, from: EU, to: US, mechanism: dpf, document: "Annex 1", approver: dpo@globex.example, expires_at: "2027-01-01T00:00:00Z"}
                jobs:
                  - {id: sweep, name: Sweep, cron: "*/15 * * * *", tz: Europe/Berlin, tags: [eu], replicates: {from: intake-us, to: home-eu, tenants: "policy:eu-only"}}
                  - {id: after, name: After, every: PT1H, grace: PT5M, depends_on: [sweep]}
                probes:
                  - id: waiting
                    store: intake-us
                    every: PT1M
                    sql: |
                      select tenant, min(at)  -- the oldest

                        from users group by tenant
                maintenance_windows:
                  - {id: nights, name: Nights, oncalendar: "*-*-* 02:00", tz: Europe/Berlin, duration: PT1H}
                alert_channels:
                  - {id: tickets, kind: webhook, url: "https://tickets.acme.example/hook?a=b", secret: whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=, jobs: {tags: [eu]}}
                """;
        var first = apply("", all);
        assertThat(first.status()).as(first.body()).isEqualTo(200);
        http.post("/api/v3/checks/", "{\"name\": \"of another API\"}");

        var download = http.get("/catalogue/declared.yaml");
        assertThat(download.header("Content-Disposition")).contains("declared.yaml");
        assertThat(download.body())
                .contains("allow: []", "notify_within: null", "name: \"12\"")
                .doesNotContain("whsec_", "hook?a=b", "uuid", "of another API", "eu-west-3", "Silver");
        var again = apply("", download.body());
        assertThat(again.body())
                .as(download.body())
                .isEqualTo("{\"dry_run\":false,\"changes\":[],\"unchanged\":"
                        + first.json().get("changes").size() + "}");
        assertThat(http.get("/catalogue/declared.yaml").body()).isEqualTo(download.body());
        assertThat(http.send(http.request("GET", "/catalogue/declared.yaml", null))
                        .status())
                .isIn(302, 401);
    }

    @Test
    void dry_run_says_the_same_and_changes_nothing() {
        var dry = apply("?dry_run=true", DOCUMENT);
        assertThat(dry.json().get("dry_run").booleanValue()).isTrue();
        assertThat(dry.json().get("changes").size()).isEqualTo(4);
        assertThat(http.get("/api/v1/tenants").json().get("items").isEmpty()).isTrue();
        assertThat(db.sql("select count(*) from own_event where action <> 'request.refused'")
                        .query(Long.class)
                        .single())
                .isZero();
        assertThat(db.sql("select count(*) from declared_set").query(Long.class).single())
                .isZero();
    }

    @Test
    void prune_deletes_what_the_set_declared_before_and_nothing_else() {
        apply("", DOCUMENT);
        http.put("/api/v1/tenants/by-hand", DeclareTest.ACME);
        apply(
                "",
                "{muster: v1, set: other, tenants: [{id: globex, name: Globex, tier: silver, policy: eu-only,"
                        + " home: eu-central-1, labels: {country: \"NO\", size: '12'}}]}");
        var without = """
                muster: v1
                set: production
                policies: [{id: eu-only, name: EU only, extends: gdpr-eea-only, max_dwell: PT10M}]
                """;
        assertThat(said(apply("", without))).isEmpty();
        assertThat(said(apply("?prune=true&dry_run=true", without)))
                .containsExactly("store intake-us deleted []", "tenant acme deleted []");
        assertThat(said(apply("?prune=true", without)))
                .containsExactly("store intake-us deleted []", "tenant acme deleted []");
        assertThat(http.get("/api/v1/tenants/acme").status()).isEqualTo(404);
        assertThat(http.get("/api/v1/tenants/globex").status()).isEqualTo(200);
        assertThat(http.get("/api/v1/tenants/by-hand").status()).isEqualTo(200);
        assertThat(said(apply("?prune=true", without))).isEmpty();
        var inUse = apply("?prune=true", "{muster: v1, set: production}");
        assertThat(inUse.status()).isEqualTo(409);
        assertThat(inUse.json().get("used_by").toString()).isEqualTo("[\"tenants/by-hand\",\"tenants/globex\"]");
    }

    @Test
    void one_wrong_object_and_nothing_is_applied() {
        var wrong = DOCUMENT.replace("tier: silver", "tier: silvern").replace("role: intake", "role: intak");
        var refused = apply("", wrong);
        assertThat(refused.status()).isEqualTo(422);
        assertThat(errors(refused))
                .containsExactly(
                        "14 stores[0].role must be one of intake, primary, replica, backup, archive; got intak");
        var refused2 = apply("", DOCUMENT.replace("tier: silver", "tier: silvern"));
        assertThat(errors(refused2)).containsExactly("8 tenants[1].tier must be a tier; there is no silvern");
        assertThat(http.get("/api/v1/policies/eu-only").status()).isEqualTo(404);
    }

    @Test
    void errors_carry_the_line_of_the_member_all_at_once() {
        var refused = apply("", """
                muster: v1
                set: Production
                tenants:
                  - id: acme
                    name: Acme
                    tier: 5
                    policy: p
                    home: eu-west-1
                  - id: globex
                    nmae: Globex
                    tier: gold
                  - id: muster
                    name: M
                    tier: gold
                    policy: p
                    home: eu-west-1
                  - acme
                  - {id: acme, name: A, tier: gold, policy: p, home: eu-west-1}
                policies:
                  - id: p
                    name: P
                    default: deny
                    max_dwell: PT-1S
                shops: []
                """);
        assertThat(refused.status()).isEqualTo(422);
        assertThat(errors(refused).stream().map(error -> error.replaceFirst("(; got|; there are|:).*", "")))
                .containsExactly(
                        "2 set must be 1 to 63 of a-z, 0-9 and -",
                        "6 tenants[0].tier must be a text",
                        "10 tenants[1].nmae is not known here",
                        "12 tenants[2].id The tenant id muster is reserved for the platform's own log",
                        "17 tenants[3] must be an object",
                        "23 policies[0].max_dwell must be between PT0S and P30D",
                        "24 shops is not known here");
    }

    @Test
    void json_is_taken_too_with_lines() {
        var json = """
                {"muster": "v1",
                 "policies": [
                   {"id": "eu-only", "name": "EU only", "extends": "gdpr-eea-only"},
                   {"id": "us-only",
                    "name": "US only",
                    "extends": "us-hipaa",
                    "allow": ["region:us-east-1"]}]}
                """;
        var refused = post("", "application/json", json);
        assertThat(errors(refused))
                .containsExactly("4 policies[1].extends must be a policy or a preset; there is no us-hipaa");
        assertThat(post("", "application/json", json.replace("us-hipaa", "us-hipaa-contractual"))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void what_is_no_yaml_is_400_with_the_line() {
        for (var broken : List.of(
                "muster: v1\n  x: [",
                "muster: v1\n\tset: a",
                "muster: v1\nset: \"\\0\"",
                "muster: v1\n--- \nmuster: v1\n",
                "muster: v1\nmuster: !evil v1",
                "muster: v1\nset: *nothing",
                "muster: v1\n? [a]\n: b",
                "muster: v1\nset: \"\\uD800\"")) {
            var refused = apply("", broken);
            assertThat(refused.status()).as(broken + refused.body()).isEqualTo(400);
            assertThat(refused.json().get("errors").get(0).get("line").intValue())
                    .as(broken)
                    .isBetween(2, 3);
        }
        assertThat(apply("", "").status()).isEqualTo(422);
        assertThat(apply("", "[]").status()).isEqualTo(422);
        assertThat(apply("", "muster: v2").status()).isEqualTo(422);
        assertThat(apply("", "set: a").status()).isEqualTo(422);
        assertThat(post("", "application/json", "{\"muster\":\"v1\"").status()).isEqualTo(400);
        assertThat(post("", "application/pdf", "x").status()).isEqualTo(415);
    }

    @Test
    void bombs_of_depth_and_of_aliases_are_refused() {
        assertThat(apply("", "muster: v1\ntenants: [" + "[".repeat(100_000)).status())
                .isEqualTo(400);
        assertThat(apply("", "muster: v1\ntenants: [" + "{a: ".repeat(100_000)).status())
                .isEqualTo(400);
        assertThat(post("", "application/json", "{\"muster\":" + "[".repeat(100_000))
                        .status())
                .isBetween(400, 422);
        var laughs = new StringBuilder("muster: v1\ntenants:\n  - id: a\n    a: &a [1,1,1,1,1,1,1,1,1]\n");
        for (char c = 'b'; c < 'k'; c++) {
            laughs.append("    %c: &%c [%s]\n".formatted(c, c, ("*" + (char) (c - 1) + ",").repeat(9)));
        }
        assertThat(apply("", laughs.toString()).status()).isEqualTo(422);
    }

    @Test
    void alias_stands_for_what_its_anchor_named() {
        var document = """
                muster: v1
                policies: [{id: eu-only, name: EU only, extends: gdpr-eea-only}]
                tenants:
                  - {id: acme, name: Acme, tier: &tier gold, policy: eu-only, home: eu-west-1, labels: &labels {a: b}}
                  - {id: globex, name: Globex, tier: *tier, policy: eu-only, home: eu-west-1, labels: *labels}
                """;
        assertThat(apply("", document).status()).isEqualTo(200);
        assertThat(http.get("/api/v1/tenants/globex").json().get("labels").toString())
                .isEqualTo("{\"a\":\"b\"}");
    }

    @Test
    void unknown_parameter_is_refused_for_it_may_be_a_typo_of_dry_run() {
        assertThat(apply("?dryrun=true", DOCUMENT).status()).isEqualTo(422);
        assertThat(apply("?dry_run=yes", DOCUMENT).status()).isEqualTo(422);
        assertThat(apply("?prune=true", "muster: v1").status()).isEqualTo(422);
        assertThat(http.get("/api/v1/tenants").json().get("items").isEmpty()).isTrue();
    }

    @Test
    void what_was_declared_is_on_record() {
        apply("", DOCUMENT);
        apply("", DOCUMENT.replace("tier: gold", "tier: bronze"));
        http.delete("/api/v1/stores/intake-us");
        assertThat(db.sql(
                                "select tenant || ' ' || action || ' ' || resource || ' ' || details from own_event"
                                        + " where action like 'policy%' or action like 'tenant%' or action like 'store%' order by id")
                        .query(String.class)
                        .list())
                .containsExactly(
                        "muster policy.declared /policies/eu-only {}",
                        "acme tenant.declared /tenants/acme {}",
                        "globex tenant.declared /tenants/globex {}",
                        "muster store.declared /stores/intake-us {}",
                        "acme tenant.updated /tenants/acme {\"after\": {\"tier\": \"bronze\"}, \"before\": {\"tier\": \"gold\"},"
                                + " \"fields\": [\"tier\"]}",
                        "muster store.deleted /stores/intake-us {}");
    }

    @Test
    void of_documents_at_once_each_is_applied_whole() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var answers = new ArrayList<Future<Http.Answer>>();
            for (int i = 0; i < 6; i++) {
                var tier = List.of("gold", "silver", "bronze").get(i % 3);
                var document = DOCUMENT.replace("tier: gold", "tier: " + tier).replace("tier: silver", "tier: " + tier);
                answers.add(threads.submit(() -> apply("?prune=true", document)));
            }
            for (var answer : answers) {
                assertThat(answer.get().status()).isEqualTo(200);
            }
        }
        assertThat(http.get("/api/v1/tenants/acme").json().get("tier"))
                .isEqualTo(http.get("/api/v1/tenants/globex").json().get("tier"));
    }

    @Test
    void three_thousand_tenants_go_in_batches() {
        assertThat(apply("", many(3_001)).json().get("changes").size()).isEqualTo(3_002);
        assertThat(apply("", many(3_001)).json().get("unchanged").intValue()).isEqualTo(3_002);
        assertThat(apply("?prune=true", many(10)).json().get("changes").size()).isEqualTo(2_991);
        assertThat(db.sql("select count(*) from own_event where tenant = 't-2999'")
                        .query(Long.class)
                        .single())
                .isEqualTo(2);
    }

    @Test
    @Tag("nightly")
    void a_hundred_thousand_tenants_are_applied() {
        var document = many(100_000);
        var began = System.nanoTime();
        assertThat(apply("", document).json().get("changes").size()).isEqualTo(100_001);
        var first = Duration.ofNanos(System.nanoTime() - began);
        assertThat(apply("", document).json().get("unchanged").intValue()).isEqualTo(100_001);
        var again = Duration.ofNanos(System.nanoTime() - began).minus(first);
        System.out.printf("100,000 tenants: %s, again %s%n", first, again);
    }

    static String many(int tenants) {
        var document = new StringBuilder("muster: v1\nset: many\npolicies:\n"
                + "  - {id: eu-only, name: EU only, extends: gdpr-eea-only}\ntenants:\n");
        for (int i = 0; i < tenants; i++) {
            document.append(
                    "  - {id: t-%d, name: Tenant %d, tier: gold, policy: eu-only, home: eu-west-1, contacts: [dpo@t%d.example], labels: {industry: health}}\n"
                            .formatted(i, i, i));
        }
        return document.toString();
    }

    private Http.Answer apply(String query, String yaml) {
        return post(query, "application/yaml", yaml);
    }

    private Http.Answer post(String query, String type, String body) {
        return http.send(http.request("POST", "/api/v1/apply" + query, body)
                .setHeader("Content-Type", type)
                .header("X-Api-Key", http.adminKey()));
    }

    private static List<String> said(Http.Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        var said = new ArrayList<String>();
        answer.json()
                .get("changes")
                .forEach(change -> said.add(change.get("kind").stringValue() + " "
                        + change.get("id").stringValue() + " "
                        + change.get("change").stringValue() + " "
                        + change.get("fields").toString().replace("\"", "")));
        return said;
    }

    private static List<String> errors(Http.Answer answer) {
        var errors = new ArrayList<String>();
        for (JsonNode error : answer.json().get("errors")) {
            errors.add(error.get("line").intValue() + " " + error.get("field").stringValue() + " "
                    + error.get("message").stringValue());
        }
        return errors;
    }
}
