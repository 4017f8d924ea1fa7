package io.muster.server.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.testing.Http;
import io.muster.server.testing.Proves;
import io.muster.server.testing.ServerTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.TestPropertySource;

@ServerTest
@Import(TestChecks.class)
@TestPropertySource(properties = {"muster.check-limit=2", "muster.ping.body-limit=none"})
class LimitsTest {

    @Autowired
    TestChecks checks;

    @Autowired
    Http http;

    @Test
    @Proves({"A27", "S8", "W10"})
    void api_stops_at_the_limit_and_pings_at_twice_as_many() {
        assertThat(create("{\"name\":\"one\"}")).isEqualTo(201);
        assertThat(create("{\"name\":\"two\"}")).isEqualTo(201);
        assertThat(create("{\"name\":\"three\"}")).isEqualTo(403);
        assertThat(create("{\"name\":\"three\",\"channels\":\"nobody\"}")).isEqualTo(403);
        assertThat(create("{\"name\":\"three\",\"timeout\":1}")).isEqualTo(400);
        assertThat(create("{\"name\":\"two\",\"grace\":60,\"unique\":[\"name\"]}"))
                .isEqualTo(200);

        var ping = "/ping/" + checks.pingKey();
        assertThat(http.get(ping + "/a?create=1").status()).isEqualTo(201);
        assertThat(http.get(ping + "/b?create=1").status()).isEqualTo(201);
        assertThat(http.get(ping + "/c?create=1").status()).isEqualTo(404);
        assertThat(http.get(ping + "/a?create=1").status()).isEqualTo(200);
        assertThat(checks.bySlug("c")).isEmpty();
    }

    @Test
    @Proves("P19")
    void body_is_kept_whole_where_there_is_no_limit() {
        var check = checks.daily("foo");
        var body = "0123456789".repeat(2_000);
        var answer = http.send(http.request("POST", "/ping/" + check.uuid().value(), body));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Ping-Body-Limit")).isEmpty();
        assertThat(checks.pings(check)).extracting(TestChecks.Row::text).containsExactly(body);
    }

    private int create(String body) {
        return http.post("/api/v3/checks/", body).status();
    }
}
