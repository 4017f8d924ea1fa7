package io.muster.server.heartbeat;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Badges as their page shows them.
 *
 * @param more there are further tags than those that are shown
 */
public record BadgesView(String q, List<Shown> badges, boolean more) {

    /**
     * @param id of the texts to copy, unique on the page
     * @param href the list of the tag's checks; null: of all checks
     */
    public record Shown(String id, @Nullable String href, BadgeLinks links) {}
}
