package io.muster.server.audit;

import io.muster.server.access.Caller;
import io.muster.server.audit.OwnEvent.Status;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Who looks into a trail is in that trail: one event for each request, whatever it found. */
@Component
class ReadingRecord {

    private final AuditLog audit;
    private final InstantSource clock;

    ReadingRecord(AuditLog audit, InstantSource clock) {
        this.audit = audit;
        this.clock = clock;
    }

    /** @param more it was the next page of a search */
    @Transactional
    public void searched(Caller by, AuditQuery query, int rows, boolean more) {
        var details = new LinkedHashMap<>(query.terms());
        details.put("rows", rows);
        if (more) details.put("next_page", true);
        record(by, query.tenant(), "audit.searched", "/audit", query.person(), details);
    }

    /** Before the first event leaves: how many did, nobody may live to tell. */
    @Transactional
    public void exported(Caller by, AuditQuery query, String format, long atMost) {
        var details = new LinkedHashMap<>(query.terms());
        details.put("format", format);
        details.put("events_at_most", atMost);
        record(by, query.tenant(), "audit.exported", "/audit", query.person(), details);
    }

    @Transactional
    public void read(Caller by, String tenant, UUID event) {
        record(by, tenant, "audit.read", "/audit/events/" + event, null, Map.of());
    }

    private void record(
            Caller by,
            String tenant,
            String action,
            String resource,
            @Nullable String subject,
            Map<String, ? extends Object> details) {
        audit.record(
                List.of(new OwnEvent(tenant, action, resource, Status.SUCCESS, clock.instant(), by, subject, details)));
    }
}
