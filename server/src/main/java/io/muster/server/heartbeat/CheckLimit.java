package io.muster.server.heartbeat;

import io.muster.server.embedded.CannotStart;
import io.muster.server.embedded.ReadFirst;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/** How many checks a project may have: {@code MUSTER_CHECK_LIMIT}; any number if that is not set. */
@Component
class CheckLimit {

    private static final long NONE = Long.MAX_VALUE;

    @ReadFirst
    @ConfigurationProperties("muster")
    record Setting(@DefaultValue("" + NONE) long checkLimit) {

        Setting {
            if (checkLimit < 1) throw new CannotStart("MUSTER_CHECK_LIMIT must be at least 1; got " + checkLimit);
        }
    }

    private final CheckRepository checks;
    private final long limit;

    CheckLimit(CheckRepository checks, Setting setting) {
        this.checks = checks;
        this.limit = setting.checkLimit();
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
