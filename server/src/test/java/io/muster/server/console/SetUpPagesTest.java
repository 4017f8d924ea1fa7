package io.muster.server.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.testing.Http;
import io.muster.server.testing.Looks;
import io.muster.server.testing.ServerTest;
import io.muster.server.testing.Story;
import io.muster.server.testing.TestClock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

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
        assertThat(http.get("/catalogue?tier=silver").body())
                .contains("Fjordlight")
                .doesNotContain("Aurelia");
        assertThat(http.get("/catalogue?kind=stores").body()).contains("intake-us-users, every 1 min", "No probe");
        assertThat(http.get("/catalogue?kind=policies").body()).contains("gdpr-eea-only");
        for (var kind : List.of("regions", "tiers", "transfers")) {
            assertThat(http.get("/catalogue?kind=" + kind).status()).as(kind).isEqualTo(200);
        }
        assertThat(http.get("/policies/eu-only").body()).contains("EU only").contains("20 min");
        assertThat(http.get("/policies/none").status()).isEqualTo(404);
    }

    @Test
    void a_tenant_is_declared_by_form() {
        new Story(http, db, clock.instant()).tell();
        assertThat(form(
                                "/catalogue/tenants",
                                "id=nordvik&name=Nordvik+AS&tier=gold&policy=eu-only&home=eu-west-1"
                                        + "&contacts=dpo@nordvik.example&labels=industry%3Dtelecom")
                        .status())
                .isEqualTo(302);
        assertThat(http.get("/api/v1/tenants/nordvik").body())
                .contains("telecom")
                .contains("dpo@nordvik.example");
        assertThat(form("/catalogue/tenants", "id=nordvik&name=x&tier=none&policy=eu-only&home=eu-west-1")
                        .status())
                .isEqualTo(422);
    }

    @Test
    void a_key_is_made_shown_once_and_revoked() {
        var made = form("/keys", "name=ci&may=write&days=30");
        assertThat(made.status()).isEqualTo(200);
        assertThat(made.body()).containsPattern("value=\"msw_[A-Za-z0-9]{28}\"");
        var list = http.get("/keys").body();
        assertThat(list).contains("ci").doesNotContainPattern("value=\"msw_[A-Za-z0-9]{28}\"");
        var revoke = list.replaceFirst("(?s).*action=\"(/keys/[^\"]*/delete)\".*", "$1");
        assertThat(form(revoke, "").status()).isEqualTo(302);
        assertThat(http.get("/keys").body()).doesNotContain(revoke);
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
        var refused = http.send(http.request("POST", "/catalogue/tenants", "id=%3Cb%3E")
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
                    "/catalogue?kind=policies",
                    "/policies/eu-only",
                    "/channels",
                    "/keys")) {
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
