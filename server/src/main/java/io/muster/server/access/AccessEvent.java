package io.muster.server.access;

import java.time.Instant;
import java.util.Map;

/**
 * Published in the transaction of what happened; whoever records it does so in the same one.
 *
 * @param action {@code noun.verb}, such as {@code session.opened}
 * @param resource the path of what it happened to, such as {@code /keys/ci}
 * @param details never a secret
 */
public record AccessEvent(
        String action, String resource, Status status, Instant at, Caller by, Map<String, ? extends Object> details) {

    public enum Status {
        SUCCESS,
        FAILURE,
        DENIED
    }
}
