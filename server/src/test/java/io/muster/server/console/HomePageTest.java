package io.muster.server.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.testing.Http;
import io.muster.server.testing.ServerTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

@ServerTest
class HomePageTest {
    @Autowired
    Http http;

    @Test
    void a_live_part_that_would_be_the_same_is_not_sent_again() {
        var page = http.get("/");
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.body()).contains("Does everything pass muster?");
        var hash = page.body().replaceFirst("(?s).*Live-Hash\":\"([^\"]*)\".*", "$1");
        var again = http.send(http.request("GET", "/", null)
                .header("X-Api-Key", http.adminKey())
                .header("HX-Target", "live")
                .header("Live-Hash", hash));
        assertThat(again.status()).isEqualTo(204);
        var changed = http.send(http.request("GET", "/", null)
                .header("X-Api-Key", http.adminKey())
                .header("HX-Target", "live")
                .header("Live-Hash", "old"));
        assertThat(changed.body()).startsWith("<div id=\"live\"").doesNotContain("<html");
    }
}
