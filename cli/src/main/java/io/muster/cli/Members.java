package io.muster.cli;

import io.muster.merklelog.CanonicalJson;
import io.muster.merklelog.Malformed;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The members of a JSON object, as their canonical bytes (RFC 8785). Read without making anything where the object is plain, as millions
 * are; whatever is odd about it, {@link CanonicalJson} decides. To be used again and again, by one thread.
 */
final class Members {
    private static final int DEEPEST_PLAIN = 32;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH = 0x8080808080808080L;

    private byte[] bytes = {};
    private int start;
    private int at;
    private int end;

    private int count;
    private int found;

    /** Where names (their quotes included) and values begin and end, four numbers a member, in the order of the names. */
    private int[] spans = new int[4 * 32];

    /**
     * Reads an object, and keeps {@code line} until the next is read.
     *
     * @throws Malformed if it is none, or none in its canonical form
     */
    void readCanonical(byte[] line, int from, int to) {
        if (!(plain(line, from, to) && sorted())) {
            var canonical = canonical(line, from, to);
            if (!Arrays.equals(canonical, 0, canonical.length, line, from, to)) {
                throw new Malformed("it is JSON, but not canonical (RFC 8785)");
            }
            split(canonical);
        }
    }

    /**
     * Reads an object in any form, and keeps {@code line} until the next is read.
     *
     * @throws Malformed if it is none
     */
    void read(byte[] line, int from, int to) {
        if (!(plain(line, from, to) && sort())) {
            split(canonical(line, from, to));
        }
    }

    int count() {
        return count;
    }

    /** Which member has this name; -1 if none has. Looked for from the last one found on: who asks in their order finds them at once. */
    int find(byte[] name) {
        for (int i = 0; i < count; i++) {
            int member = found + i < count ? found + i : found + i - count;
            int from = spans[4 * member] + 1;
            if (spans[4 * member + 1] - 1 - from == name.length
                    && Arrays.equals(bytes, from, from + name.length, name, 0, name.length)) {
                found = member;
                return member;
            }
        }
        return -1;
    }

    /** Which member has this name: one that must be there. */
    int get(byte[] name) {
        int found = find(name);
        if (found < 0) {
            throw new Malformed("it has no " + new String(name, StandardCharsets.US_ASCII));
        }
        return found;
    }

    String name(int member) {
        return text(spans[4 * member] + 1, spans[4 * member + 1] - 1);
    }

    /** Whether the value is, byte for byte. */
    boolean is(int member, byte[] value) {
        return Arrays.equals(bytes, spans[4 * member + 2], spans[4 * member + 3], value, 0, value.length);
    }

    boolean isString(int member) {
        return bytes[spans[4 * member + 2]] == '"';
    }

    /** Whether the value is a text of just these characters, none of which JSON escapes. */
    boolean isString(int member, byte[] text) {
        return isString(member)
                && Arrays.equals(bytes, spans[4 * member + 2] + 1, spans[4 * member + 3] - 1, text, 0, text.length);
    }

    boolean same(int member, Members other, int otherMember) {
        return Arrays.equals(
                bytes,
                spans[4 * member + 2],
                spans[4 * member + 3],
                other.bytes,
                other.spans[4 * otherMember + 2],
                other.spans[4 * otherMember + 3]);
    }

    /** The canonical JSON of the value. */
    String value(int member) {
        return text(spans[4 * member + 2], spans[4 * member + 3]);
    }

    /** A value that is a text, as that. */
    String string(int member) {
        if (Json.parse(value(member)) instanceof String string) {
            return string;
        }
        throw new Malformed("its " + name(member) + " is no text");
    }

    /** A value that is a number from 0 to 2^53. */
    long number(int member) {
        long number = 0;
        int from = spans[4 * member + 2];
        int to = spans[4 * member + 3];
        for (int i = from; i < to; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9 || to - from > 16) {
                throw new Malformed("its " + name(member) + " is no number from 0 to 2^53");
            }
            number = 10 * number + digit;
        }
        return number;
    }

    /** Writes the value to {@code out}, from {@code to} on. Where the next byte goes. */
    int copyValue(int member, byte[] out, int to) {
        int length = spans[4 * member + 3] - spans[4 * member + 2];
        System.arraycopy(bytes, spans[4 * member + 2], out, to, length);
        return to + length;
    }

    int valueLength(int member) {
        return spans[4 * member + 3] - spans[4 * member + 2];
    }

    /** The most bytes that {@link #copy} takes. */
    int length() {
        return end - start + 2;
    }

    /** Writes the canonical form of the object to {@code out}, from {@code to} on, without those two members. Where the next byte goes. */
    int copy(byte[] out, int to, int without, int norThis) {
        int next = to;
        out[next++] = '{';
        for (int i = 0; i < count; i++) {
            if (i != without && i != norThis) {
                if (next > to + 1) {
                    out[next++] = ',';
                }
                int name = spans[4 * i + 1] - spans[4 * i];
                System.arraycopy(bytes, spans[4 * i], out, next, name);
                next += name;
                out[next++] = ':';
                next = copyValue(i, out, next);
            }
        }
        out[next++] = '}';
        return next;
    }

    private String text(int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }

    // ---- what is plain ----

    /** Whether it is an object of canonical values, without white space, whose members may be in any order. If not, anything may be wrong. */
    private boolean plain(byte[] line, int from, int to) {
        bytes = line;
        start = from;
        at = from;
        end = to;
        count = 0;
        found = 0;
        return plainObject(0, true) && at == end;
    }

    private boolean plainObject(int depth, boolean outermost) {
        if (depth > DEEPEST_PLAIN || at >= end || bytes[at++] != '{') {
            return false;
        }
        if (at < end && bytes[at] == '}') {
            at++;
            return true;
        }
        int before = -1;
        int beforeEnd = -1;
        while (true) {
            int name = at;
            if (!name()) {
                return false;
            }
            int nameEnd = at;
            if (!outermost
                    && before >= 0
                    && Arrays.compare(bytes, before + 1, beforeEnd - 1, bytes, name + 1, nameEnd - 1) >= 0) {
                return false;
            }
            before = name;
            beforeEnd = nameEnd;
            if (at >= end || bytes[at++] != ':') {
                return false;
            }
            int value = at;
            if (!plainValue(depth)) {
                return false;
            }
            if (outermost) {
                add(name, nameEnd, value, at);
            }
            if (at >= end) {
                return false;
            }
            byte c = bytes[at++];
            if (c == '}') {
                return true;
            }
            if (c != ',') {
                return false;
            }
        }
    }

    private boolean plainValue(int depth) {
        if (at >= end) {
            return false;
        }
        return switch (bytes[at]) {
            case '"' -> string();
            case '{' -> plainObject(depth + 1, false);
            case '[' -> array(depth + 1);
            case 't' -> word("true");
            case 'f' -> word("false");
            case 'n' -> word("null");
            default -> number();
        };
    }

    private boolean array(int depth) {
        if (depth > DEEPEST_PLAIN) {
            return false;
        }
        at++;
        if (at < end && bytes[at] == ']') {
            at++;
            return true;
        }
        while (plainValue(depth) && at < end) {
            byte c = bytes[at++];
            if (c != ',') {
                return c == ']';
            }
        }
        return false;
    }

    private boolean word(String word) {
        if (end - at < word.length()) {
            return false;
        }
        for (int i = 0; i < word.length(); i++) {
            if (bytes[at++] != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Of at most 15 digits, so that no other number is the same double; and none so small that it has an exponent. */
    private boolean number() {
        boolean negative = bytes[at] == '-';
        int from = negative ? ++at : at;
        skipDigits();
        int digits = at - from;
        if (digits == 0 || bytes[from] == '0' && digits > 1) {
            return false;
        }
        boolean zero = bytes[from] == '0';
        if (at < end && bytes[at] == '.') {
            int point = at++;
            skipDigits();
            digits += at - point - 1;
            if (at == point + 1 || bytes[at - 1] == '0' || zero && at - point > 7) {
                return false;
            }
        } else if (zero && negative) {
            return false;
        }
        return digits <= 15 && at < end && (bytes[at] == ',' || bytes[at] == '}' || bytes[at] == ']');
    }

    private void skipDigits() {
        while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
            at++;
        }
    }

    /** Of ASCII alone, nothing of it escaped: then the order of bytes is that of characters. */
    private boolean name() {
        int from = at;
        if (!string()) {
            return false;
        }
        for (int i = from; i < at; i++) {
            if (bytes[i] < 0 || bytes[i] == '\\') {
                return false;
            }
        }
        return true;
    }

    private boolean string() {
        if (at >= end || bytes[at++] != '"') {
            return false;
        }
        while (true) {
            skipPlain();
            if (at >= end) {
                return false;
            }
            byte c = bytes[at];
            if (c == '"') {
                at++;
                return true;
            }
            if (c == '\\' ? !escape() : c < 0 && !utf8()) {
                return false;
            }
            if (c >= 0 && c < ' ') {
                return false;
            }
            if (c >= ' ' && c != '\\') {
                at++;
            }
        }
    }

    /** Goes on, eight bytes at once, to the next that is a quote, a backslash, a control character or not of ASCII. */
    private void skipPlain() {
        while (end - at >= 8) {
            long eight = (long) LONGS.get(bytes, at);
            long quotes = eight ^ ONES * '"';
            long backslashes = eight ^ ONES * '\\';
            long odd = (eight
                            | eight - ONES * ' ' // below a blank
                            | quotes - ONES & ~quotes
                            | backslashes - ONES & ~backslashes)
                    & HIGH;
            if (odd != 0) {
                at += Long.numberOfTrailingZeros(odd) / 8; // the lowest mark is true, others may be of what it borrowed
                return;
            }
            at += 8;
        }
    }

    private boolean escape() {
        if (end - at < 2) {
            return false;
        }
        byte c = bytes[at + 1];
        if ("\"\\bfnrt".indexOf(c) >= 0) {
            at += 2;
            return true;
        }
        if (c != 'u' || end - at < 6 || bytes[at + 2] != '0' || bytes[at + 3] != '0') {
            return false;
        }
        int high = bytes[at + 4] - '0';
        int low = "0123456789abcdef".indexOf(bytes[at + 5]);
        int unit = 16 * high + low;
        at += 6;
        return (high == 0 || high == 1) && low >= 0 && "\b\f\n\r\t".indexOf(unit) < 0;
    }

    /** A character of two to four bytes, in the one form that it has. */
    private boolean utf8() {
        int first = bytes[at] & 0xff;
        int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
        if (first < 0xc2 || first > 0xf4 || end - at <= more) {
            return false;
        }
        int second = bytes[at + 1] & 0xff;
        int least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        int most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        if (second < least || second > most) {
            return false;
        }
        for (int i = 2; i <= more; i++) {
            if ((bytes[at + i] & 0xc0) != 0x80) {
                return false;
            }
        }
        at += more + 1;
        return true;
    }

    private void add(int name, int nameEnd, int value, int valueEnd) {
        if (4 * count == spans.length) {
            spans = Arrays.copyOf(spans, 2 * spans.length);
        }
        int i = 4 * count++;
        spans[i] = name;
        spans[i + 1] = nameEnd;
        spans[i + 2] = value;
        spans[i + 3] = valueEnd;
    }

    private boolean sorted() {
        for (int i = 1; i < count; i++) {
            if (compare(i - 1, i) >= 0) {
                return false;
            }
        }
        return true;
    }

    /** Puts a few members into their order; not many, and none twice. */
    private boolean sort() {
        if (count > 100) {
            return sorted();
        }
        for (int i = 1; i < count; i++) {
            for (int j = i; j > 0; j--) {
                int order = compare(j - 1, j);
                if (order == 0) {
                    return false;
                }
                if (order < 0) {
                    break;
                }
                for (int k = 0; k < 4; k++) {
                    int moved = spans[4 * j + k];
                    spans[4 * j + k] = spans[4 * j - 4 + k];
                    spans[4 * j - 4 + k] = moved;
                }
            }
        }
        return true;
    }

    private int compare(int one, int other) {
        return Arrays.compare(
                bytes,
                spans[4 * one] + 1,
                spans[4 * one + 1] - 1,
                bytes,
                spans[4 * other] + 1,
                spans[4 * other + 1] - 1);
    }

    // ---- all else ----

    private static byte[] canonical(byte[] line, int from, int to) {
        try {
            var text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(line, from, to - from))
                    .toString();
            return CanonicalJson.of(text);
        } catch (CharacterCodingException notUtf8) {
            throw new Malformed("it is not UTF-8");
        }
    }

    /** Finds the members of what is canonical. */
    private void split(byte[] canonical) {
        if (canonical[0] != '{') {
            throw new Malformed("it is JSON, but no object");
        }
        bytes = canonical;
        start = 0;
        end = canonical.length;
        count = 0;
        found = 0;
        at = 1;
        while (bytes[at] != '}') {
            int name = at;
            skipString();
            int value = at + 1;
            int nameEnd = at;
            at = value;
            for (int depth = 0; depth > 0 || bytes[at] != ',' && bytes[at] != '}'; ) {
                switch (bytes[at]) {
                    case '"' -> {
                        skipString();
                        continue;
                    }
                    case '{', '[' -> depth++;
                    case '}', ']' -> depth--;
                    default -> {}
                }
                at++;
            }
            add(name, nameEnd, value, at);
            if (bytes[at] == ',') {
                at++;
            }
        }
    }

    private void skipString() {
        for (at++; bytes[at] != '"'; at++) {
            if (bytes[at] == '\\') {
                at++;
            }
        }
        at++;
    }
}
