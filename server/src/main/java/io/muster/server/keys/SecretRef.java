package io.muster.server.keys;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.muster.server.problem.Refused;
import java.util.regex.Pattern;

/**
 * Where a secret is, never the secret: {@code env:MUSTER_SECRET_<NAME>}, or {@code file:<name>} in the folder of given
 * secrets. No other variable and no path can be named.
 */
public record SecretRef(@JsonValue String reference) {

    private static final Pattern FORM =
            Pattern.compile("env:MUSTER_SECRET_[A-Za-z0-9_]{1,100}|file:[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}");

    @JsonCreator
    public SecretRef {
        if (!FORM.matcher(reference).matches()) {
            throw new Refused(
                    "",
                    "must be a reference to a secret: env:MUSTER_SECRET_<NAME>, or file:<name> in the folder of"
                            + " MUSTER_SECRETS"); // not what was sent: that may be the secret itself
        }
    }

    /** Whether {@code text} means to be a reference, right or wrong. */
    static boolean begins(String text) {
        return text.startsWith("env:") || text.startsWith("file:");
    }

    @Override
    public String toString() {
        return reference;
    }
}
