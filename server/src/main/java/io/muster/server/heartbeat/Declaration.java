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
 * @param failuresBeforeAlert people are told of the n-th failure or missed deadline in a row; 1 to 100
 * @param dependsOn names of jobs of the same project, each once: while one is down, people are not told that this one is
 */
public record Declaration(
        String name,
        Schedule schedule,
        Duration grace,
        List<String> tags,
        @Nullable UUID uuid,
        @Nullable Integer bodyLimit,
        @Nullable String alertStore,
        @Nullable String alertRegion,
        Bounds bounds,
        int failuresBeforeAlert,
        List<String> dependsOn) {

    private static final int MOST_DEPENDENCIES = 50;

    public Declaration {
        Texts.require("name", name, 1, 100);
        Schedule.requireSpan("grace", grace);
        if (bounds.startBy() != null && bounds.startBy().compareTo(grace) > 0) {
            throw new Refused("start_by", "must not be longer than grace, " + grace + "; got " + bounds.startBy());
        }
        if (failuresBeforeAlert < 1 || failuresBeforeAlert > 100) {
            throw new Refused("failures_before_alert", "must be between 1 and 100; got " + failuresBeforeAlert);
        }
        if (dependsOn.size() > MOST_DEPENDENCIES) {
            throw new Refused("depends_on", "may name " + MOST_DEPENDENCIES + " jobs at most; got " + dependsOn.size());
        }
        for (var tag : tags) {
            Texts.require("tags", tag, 1, 100);
            if (tag.chars().anyMatch(Character::isWhitespace)) {
                throw new Refused("tags", "must be words without blanks; got " + tag);
            }
        }
        Texts.require("tags", String.join(" ", tags), 0, 500);
    }
}
