package io.muster.client;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * Numbers the events of each tenant as they happen, also those that are then dropped or refused: so a number that is missing in the
 * tenant's log shows that something is. The numbers are one for each tenant, for a tenant's auditors see no other's log.
 */
final class Source {
    private final int mostTenants;
    private final Map<String, Long> last = new HashMap<>(); // guarded by this
    private UUID id = UUID.randomUUID(); // guarded by this

    /** @param mostTenants how many are remembered; with one more the source begins anew, under another id */
    Source(int mostTenants) {
        this.mostTenants = mostTenants;
    }

    /** @param seq from 1 */
    record Number(UUID source, long seq) {}

    synchronized Number next(String tenant) {
        if (last.size() >= mostTenants && !last.containsKey(tenant)) {
            last.clear();
            id = UUID.randomUUID();
        }
        return new Number(id, last.merge(tenant, 1L, Long::sum));
    }
}
