package io.muster.server.heartbeat;

import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.deadline.PassingTime;
import io.muster.server.testing.Http;
import io.muster.server.testing.Http.Answer;
import io.muster.server.testing.Proves;
import io.muster.server.testing.ServerTest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import tools.jackson.databind.JsonNode;

/** Pings, bodies and flips of a check, and the channels, as clients of Healthchecks read them. */
@ServerTest
@Import(TestChecks.class)
class CompatHistoryTest {

    private static final String A = "00000000-0000-4000-8000-00000000000a";
    private static final String B = "00000000-0000-4000-8000-00000000000b";

    @Autowired
    TestChecks checks;

    @Autowired
    Http http;

    @Autowired
    PassingTime time;

    private Check check;
    private String uuid;
    private String path;

    @BeforeEach
    void aCheck() {
        check = checks.daily("nightly");
        uuid = check.uuid().value().toString();
        path = "/api/v3/checks/" + uuid;
    }

    @Test
    @Proves({"P17", "A28"})
    void pings_are_listed_newest_first_with_all_that_is_known_of_them() {
        http.get("/ping/" + uuid + "/start?rid=" + A.toUpperCase(Locale.ROOT));
        time.passes(Duration.ofMillis(1500));
        http.send(http.request("POST", "/ping/" + uuid + "/7?rid=" + A, "it broke")
                .header("User-Agent", "cron"));
        var pings = get(path + "/pings/").json().get("pings");
        assertThat(pings.size()).isEqualTo(2);
        var fail = pings.get(0);
        assertThat(fail.get("type").stringValue()).isEqualTo("fail");
        assertThat(fail.get("date").stringValue()).isEqualTo("2026-03-01T03:00:01.500000+00:00");
        assertThat(fail.get("n").intValue()).isEqualTo(2);
        assertThat(fail.get("scheme").stringValue()).isEqualTo("http");
        assertThat(fail.get("remote_addr").stringValue()).isEqualTo("127.0.0.1");
        assertThat(fail.get("method").stringValue()).isEqualTo("POST");
        assertThat(fail.get("ua").stringValue()).isEqualTo("cron");
        assertThat(fail.get("rid").stringValue()).isEqualTo(A);
        assertThat(fail.get("body_url").stringValue()).endsWith(path + "/pings/2/body");
        assertThat(fail.get("duration").doubleValue()).isEqualTo(1.5);
        var start = pings.get(1);
        assertThat(start.get("type").stringValue()).isEqualTo("start");
        assertThat(start.get("date").stringValue()).isEqualTo("2026-03-01T03:00:00+00:00");
        assertThat(start.get("body_url").isNull()).isTrue();
        assertThat(start.has("duration")).isFalse();
    }

    @Test
    @Proves("A21")
    void body_comes_back_byte_for_byte() {
        var sent = "Hello\u0001\u0099World".getBytes(StandardCharsets.ISO_8859_1);
        http.send(http.request("POST", "/ping/" + uuid, "").POST(BodyPublishers.ofByteArray(sent)));
        http.get("/ping/" + uuid);
        var body = get(path + "/pings/1/body");
        assertThat(body.response().body()).isEqualTo(sent);
        assertThat(body.header("Content-Type")).startsWith("text/plain");
        assertThat(body.header("Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(get(path + "/pings/2/body").status()).isEqualTo(404);
        assertThat(get(path + "/pings/3/body").status()).isEqualTo(404);
        assertThat(get(path + "/pings/999999999999999999999/body").status()).isEqualTo(404);
    }

    @Test
    @Proves("A19")
    void runs_that_overlap_are_told_apart_by_their_ids() {
        http.get("/ping/" + uuid + "/start?rid=" + A);
        time.passes(ofMinutes(1));
        http.get("/ping/" + uuid + "/start?rid=" + B);
        time.passes(ofMinutes(1));
        http.get("/ping/" + uuid + "/log?rid=" + B);
        http.get("/ping/" + uuid + "?rid=" + A);
        time.passes(ofMinutes(4));
        http.get("/ping/" + uuid + "?rid=" + B);
        http.get("/ping/" + uuid + "?rid=" + B);
        var pings = get(path + "/pings/").json().get("pings");
        assertThat(pings.get(0).has("duration")).isFalse();
        assertThat(pings.get(1).get("duration").doubleValue()).isEqualTo(300.0);
        assertThat(pings.get(2).get("duration").doubleValue()).isEqualTo(120.0);
        assertThat(pings.get(3).has("duration")).isFalse();
    }

    @Test
    @Proves("A20")
    void many_ends_without_a_start_cost_no_search_and_show_no_durations() {
        http.get("/ping/" + uuid + "/start?rid=" + A);
        time.passes(ofSeconds(10));
        http.get("/ping/" + uuid + "?rid=" + A);
        for (int i = 0; i < 10; i++) http.get("/ping/" + uuid + "?rid=" + UUID.randomUUID());
        assertThat(durations()).isEqualTo(1);
        http.get("/ping/" + uuid + "?rid=" + UUID.randomUUID());
        assertThat(durations()).isZero();
    }

    private long durations() {
        return StreamSupport.stream(get(path + "/pings/").json().get("pings").spliterator(), false)
                .filter(ping -> ping.has("duration"))
                .count();
    }

    @Test
    @Proves("D12")
    void page_is_bounded_and_a_start_before_it_is_found() {
        checks.pings(check, 1_200);
        var pings = get(path + "/pings/").json().get("pings");
        assertThat(pings.size()).isEqualTo(1_000);
        assertThat(pings.get(999).get("n").intValue()).isEqualTo(201);
        assertThat(pings.get(999).get("type").stringValue()).isEqualTo("success");
        assertThat(pings.get(999).get("duration").doubleValue()).isEqualTo(1.0);
    }

    @Test
    @Proves("A22")
    void flips_are_listed_and_filtered_by_time() {
        http.get("/ping/" + uuid);
        time.passes(ofMinutes(10));
        http.get("/ping/" + uuid + "/fail");
        time.passes(ofMinutes(10));
        assertThat(flips("").toString())
                .isEqualTo("[{\"timestamp\":\"2026-03-01T03:10:00+00:00\",\"up\":0},"
                        + "{\"timestamp\":\"2026-03-01T03:00:00+00:00\",\"up\":1}]");
        long failed = Instant.parse("2026-03-01T03:10:00Z").getEpochSecond();
        assertThat(flips("?start=" + failed).size()).isEqualTo(1);
        assertThat(flips("?start=" + (failed + 1)).size()).isZero();
        assertThat(flips("?end=" + failed).size()).isEqualTo(1);
        assertThat(flips("?seconds=600").size()).isEqualTo(1);
        assertThat(flips("?seconds=599").size()).isZero();
        assertThat(flips("?seconds=0").size()).isEqualTo(2);
        assertThat(flips("?seconds=&start=0&end=10000000000").size()).isEqualTo(2);
        assertThat(get("/api/v3/checks/" + check.uniqueKey() + "/flips/").status())
                .isEqualTo(200);
        post(path + "/pause");
        assertThat(flips("").get(0).get("up").intValue()).isZero();
    }

    private JsonNode flips(String query) {
        var answer = get(path + "/flips/" + query);
        assertThat(answer.status()).isEqualTo(200);
        return answer.json().get("flips");
    }

    @ParameterizedTest
    @Proves({"A22", "W4"})
    @ValueSource(
            strings = {
                "start=",
                "end=",
                "start=x",
                "start=-1",
                "end=1.5",
                "start=10000000001",
                "seconds=31536001",
                "seconds=%2B5",
                "seconds=99999999999999999999"
            })
    void wrong_times_are_refused_without_words(String query) {
        var answer = get(path + "/flips/?" + query);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).isEmpty();
        assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo("*");
    }

    @Test
    void channels_are_listed_for_those_who_may_write() {
        http.put("/api/v1/alert-channels/ops", "{\"kind\":\"email\",\"to\":\"ops@acme.example\"}");
        var listed = get("/api/v3/channels/");
        assertThat(listed.body())
                .isEqualTo("{\"channels\":[{\"id\":\"" + io.muster.server.incident.Channels.uuid("ops")
                        + "\",\"name\":\"ops\",\"kind\":\"email\"}]}");
        assertThat(get("/api/v3/channels").status()).isEqualTo(200);
    }

    @Test
    void who_only_reads_sees_flips_but_no_pings_and_no_channels() {
        var reader = http.post(
                        "/api/v1/keys",
                        "{\"name\":\"r\",\"may\":\"read\",\"project\":\"default\",\"tenant\":null,\"expires_at\":null}")
                .json()
                .get("key")
                .stringValue();
        assertThat(as(reader, "GET", path + "/flips/").status()).isEqualTo(200);
        for (var only : new String[] {path + "/pings/", path + "/pings/1/body", "/api/v3/channels/"}) {
            var refused = as(reader, "GET", only);
            assertThat(refused.status()).as(only).isEqualTo(401);
            assertThat(refused.body()).isEqualTo("{\"error\":\"wrong api key\"}");
        }
        assertThat(as("", "GET", path + "/pings/").body()).isEqualTo("{\"error\":\"missing api key\"}");
    }

    @Test
    @Proves({"A23", "W5"})
    void other_methods_are_not_allowed_and_options_says_which_are() {
        assertThat(post(path + "/flips/").status()).isEqualTo(405);
        assertThat(post(path + "/pings/").status()).isEqualTo(405);
        assertThat(post(path + "/pings").status()).isEqualTo(200); // as one client does, see CompatHistory
        assertThat(http.send("HEAD", path + "/pings/", null).status()).isEqualTo(405);
        for (var address :
                new String[] {path + "/flips/", path + "/pings/", path + "/pings/1/body", "/api/v3/channels/"}) {
            var options = as("", "OPTIONS", address);
            assertThat(options.status()).as(address).isEqualTo(204);
            assertThat(options.header("Access-Control-Allow-Methods")).isEqualTo("GET, OPTIONS");
        }
    }

    private Answer get(String address) {
        return http.send("GET", address, null);
    }

    private Answer post(String address) {
        return http.send("POST", address, null);
    }

    private Answer as(String key, String method, String address) {
        var request = http.request(method, address, null);
        return http.send(key.isEmpty() ? request : request.header("X-Api-Key", key));
    }
}
