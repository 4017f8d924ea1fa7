package io.muster.server.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.deadline.PassingTime;
import io.muster.server.testing.Http;
import io.muster.server.testing.Proves;
import io.muster.server.testing.RawHttp;
import io.muster.server.testing.ServerTest;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.TestPropertySource;

/** Pings where an operator wants more of the hosted service: see docs/settings.md. */
@ServerTest
@Import(TestChecks.class)
@TestPropertySource(
        properties = {
            "muster.ping.body-limit=5",
            "muster.ping.soft-errors=true",
            "muster.ping.per-minute=5",
            "muster.ping.url=http://ping.example.com"
        })
class PingSettingsTest {

    private static final String UNKNOWN = "00000000-0000-4000-8000-000000000000";

    @Autowired
    TestChecks checks;

    @Autowired
    Http http;

    @Autowired
    PassingTime time;

    @Test
    @Proves("P18")
    void five_bytes_are_kept_where_that_is_the_limit() {
        var check = checks.daily("foo");
        var answer = http.send(http.request("POST", "/ping/" + check.uuid().value(), "hello world"));
        assertThat(answer.body()).isEqualTo("OK");
        assertThat(answer.header("Ping-Body-Limit")).isEqualTo("5");
        assertThat(checks.pings(check)).extracting(TestChecks.Row::text).containsExactly("hello");
    }

    @Test
    @Proves("P33")
    void unknown_uuid_is_no_error_but_anything_else_that_is_wrong_is() {
        for (var path : new String[] {UNKNOWN, UNKNOWN + "/start", UNKNOWN + "/256", UNKNOWN + "?rid=1"}) {
            var answer = http.get("/ping/" + path);
            assertThat(answer.status()).as(path).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("OK (not found)");
        }
        assertThat(http.get("/ping/" + UNKNOWN.replace("-", "")).status()).isEqualTo(404);
        assertThat(http.get("/ping/" + checks.pingKey() + "/none").status()).isEqualTo(404);
        assertThat(http.get("/ping/nobody/none?create=1").status()).isEqualTo(404);
        var check = checks.daily("foo");
        assertThat(http.get("/ping/" + check.uuid().value() + "/256").status()).isEqualTo(400);
    }

    @Test
    @Proves("P34")
    void sixth_success_within_a_minute_is_dropped_but_nothing_that_says_more() {
        for (int i = 0; i < 20; i++) checks.daily("other"); // the limit remembers checks of other tests by their ids
        var check = checks.daily("foo");
        var ping = "/ping/" + check.uuid().value();
        http.get(ping); // up: that is news
        for (int i = 0; i < 5; i++) assertThat(http.get(ping).body()).isEqualTo("OK");
        for (int i = 0; i < 3; i++) assertThat(http.get(ping).body()).isEqualTo("OK (rate limited)");
        assertThat(http.get("/ping/" + checks.pingKey() + "/foo").body()).isEqualTo("OK (rate limited)");
        assertThat(checks.pings(check)).hasSize(6);

        for (var more : new String[] {"/log", "/0", "/start", "", "/fail", "", "/3", "/0"}) {
            assertThat(http.get(ping + more).body()).as(more).isEqualTo("OK");
        }
        assertThat(http.send(http.request("POST", ping, "text")).body()).isEqualTo("OK");
        assertThat(checks.pings(check)).hasSize(15);
        assertThat(checks.read(check).status()).isEqualTo(Status.UP);

        assertThat(http.get(ping).body()).isEqualTo("OK (rate limited)");
        time.passes(Duration.ofSeconds(12));
        assertThat(http.get(ping).body()).isEqualTo("OK");
        assertThat(http.get(ping).body()).isEqualTo("OK (rate limited)");
        assertThat(checks.read(check).pings()).isEqualTo(16);
        assertThat(http.get("/actuator/prometheus").body()).contains("muster_pings_rate_limited_total 6.0");
    }

    @Test
    @Proves("P35")
    void host_name_of_its_own_takes_pings_at_its_root_and_nothing_else() throws IOException {
        var check = checks.daily("foo");
        var uuid = check.uuid().value();
        for (var path : new String[] {
            "/" + uuid,
            "/" + uuid + "/start",
            "/" + uuid + "/7",
            "/" + checks.pingKey() + "/foo",
            "/ping/" + uuid,
            "/fail/" + uuid
        }) {
            assertThat(call("ping.example.com", path).body()).as(path).isEqualTo("OK");
        }
        assertThat(call("PING.example.com:8080", "/" + uuid + "/log").body()).isEqualTo("OK");
        assertThat(checks.read(check).pings()).isEqualTo(7);
        for (var path : new String[] {"/", "/sign-in", "/api/v3/checks/", "/actuator/health", "/" + uuid + "/x"}) {
            assertThat(call("ping.example.com", path).status()).as(path).isEqualTo(404);
        }
        assertThat(call("muster.example.com", "/" + uuid).status()).isNotEqualTo(200);
        assertThat(call("muster.example.com", "/ping/" + uuid).status()).isEqualTo(200);
        var forwarded = http.request("GET", "/" + uuid, null).header("X-Forwarded-Host", "ping.example.com");
        assertThat(http.sendThroughProxy(forwarded).body()).isEqualTo("OK");
        var stranger = http.request("GET", "/" + uuid, null).header("X-Forwarded-Host", "ping.example.com");
        assertThat(http.send(stranger).status()).isNotEqualTo(200);

        var shown = http.get("/api/v3/checks/" + uuid).json();
        assertThat(shown.get("ping_url").stringValue()).isEqualTo("http://ping.example.com/" + uuid);
        assertThat(shown.get("update_url").stringValue()).isEqualTo(http.base() + "/api/v3/checks/" + uuid);
    }

    private RawHttp.Answer call(String host, String path) throws IOException {
        try (var raw = new RawHttp(http.base())) {
            return raw.send("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
        }
    }
}
