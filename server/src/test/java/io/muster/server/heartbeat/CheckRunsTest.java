package io.muster.server.heartbeat;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.deadline.PassingTime;
import io.muster.server.testing.Http;
import io.muster.server.testing.Proves;
import io.muster.server.testing.ServerTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import tools.jackson.databind.JsonNode;

/** Starts and ends of runs, and what a check looks like at each instant of its period. */
@ServerTest
@Import(TestChecks.class)
class CheckRunsTest {

    private static final String A = "?rid=00000000-0000-4000-8000-00000000000a";
    private static final String B = "?rid=00000000-0000-4000-8000-00000000000b";

    @Autowired
    TestChecks checks;

    @Autowired
    Http http;

    @Autowired
    PassingTime time;

    private String ping;
    private String path;

    @BeforeEach
    void aCheck() {
        var uuid = checks.daily("nightly").uuid().value();
        ping = "/ping/" + uuid;
        path = "/api/v3/checks/" + uuid;
    }

    @ParameterizedTest
    @Proves({"M4", "M5", "M6", "M7"})
    @CsvSource({
        "start A, ok A,   false, 60",
        "start A, ok B,   true,  ", // the other run is still being timed
        "start A, ok,     false, ",
        "start A, fail B, false, ",
        "start A, fail A, false, 60",
        "start,   ok,     false, 60",
        "start,   ok B,   true,  ",
        "start,   fail B, false, ",
        "start A, log A,  true,  ",
        "start A, 0 A,    false, 60",
        "start A, 3 B,    false, "
    })
    void end_belongs_to_the_run_with_its_id(String begin, String end, boolean started, Integer seconds) {
        send(begin);
        time.passes(ofMinutes(1));
        send(end);
        assertThat(check().get("started").booleanValue()).isEqualTo(started);
        assertThat(check().has("last_duration")).isEqualTo(seconds != null);
        if (seconds != null) assertThat(check().get("last_duration").intValue()).isEqualTo(seconds);
    }

    @Test
    void the_same_end_again_proves_no_more_and_a_later_one_with_its_id_is_another_run() {
        send("start A");
        time.passes(ofMinutes(5));
        send("ok A");
        time.passes(ofMinutes(1));
        send("ok A"); // as the answer of the first was lost
        assertThat(check().get("last_duration").intValue()).isEqualTo(360);
        send("ok B");
        assertThat(check().has("last_duration")).isFalse();
        send("start A");
        send("ok A");
        time.passes(ofMinutes(15));
        send("ok A");
        assertThat(check().has("last_duration")).isFalse();
    }

    private void send(String report) {
        var words = report.split(" ");
        var end = words[0].equals("ok") ? "" : "/" + words[0];
        var rid = words.length == 1 ? "" : words[1].equals("A") ? A : B;
        assertThat(http.get(ping + end + rid).status()).isEqualTo(200);
    }

    @Test
    @Proves("M8")
    void run_that_another_ended_is_down_after_its_grace() {
        send("start");
        send("ok B");
        assertThat(status()).isEqualTo("up");
        time.passes(ofHours(1));
        assertThat(status()).isEqualTo("down");
        assertThat(check().get("started").booleanValue()).isTrue();
    }

    @Test
    @Proves("M9")
    void check_is_late_and_down_at_the_very_instant() {
        http.get(ping);
        time.passes(ofHours(24).minusMillis(1));
        assertThat(status()).isEqualTo("up");
        time.passes(ofMillis(1));
        assertThat(status()).isEqualTo("grace");
        time.passes(ofHours(1).minusMillis(1));
        assertThat(status()).isEqualTo("grace");
        time.passes(ofMillis(1));
        assertThat(status()).isEqualTo("down");
    }

    private JsonNode check() {
        return http.send("GET", path, null).json();
    }

    private String status() {
        return check().get("status").stringValue();
    }
}
