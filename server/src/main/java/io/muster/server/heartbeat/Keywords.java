package io.muster.server.heartbeat;

import java.nio.charset.StandardCharsets;

/**
 * What words in a report make of it. Each list is separated by commas; its words are trimmed and found as they are written,
 * in upper or lower case.
 *
 * @param subject look in the subject of an e-mail; {@code body}: in its text; {@code httpBody}: in the body of a ping
 * @param defaultFail what has none of the words is a failure; otherwise it is recorded without effect
 */
record Keywords(
        String start,
        String success,
        String failure,
        boolean subject,
        boolean body,
        boolean httpBody,
        boolean defaultFail) {

    static final Keywords NONE = new Keywords("", "", "", false, false, false, false);

    /** The verdict on a ping's body, whatever its address said; broken UTF-8 is read with replacements. */
    Kind of(byte[] text) {
        var content = new String(text, StandardCharsets.UTF_8);
        if (hasAny(failure, content)) return Kind.FAIL;
        if (hasAny(success, content)) return Kind.SUCCESS;
        if (hasAny(start, content)) return Kind.START;
        return defaultFail ? Kind.FAIL : Kind.IGN;
    }

    private static boolean hasAny(String words, String content) {
        for (var word : words.split(",", -1)) {
            var sought = word.strip();
            if (!sought.isEmpty() && content.contains(sought)) return true;
        }
        return false;
    }
}
