package io.muster.server.incident;

import io.muster.server.deadline.DeadlineKind;
import io.muster.server.incident.channel.Carrier;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/** When a delivery is next tried; of one that is settled, when it is no longer kept. */
@Component
@Order(12)
class DeliveryDeadline implements DeadlineKind {

    static final String NAME = "delivery";

    /** After that a try whose server died is made again; longer than any try may take. */
    static final Duration LEASE = Duration.ofSeconds(2L * Carrier.PATIENCE_SECONDS + 30);

    /** How long it can be seen what became of a delivery. */
    static final Duration KEPT = Duration.ofDays(90);

    private static final Duration WHEN_BUSY = Duration.ofSeconds(1);

    private final DeliveryRepository deliveries;
    private final DeliverySender sender;
    private final ApplicationEventPublisher events;

    DeliveryDeadline(DeliveryRepository deliveries, DeliverySender sender, ApplicationEventPublisher events) {
        this.deliveries = deliveries;
        this.sender = sender;
        this.events = events;
    }

    @Override
    public String name() {
        return NAME;
    }

    record TryBegun(String delivery, String channel, Instant until) {}

    /** Only marks the tries: {@link DeliverySender} makes them, after the commit. */
    @Override
    public Map<String, Instant> wake(List<String> ids, Instant now) {
        var again = new HashMap<String, Instant>();
        var begun = new ArrayList<String>();
        var old = new ArrayList<String>();
        var room = sender.room(now);
        for (var due : deliveries.lock(ids)) {
            var settled = due.settledAt();
            if (settled.isPresent()) {
                var until = settled.get().plus(KEPT);
                if (now.isBefore(until)) again.put(due.id(), until);
                else old.add(due.id());
            } else if (due.nextTry().filter(now::isBefore).isPresent()) {
                again.put(due.id(), due.nextTry().get());
            } else if (!room.take(due.channel())) {
                again.put(due.id(), now.plus(WHEN_BUSY));
            } else {
                begun.add(due.id());
                again.put(due.id(), now.plus(LEASE));
                events.publishEvent(new TryBegun(due.id(), due.channel(), now.plus(LEASE)));
            }
        }
        deliveries.beginTry(begun, now, now.plus(LEASE));
        deliveries.delete(old);
        return again;
    }
}
