package io.muster.server.audit;

import io.muster.server.access.Caller;
import io.muster.server.audit.AuditController.Found;
import io.muster.server.problem.Problem;
import io.muster.server.problem.Refused;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

/** Finds the log, or the event, that a caller asks for, if the caller may read it. */
@Repository
class LogFinder {

    private final Logs logs;
    private final EventRows rows;

    LogFinder(Logs logs, EventRows rows) {
        this.logs = logs;
        this.rows = rows;
    }

    /** All epochs of a tenant's log, the newest first. A tenant that this caller may not read is unknown. */
    List<TenantLog> all(Caller caller, String tenant) {
        var found = caller.mayRead(tenant) ? logs.logs(tenant) : List.<TenantLog>of();
        if (found.isEmpty()) throw Problem.notFound("There is no log of a tenant " + Refused.shown(tenant) + ".");
        return found;
    }

    TenantLog newest(Caller caller, String tenant) {
        return all(caller, tenant).getFirst();
    }

    /** What a caller sent as the id of an event. */
    static UUID id(String sent) {
        try {
            return UUID.fromString(sent);
        } catch (IllegalArgumentException not) {
            throw Problem.notFound("There is no event " + Refused.shown(sent) + ".");
        }
    }

    /** The event of that id: of that tenant, else of whichever has it. */
    @Transactional(readOnly = true)
    public Found find(Caller caller, UUID event, @Nullable String tenant) {
        if (tenant != null) {
            return all(caller, tenant).stream()
                    .flatMap(log -> of(log, event).stream())
                    .findFirst()
                    .orElseThrow(() -> unknown(event));
        }
        if (caller.tenant() != null) return find(caller, event, caller.tenant());
        var tenants = rows.tenantsOf(event);
        if (tenants.isEmpty()) throw unknown(event);
        if (tenants.size() > 1) {
            throw Problem.conflict("Several tenants have an event " + event + ": say whose by ?tenantId=.");
        }
        return find(caller, event, tenants.getFirst());
    }

    private Optional<Found> of(TenantLog log, UUID event) {
        return rows.byId(log.id(), event).map(row -> new Found(log, row));
    }

    private static Problem unknown(UUID event) {
        return Problem.notFound("There is no event " + event + ".");
    }
}
