package io.muster.server.heartbeat;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What a check looks like at one instant: {@link Check#at}. */
public enum CheckStatus {
    NEW,
    UP,
    /** Overdue, but not yet by more than its grace. */
    GRACE,
    DOWN,
    PAUSED;

    /** The word that API and pages use. */
    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
