package io.muster.server.access;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Holds checks.
 *
 * @param uuid its name in the compatible API
 * @param tenant whose it is; null for the operator's own
 * @param pingKey who knows it can ping every check of the project by its slug
 * @param badgeKey who knows it can see the project's badges
 */
public record Project(
        String id, UUID uuid, String name, @Nullable String tenant, String pingKey, String badgeKey) {

    public static final String DEFAULT = "default";

    @Override
    public String toString() {
        return id;
    }
}
