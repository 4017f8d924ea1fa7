package io.muster.server.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.testing.Http;
import io.muster.server.testing.ServerTest;
import io.muster.server.testing.Story;
import io.muster.server.testing.TestClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

@ServerTest
class HomePageTest {
    @Autowired
    Http http;

    @Autowired
    JdbcClient db;

    @Autowired
    TestClock clock;

    @Test
    void while_nothing_is_watched_the_way_to_the_first_job_is_shown() {
        var home = http.get("/");
        assertThat(home.status()).isEqualTo(302);
        assertThat(home.header("Location")).endsWith("/first-run");
        assertThat(http.get("/first-run").body()).contains("Not yet. 0 of 3 steps are done");
        new Story(http, db, clock.instant()).check("a-job", "A job", "up", 3, false);
        assertThat(http.get("/first-run").body()).contains("Yes. 2 of 3 steps are done.");
    }

    @Test
    void the_overview_says_what_is_wrong_worst_first() {
        new Story(http, db, clock.instant()).tell();
        var page = http.get("/").body();
        assertThat(page)
                .contains("Not yet. 1 job is down, and 2 of 4 tenants have data where it may not be.")
                .contains("1,204 rows in us-east-1, EU intake sweep failed")
                .contains("pm-way k-bad", "EU intake sweep: Down");
        assertThat(page.indexOf("Aurelia Bank AG")).isLessThan(page.indexOf("Fjordlight Energi AS"));
    }

    @Test
    void a_live_part_that_would_be_the_same_is_not_sent_again() {
        new Story(http, db, clock.instant()).tell();
        var page = http.get("/").body();
        var hash = page.replaceFirst("(?s).*Live-Hash\":\"([^\"]*)\".*", "$1");
        assertThat(poll(hash).status()).isEqualTo(204);
        clock.advance(Duration.ofSeconds(20));
        assertThat(poll(hash).status()).as("only time has passed").isEqualTo(204);
        var changed = poll("old");
        assertThat(changed.body()).startsWith("<div id=\"live\"").doesNotContain("<html");
    }

    private Http.Answer poll(String hash) {
        return http.send(http.request("GET", "/", null)
                .header("X-Api-Key", http.adminKey())
                .header("HX-Target", "live")
                .header("Live-Hash", hash));
    }
}
