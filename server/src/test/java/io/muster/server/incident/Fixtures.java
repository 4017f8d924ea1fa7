package io.muster.server.incident;

import io.muster.server.incident.channel.Listener;
import io.muster.server.incident.channel.webhook.WebhookReceiver;
import io.muster.server.keys.GivenSecret;
import io.muster.server.testing.TestClock;
import java.util.Arrays;
import java.util.List;

/** Channels for tests. */
record Fixtures(ChannelRepository channels, TestClock clock) {

    void webhook(String id, Listener receiver, String... sends) {
        declare(id, webhook(receiver, sends.length == 0 ? AlertChannel.USUAL : sends(sends), JobSelector.ALL));
    }

    void webhook(String id, Listener receiver, JobSelector jobs) {
        declare(id, webhook(receiver, AlertChannel.USUAL, jobs));
    }

    void slack(String id, Listener receiver) {
        declare(
                id,
                new AlertChannel(
                        AlertChannel.Kind.SLACK,
                        null,
                        GivenSecret.of(receiver.url()),
                        null,
                        AlertChannel.USUAL,
                        JobSelector.ALL));
    }

    void email(String id, String to) {
        declare(id, new AlertChannel(AlertChannel.Kind.EMAIL, to, null, null, AlertChannel.USUAL, JobSelector.ALL));
    }

    private static List<AlertChannel.Send> sends(String... words) {
        return Arrays.stream(words).map(AlertChannel.Send::of).toList();
    }

    private static AlertChannel webhook(Listener receiver, List<AlertChannel.Send> sends, JobSelector jobs) {
        return new AlertChannel(
                AlertChannel.Kind.WEBHOOK,
                null,
                GivenSecret.of(receiver.url()),
                GivenSecret.of(WebhookReceiver.SECRET),
                sends,
                jobs);
    }

    private void declare(String id, AlertChannel channel) {
        channels.delete(List.of(id));
        channels.insert(List.of(channels.row(id, channel, 1, clock.instant(), true)));
    }
}
