package io.muster.server.residency;

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

@ServerTest
class ResidencyPagesTest {
    @Autowired
    Http http;

    @Autowired
    JdbcClient db;

    @Autowired
    TestClock clock;

    @Test
    void the_matrix_says_whose_data_is_where_it_may_not_be() {
        new Story(http, db, clock.instant()).tell();
        var page = http.get("/residency").body();
        assertThat(page)
                .contains("For 2 of 4 tenants, yes. 2 tenants have 1,290 rows outside the regions their policy allows.")
                .contains("1 / 3")
                .contains("Aurelia Bank AG")
                .contains("Policies in force");
    }

    @Test
    void exposures_stand_worst_first_and_can_be_narrowed() {
        new Story(http, db, clock.instant()).tell();
        var all = http.get("/exposures").body();
        assertThat(all.indexOf("Aurelia Bank AG")).isPositive().isLessThan(all.indexOf("Fjordlight Energi AS"));
        assertThat(all.indexOf("Fjordlight Energi AS")).isLessThan(all.indexOf("Montclair Santé"));
        assertThat(http.get("/exposures?state=at_risk").body())
                .doesNotContain("Aurelia")
                .contains("Montclair");
        assertThat(http.get("/exposures?state=closed").body())
                .doesNotContain("Aurelia")
                .contains("Montclair");
        assertThat(http.get("/exposures?job=eu-ledger-copy").body())
                .doesNotContain("Aurelia")
                .contains("Montclair");
        assertThat(http.get("/exposures?tenant=nobody").body())
                .contains("No exposure is like that")
                .doesNotContain("Nothing is out of place");
        assertThat(http.get("/exposures?tenant=nobody&state=closed").body()).contains("None has closed");
    }

    @Test
    void one_exposure_tells_what_to_do_and_how_it_can_close() {
        new Story(http, db, clock.instant()).tell();
        var page = http.get("/exposures/" + idOf("aurelia-bank")).body();
        assertThat(page)
                .contains("Aurelia Bank AG has data in")
                .contains("1,204 rows have been where they may not be")
                .contains("A good run asks for a probe at once")
                .contains("what a probe opened, a probe closes")
                .contains("Waits for a person")
                .doesNotContain("Close by attestation");
        assertThat(http.get("/exposures/" + idOf("montclair")).body()).contains("Close by attestation");
        assertThat(http.get("/exposures/99999").status()).isEqualTo(404);
        assertThat(http.get("/exposures/x").status()).isEqualTo(404);
    }

    @Test
    void a_person_decides_and_attests_on_the_page() {
        new Story(http, db, clock.instant()).tell();
        var measured = "/exposures/" + idOf("aurelia-bank");
        assertThat(form(measured + "/decision", "notify=false&document=DPO-17&reason=no+access+seen"))
                .isEqualTo(302);
        assertThat(http.get(measured).body()).contains("No authority is told").contains("no access seen");
        assertThat(form(measured + "/close", "document=x&reason=y")).isEqualTo(409);
        assertThat(form("/exposures/" + idOf("fjordlight") + "/decision", "document=&reason="))
                .isEqualTo(422);
        var claimed = "/exposures/" + idOf("montclair");
        assertThat(form(claimed + "/close", "document=DPO-18&reason=deleted+by+hand"))
                .isEqualTo(302);
        assertThat(http.get(claimed).body()).contains("closed by a person’s word");
    }

    @Test
    void a_probe_that_is_silent_makes_its_tenants_unknown() {
        new Story(http, db, clock.instant()).tell();
        db.sql("update exposure set state = 'CLOSED', closed_at = opened_at where state <> 'CLOSED'")
                .update();
        assertThat(http.get("/residency").body()).contains("Yes. All 4 tenants have their data where it may be.");
        db.sql("update probe set begun_at = begun_at - interval '10 minutes'").update();
        assertThat(http.get("/residency").body())
                .contains("For 1 of 4 tenants, yes. Of 3 tenants nothing is proven now.")
                .contains("3 unknown");
        assertThat(http.get("/").body())
                .contains("of 3 tenants nothing is proven now")
                .contains("25.00 % now");
        assertThat(http.get("/catalogue").body()).contains("3 unknown").contains("probe intake-us-users of intake-us");
        assertThat(http.get("/policies/eu-only").body()).contains("of 3 nothing is proven now");
    }

    @Test
    void a_person_lets_the_probe_look_at_once_and_sees_what_it_saw() {
        new Story(http, db, clock.instant()).tell();
        var exposure = "/exposures/" + idOf("aurelia-bank");
        assertThat(http.get(exposure).body()).contains("Probe intake-us now");
        assertThat(form(exposure + "/probe", "")).isEqualTo(302);
        assertThat(http.get(exposure).body()).contains("has no url of a database");
        assertThat(http.get("/catalogue?kind=stores").body())
                .contains("No answer")
                .contains("Probe now");
        assertThat(form("/probes/none/run", "")).isEqualTo(404);
    }

    private int form(String path, String body) {
        return http.send(http.request("POST", path, body)
                        .setHeader("Content-Type", "application/x-www-form-urlencoded")
                        .header("X-Api-Key", http.adminKey()))
                .status();
    }

    @Test
    void the_page_of_a_check_tells_whom_it_exposes() {
        new Story(http, db, clock.instant()).tell();
        assertThat(http.get("/checks").body()).contains("us-east-1").contains("2 exposed");
        assertThat(http.get("/checks?from=us-east-1&to=eu-west-1").body())
                .contains("EU ledger copy")
                .doesNotContain("EU intake sweep");
        assertThat(http.get("/checks/eu-intake-sweep").body())
                .contains("2 tenants of us-east-1 are exposed.")
                .contains("Fjordlight Energi AS");
    }

    @Test
    @Tag("browser")
    void the_pages_look_right() {
        new Story(http, db, clock.instant()).tell();
        try (var looks = new Looks(http)) {
            var findings = new ArrayList<String>();
            for (var path : List.of(
                    "/residency",
                    "/exposures",
                    "/exposures/" + idOf("aurelia-bank"),
                    "/exposures/" + idOf("montclair"),
                    "/checks/eu-intake-sweep",
                    "/",
                    "/first-run")) {
                findings.addAll(looks.findings(path));
            }
            assertThat(findings).isEmpty();
        }
    }

    private long idOf(String tenant) {
        return db.sql("select id from exposure where tenant = :tenant and state <> 'CLOSED'")
                .param("tenant", tenant)
                .query(Long.class)
                .single();
    }
}
