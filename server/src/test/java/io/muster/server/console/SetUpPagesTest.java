package io.muster.server.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import io.muster.server.testing.FormOnPage;
import io.muster.server.testing.Http;
import io.muster.server.testing.Looks;
import io.muster.server.testing.ServerTest;
import io.muster.server.testing.Story;
import io.muster.server.testing.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Catalogue, channels, keys, search, and what people see when something is refused. */
@ServerTest
class SetUpPagesTest {
    @Autowired
    Http http;

    @Autowired
    JdbcClient db;

    @Autowired
    TestClock clock;

    @Test
    void the_catalogue_shows_each_kind_and_whether_it_holds() {
        new Story(http, db, clock.instant()).tell();
        var tenants = http.get("/catalogue").body();
        assertThat(tenants).contains("4 tenants in 3 regions under 2 policies. 2 in violation, 1 at risk.");
        assertThat(tenants.indexOf("Aurelia Bank AG")).isLessThan(tenants.indexOf("Redwood Transit"));
        assertThat(http.get("/catalogue?q=redwood").body()).contains("Redwood").doesNotContain("Aurelia");
        assertThat(http.get("/catalogue?state=at_risk").body())
                .contains("Montclair")
                .doesNotContain("Redwood", "Aurelia");
        assertThat(http.get("/catalogue?tier=silver").body())
                .contains("Fjordlight")
                .doesNotContain("Aurelia");
        assertThat(http.get("/catalogue?kind=stores").body()).contains("intake-us-users, every 1 min", "Not looked at");
        assertThat(http.get("/catalogue?kind=policies").body()).contains("gdpr-eea-only");
        for (var kind : List.of("regions", "tiers", "transfers")) {
            assertThat(http.get("/catalogue?kind=" + kind).status()).as(kind).isEqualTo(200);
        }
        assertThat(http.get("/policies/eu-only").body()).contains("EU only").contains("20 min");
        assertThat(http.get("/policies/none").status()).isEqualTo(404);
    }

    @Test
    void a_policy_shows_what_it_came_to_before_even_by_what_it_extends() {
        var base = "{\"name\":\"Base\",\"default\":\"deny\",\"allow\":[\"EU\"],\"max_dwell\":\"PT15M\"}";
        http.put("/api/v1/policies/base", base);
        http.put("/api/v1/policies/eu-only", "{\"name\":\"EU only\",\"extends\":\"base\"}");
        assertThat(http.get("/policies/eu-only").body()).contains("the first").doesNotContain("href=\"#versions\"");
        clock.advance(Duration.ofDays(2));
        http.put("/api/v1/policies/base", base.replace("PT15M", "PT20M"));
        http.put("/api/v1/policies/eu-only", "{\"name\":\"EU alone\",\"extends\":\"base\"}"); // the same rules
        var page = http.get("/policies/eu-only").body();
        assertThat(page)
                .contains(
                        "href=\"#versions\"",
                        "<span class=\"dfl-k\">max_dwell</span>",
                        "</span>PT15M</del>",
                        "</span>PT20M</ins>",
                        "max_dwell: PT15M",
                        "max_dwell: PT20M");
        assertThat(page.split("<summary>All of them</summary>", -1)).hasSize(3);
        assertThat(http.get("/policies/gdpr-eea-only").body()).doesNotContain("h-ver");
        for (int minutes = 21; minutes < 45; minutes++) {
            http.put("/api/v1/policies/base", base.replace("PT15M", "PT" + minutes + "M"));
        }
        assertThat(http.get("/policies/eu-only").body())
                .contains("The newest 20.")
                .doesNotContain("PT15M");
    }

    @Test
    @Tag("browser")
    void what_is_declared_and_tried_opens_over_the_page_where_it_was_asked_for() {
        new Story(http, db, clock.instant()).tell();
        try (var looks = new Looks(http)) {
            looks.at("/catalogue", page -> {
                page.getByText("Declare", new Page.GetByTextOptions().setExact(true))
                        .first()
                        .click();
                var drawer = page.locator("#drawer");
                PlaywrightAssertions.assertThat(drawer.locator("h2")).hasText("Declare a tenant");
                PlaywrightAssertions.assertThat(drawer.locator("#f-id")).isFocused();
                drawer.locator("#f-id").fill("nordvik");
                drawer.locator("#f-name").fill("Nordvik Fiber");
                drawer.locator("#f-tier").selectOption("silver");
                drawer.locator("#f-policy").selectOption("eu-only");
                drawer.getByText("Declare tenant").click();
                PlaywrightAssertions.assertThat(drawer.locator("#f-home.is-invalid"))
                        .isVisible();
                drawer.locator("#f-home").fill("eu-central-1");
                drawer.locator("#f-home").press("Tab");
                PlaywrightAssertions.assertThat(drawer.locator("#de-yaml")).containsText("home: eu-central-1");

                drawer.getByText("Dry run").click();
                var dialog = page.locator("#dialog");
                PlaywrightAssertions.assertThat(dialog.locator("h2").first()).hasText("Dry run: 1 change, 0 unchanged");
                PlaywrightAssertions.assertThat(drawer).isHidden();
                dialog.getByText("Close", new Locator.GetByTextOptions().setExact(true))
                        .click();
                PlaywrightAssertions.assertThat(dialog).isHidden();
                PlaywrightAssertions.assertThat(drawer.locator("#f-id")).hasValue("nordvik");

                drawer.getByText("Declare tenant").click();
                page.waitForURL(Pattern.compile(".*/catalogue\\?kind=tenants&q=nordvik"));
                PlaywrightAssertions.assertThat(page.locator("td").getByText("Nordvik Fiber"))
                        .isVisible();

                page.locator(".phead a[href='/catalogue/apply']").click();
                page.locator("#dialog #doc").fill("muster: v1\ntenants: [{id: nordvik, name: 7}]");
                page.locator("#dialog button[value='dry-run']").click();
                PlaywrightAssertions.assertThat(page.locator("#dialog [role='alert']"))
                        .containsText("tenants[0].name");
                page.keyboard().press("Escape");
                PlaywrightAssertions.assertThat(page.locator("#dialog")).isHidden();
            });
            var findings = new ArrayList<String>();
            findings.addAll(looks.findings("/catalogue?kind=tiers", page -> {
                page.locator(".phead .btn-primary").click();
                page.locator("#drawer #f-id").waitFor();
            }));
            findings.addAll(looks.findings("/catalogue?kind=regions", page -> {
                page.locator(".phead a[href='/catalogue/apply']").click();
                page.locator("#dialog #doc")
                        .fill(
                                "muster: v1\ntenants: [{id: nordvik, name: N, tier: gold, policy: eu-only, home: eu-central-1}]");
                page.locator("#dialog button[value='dry-run']").click();
                page.locator("#dialog .table-diff").waitFor();
            }));
            assertThat(findings).isEmpty();
        }
    }

    @Test
    void each_kind_has_a_form_beside_the_same_yaml() {
        for (var kind :
                List.of("region", "policy", "tier", "tenant", "store", "transfer", "job", "probe", "alert_channel")) {
            var page = http.get("/catalogue/declare?kind=" + kind);
            assertThat(page.status()).as(kind).isEqualTo(200);
            assertThat(page.body()).as(kind).contains("The same as YAML").contains("PUT /api/v1/");
        }
        assertThat(http.get("/catalogue/declare?kind=none").status()).isEqualTo(404);
    }

    @Test
    void a_form_declares_what_its_yaml_says() {
        new Story(http, db, clock.instant()).tell();
        assertThat(form(
                                "/catalogue/declare",
                                "noun=tenant&id=nordvik&name=Nordvik+AS%3A+%22x%22&tier=gold&policy=eu-only&home=eu-west-1"
                                        + "&contacts=dpo@nordvik.example&labels=industry%3Dtelecom")
                        .header("Location"))
                .endsWith("/catalogue?kind=tenants&q=nordvik");
        assertThat(http.get("/api/v1/tenants/nordvik").body())
                .contains("telecom", "dpo@nordvik.example", "Nordvik AS: \\\"x\\\"");
        assertThat(form(
                                "/catalogue/declare",
                                "noun=policy&id=uk&name=UK&default=deny&max_dwell=PT1H&allow=UK,region:eu-west-2"
                                        + "&conditional=US%3A+dpf,+bcr-uk%0ACA")
                        .status())
                .isEqualTo(302);
        assertThat(http.get("/api/v1/policies/uk").body())
                .contains("\"mechanisms\":[\"dpf\",\"bcr-uk\"]", "region:eu-west-2", "\"to\":[\"CA\"]");
        assertThat(form(
                                "/catalogue/declare",
                                "noun=job&id=moves&name=Moves&every=PT15M&replicates.from=intake-us&replicates.to=ledger-dub"
                                        + "&replicates.tenants=aurelia-bank,fjordlight")
                        .header("Location"))
                .endsWith("/checks/moves");
        assertThat(form("/catalogue/declare", "noun=probe&id=look&store=intake-us&every=PT1M&sql=select+1,+2,%0Anow()")
                        .status())
                .isEqualTo(302);
        assertThat(http.get("/api/v1/probes/look").body()).contains("select 1, 2,\\nnow()");
        // what is there is edited as it is, and nothing is taken for new
        assertThat(http.get("/catalogue/declare?kind=job&id=moves").body())
                .contains("aurelia-bank, fjordlight", "tenants: [aurelia-bank, fjordlight]")
                .doesNotContain("uuid");
        assertThat(form(
                                "/catalogue/declare",
                                "noun=tenant&edits=true&id=nordvik&name=N&tier=gold&policy=eu-only&home=eu-west-1")
                        .status())
                .isEqualTo(302);
        assertThat(http.get("/api/v1/tenants/nordvik").body()).doesNotContain("telecom");
        var twice = form("/catalogue/declare", "noun=tenant&id=nordvik&name=x&tier=gold&policy=eu-only&home=eu-west-1");
        assertThat(twice.status()).isEqualTo(422);
        assertThat(twice.body()).contains("is declared already");
    }

    @Test
    void an_edit_changes_only_what_was_written_anew() {
        new Story(http, db, clock.instant()).tell();
        declare("policies/nothing-of-it", """
                {"name":"N","extends":"gdpr-eea-only","allow":[],"conditional":[],"deny":[],"notify_within":null}""");
        declare("policies/noted", """
                {"name":"N","default":"deny","max_dwell":"PT1H","conditional":[{"to":["US"],"mechanisms":["dpf"],"note":"until a court says no"},
                 {"to":["CH"],"mechanisms":[]}]}""");
        declare("tenants/odd", """
                {"name":"Odd \\"&\\" sons","tier":"gold","policy":"eu-only","home":"eu-west-1","contacts":["Ops, EU","\\"Q\\" <q@odd.example>"],
                 "labels":{"note":"a, b","x=y":" z ","size":"xl"}}""");
        declare(
                "stores/nobodys",
                "{\"region\":\"eu-west-1\",\"role\":\"primary\",\"kind\":\"postgresql\",\"tenants\":[]}");
        declare("transfers/dpf", """
                {"tenant":"odd","from":"EU","to":"US","mechanism":"dpf","document":"Annex 1, part 2","approver":"dpo@odd.example","expires_at":"2027-06-30T00:00:00Z"}""");
        declare(
                "jobs/twice-a-day",
                "{\"name\":\"N\",\"oncalendar\":\"02:00\\n12:00\",\"expects\":{\"rows\":{\"min\":1}}}");
        declare("probes/looks", "{\"store\":\"intake-us\",\"every\":\"PT1M\",\"sql\":\"select 1,\\n\\n  now()\"}");
        declare("maintenance-windows/some", """
                {"name":"N","jobs":{"tags":["eu"]},"oncalendar":"Sun 02:00\\nWed 02:00","duration":"PT1H"}""");
        for (var jobs : List.of("[]", "{\"tags\":[]}")) {
            declare(
                    "alert-channels/" + (jobs.equals("[]") ? "deaf" : "deaf-too"),
                    "{\"kind\":\"email\",\"to\":\"ops@odd.example\",\"jobs\":" + jobs + "}");
        }
        var events = events();
        for (var path : List.of(
                "policies/nothing-of-it",
                "policies/noted",
                "tenants/odd",
                "stores/nobodys",
                "transfers/dpf",
                "jobs/twice-a-day",
                "probes/looks",
                "maintenance-windows/some",
                "alert-channels/deaf",
                "alert-channels/deaf-too",
                "tiers/gold",
                "regions/eu-west-1")) {
            send(edit(path));
            assertThat(declared(path).get("version").longValue()).as(path).isOne();
        }
        assertThat(events()).isEqualTo(events);
        assertThat(http.get("/policies/nothing-of-it").body()).contains("allow: []", "notify_within: null");

        send(edit("policies/nothing-of-it").write("name", "Renamed"));
        var nothing = declared("policies/nothing-of-it");
        assertThat(nothing.get("version").longValue()).isEqualTo(2);
        assertThat(nothing.get("effective").get("allow").toString()).isEqualTo("[]");
        assertThat(nothing.get("effective").get("notify_within").isNull()).isTrue();
        send(edit("policies/noted").write("conditional", "US: dpf, bcr-uk\r\nJP"));
        assertThat(declared("policies/noted").get("conditional").toString())
                .contains("until a court says no", "bcr-uk", "JP")
                .doesNotContain("CH");
        var odd = edit("tenants/odd");
        send(odd.write("labels", odd.value("labels").replace("size=xl", "size=s"))
                .write("contacts", odd.value("contacts") + ", new@odd.example"));
        var labels = declared("tenants/odd").get("labels");
        assertThat(labels.size()).isEqualTo(3);
        assertThat(labels.get("note").stringValue()).isEqualTo("a, b");
        assertThat(labels.get("x=y").stringValue()).isEqualTo(" z ");
        assertThat(labels.get("size").stringValue()).isEqualTo("s");
        assertThat(declared("tenants/odd").get("contacts").toString())
                .isEqualTo("[\"Ops, EU\",\"\\\"Q\\\" <q@odd.example>\",\"new@odd.example\"]");
        send(edit("alert-channels/deaf").write("to", "dev@odd.example"));
        assertThat(declared("alert-channels/deaf").get("jobs").toString()).isEqualTo("[]");
        send(edit("jobs/twice-a-day").write("expects.rows.min", ""));
        assertThat(declared("jobs/twice-a-day").get("expects").isNull()).isTrue();
    }

    @Test
    void an_edit_of_what_was_changed_meanwhile_is_shown_again() {
        declare("tiers/best", """
                {"name":"Best","rto":"PT10M","rpo":"PT0S","backup_every":"PT1H","restore_test_every":"P30D","drill_every":"P90D","first_update_within":"PT30M"}""");
        var late = edit("tiers/best").write("name", "Mine");
        send(edit("tiers/best").write("rto", "PT20M"));
        var answer = http.form("/catalogue/declare", late.body());
        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.body()).contains("Somebody changed it").contains("is now", "PT20M", "value=\"Mine\"");
        assertThat(declared("tiers/best").get("name").stringValue()).isEqualTo("Best");
        assertThat(declared("tiers/best").get("rto").stringValue()).isEqualTo("PT20M");
        send(new FormOnPage(answer.body(), "/catalogue/declare").write("rto", "PT20M"));
        assertThat(declared("tiers/best").get("name").stringValue()).isEqualTo("Mine");
        assertThat(declared("tiers/best").get("rto").stringValue()).isEqualTo("PT20M");
    }

    @Test
    void a_calendar_of_several_lines_is_written_in_several_lines() {
        declare("jobs/twice-a-day", "{\"name\":\"N\",\"oncalendar\":\"02:00\\n12:00\"}");
        declare("maintenance-windows/some", "{\"name\":\"N\",\"oncalendar\":\"02:00\\n12:00\",\"duration\":\"PT1H\"}");
        for (var path : List.of("jobs/twice-a-day", "maintenance-windows/some")) {
            assertThat(edit(path).value("oncalendar")).as(path).isEqualTo("02:00\r\n12:00");
            send(edit(path).write("oncalendar", "02:00\r\n13:00"));
            assertThat(declared(path).get("oncalendar").stringValue()).as(path).isEqualTo("02:00\n13:00");
        }
    }

    private void declare(String path, String json) {
        var answer = http.put("/api/v1/" + path, json);
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    }

    private JsonNode declared(String path) {
        return http.get("/api/v1/" + path).json();
    }

    private FormOnPage edit(String path) {
        var parts = path.split("/");
        var kind = parts[0].equals("policies")
                ? "policy"
                : parts[0].replaceFirst("s$", "").replace('-', '_');
        var page = http.get("/catalogue/declare?kind=" + kind + "&id=" + parts[1]);
        assertThat(page.status()).as(page.body()).isEqualTo(200);
        return new FormOnPage(page.body(), "/catalogue/declare");
    }

    private void send(FormOnPage form) {
        var answer = http.form("/catalogue/declare", form.body());
        assertThat(answer.status()).as(answer.body()).isEqualTo(302);
    }

    private long events() {
        return db.sql("select count(*) from own_event").query(Long.class).single();
    }

    @Test
    void an_error_stands_at_its_field_with_what_was_written() {
        new Story(http, db, clock.instant()).tell();
        var refused = form("/catalogue/declare", "noun=store&id=a&region=nowhere-1&role=intake&kind=s3&zone=%3Cb%3E");
        assertThat(refused.status()).isEqualTo(422);
        assertThat(field(refused.body(), "region")).contains("is-invalid", "nowhere-1", "there is no nowhere-1");
        assertThat(refused.body()).contains("&lt;b>").doesNotContain("<b>");
        var tenant = form("/catalogue/declare", "noun=tenant&id=B!&name=&tier=none&policy=eu-only&home=eu-west-1");
        assertThat(field(tenant.body(), "id")).contains("is-invalid");
        var preview = form(
                "/catalogue/declare/preview", "noun=tenant&id=new&name=New&tier=gold&policy=eu-only&home=us-east-1");
        assertThat(preview.body()).contains("home: us-east-1").contains("Not at home");
    }

    /** The input of a member and what stands below it. */
    private static String field(String page, String name) {
        var at = page.indexOf(" name=\"" + name + "\"");
        assertThat(at).as(name).isPositive();
        return page.substring(
                page.lastIndexOf('<', at), page.indexOf("</div>", page.indexOf("<div class=\"invalid", at)));
    }

    @Test
    void a_document_is_tried_before_it_is_applied() {
        new Story(http, db, clock.instant()).tell();
        assertThat(http.get("/catalogue/apply").body()).contains("Dry run");
        var text = """
                muster: v1
                policies: [{id: eu-only, name: EU only, extends: gdpr-eea-only, max_dwell: PT5M}]
                tenants: [{id: nordvik, name: Nordvik AS, tier: gold, policy: eu-only, home: eu-west-1}]
                """;
        var tried = form("/catalogue/apply", "document=" + encoded(text) + "&step=dry-run");
        assertThat(tried.status()).isEqualTo(200);
        assertThat(tried.body())
                .contains("Dry run: 2 changes")
                .contains("PT20M")
                .contains("Cannot be kept")
                .contains("2 jobs cover it")
                .contains("Apply 2 changes");
        assertThat(http.get("/api/v1/tenants/nordvik").status()).isEqualTo(404);
        assertThat(form("/catalogue/apply", "document=" + encoded(text) + "&step=apply")
                        .status())
                .isEqualTo(302);
        assertThat(http.get("/api/v1/tenants/nordvik").status()).isEqualTo(200);
        var wrong = form("/catalogue/apply", "document=" + encoded("muster: v1\ntenants: [{id: x}]"));
        assertThat(wrong.status()).isEqualTo(422);
        assertThat(wrong.body()).contains("Line 2: tenants[0].name is missing").contains("[{id: x}]");
    }

    private static String encoded(String text) {
        return java.net.URLEncoder.encode(text, java.nio.charset.StandardCharsets.UTF_8);
    }

    @Test
    void a_key_is_made_shown_once_and_revoked() {
        assertThat(http.get("/keys").body()).contains("href=\"/keys/new\"");
        assertThat(http.get("/keys/new").body()).contains("action=\"/keys\"");
        var refused = form("/keys", "name=+&may=read&tenant=nobody&days=30");
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.body())
                .contains("No key was made", "id=\"cr-n-h\"", "value=\"nobody\"", "value=\"30\" selected");
        var made = form("/keys", "name=ci&may=write&days=30");
        assertThat(made.status()).isEqualTo(200);
        assertThat(made.body()).containsPattern("value=\"msw_[A-Za-z0-9]{28}\"");
        var list = http.get("/keys").body();
        assertThat(list).contains("ci").doesNotContainPattern("value=\"msw_[A-Za-z0-9]{28}\"");
        var revoke = list.replaceFirst("(?s).*href=\"(/keys/[^\"]*/delete)\".*", "$1");
        assertThat(http.get(revoke).body()).contains("Revoke the key ci?", "Nobody has used it.");
        assertThat(form(revoke, "").status()).isEqualTo(302);
        assertThat(http.get("/keys").body()).doesNotContain(revoke);
        assertThat(http.get(revoke).status()).isEqualTo(404);
    }

    @Test
    void a_key_that_the_form_does_not_offer_is_refused_and_the_form_says_why() {
        for (var wrong : List.of("-1", "x", "3651", "99999999999")) {
            var refused = form("/keys", "name=ci&may=write&days=" + wrong);
            assertThat(refused.status()).as(wrong).isEqualTo(422);
            assertThat(refused.body())
                    .contains("No key was made", "must be 1 to 3650, or 0 for never; got " + wrong, "value=\"ci\"");
        }
        assertThat(form("/keys", "name=ci&may=foo&days=30").body()).contains("must be write or read; got foo");
        assertThat(db.sql("select count(*) from api_key where may <> 'admin'")
                        .query(Long.class)
                        .single())
                .isZero();
        form("/keys", "name=ci&may=write&days=0");
        assertThat(db.sql("select count(*) from api_key where may = 'write' and expires_at is null")
                        .query(Long.class)
                        .single())
                .isOne();
    }

    @Test
    void keys_that_expired_do_not_work_and_of_many_the_first_200_are_told() {
        form("/keys", "name=ci&may=write&days=30");
        assertThat(http.get("/keys").body()).contains("2 keys work. None needs attention.");
        clock.advance(Duration.ofDays(31));
        assertThat(http.get("/keys").body()).contains("1 key works. None needs attention.", "Expired");
        db.sql("""
                insert into api_key (id, name, may, project, prefix, hmac, created_at, created_by)
                select 'a-' || n, 'a', 'read', 'default', 'msr_', sha256(n::text::bytea), now(), 'me'
                  from generate_series(1, 205) as n
                """).update();
        assertThat(http.get("/keys").body()).contains("200 of the first 200 keys work. None needs attention.");
    }

    @Test
    @Tag("browser")
    void what_opened_over_a_page_is_not_lost_by_a_click_beside_it_and_gives_the_focus_back() {
        new Story(http, db, clock.instant()).tell();
        try (var looks = new Looks(http)) {
            looks.at("/catalogue", page -> {
                page.locator(".phead a[href='/catalogue/apply']").click();
                page.locator("#dialog #doc").fill("half a document");
                page.mouse().click(5, 450);
                PlaywrightAssertions.assertThat(page.locator("#dialog #doc")).hasValue("half a document");
                PlaywrightAssertions.assertThat(page.locator("#dialog #doc")).isVisible();
                page.keyboard().press("Escape");
                PlaywrightAssertions.assertThat(page.locator("#dialog")).isHidden();
                PlaywrightAssertions.assertThat(page.locator(".phead a[href='/catalogue/apply']"))
                        .isFocused();
                page.locator(".phead .btn-primary").click();
                page.locator("#drawer #f-id").fill("nordvik");
                page.locator("#drawer #f-name").fill("Nordvik Fiber");
                page.locator("#drawer #f-tier").selectOption("silver");
                page.locator("#drawer #f-policy").selectOption("eu-only");
                page.locator("#drawer #f-home").fill("eu-central-1");
                page.locator("#drawer button[value='dry-run']").click();
                PlaywrightAssertions.assertThat(page.locator("#dialog")).isVisible();
                PlaywrightAssertions.assertThat(page.locator("#drawer")).isHidden();
                page.keyboard().press("Escape");
                PlaywrightAssertions.assertThat(page.locator("#drawer button[value='dry-run']"))
                        .isFocused();
                page.keyboard().press("Escape");
                PlaywrightAssertions.assertThat(page.locator("#drawer")).isHidden();
                PlaywrightAssertions.assertThat(page.locator(".phead .btn-primary"))
                        .isFocused();
            });
            looks.at("/keys", page -> {
                page.locator(".phead .btn-primary").click();
                page.locator("#dialog #cr-n").fill("ci");
                page.locator("#dialog button[type='submit']").click();
                PlaywrightAssertions.assertThat(page.locator("#dialog #new-key"))
                        .hasValue(Pattern.compile("msw_[A-Za-z0-9]{28}"));
                page.keyboard().press("Escape");
                page.mouse().click(5, 450);
                page.keyboard().press("Escape");
                PlaywrightAssertions.assertThat(page.locator("#dialog #new-key"))
                        .isVisible();
                page.locator("#dialog .btn-close").click();
                PlaywrightAssertions.assertThat(page.locator("#main table")).containsText("Revoke");
                assertThat(page.locator("#dialog").count()).isZero();
            });
        }
    }

    @Test
    void what_is_looked_for_is_found_by_its_id() {
        new Story(http, db, clock.instant()).tell();
        assertThat(http.get("/find?q=eu-intake-sweep").header("Location")).endsWith("/checks/eu-intake-sweep");
        assertThat(http.get("/find?q=intake-us").header("Location")).endsWith("/catalogue?kind=stores&q=intake-us");
        assertThat(http.get("/find?q=redwood").header("Location")).endsWith("/exposures?tenant=redwood");
        assertThat(http.get("/find?q=a%26b%20c").header("Location")).contains("q=a%26b%20c");
    }

    @Test
    void a_problem_is_a_page_for_people_and_json_for_programs() {
        var page = http.send(http.request("GET", "/checks/nobody", null)
                .header("X-Api-Key", http.adminKey())
                .header("Accept", "text/html"));
        assertThat(page.status()).isEqualTo(404);
        assertThat(page.header("Content-Type")).startsWith("text/html");
        assertThat(page.body()).contains("There is nothing here").contains("There is no check nobody");
        assertThat(http.get("/checks/nobody").header("Content-Type")).startsWith("application/problem+json");
        new Story(http, db, clock.instant()).tell();
        var id = db.sql("select max(id) from exposure").query(Long.class).single();
        var refused = http.send(http.request("POST", "/exposures/" + id + "/decision", "notify=true&document=%3Cb%3E")
                .setHeader("Content-Type", "application/x-www-form-urlencoded")
                .header("X-Api-Key", http.adminKey())
                .header("Accept", "text/html"));
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.body()).contains("This was not understood").doesNotContain("<b>");
    }

    @Test
    @Tag("browser")
    void the_pages_look_right() {
        var story = new Story(http, db, clock.instant());
        story.tell();
        db.sql("""
                insert into alert_channel (id, uuid, kind, email_to, sends, jobs_all, job_ids, job_tags, created_at, updated_at)
                values ('ops-mail', gen_random_uuid(), 'email', 'ops@acme.example', '{down,violation}', true, '{}', '{}',
                        now(), now())
                """).update();
        try (var looks = new Looks(http)) {
            var findings = new ArrayList<String>();
            for (var path : List.of(
                    "/catalogue",
                    "/catalogue?kind=stores",
                    "/catalogue/declare?kind=policy",
                    "/catalogue/apply",
                    "/policies/eu-only",
                    "/channels",
                    "/keys",
                    "/keys/new")) {
                findings.addAll(looks.findings(path));
            }
            assertThat(findings).isEmpty();
        }
    }

    private Http.Answer form(String path, String body) {
        return http.send(http.request("POST", path, body)
                .setHeader("Content-Type", "application/x-www-form-urlencoded")
                .header("X-Api-Key", http.adminKey()));
    }
}
