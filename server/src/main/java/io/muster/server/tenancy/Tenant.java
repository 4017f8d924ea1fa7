package io.muster.server.tenancy;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
        Instant createdAt) {

    private static final List<String> TIERS = List.of("gold", "silver", "bronze");

    /** Behind all tiers that ship. */
    public static final int LAST_RANK = TIERS.size();

    /** Whose trouble is shown first: gold is 0, then silver, bronze, and all others at {@link #LAST_RANK}. */
    public static int rank(@Nullable String tier) {
        var rank = tier == null ? -1 : TIERS.indexOf(tier);
        return rank < 0 ? LAST_RANK : rank;
    }
}
