package io.muster.server.heartbeat;

import io.muster.server.problem.Refused;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the operator declares of a job's check.
 *
 * @param uuid what the job pings; may be chosen at creation and never changes; null: ours to choose, or as it is
 * @param bodyLimit how many bytes of a body are read, where it is not the ordinary limit
 * @param alertStore the store with whose alerts those about this job are grouped
 */
public record Declaration(
        String name,
        Schedule schedule,
        Duration grace,
        List<String> tags,
        @Nullable UUID uuid,
        @Nullable Integer bodyLimit,
        @Nullable String alertStore,
        @Nullable String alertRegion) {

    public Declaration {
        Texts.require("name", name, 1, 100);
        Schedule.requireSpan("grace", grace);
        for (var tag : tags) {
            Texts.require("tags", tag, 1, 100);
            if (tag.chars().anyMatch(Character::isWhitespace)) {
                throw new Refused("tags", "must be words without blanks; got " + tag);
            }
        }
        Texts.require("tags", String.join(" ", tags), 0, 500);
    }
}
