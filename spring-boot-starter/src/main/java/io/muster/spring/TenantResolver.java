package io.muster.spring;

import org.jspecify.annotations.Nullable;

/**
 * To whose log an event belongs. A bean of this type replaces {@code muster.audit.tenant-attribute} and {@code tenant-header};
 * {@code muster.audit.tenant} still takes what it does not know.
 */
@FunctionalInterface
public interface TenantResolver {
    /** The tenant's id in Muster's catalogue; null if it is not known. */
    @Nullable String tenant(AuditContext context);
}
