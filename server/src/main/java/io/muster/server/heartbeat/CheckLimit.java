package io.muster.server.heartbeat;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** How many checks a project may have: {@code MUSTER_CHECK_LIMIT}; any number if that is not set. */
@Component
class CheckLimit {

    private static final long NONE = Long.MAX_VALUE;

    private final CheckRepository checks;
    private final long limit;

    CheckLimit(CheckRepository checks, @Value("${muster.check-limit:" + NONE + "}") long limit) {
        this.checks = checks;
        this.limit = limit;
    }

    /** Whether the management API makes no further one. */
    boolean isReached(String project) {
        return limit != NONE && checks.count(project) >= limit;
    }

    /** How many more pings may make by {@code create=1}: up to twice the limit, for a job that cannot ping goes unwatched. */
    long roomForPings(String project) {
        return limit == NONE ? NONE : Math.max(0, 2 * limit - checks.count(project));
    }
}
