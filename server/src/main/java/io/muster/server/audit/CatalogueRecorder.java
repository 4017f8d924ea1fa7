package io.muster.server.audit;

import io.muster.server.tenancy.CatalogueChanged;
import io.muster.server.tenancy.CatalogueChanged.Change;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Records what was declared, changed and deleted: in the log of the tenant concerned, else in the platform's. */
@Component
class CatalogueRecorder {

    /** Whose members hold no secret, so that values may be told; of others only the names of members. */
    private static final Set<String> OPEN = Set.of("region", "policy", "tier", "tenant", "store", "transfer");

    private static final int BATCH = 1_000;

    private final AuditLog audit;
    private final JsonMapper json;

    CatalogueRecorder(AuditLog audit, JsonMapper json) {
        this.audit = audit;
        this.json = json;
    }

    /** In the transaction of the change. */
    @EventListener
    void on(CatalogueChanged changed) {
        var changes = changed.changes();
        for (int from = 0; from < changes.size(); from += BATCH) {
            audit.record(changes.subList(from, Math.min(changes.size(), from + BATCH)).stream()
                    .map(change -> event(change, changed))
                    .toList());
        }
    }

    private OwnEvent event(Change change, CatalogueChanged changed) {
        return new OwnEvent(
                change.tenant().orElse(OwnEvent.PLATFORM),
                change.kind() + "." + verb(change),
                change.resource(),
                OwnEvent.Status.SUCCESS,
                changed.now(),
                changed.by(),
                details(change));
    }

    private static String verb(Change change) {
        return switch (change.verb()) {
            case CREATED -> "declared";
            case UPDATED -> "updated";
            case DELETED -> "deleted";
        };
    }

    private Map<String, Object> details(Change change) {
        if (change.fields().isEmpty()) return Map.of();
        var details = new LinkedHashMap<String, Object>();
        details.put("fields", change.fields());
        if (OPEN.contains(change.kind()) && change.before() != null && change.after() != null) {
            details.put("before", members(change, change.before()));
            details.put("after", members(change, change.after()));
        }
        return details;
    }

    private Map<String, @Nullable Object> members(Change change, Object value) {
        var tree = json.valueToTree(value);
        var members = new LinkedHashMap<String, @Nullable Object>();
        change.fields().forEach(field -> members.put(field, tree.get(field)));
        return members;
    }
}
