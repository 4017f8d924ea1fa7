package io.muster.server.residency;

import io.muster.server.deadline.DeadlineKind;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Component;

/** When a probe looks next. */
@Component
class ProbeDeadline implements DeadlineKind {

    static final String NAME = "probe";

    private final ProbeRepository probes;
    private final ApplicationEventPublisher events;

    ProbeDeadline(ProbeRepository probes, ApplicationEventPublisher events) {
        this.probes = probes;
        this.events = events;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int batch() {
        return 50;
    }

    /** Is published in the transaction that claimed the look; {@link ProbeRunner} looks after its commit. */
    record Due(String id, Probe probe) {}

    /** Only says that it is time: the look itself runs outside any transaction. */
    @Override
    public Map<String, Instant> wake(List<String> ids, Instant now) {
        var again = new HashMap<String, Instant>();
        probes.lock(ids).forEach((id, stored) -> {
            events.publishEvent(new Due(id, stored.probe()));
            again.put(id, now.plus(stored.probe().every()));
        });
        return again;
    }
}
