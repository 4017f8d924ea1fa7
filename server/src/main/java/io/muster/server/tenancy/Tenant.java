package io.muster.server.tenancy;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A customer.
 *
 * @param home the code of the region where this tenant's data belongs
 * @param createdAt since when the catalogue knows this tenant
 */
public record Tenant(
        String id,
        String name,
        String tier,
        String policy,
        String home,
        List<String> contacts,
        Map<String, String> labels,
        Instant createdAt) {}
