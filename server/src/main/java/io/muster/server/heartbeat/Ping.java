package io.muster.server.heartbeat;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One report of a job, well-formed.
 *
 * @param action what its address says; an exit code above 0 is a failure
 * @param scheme http or https, as the job called; {@code userAgent}: its first 200 characters
 * @param remoteAddr the job's address, if known
 * @param body what was read of it; empty if there was none
 */
record Ping(
        Target target,
        Instant at,
        Kind action,
        @Nullable Integer exit,
        @Nullable UUID rid,
        String scheme,
        String method,
        String userAgent,
        @Nullable String remoteAddr,
        byte[] body) {

    /** Which check it is for. */
    sealed interface Target {

        record ByUuid(UUID uuid) implements Target {}

        /** @param create make the check if there is none */
        record BySlug(String project, String slug, boolean create) implements Target {}
    }
}
