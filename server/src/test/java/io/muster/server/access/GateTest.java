package io.muster.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.testing.Http;
import io.muster.server.testing.ServerTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

@ServerTest
class GateTest {

    @Autowired
    Http http;

    @Test
    void without_a_credential_the_answer_is_401_and_says_what_to_send() {
        var answer = http.send(http.request("GET", "/api/v1/nothing", null));
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer realm=\"Muster\"");
        assertThat(answer.json().get("type").asString()).isEqualTo("/problems/unauthorized");
        assertThat(answer.json().get("detail").asString()).contains("X-Api-Key");
    }

    @Test
    void the_key_of_the_file_admin_key_works_both_ways() {
        assertThat(http.get("/api/v1/nothing").status()).isEqualTo(404);
        assertThat(http.send(http.request("GET", "/api/v1/nothing", null)
                                .header("Authorization", "Bearer " + http.adminKey()))
                        .status())
                .isEqualTo(404);
        assertThat(http.adminKey()).matches("msw_[A-Za-z0-9]{28}");
    }

    @Test
    void an_unknown_key_is_401() {
        for (var wrong : new String[] {"", "x", http.adminKey() + "x", "msw_" + "a".repeat(28)}) {
            var answer = http.send(http.request("GET", "/api/v1/nothing", null).header("X-Api-Key", wrong));
            assertThat(answer.status()).as(wrong).isEqualTo(401);
        }
    }
}
