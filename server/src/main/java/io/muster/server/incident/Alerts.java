package io.muster.server.incident;

import java.time.Instant;
import java.util.List;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** What other modules tell people through. */
@Component
public class Alerts {

    /** Queues each for each channel that wants it, in the caller's transaction: no cause without its alert, nor the reverse. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void raise(List<Alert> alerts, Instant now) {}
}
