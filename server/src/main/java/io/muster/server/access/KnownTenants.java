package io.muster.server.access;

/** Which tenants there are; answered by the catalogue, which lies above. */
public interface KnownTenants {

    boolean knows(String tenant);
}
