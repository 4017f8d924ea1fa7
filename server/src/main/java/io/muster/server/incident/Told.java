package io.muster.server.incident;

import java.time.Instant;
import java.util.List;
import org.springframework.stereotype.Component;

/** Who was told that a tenant's data is not where it may be, for the page about it. */
@Component
public class Told {

    private static final int MOST = 50;

    private final DeliveryRepository deliveries;

    Told(DeliveryRepository deliveries) {
        this.deliveries = deliveries;
    }

    /** Oldest first. */
    public List<Delivery> about(String store, String tenant, Instant since) {
        return deliveries.about(Alerts.storeTopic(store), tenant, since, MOST);
    }
}
