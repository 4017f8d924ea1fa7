package io.muster.server.incident.channel.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.server.incident.channel.Carrier.Destination;
import io.muster.server.incident.channel.Carrier.Parcel;
import io.muster.server.incident.channel.Examples;
import io.muster.server.incident.channel.Listener.Says;
import io.muster.server.incident.channel.Message;
import io.muster.server.incident.channel.Outbound;
import io.muster.server.incident.channel.OutboundAllow;
import io.muster.server.incident.channel.Receipt;
import io.muster.server.testing.Golden;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

class WebhookTest {

    final WebhookReceiver receiver = new WebhookReceiver(() -> Instant.parse("2026-03-01T03:00:10Z"));
    final Webhook webhook = new Webhook(new Outbound(new OutboundAllow("127.0.0.0/8")), new JsonMapper());
    final Destination there = new Destination(receiver.url(), WebhookReceiver.SECRET);

    @AfterEach
    void stop() {
        receiver.close();
    }

    /** The example of the specification's own reference library. */
    @Test
    void signature_is_that_of_standard_webhooks() {
        var signature = SigningSecret.of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
                .sign("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", "{\"test\": 2432232314}".getBytes(UTF_8));
        assertThat(signature).isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    @Test
    void secret_has_24_to_64_bytes() {
        assertThat(SigningSecret.of(secret(24)).toString()).isEqualTo("***");
        SigningSecret.of(secret(64));
        for (var wrong : List.of(
                secret(23), secret(65), "whsec_", "whsec_***", "abc", secret(24).substring(6))) {
            assertThatThrownBy(() -> SigningSecret.of(wrong)).hasMessageContaining("must be whsec_");
        }
    }

    @Test
    void each_kind_of_message_has_its_body() {
        Examples.all().forEach((name, message) -> {
            var receipt = webhook.send(there, Examples.parcel(message));
            assertThat(receipt).as(name + receiver.complaints).isEqualTo(new Receipt.Accepted("HTTP 204"));
            var pretty = JsonMapper.builder()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .build();
            Golden.assertMatches(
                    "alerts/webhook-" + name + ".json",
                    pretty.writeValueAsString(receiver.last().json()) + "\n");
        });
    }

    @Test
    void the_longest_message_has_less_than_20_kB() {
        var id = "x".repeat(128);
        var message = new Message(
                "exposure.violation",
                Instant.EPOCH,
                null,
                IntStream.range(0, 20)
                        .mapToObj(n -> new Message.Named(id, "€".repeat(500)))
                        .toList(),
                1_000_000,
                id,
                id,
                IntStream.range(0, 20).mapToObj(n -> id).toList(),
                1_000_000,
                Instant.EPOCH,
                null,
                "€".repeat(5_000),
                "\u0001".repeat(5_000),
                "/exposures",
                Map.of("job.down", 1),
                Map.of("job.down", 1));
        assertThat(webhook.body(Examples.parcel(message)).getBytes(UTF_8).length)
                .isLessThan(20_000);
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 307, 400, 401, 404, 413, 429, 500, 502, 503, 504})
    void only_2xx_is_success(int status) {
        receiver.instead = Says.just(status);
        assertThat(send())
                .isInstanceOf(Receipt.Failed.class)
                .extracting(Receipt::answer)
                .isEqualTo("HTTP " + status);
    }

    @Test
    void gone_is_for_good() {
        receiver.instead = new Says(410, "moved out", Map.of());
        assertThat(send()).isEqualTo(new Receipt.Gone("HTTP 410, “moved out”"));
    }

    @Test
    void what_it_answers_is_shown_short_and_on_one_line() {
        receiver.instead = new Says(500, "<html>\r\n\u001b[31m" + "x".repeat(10_000), Map.of());
        assertThat(send().answer()).startsWith("HTTP 500, “<html> [31mxxx").hasSizeLessThan(Receipt.LONGEST + 1);
    }

    @Test
    void an_inner_address_is_not_called_and_not_named() {
        var guarded = new Webhook(new Outbound(new OutboundAllow("")), new JsonMapper());
        var receipt = guarded.send(there, Examples.parcel(Message.test(Instant.EPOCH)));
        assertThat(receipt.answer()).startsWith("not called: ").doesNotContain("secret-in-the-path");
        assertThat(receiver.calls).isEmpty();
    }

    private Receipt send() {
        return webhook.send(
                there,
                new Parcel(
                        "msg_1",
                        Message.test(Instant.parse("2026-03-01T03:00:10Z")),
                        "http://localhost/",
                        Instant.parse("2026-03-01T03:00:10Z"),
                        Optional.empty()));
    }

    private static String secret(int bytes) {
        return "whsec_" + Base64.getEncoder().encodeToString(new byte[bytes]);
    }
}
