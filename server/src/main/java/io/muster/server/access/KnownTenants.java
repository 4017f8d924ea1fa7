package io.muster.server.access;

import java.util.Collection;
import java.util.List;
import java.util.Set;

/** Which tenants there are; answered by the catalogue, which lies above. */
public interface KnownTenants {

    /** Those of {@code tenants} that are declared. */
    Set<String> known(Collection<String> tenants);

    default boolean knows(String tenant) {
        return known(List.of(tenant)).contains(tenant);
    }
}
