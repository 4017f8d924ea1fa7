package io.muster.server.heartbeat;

import java.time.Instant;
import java.util.Arrays;
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

    /** With no more than {@code limit} bytes of its body. */
    Ping cut(int limit) {
        if (body.length <= limit) return this;
        return new Ping(
                target, at, action, exit, rid, scheme, method, userAgent, remoteAddr, Arrays.copyOf(body, limit));
    }

    /** By POST, or by what counts as one. */
    boolean isPosted() {
        return switch (method) {
            case "POST", "PUT", "PATCH" -> true;
            default -> false;
        };
    }

    /** Which check it is for. */
    sealed interface Target {

        /** Of the same check the same, except that its uuid and its slug may differ. */
        int lane();

        record ByUuid(UUID uuid) implements Target {

            @Override
            public int lane() {
                return uuid.hashCode();
            }
        }

        /** @param create make the check if there is none */
        record BySlug(String project, String slug, boolean create) implements Target {

            @Override
            public int lane() {
                return 31 * project.hashCode() + slug.hashCode();
            }
        }
    }
}
