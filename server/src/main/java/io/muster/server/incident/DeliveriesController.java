package io.muster.server.incident;

import io.muster.server.incident.channel.Receipt;
import io.muster.server.incident.channel.Words;
import io.muster.server.keys.Cursors;
import io.muster.server.keys.Cursors.Page;
import io.muster.server.problem.Problem;
import io.muster.server.problem.Refused;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Whether alerts reached people; and a test that asks the same of one channel now. */
@RestController
class DeliveriesController {

    private final DeliveryRepository deliveries;
    private final ChannelRepository channels;
    private final DeliverySender sender;
    private final Cursors cursors;
    private final TransactionOperations transaction;
    private final InstantSource clock;

    DeliveriesController(
            DeliveryRepository deliveries,
            ChannelRepository channels,
            DeliverySender sender,
            Cursors cursors,
            TransactionOperations transaction,
            InstantSource clock) {
        this.deliveries = deliveries;
        this.channels = channels;
        this.sender = sender;
        this.cursors = cursors;
        this.transaction = transaction;
        this.clock = clock;
    }

    /** @param nextTry null when there is none any more */
    record Answer(
            String id,
            String channel,
            String kind,
            String type,
            String state,
            int tries,
            @Nullable String lastTry,
            @Nullable String lastAnswer,
            @Nullable Double lastAnswerSeconds,
            @Nullable String nextTry,
            String createdAt,
            @Nullable String settledAt,
            @Nullable String job,
            @Nullable String store,
            @Nullable String region,
            List<String> tenants,
            int tenantsTotal,
            String cause) {

        static Answer of(Delivery delivery) {
            var message = delivery.message();
            var job = message.job();
            return new Answer(
                    delivery.id(),
                    delivery.channel(),
                    delivery.kind(),
                    message.type(),
                    delivery.state().word(),
                    delivery.tries(),
                    text(delivery.lastTry()),
                    delivery.lastAnswer().orElse(null),
                    delivery.lastSeconds().orElse(null),
                    text(delivery.nextTry()),
                    Words.instant(delivery.createdAt()),
                    text(delivery.settledAt()),
                    job == null ? null : job.id(),
                    message.store(),
                    message.region(),
                    message.tenants(),
                    message.tenantsTotal(),
                    message.cause());
        }

        private static @Nullable String text(Optional<Instant> instant) {
            return instant.map(Words::instant).orElse(null);
        }
    }

    @GetMapping("/api/v1/deliveries")
    Page<Answer> list(
            @RequestParam Optional<String> channel,
            @RequestParam Optional<String> state,
            @RequestParam(defaultValue = "100") int limit,
            @RequestParam Optional<String> cursor) {
        long before = cursor.map(place -> Long.parseLong(cursors.decode("deliveries", place)))
                .orElse(Long.MAX_VALUE);
        var found = deliveries.page(channel, state.map(DeliveriesController::state), before, Cursors.limit(limit) + 1);
        return cursors.page("deliveries", found, limit, delivery -> Long.toString(delivery.number()))
                .map(Answer::of);
    }

    @GetMapping("/api/v1/deliveries/{id}")
    Answer get(@PathVariable String id) {
        return deliveries.find(id).map(Answer::of).orElseThrow(() -> Problem.notFound("There is no such delivery."));
    }

    /** Sends one now and waits for what becomes of it. One that arrives enables a channel that was disabled. */
    @PostMapping("/api/v1/alert-channels/{channel}/test")
    Answer test(@PathVariable String channel) {
        var stored = channels.find(List.of(channel)).stream()
                .findAny()
                .orElseThrow(() -> Problem.notFound("There is no such alert channel."));
        var id = DeliveryRepository.newId();
        var now = clock.instant();
        var began = System.nanoTime();
        var receipt = switch (channels.address(stored)) {
            case ChannelRepository.Reach.At at -> sender.send(at, sender.test(id, now));
            case ChannelRepository.Reach.Nowhere(var why) -> new Receipt.Failed(why);
            case ChannelRepository.Reach.Never(var why) -> new Receipt.Failed(why);
        };
        var seconds = (System.nanoTime() - began) / 1e9;
        transaction.executeWithoutResult(_ -> sender.tested(id, stored, receipt, seconds, now));
        return get(id);
    }

    private static Delivery.State state(String word) {
        return Arrays.stream(Delivery.State.values())
                .filter(state -> state.word().equals(word))
                .findAny()
                .orElseThrow(() -> new Refused(
                        "state",
                        "must be one of "
                                + Arrays.stream(Delivery.State.values())
                                        .map(Delivery.State::word)
                                        .collect(Collectors.joining(", "))));
    }
}
