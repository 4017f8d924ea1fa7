package io.muster.server.heartbeat;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** The stored status of a check. "grace" is no status of its own: see {@link CheckStatus}. */
public enum Status {
    NEW,
    UP,
    DOWN,
    PAUSED;

    /** As in JSON and SQL. */
    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Status of(String word) {
        return switch (word) {
            case "new" -> NEW;
            case "up" -> UP;
            case "down" -> DOWN;
            case "paused" -> PAUSED;
            default -> throw new IllegalStateException("unknown status " + word);
        };
    }
}
