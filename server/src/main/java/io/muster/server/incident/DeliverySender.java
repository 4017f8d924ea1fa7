package io.muster.server.incident;

import static java.util.stream.Collectors.toMap;

import io.micrometer.core.instrument.MeterRegistry;
import io.muster.server.access.BaseUrl;
import io.muster.server.access.Caller;
import io.muster.server.audit.AuditLog;
import io.muster.server.audit.OwnEvent;
import io.muster.server.deadline.Deadlines;
import io.muster.server.incident.DeliveryDeadline.TryBegun;
import io.muster.server.incident.DeliveryRepository.Outcome;
import io.muster.server.incident.channel.Carrier;
import io.muster.server.incident.channel.Message;
import io.muster.server.incident.channel.Receipt;
import io.muster.server.incident.channel.Words;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.task.TaskExecutor;
import org.springframework.stereotype.Component;
import org.springframework.transaction.event.TransactionalEventListener;
import org.springframework.transaction.support.TransactionOperations;

/** Makes the tries, each on its own virtual thread and outside any transaction. */
@Component
class DeliverySender {

    /** Waits between the tries of Standard Webhooks: ten tries in three days and three hours. */
    static final List<Duration> WAITS = List.of(
            Duration.ofSeconds(5),
            Duration.ofMinutes(5),
            Duration.ofMinutes(30),
            Duration.ofHours(2),
            Duration.ofHours(5),
            Duration.ofHours(10),
            Duration.ofHours(14),
            Duration.ofHours(20),
            Duration.ofHours(24));

    /** Tries at the same time, on this server; and to one channel, so that a slow one keeps the others from nothing. */
    static final int MOST_AT_ONCE = 64;

    static final int MOST_TO_ONE_CHANNEL = 8;

    /** A message that comes later than this says so. */
    private static final Duration LATE = Duration.ofMinutes(2);

    private static final Logger log = LoggerFactory.getLogger(DeliverySender.class);

    private final DeliveryRepository deliveries;
    private final ChannelRepository channels;
    private final Deadlines deadlines;
    private final AuditLog audit;
    private final Map<String, Carrier> carriers;
    private final BaseUrl base;
    private final TaskExecutor background;
    private final TransactionOperations transaction;
    private final InstantSource clock;
    private final MeterRegistry metrics;

    /** A try that is being made; after the lease it counts as lost, and may be made again. */
    private record UnderWay(String channel, Instant until) {}

    /** By delivery. */
    private final Map<String, UnderWay> underWay = new ConcurrentHashMap<>();

    DeliverySender(
            DeliveryRepository deliveries,
            ChannelRepository channels,
            Deadlines deadlines,
            AuditLog audit,
            List<Carrier> carriers,
            BaseUrl base,
            TaskExecutor background,
            TransactionOperations transaction,
            InstantSource clock,
            MeterRegistry metrics) {
        this.deliveries = deliveries;
        this.channels = channels;
        this.deadlines = deadlines;
        this.audit = audit;
        this.carriers = carriers.stream().collect(toMap(Carrier::kind, carrier -> carrier));
        this.base = base;
        this.background = background;
        this.transaction = transaction;
        this.clock = clock;
        this.metrics = metrics;
    }

    /** How many more tries may begin now. */
    final class Room {

        private int free;
        private final Map<String, Integer> byChannel = new HashMap<>();

        private Room(Instant now) {
            underWay.values().removeIf(attempt -> !now.isBefore(attempt.until()));
            underWay.values().forEach(attempt -> byChannel.merge(attempt.channel(), 1, Integer::sum));
            free = MOST_AT_ONCE - underWay.size();
        }

        boolean take(String channel) {
            if (free <= 0 || byChannel.getOrDefault(channel, 0) >= MOST_TO_ONE_CHANNEL) return false;
            free--;
            byChannel.merge(channel, 1, Integer::sum);
            return true;
        }
    }

    Room room(Instant now) {
        return new Room(now);
    }

    /** After the commit. */
    @TransactionalEventListener
    void on(TryBegun begun) {
        var attempt = new UnderWay(begun.channel(), begun.until());
        if (underWay.putIfAbsent(begun.delivery(), attempt) != null) return;
        try {
            background.execute(() -> {
                try {
                    attempt(begun.delivery());
                } catch (RuntimeException fault) {
                    log.error(
                            "the try of delivery {} ended without a result; it is made again", begun.delivery(), fault);
                } finally {
                    underWay.remove(begun.delivery(), attempt);
                }
            });
        } catch (RuntimeException stopping) {
            underWay.remove(begun.delivery(), attempt); // the lease ends, and another server makes the try
            throw stopping;
        }
    }

    private void attempt(String id) {
        var delivery = deliveries.find(id).orElse(null);
        if (delivery == null || delivery.settledAt().isPresent()) return;
        var channel = channels.reach(delivery.channel());
        var began = System.nanoTime();
        var receipt = switch (channel) {
            case ChannelRepository.Reach.At at -> send(at, delivery);
            case ChannelRepository.Reach.Nowhere(var why) -> new Receipt.Failed(why);
            case ChannelRepository.Reach.Never(var why) -> new Receipt.Refused(why);
        };
        var seconds = (System.nanoTime() - began) / 1e9;
        transaction.executeWithoutResult(_ -> settle(delivery, channel, receipt, seconds, clock.instant()));
    }

    private Receipt send(ChannelRepository.Reach.At at, Delivery delivery) {
        var now = clock.instant();
        var parcel = new Carrier.Parcel(
                delivery.id(), delivery.message(), base.url(delivery.message().path()), now, late(delivery, now));
        return send(at, parcel);
    }

    /** One try, which always ends in a receipt. */
    Receipt send(ChannelRepository.Reach.At at, Carrier.Parcel parcel) {
        var carrier = carriers.get(at.kind());
        if (carrier == null) return new Receipt.Failed("this server knows no channel of kind " + at.kind());
        try {
            return carrier.send(at.destination(), parcel);
        } catch (RuntimeException fault) {
            log.error("a try to send {} by {} broke", parcel.id(), at.kind(), fault);
            return new Receipt.Failed("Muster failed: " + fault.getClass().getSimpleName());
        }
    }

    Carrier.Parcel test(String id, Instant now) {
        var message = Message.test(now);
        return new Carrier.Parcel(id, message, base.url(message.path()), now, Optional.empty());
    }

    /** Keeps what became of a test. It is not tried again: whoever asked for it is waiting. */
    void tested(String id, ChannelRepository.Stored channel, Receipt receipt, double seconds, Instant now) {
        var sent = receipt instanceof Receipt.Accepted;
        deliveries.keep(
                id,
                new Delivery.Draft(channel.id(), channel.value().kind().word(), "test", Message.test(now), List.of()),
                sent ? Delivery.State.SENT : Delivery.State.FAILED,
                receipt.answer(),
                seconds,
                now);
        if (!sent) return;
        channels.reached(channel.id());
        deliveries.catchUp(channel.id(), now);
    }

    /** For people; programs compare the timestamps. */
    private Optional<String> late(Delivery delivery, Instant now) {
        var age = Duration.between(delivery.createdAt(), now);
        if (age.compareTo(LATE) < 0) return Optional.empty();
        var newer = deliveries.newerSent(delivery);
        return Optional.of(
                "This message comes " + Words.span(age) + " late, for earlier tries failed. It says how it was at "
                        + Words.time(delivery.createdAt())
                        + newer.map(at -> "; the message of " + Words.time(at) + " is newer.")
                                .orElse("."));
    }

    private void settle(
            Delivery delivery, ChannelRepository.Reach channel, Receipt receipt, double seconds, Instant now) {
        switch (receipt) {
            case Receipt.Accepted accepted -> {
                settle(
                        delivery,
                        new Outcome(
                                Delivery.State.SENT, accepted.answer(), seconds, Optional.empty(), Optional.empty()),
                        now);
                channels.reached(delivery.channel());
                deliveries.catchUp(delivery.channel(), now);
            }
            case Receipt.Failed failed
            when delivery.tries() <= WAITS.size() -> {
                var asked = failed.retryAfter().map(now::plus);
                var planned = now.plus(WAITS.get(delivery.tries() - 1));
                var next = asked.filter(planned::isBefore).orElse(planned);
                settle(
                        delivery,
                        new Outcome(Delivery.State.FAILED, failed.answer(), seconds, Optional.of(next), asked),
                        now);
            }
            case Receipt.Failed failed -> giveUp(delivery, failed.answer(), seconds, now);
            case Receipt.Refused refused -> giveUp(delivery, refused.answer(), seconds, now);
            case Receipt.Gone gone -> {
                giveUp(delivery, gone.answer(), seconds, now);
                disable(delivery.channel(), channel, gone, now);
            }
        }
    }

    private void giveUp(Delivery delivery, String why, double seconds, Instant now) {
        settle(delivery, new Outcome(Delivery.State.GIVEN_UP, why, seconds, Optional.empty(), Optional.empty()), now);
    }

    private void settle(Delivery delivery, Outcome outcome, Instant now) {
        if (!deliveries.settle(delivery, outcome, now)) return; // another server was faster
        deadlines.arm(
                DeliveryDeadline.NAME,
                Map.of(delivery.id(), outcome.nextTry().orElse(now.plus(DeliveryDeadline.KEPT))));
        record(List.of(delivery), outcome.state(), outcome.answer(), now);
    }

    /** Says of deliveries that they failed, were sent or given up: to the log, the metrics and the audit trail. */
    void record(List<Delivery> settled, Delivery.State state, String answer, Instant now) {
        for (var delivery : settled) {
            metrics.counter("muster.deliveries", "kind", delivery.kind(), "state", state.word())
                    .increment();
            switch (state) {
                case SENT -> log.info("{} {} reached {}", delivery.message().type(), delivery.id(), delivery.channel());
                case FAILED, GIVEN_UP ->
                    log.warn(
                            "{} {} did not reach {}, {} after {} tries: {}",
                            delivery.message().type(),
                            delivery.id(),
                            delivery.channel(),
                            state.word(),
                            delivery.tries(),
                            answer);
                case QUEUED -> throw new IllegalStateException("not settled: " + delivery);
            }
        }
        if (state == Delivery.State.FAILED) return;
        audit.record(settled.stream()
                .map(delivery -> event(delivery, state, answer, now))
                .toList());
    }

    private static OwnEvent event(Delivery delivery, Delivery.State state, String answer, Instant now) {
        var message = delivery.message();
        var job = message.job();
        var details = new LinkedHashMap<String, Object>();
        details.put("channel", delivery.channel());
        details.put("kind", delivery.kind());
        details.put("type", message.type());
        if (job != null) details.put("job", job.id());
        if (message.store() != null) details.put("store", message.store());
        if (message.region() != null) details.put("region", message.region());
        details.put("tenants", message.tenants());
        details.put("tenants_total", message.tenantsTotal());
        details.put("tries", delivery.tries());
        details.put("answer", answer);
        var sent = state == Delivery.State.SENT;
        return new OwnEvent(
                OwnEvent.PLATFORM,
                sent ? "alert.sent" : "alert.given_up",
                "/deliveries/" + delivery.id(),
                sent ? OwnEvent.Status.SUCCESS : OwnEvent.Status.FAILURE,
                now,
                Caller.MUSTER,
                details);
    }

    private void disable(String channel, ChannelRepository.Reach reached, Receipt.Gone gone, Instant now) {
        if (!(reached instanceof ChannelRepository.Reach.At at)
                || !channels.disable(channel, at.stored(), gone.answer(), now)) {
            return;
        }
        log.warn("channel {} is disabled, for it answered {}", channel, gone.answer());
        audit.record(List.of(OwnEvent.of(
                OwnEvent.PLATFORM,
                "alert_channel.disabled",
                "/alert-channels/" + channel,
                now,
                Map.of("answer", gone.answer()))));
    }
}
