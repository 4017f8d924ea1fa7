package io.muster.server.audit;

import io.muster.server.access.AccessEvent;
import java.util.List;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Records what happens at the gate: sign-ins, refusals, keys. */
@Component
class AccessRecorder {

    private final AuditLog audit;

    AccessRecorder(AuditLog audit) {
        this.audit = audit;
    }

    @EventListener
    void on(AccessEvent event) {
        audit.record(List.of(new OwnEvent(
                OwnEvent.PLATFORM,
                event.action(),
                event.resource(),
                OwnEvent.Status.valueOf(event.status().name()),
                event.at(),
                event.by(),
                event.details().get("email") instanceof String email ? email : null,
                event.details())));
    }
}
