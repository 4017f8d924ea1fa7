package io.muster.merklelog;

import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The one form of a JSON document that is hashed: no white space, members in the order of their names' UTF-16, shortest numbers.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc8785">RFC 8785</a>
 */
public final class CanonicalJson {
    /** Arrays and objects in one another. */
    public static final int DEEPEST = 64;

    /** The largest integer up to which doubles hold all. */
    private static final long EXACT = 1L << 53;

    private final String text;
    private int at;
    private int depth;

    private CanonicalJson(String text) {
        this.text = text;
    }

    /**
     * The canonical bytes of {@code json}.
     *
     * @throws Malformed if it is no JSON, names a member twice, has half a character, is deeper than {@link #DEEPEST}, or has a number
     *     that would become another: one beyond all doubles, or an integer that none holds
     */
    public static byte[] of(String json) {
        var reader = new CanonicalJson(json);
        var canonical = new StringBuilder(json.length());
        reader.value(canonical);
        reader.blanks();
        if (reader.at < json.length()) {
            throw reader.wrong();
        }
        return canonical.toString().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Appends the canonical form of what was parsed already.
     *
     * @param value a map of values by name, a collection of values, a {@code String}, {@code Long}, {@code Integer}, {@code Double},
     *     {@code Boolean} or null
     * @throws Malformed for numbers that would become others, and for half characters
     */
    public static void write(@Nullable Object value, StringBuilder out) {
        switch (value) {
            case null -> out.append("null");
            case String string -> quote(string, out);
            case Boolean bool -> out.append(bool);
            case Long integer -> {
                if (integer > EXACT || integer < -EXACT) {
                    throw new Malformed("JSON with an integer that no double holds: " + integer);
                }
                out.append(integer.longValue());
            }
            case Integer integer -> out.append(integer.intValue());
            case Double number -> out.append(number(number));
            case Map<?, ?> members -> {
                char before = '{';
                for (var member : sorted(members).entrySet()) {
                    out.append(before);
                    write(member.getKey(), out);
                    out.append(':');
                    write(member.getValue(), out);
                    before = ',';
                }
                out.append(members.isEmpty() ? "{}" : "}");
            }
            case Collection<?> items -> {
                char before = '[';
                for (var item : items) {
                    out.append(before);
                    write(item, out);
                    before = ',';
                }
                out.append(items.isEmpty() ? "[]" : "]");
            }
            default -> throw new IllegalArgumentException("not a value of JSON: " + value.getClass());
        }
    }

    /** In the order of UTF-16, which is that of strings in Java. */
    private static Map<?, ?> sorted(Map<?, ?> members) {
        return members instanceof SortedMap<?, ?> map && map.comparator() == null ? members : new TreeMap<>(members);
    }

    private void value(StringBuilder out) {
        if (++depth > DEEPEST) {
            throw new Malformed("JSON deeper than " + DEEPEST);
        }
        blanks();
        switch (peek()) {
            case '{' -> object(out);
            case '[' -> array(out);
            case '"' -> quote(string(), out);
            case 't' -> word("true", out);
            case 'f' -> word("false", out);
            case 'n' -> word("null", out);
            default -> out.append(number());
        }
        depth--;
    }

    private void object(StringBuilder out) {
        var members = new TreeMap<String, StringBuilder>(); // its order is that of UTF-16
        at++;
        while (!ends('}', members.isEmpty())) {
            blanks();
            var name = string();
            blanks();
            expect(':');
            var value = new StringBuilder();
            value(value);
            if (members.put(name, value) != null) {
                throw new Malformed("JSON names a member twice: " + Strict.shown(name));
            }
        }
        char before = '{';
        for (var member : members.entrySet()) {
            out.append(before);
            quote(member.getKey(), out);
            out.append(':').append(member.getValue());
            before = ',';
        }
        out.append(members.isEmpty() ? "{}" : "}");
    }

    private void array(StringBuilder out) {
        out.append('[');
        at++;
        for (boolean first = true; !ends(']', first); first = false) {
            if (!first) {
                out.append(',');
            }
            value(out);
        }
        out.append(']');
    }

    /** Whether {@code end} comes; else takes the comma before the next item, which the first has not. */
    private boolean ends(char end, boolean first) {
        blanks();
        if (peek() == end) {
            at++;
            return true;
        }
        if (!first) {
            expect(',');
        }
        return false;
    }

    private String string() {
        expect('"');
        var string = new StringBuilder();
        for (char c = next(); c != '"'; c = next()) {
            if (c < ' ') {
                throw wrong();
            }
            string.append(c == '\\' ? escaped(next()) : c);
        }
        return string.toString();
    }

    /** Whether a character that takes two begins at {@code i}. */
    private static boolean isPair(String string, int i) {
        return Character.isHighSurrogate(string.charAt(i))
                && i + 1 < string.length()
                && Character.isLowSurrogate(string.charAt(i + 1));
    }

    private char escaped(char c) {
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                int unit = 0;
                for (int i = 0; i < 4; i++) {
                    char digit = next();
                    int value = digit < 0x80 ? Character.digit(digit, 16) : -1;
                    if (value < 0) {
                        throw wrong();
                    }
                    unit = unit << 4 | value;
                }
                yield (char) unit;
            }
            default -> throw wrong();
        };
    }

    /** @throws Malformed it has half a character */
    private static void quote(String string, StringBuilder out) {
        out.append('"');
        int taken = 0;
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            if (c >= ' ' && c != '"' && c != '\\' && c < Character.MIN_SURROGATE) continue;
            if (c > '\\') {
                if (c > Character.MAX_SURROGATE) continue;
                if (!isPair(string, i)) throw new Malformed("JSON with half a character");
                i++;
                continue;
            }
            out.append(string, taken, i);
            taken = i + 1;
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\b' -> out.append("\\b");
                case '\t' -> out.append("\\t");
                case '\n' -> out.append("\\n");
                case '\f' -> out.append("\\f");
                case '\r' -> out.append("\\r");
                default ->
                    out.append("\\u00").append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
            }
        }
        if (taken == 0) {
            out.append(string);
        } else {
            out.append(string, taken, string.length());
        }
        out.append('"');
    }

    private String number() {
        int from = at;
        if (at < text.length() && peek() == '-') {
            at++;
        }
        if (peek() == '0') {
            at++;
        } else {
            digits();
        }
        boolean integer = true;
        if (at < text.length() && text.charAt(at) == '.') {
            at++;
            digits();
            integer = false;
        }
        if (at < text.length() && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
            at++;
            if (peek() == '+' || peek() == '-') {
                at++;
            }
            digits();
            integer = false;
        }
        var literal = text.substring(from, at);
        double value = Double.parseDouble(literal);
        if (Double.isInfinite(value)) {
            throw new Malformed("JSON with a number beyond all doubles: " + Strict.shown(literal));
        }
        var canonical = number(value);
        if (integer) {
            var exact = new BigDecimal(literal);
            if (exact.compareTo(new BigDecimal(value)) != 0 && exact.compareTo(new BigDecimal(canonical)) != 0) {
                throw new Malformed("JSON with an integer that no double holds: " + Strict.shown(literal));
            }
        }
        return canonical;
    }

    private void digits() {
        int from = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        if (at == from) {
            throw wrong();
        }
    }

    /**
     * As ECMAScript writes it.
     *
     * @see <a href="https://tc39.es/ecma262/#sec-numeric-types-number-tostring">ECMAScript, Number::toString</a>
     */
    static String number(double value) {
        if (value == 0) {
            return "0";
        }
        if (value < 0) {
            return "-" + number(-value);
        }
        var shortest = shortest(value);
        var digits = shortest.unscaledValue().toString();
        int k = digits.length();
        int n = k - shortest.scale(); // the point stands behind the n-th digit
        if (k <= n && n <= 21) {
            return digits + "0".repeat(n - k);
        }
        if (0 < n && n <= 21) {
            return digits.substring(0, n) + "." + digits.substring(n);
        }
        if (-6 < n && n <= 0) {
            return "0." + "0".repeat(-n) + digits;
        }
        var exponent = (n > 0 ? "e+" : "e-") + Math.abs(n - 1);
        return digits.charAt(0) + (k == 1 ? "" : "." + digits.substring(1)) + exponent;
    }

    /** The fewest digits that are read as {@code value}. The JDK gives them, but never fewer than two: the least double is 5, not 4.9. */
    private static BigDecimal shortest(double value) {
        var given = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        if (given.precision() == 2) {
            var exact = new BigDecimal(value);
            var one = exact.round(new MathContext(1)).stripTrailingZeros();
            if (one.doubleValue() == value) {
                return one;
            }
        }
        return given;
    }

    private void word(String word, StringBuilder out) {
        if (!text.startsWith(word, at)) {
            throw wrong();
        }
        at += word.length();
        out.append(word);
    }

    private void blanks() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private void expect(char c) {
        if (next() != c) {
            throw wrong();
        }
    }

    private char next() {
        char c = peek();
        at++;
        return c;
    }

    private char peek() {
        if (at >= text.length()) {
            throw wrong();
        }
        return text.charAt(at);
    }

    private Malformed wrong() {
        return new Malformed("not JSON at character " + at);
    }
}
