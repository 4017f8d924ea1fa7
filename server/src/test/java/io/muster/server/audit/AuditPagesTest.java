package io.muster.server.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.assertions.PlaywrightAssertions;
import io.muster.server.access.Access;
import io.muster.server.access.Caller;
import io.muster.server.deadline.PassingTime;
import io.muster.server.layout.Figures;
import io.muster.server.testing.Http;
import io.muster.server.testing.Http.Answer;
import io.muster.server.testing.Looks;
import io.muster.server.testing.Owner;
import io.muster.server.testing.ServerTest;
import io.muster.server.testing.Story;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.core.context.SecurityContextHolder;

@ServerTest
class AuditPagesTest {
    @Autowired
    Http http;

    @Autowired
    TestEvents events;

    @Autowired
    PassingTime time;

    @Autowired
    JdbcClient db;

    @Autowired
    AuditSearch search;

    @Autowired
    EventPlaces places;

    @Autowired
    Logs logs;

    @Autowired
    Access access;

    @BeforeEach
    void tenants() {
        new Story(http, db, time.now()).tell();
    }

    @AfterEach
    void nobodyCalls() {
        SecurityContextHolder.clearContext();
    }

    @Test
    void the_page_says_how_many_match_of_how_many_and_that_the_first_is_proven() {
        days();
        var page = http.get("/audit?tenantId=montclair").body();
        assertThat(page)
                .contains("180 events in that time. The first one shown is proven to be in the signed log.")
                .contains("<h2 class=\"card-title\" id=\"h-int\">Verified</h2>", "sequence 179 in tree 180")
                .contains("180 events from 2026-02-01 on: 12 failed, 18 denied")
                .contains(
                        "GET /api/v1/audit?tenantId=montclair<",
                        "rel=\"next\"",
                        "export?tenantId=montclair&format=zip\"");
        var filtered = http.get(
                        "/audit?tenantId=montclair&userId=u1&q=&status=DENIED&action=export.*,role.*&dateRange=")
                .body();
        assertThat(filtered)
                .contains("6 of 180 events match.")
                .contains(
                        "GET /api/v1/audit?tenantId=montclair&amp;userId=u1&amp;status=DENIED&amp;action=export.*&amp;action=role.*<")
                .contains("value=\"export.*, role.*\"")
                .contains("6 events from 2026-02-01 on: 0 failed, 6 denied");
        assertThat(http.get("/audit?tenantId=montclair&userId=nobody").body())
                .contains("None of 180 events matches.", "No event is like that");
        assertThat(http.get("/audit?tenantId=montclair&from=2026-03-01&to=2026-03-01&dateRange=last7days")
                        .body())
                .contains("60 events in that time", "from=2026-03-01&amp;to=2026-03-01<");
        assertThat(http.get("/audit?tenantId=redwood").body())
                .contains("Nothing of redwood was received in that time.");
        assertThat(http.get("/audit").body()).contains("180 events in that time"); // the log that was written to last
    }

    @Test
    void repeats_are_one_row_unless_each_is_asked_for() {
        events.sent("montclair", "\"action\":\"export.create\",\"userId\":\"mira\"");
        for (int i = 0; i < 8; i++) {
            time.passes(Duration.ofMinutes(1));
            events.sent("montclair", "\"action\":\"export.create\",\"userId\":\"mira\",\"status\":\"DENIED\"");
        }
        var folded = http.get("/audit?tenantId=montclair").body();
        assertThat(folded)
                .contains("8 × Denied", ">8</a>", ">0</a>", "9 events, newest first, repeats folded")
                .contains(">from "
                        + Figures.utc(time.now().minus(Duration.ofMinutes(7))).substring(5, 16) + " UTC<")
                .doesNotContain(">7</a>", ">1</a>");
        assertThat(http.get("/audit?tenantId=montclair&each=1").body())
                .contains(">8</a>", ">7</a>", ">1</a>", ">0</a>")
                .doesNotContain("×", "repeats folded");
    }

    @Test
    void a_burst_of_denials_is_told_and_leads_to_its_events() {
        for (int day = 0; day < 9; day++) {
            int denied = day == 4 ? 9 : 2;
            events.many(
                    "montclair",
                    10,
                    i -> "\"action\":\"export.create\",\"userId\":\"u" + i + "\",\"status\":\""
                            + (i < denied ? "DENIED" : "SUCCESS") + "\"");
            time.passes(Duration.ofDays(1));
        }
        var page = http.get("/audit?tenantId=montclair&dateRange=last30days").body();
        assertThat(page).contains("9 denied; at no other time of the same length more than 2 together");
        var them = Pattern.compile("href=\"([^\"]+)\">Show them").matcher(page);
        assertThat(them.find()).isTrue();
        assertThat(http.get(them.group(1).replace("&amp;", "&")).body()).contains("9 of 10 events match");
        assertThat(http.get("/audit?tenantId=montclair&dateRange=last30days&userId=u1")
                        .body())
                .doesNotContain("Unusual");
    }

    @Test
    void a_tenants_trail_has_an_address_of_its_own() {
        var answer = http.get("/tenants/montclair/audit");
        assertThat(answer.status()).isEqualTo(302);
        assertThat(answer.response().headers().firstValue("Location"))
                .hasValueSatisfying(to -> assertThat(to).endsWith("/audit?tenantId=montclair"));
    }

    @Test
    void older_events_are_a_page_further() {
        days();
        var first = http.get("/audit?tenantId=montclair").body();
        var older = Pattern.compile("href=\"([^\"]+)\" rel=\"next\"").matcher(first);
        assertThat(older.find()).isTrue();
        var second = http.get(older.group(1).replace("&amp;", "&")).body();
        assertThat(second).contains(">129</a>", "Newest").doesNotContain(">130</a>");
        assertThat(recorded()).containsExactly("audit.searched", "audit.searched");
    }

    @Test
    void what_is_wrong_stands_at_its_field_and_nothing_is_searched() {
        var answer = http.get("/audit?tenantId=montclair&from=soon");
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.body())
                .contains("Nothing was searched: from must be an instant", "id=\"a-f-p\"", "value=\"soon\"");
        var unknown = http.get("/audit?tenantId=none");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.body()).contains("is not one whose trail you may read");
        assertThat(http.get("/audit/events/none?tenantId=montclair").status()).isEqualTo(404);
        assertThat(recorded()).isEmpty();
    }

    @Test
    void an_event_is_shown_with_its_proof_and_after_erasure_without_what_is_gone() {
        var id = events.sent(
                "montclair",
                "\"action\":\"user.update\",\"userId\":\"anand.k\",\"ip\":\"10.0.0.1\",\"details\":{\"a\":\"<b>\"}");
        var page = http.get("/audit/events/" + id + "?tenantId=montclair").body();
        assertThat(page)
                .contains("Verified by the server", "anand.k", "10.0.0.1", "&lt;b")
                .doesNotContain("Erased:", "<b>\"");
        db.sql("delete from sealed.audit_person where lookup = :lookup")
                .param("lookup", logs.newest("montclair").orElseThrow().lookup("person", "anand.k"))
                .update();
        assertThat(http.get("/audit/events/" + id).body())
                .contains("Verified by the server", "Erased:", "(erased)")
                .doesNotContain("anand.k", "10.0.0.1");
        assertThat(http.get("/audit?tenantId=montclair").body())
                .contains("erased")
                .doesNotContain("anand.k");
        assertThat(recorded()).containsExactly("audit.read", "audit.read", "audit.searched");
    }

    @Test
    void an_event_that_was_changed_in_the_database_does_not_verify(@Autowired Environment environment) {
        days();
        var owner = Owner.of(environment);
        owner.sql(
                        "update audit_event_202603 set envelope = convert_to(replace(convert_from(envelope, 'UTF8'), 'SUCCESS', 'FAILURE'), 'UTF8') where idx = 179")
                .update();
        var page = http.get("/audit?tenantId=montclair").body();
        assertThat(page)
                .contains("The proof of event 179 does not hold: ", "Does not verify")
                .doesNotContain(">Verified<");
    }

    @Test
    void a_tenants_key_sees_its_own_trail_alone() {
        days();
        events.sent("redwood", "\"action\":\"secret.thing\"");
        var key = http.post("/api/v1/keys", """
                {"name":"theirs","may":"read","tenant":"redwood"}""").json().get("key").stringValue();
        assertThat(with(key, "/audit").body())
                .contains("secret.thing", "1 event in that time")
                .doesNotContain("montclair");
        assertThat(with(key, "/audit?tenantId=montclair").status()).isEqualTo(404);
        var id = events.sent("montclair", "\"action\":\"a\"");
        assertThat(with(key, "/audit/events/" + id).status()).isEqualTo(404);
        assertThat(with(key, "/audit/events/" + id + "?tenantId=montclair").status())
                .isEqualTo(404);
        assertThat(with(key, "/catalogue").status()).isEqualTo(403);
        assertThat(http.send(http.request("GET", "/audit", null)).status()).isEqualTo(401);
    }

    /** The application's own check is not asked here: it is given the other tenant's log. */
    @Test
    void without_our_own_check_row_security_alone_counts_nothing_of_another_tenant() {
        days();
        var log = logs.newest("montclair").orElseThrow();
        var query = AuditQuery.of(Map.of("tenantId", new String[] {"montclair"}), Set.of(), null, time.now());
        var span = search.span(log, query);
        assertThat(places.tenants(9)).containsExactly("montclair");
        assertThat(places.notWell(span, 100)).hasSize(30);
        var before = places.borders(span, List.of(time.now()));
        access.become(new Caller(Caller.Kind.KEY, "test", false, false, false, "default", "redwood", null, null));
        assertThat(places.tenants(9)).isEmpty();
        assertThat(places.notWell(span, 100)).isEmpty();
        assertThat(before).containsExactly(120L);
        assertThat(places.borders(span, List.of(time.now()))).containsExactly(span.below()); // as if nothing were there
    }

    @Test
    void the_way_up_the_tree_is_the_one_that_the_proof_takes() {
        assertThat(ProofView.steps(0, 1, 0)).isEmpty();
        assertThat(ProofView.steps(5, 8, 3)).extracting(ProofView.Step::left).containsExactly(true, false, true);
        assertThat(ProofView.steps(4, 5, 1)).extracting(ProofView.Step::left).containsExactly(true);
        assertThat(ProofView.steps(0, 5, 3)).extracting(ProofView.Step::left).containsExactly(false, false, false);
    }

    @Test
    @Tag("browser")
    void the_trail_is_searched_opened_and_verified_in_the_browser() {
        days();
        try (var looks = new Looks(http)) {
            looks.at("/audit?tenantId=montclair&status=DENIED", page -> {
                page.keyboard().press("j");
                page.keyboard().press("Enter");
                var drawer = page.locator("#drawer");
                PlaywrightAssertions.assertThat(drawer.locator("h2").first()).hasText("export.create");
                drawer.getByText("Verify in this browser").click();
                PlaywrightAssertions.assertThat(drawer.locator("#ev-own li")).hasCount(3);
                PlaywrightAssertions.assertThat(
                                drawer.locator("#ev-own li.st-ok").nth(1))
                        .containsText("the root of 180 events");
                PlaywrightAssertions.assertThat(drawer.locator("#ev-own li.st-bad"))
                        .hasCount(0);
                page.keyboard().press("Escape");
                PlaywrightAssertions.assertThat(drawer).isHidden();
            });
            // an envelope of which one byte is another is refuted
            looks.at("/audit/events/" + newest() + "?tenantId=montclair", page -> {
                page.route(Pattern.compile(".*/envelope.*"), route -> {
                    var real = route.fetch();
                    route.fulfill(new com.microsoft.playwright.Route.FulfillOptions()
                            .setResponse(real)
                            .setBody(real.text().replace("\"v\":1", "\"v\":2")));
                });
                page.getByText("Verify in this browser").click();
                PlaywrightAssertions.assertThat(page.locator("#ev-own li.st-bad"))
                        .containsText("It does not verify: from the event the path leads to");
                page.unroute(Pattern.compile(".*/envelope.*"));
            });
            var findings = new ArrayList<String>();
            findings.addAll(looks.findings("/audit?tenantId=montclair"));
            findings.addAll(looks.findings("/audit?tenantId=montclair&userId=nobody&ip=10.0.0.1"));
            findings.addAll(looks.findings("/audit?tenantId=montclair&status=FAILURE", page -> {
                page.locator("[data-row]").first().click();
                page.locator("#drawer .merkle").waitFor();
                page.locator("#drawer [data-verify]").click();
                page.locator("#drawer #ev-own li").nth(2).waitFor();
            }));
            findings.addAll(looks.findings("/audit/events/" + newest() + "?tenantId=montclair"));
            assertThat(findings).isEmpty();
            assertThat(looks.findings("/audit?tenantId=none").stream()
                            .filter(finding -> !finding.contains("404"))) // the browser says the status itself
                    .isEmpty();
        }
    }

    /** Three days of sixty events: of each, six are denied and four have failed. */
    private void days() {
        for (int day = 0; day < 3; day++) {
            if (day > 0) time.passes(Duration.ofDays(1));
            events.many(
                    "montclair",
                    60,
                    i ->
                            "\"userId\":\"u%d\",\"action\":\"%s\",\"resource\":\"/exports/customers-%d\",\"status\":\"%s\",\"ip\":\"203.0.113.%d\",\"service\":\"export-api\",\"region\":\"eu-west-1\""
                                    .formatted(
                                            i % 3,
                                            i % 10 == 1 ? "export.create" : "user.read",
                                            i,
                                            i % 10 == 1 ? "DENIED" : i % 15 == 2 ? "FAILURE" : "SUCCESS",
                                            i));
        }
    }

    private String newest() {
        return http.get("/api/v1/audit?tenantId=montclair&limit=1")
                .json()
                .get("items")
                .get(0)
                .get("eventId")
                .stringValue();
    }

    private List<String> recorded() {
        return db.sql("select action from own_event where action like 'audit.%' order by id")
                .query((row, _) -> row.getString(1))
                .list();
    }

    private Answer with(String key, String path) {
        return http.send(http.request("GET", path, null).header("X-Api-Key", key));
    }
}
