package io.muster.server.incident;

import io.muster.server.incident.channel.Message;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One message on its way to one channel.
 *
 * @param id also the {@code webhook-id} and the Message-ID: the same at each try
 * @param tries counts the one that is being made
 * @param nextTry while it is being tried: when it is tried again if this server dies
 */
public record Delivery(
        long number,
        String id,
        String channel,
        String kind,
        String topic,
        Message message,
        State state,
        int tries,
        Optional<Instant> lastTry,
        Optional<String> lastAnswer,
        Optional<Double> lastSeconds,
        Optional<Instant> nextTry,
        Instant createdAt,
        Optional<Instant> settledAt) {

    public enum State {
        /** Not tried yet, or being tried for the first time. */
        QUEUED,
        SENT,
        /** The last try failed; there is another, unless it was a test. */
        FAILED,
        GIVEN_UP;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        static State of(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }
    }

    /** A message that is to be sent; {@code tenants} are all whom it is about. */
    record Draft(String channel, String kind, String topic, Message message, List<String> tenants) {}
}
