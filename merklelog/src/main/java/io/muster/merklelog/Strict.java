package io.muster.merklelog;

import java.util.Base64;

/** Numbers and base64 in their one form: what the JDK's readers let pass beside it is refused. */
final class Strict {
    private Strict() {}

    /** RFC 4648, section 4, with padding. */
    static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** Refuses what lacks its padding or has bits in it. */
    static byte[] base64(String text) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException notBase64) {
            throw new Malformed("not base64: " + shown(text));
        }
        if (!base64(bytes).equals(text)) {
            throw new Malformed("not canonical base64: " + shown(text));
        }
        return bytes;
    }

    /** 0 to 2^63 - 1 in ASCII digits, without sign or leading zeros. */
    static long number(String text) {
        long number;
        try {
            number = text.length() > 19 ? -1 : Long.parseLong(text);
        } catch (NumberFormatException notDecimal) {
            number = -1;
        }
        if (number < 0 || !Long.toString(number).equals(text)) {
            throw new Malformed("not a number from 0 to 2^63 - 1 in its shortest form: " + shown(text));
        }
        return number;
    }

    /** Enough of {@code text} to recognise it in a message; no control character of it. */
    static String shown(String text) {
        var start = text.length() > 80 ? text.substring(0, 80) + "…" : text;
        return '"' + start.replaceAll("[\\p{Cntrl}\\p{Cs}]", "?") + '"';
    }
}
