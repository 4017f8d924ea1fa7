package io.muster.server.heartbeat;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What a ping says. */
public enum Kind {
    SUCCESS,
    START,
    FAIL,
    /** Text without a verdict. */
    LOG,
    /** Recorded without effect: the check takes POST only, waits to be resumed by hand, or no keyword matched. */
    IGN;

    /** As in JSON and SQL. */
    @JsonValue
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
