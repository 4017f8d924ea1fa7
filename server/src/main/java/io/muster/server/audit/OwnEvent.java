package io.muster.server.audit;

import io.muster.server.access.Caller;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that Muster itself did or saw.
 *
 * @param tenant whose log it belongs to: a tenant's id, or {@link #PLATFORM}; what concerns several is one event each
 * @param action {@code noun.verb}, such as {@code check.down}, {@code exposure.opened}, {@code policy.declared}
 * @param resource the path of what it happened to, such as {@code /jobs/users-to-eu}; never a check's uuid
 * @param at when it happened, which may be before it is recorded
 * @param subject the person whom it was about, by the name that the tenant's own events have; sealed with it
 * @param details members that are lists, maps, texts, numbers, booleans or null; never a secret
 */
public record OwnEvent(
        String tenant,
        String action,
        String resource,
        Status status,
        Instant at,
        Caller by,
        @Nullable String subject,
        Map<String, ? extends Object> details) {

    /** What is about nobody. */
    public OwnEvent(
            String tenant,
            String action,
            String resource,
            Status status,
            Instant at,
            Caller by,
            Map<String, ? extends Object> details) {
        this(tenant, action, resource, status, at, by, null, details);
    }

    /** The reserved tenant id of the platform's own log. */
    public static final String PLATFORM = "muster";

    public enum Status {
        SUCCESS,
        FAILURE,
        DENIED
    }

    /** What Muster did by itself, and what succeeded. */
    public static OwnEvent of(
            String tenant, String action, String resource, Instant at, Map<String, ? extends Object> details) {
        return new OwnEvent(tenant, action, resource, Status.SUCCESS, at, Caller.MUSTER, details);
    }
}
