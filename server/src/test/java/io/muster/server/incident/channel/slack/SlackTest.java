package io.muster.server.incident.channel.slack;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.incident.channel.Carrier.Destination;
import io.muster.server.incident.channel.Carrier.Parcel;
import io.muster.server.incident.channel.Examples;
import io.muster.server.incident.channel.Listener.Says;
import io.muster.server.incident.channel.Message;
import io.muster.server.incident.channel.Outbound;
import io.muster.server.incident.channel.OutboundAllow;
import io.muster.server.incident.channel.Receipt;
import io.muster.server.testing.Golden;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

class SlackTest {

    final SlackFake fake = new SlackFake();
    final Slack slack = new Slack(new Outbound(new OutboundAllow("127.0.0.0/8")), new JsonMapper());

    @AfterEach
    void stop() {
        fake.close();
    }

    @Test
    void each_kind_of_message_is_within_the_limits_and_reads_well() {
        Examples.all().forEach((name, message) -> {
            assertThat(send(Examples.parcel(message))).as(name).isEqualTo(new Receipt.Accepted("HTTP 200, “ok”"));
            var pretty = JsonMapper.builder()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .build();
            Golden.assertMatches(
                    "alerts/slack-" + name + ".json",
                    pretty.writeValueAsString(fake.last().json()) + "\n");
        });
    }

    @Test
    void nobodys_name_calls_the_whole_channel() {
        send(Examples.parcel(Examples.all().get("hostile")));
        assertThat(fake.last().body()).doesNotContain("<!channel>").contains("&lt;!channel&gt; &amp; &lt;script&gt;");
    }

    @ParameterizedTest
    @CsvSource({
        "400, invalid_payload",
        "403, action_prohibited",
        "404, no_service",
        "500, rollup_error",
        "200, <html>not slack",
        "204, ''",
        "302, ''"
    })
    void all_but_200_ok_is_tried_again(int status, String body) {
        fake.instead = new Says(status, body, Map.of());
        assertThat(send()).isInstanceOf(Receipt.Failed.class);
    }

    @Test
    void rate_limit_says_how_long_to_wait() {
        fake.instead = new Says(429, "ratelimited", Map.of("Retry-After", "30"));
        assertThat(send())
                .isEqualTo(new Receipt.Failed("HTTP 429, “ratelimited”", Optional.of(Duration.ofSeconds(30))));
    }

    @Test
    void archived_channel_is_gone() {
        fake.instead = new Says(410, "channel_is_archived", Map.of());
        assertThat(send()).isEqualTo(new Receipt.Gone("HTTP 410, “channel_is_archived”"));
    }

    @Test
    void late_message_says_so_first() {
        var message = Examples.all().get("job-down");
        send(new Parcel(
                "msg_1", message, "http://localhost/x", Instant.EPOCH, Optional.of("This message comes 5 min late.")));
        assertThat(fake.last()
                        .json()
                        .path("blocks")
                        .get(1)
                        .path("text")
                        .path("text")
                        .asString())
                .isEqualTo(":hourglass: This message comes 5 min late.");
    }

    private Receipt send() {
        return send(Examples.parcel(Message.test(Instant.EPOCH)));
    }

    private Receipt send(Parcel parcel) {
        return slack.send(new Destination(fake.url(), null), parcel);
    }
}
