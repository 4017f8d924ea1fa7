package io.muster.merklelog;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Texts, numbers and base64 in their one form: what the JDK's readers let pass beside it is refused. */
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

    /** Refuses what is no UTF-8, or longer than {@code most}. */
    static String utf8(byte[] bytes, int most) {
        if (bytes.length > most) {
            throw new Malformed("at most " + most + " bytes are read, not " + bytes.length);
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            throw new Malformed("not UTF-8");
        }
    }

    /** Refuses control characters, and what UTF-8 has no bytes for. */
    static void checkText(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (c < ' ' || Character.isSurrogate(c)) {
                throw new Malformed("a text with a control character or half a character: " + shown(text));
            }
        }
    }

    /** Refuses a line that is empty, or not one line. */
    static String line(String line) {
        checkText(line);
        if (line.isEmpty()) {
            throw new Malformed("an empty line");
        }
        return line;
    }

    /** Enough of {@code text} to recognise it in a message; no control character of it. */
    static String shown(String text) {
        var start = text.length() > 80 ? text.substring(0, 80) + "…" : text;
        return '"' + start.replaceAll("[\\p{Cntrl}\\p{Cs}]", "?") + '"';
    }
}
