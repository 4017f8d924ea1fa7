package io.muster.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.client.Answer.Each;
import io.muster.client.Answer.Fate;
import io.muster.client.Answer.Later;
import io.muster.client.Answer.Malformed;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerTest {
    static final Instant NOW = Instant.parse("2026-03-01T03:00:00Z");

    static Answer answer(int status, String retryAfter, String body) {
        return Answer.of(status, retryAfter, body, 3, NOW);
    }

    @Test
    void each_item_of_an_answer_is_the_fate_of_the_event_in_its_place() {
        var answer = answer(207, "", """
                {"items":[
                  {"status":201,"eventId":"01957d4e-1c00-7000-8000-000000000001","tenantId":"acme","sequence":12,"leafHash":"AA==",
                   "receivedAt":"2026-03-01T03:00:00.000Z","duplicate":false},
                  {"status":422,"type":"/problems/invalid","detail":"The event is not recorded.",
                   "errors":[{"field":"timestamp","message":"lies more than 10 years back"},{"field":"ip","message":"must be text"}]},
                  {"status":503,"detail":"busy"}],"recorded":1,"refused":1}""");
        assertThat(answer)
                .isEqualTo(new Each(List.of(
                        new Fate.Recorded(new Receipt(
                                UUID.fromString("01957d4e-1c00-7000-8000-000000000001"),
                                "acme",
                                12,
                                "AA==",
                                NOW,
                                false)),
                        new Fate.Refused(422, "timestamp lies more than 10 years back; ip must be text"),
                        new Fate.Open())));
    }

    @Test
    void a_refused_batch_is_the_fault_of_some_event_unless_the_status_says_otherwise() {
        assertThat(answer(400, "", "{\"detail\":\"The body is not JSON.\"}"))
                .isEqualTo(new Malformed(400, "The body is not JSON."));
        assertThat(answer(413, "", "<html>")).isEqualTo(new Malformed(413, "the server answered 413"));
        assertThat(answer(401, "", "{\"title\":\"Unauthorized\"}"))
                .isEqualTo(new Later("the server does not take this key (401): Unauthorized"));
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 207, 301, 404, 405, 415, 502, 504})
    void who_does_not_answer_as_muster_does_records_nothing(int status) {
        for (var body : List.of("<html>", "", "{}", "{\"items\":[]}", "{\"items\":[", "[".repeat(200))) {
            assertThat(answer(status, "", body)).isInstanceOf(Later.class);
        }
    }

    @Test
    void a_server_says_when_to_come_back_in_seconds_or_as_a_date() {
        assertThat(answer(503, "7", "").toString()).contains("after=PT7S");
        assertThat(answer(429, "Sun, 01 Mar 2026 03:00:09 GMT", "").toString()).contains("after=PT9S");
        assertThat(answer(429, "Sun, 01 Mar 2026 02:00:00 GMT", "").toString()).contains("after=PT0S");
        assertThat(answer(429, "99999999999", "").toString()).contains("after=PT10M");
        assertThat(answer(429, "soon", "").toString()).contains("after=PT0S");
    }

    @Test
    void each_wait_is_twice_the_last_by_chance_less_and_never_less_than_was_asked_for() {
        var settings = AuditSender.to(URI.create("http://localhost"), "k")
                .backOff(Duration.ofMillis(100), Duration.ofSeconds(10));
        var random = new Random(7);
        for (int i = 0; i < 200; i++) {
            assertThat(settings.waitAfter(1, Duration.ZERO, random))
                    .isBetween(Duration.ofMillis(50), Duration.ofMillis(100));
            assertThat(settings.waitAfter(4, Duration.ZERO, random))
                    .isBetween(Duration.ofMillis(400), Duration.ofMillis(800));
            assertThat(settings.waitAfter(1000, Duration.ZERO, random))
                    .isBetween(Duration.ofSeconds(5), Duration.ofSeconds(10));
            assertThat(settings.waitAfter(1, Duration.ofSeconds(20), random))
                    .isBetween(Duration.ofSeconds(20), Duration.ofSeconds(22));
        }
    }
}
