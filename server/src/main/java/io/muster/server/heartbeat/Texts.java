package io.muster.server.heartbeat;

import io.muster.server.problem.Refused;
import java.nio.charset.StandardCharsets;

/** What PostgreSQL and everybody's screens can hold. */
final class Texts {

    /** Length in characters, no NUL, no lone surrogate. */
    static void require(String field, String text, int shortest, int longest) {
        int length = text.codePointCount(0, text.length());
        if (length < shortest || length > longest) {
            throw new Refused(field, "must have %d to %d characters; got %d".formatted(shortest, longest, length));
        }
        if (!isStorable(text)) {
            throw new Refused(field, "must not hold NUL or half of a surrogate pair");
        }
    }

    static boolean isStorable(String text) {
        return text.indexOf(0) < 0 && StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    /** Without what PostgreSQL does not store. */
    static String storable(String text) {
        return text.indexOf(0) < 0 ? text : text.replace("\0", "");
    }

    private Texts() {}
}
