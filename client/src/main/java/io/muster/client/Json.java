package io.muster.client;

import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalAmount;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Writes what events hold, and reads what the server answers; the JDK has neither. */
final class Json {
    private static final int DEEPEST_ANSWER = 100;

    /** Characters of a member's name; with a longer one the server takes a body for no JSON. */
    private static final int LONGEST_NAME = 200;

    /** Thrown where a value holds so many others in one another that the server would refuse it. */
    static final class TooDeep extends RuntimeException {
        TooDeep() {
            super(null, null, false, false);
        }
    }

    private Json() {}

    // ---- write ----

    /** @throws IllegalArgumentException if something in it is no JSON; how deep it is does not matter here */
    static void check(Map<String, ?> members) {
        try {
            write(new StringBuilder(), members, 100);
        } catch (TooDeep sentWithoutIt) {
            // nothing in the first hundred levels is wrong
        }
    }

    /**
     * @param levels how many arrays and objects may be in one another
     * @throws TooDeep if there are more
     * @throws IllegalArgumentException if something in it is no JSON
     */
    static void write(StringBuilder out, @Nullable Object value, int levels) {
        switch (value) {
            case null -> out.append("null");
            case Boolean bool -> out.append(bool.booleanValue());
            case Number number -> number(out, number);
            case CharSequence text -> quote(out, text);
            case Character character -> quote(out, character.toString());
            case Enum<?> constant -> quote(out, constant.name());
            case UUID id -> quote(out, id.toString());
            case TemporalAccessor time -> quote(out, time.toString());
            case TemporalAmount length -> quote(out, length.toString());
            case Map<?, ?> members -> object(out, members, deeper(levels));
            case Iterable<?> items -> array(out, items, deeper(levels));
            case Object other when other.getClass().isArray() -> array(out, listOf(other), deeper(levels));
            default ->
                throw new IllegalArgumentException(
                        "details take texts, numbers, booleans, times, UUIDs, enums, and maps and"
                                + " lists of them; got a " + value.getClass().getName());
        }
    }

    private static int deeper(int levels) {
        if (levels == 0) {
            throw new TooDeep();
        }
        return levels - 1;
    }

    private static void object(StringBuilder out, Map<?, ?> members, int levels) {
        out.append('{');
        boolean first = true;
        for (var member : members.entrySet()) {
            if (!first) {
                out.append(',');
            }
            first = false;
            name(out, String.valueOf(member.getKey()));
            write(out, member.getValue(), levels);
        }
        out.append('}');
    }

    static void name(StringBuilder out, String name) {
        quote(out, name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME - 1) + "…");
        out.append(':');
    }

    private static void array(StringBuilder out, Iterable<?> items, int levels) {
        out.append('[');
        boolean first = true;
        for (var item : items) {
            if (!first) {
                out.append(',');
            }
            first = false;
            write(out, item, levels);
        }
        out.append(']');
    }

    private static List<@Nullable Object> listOf(Object array) {
        var items = new ArrayList<@Nullable Object>();
        for (int i = 0; i < Array.getLength(array); i++) {
            items.add(Array.get(array, i));
        }
        return items;
    }

    /** As a text, if no double is it: then what reads it would have another. */
    private static void number(StringBuilder out, Number number) {
        double value = number.doubleValue();
        boolean whole = !(number instanceof Double || number instanceof Float || number instanceof BigDecimal);
        boolean held = Double.isFinite(value)
                && (!whole || new BigDecimal(value).compareTo(new BigDecimal(new BigInteger(number.toString()))) == 0);
        if (held) {
            out.append(number);
        } else {
            quote(out, number.toString());
        }
    }

    /** NUL and half characters become U+FFFD: the server refuses them, and who sends them must not escape the trail. */
    static void quote(StringBuilder out, CharSequence text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c == 0) {
                out.append('\uFFFD');
            } else if (c < ' ') {
                out.append("\\u00").append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                out.append(c).append(text.charAt(++i));
            } else {
                out.append(Character.isSurrogate(c) ? '\uFFFD' : c);
            }
        }
        out.append('"');
    }

    // ---- read ----

    /**
     * Maps in the order of the text, lists, texts, {@code BigDecimal}, booleans and null.
     *
     * @throws IllegalArgumentException if it is no JSON
     */
    static @Nullable Object read(String text) {
        var reader = new Reader(text);
        var value = reader.value();
        reader.blanks();
        if (reader.at < text.length()) {
            throw reader.wrong();
        }
        return value;
    }

    private static final class Reader {
        private final String text;
        private int at;
        private int depth;

        Reader(String text) {
            this.text = text;
        }

        @Nullable Object value() {
            if (++depth > DEEPEST_ANSWER) {
                throw wrong();
            }
            blanks();
            @Nullable Object value = switch (peek()) {
                case '{' -> object();
                case '[' -> list();
                case '"' -> string();
                case 't' -> word("true", true);
                case 'f' -> word("false", false);
                case 'n' -> word("null", null);
                default -> number();
            };
            depth--;
            return value;
        }

        private Map<String, @Nullable Object> object() {
            var members = new LinkedHashMap<String, @Nullable Object>();
            at++;
            while (!ends('}', members.isEmpty())) {
                blanks();
                var name = string();
                blanks();
                expect(':');
                members.put(name, value());
            }
            return members;
        }

        private List<@Nullable Object> list() {
            var items = new ArrayList<@Nullable Object>();
            at++;
            while (!ends(']', items.isEmpty())) {
                items.add(value());
            }
            return items;
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
                string.append(c == '\\' ? escaped(next()) : c);
            }
            return string.toString();
        }

        private char escaped(char c) {
            return switch (c) {
                case 'b' -> '\b';
                case 'f' -> '\f';
                case 'n' -> '\n';
                case 'r' -> '\r';
                case 't' -> '\t';
                case 'u' -> {
                    if (at + 4 > text.length()) {
                        throw wrong();
                    }
                    at += 4;
                    yield (char) Integer.parseInt(text.substring(at - 4, at), 16);
                }
                default -> c;
            };
        }

        private BigDecimal number() {
            int from = at;
            while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            return new BigDecimal(text.substring(from, at));
        }

        private @Nullable Object word(String word, @Nullable Object value) {
            if (!text.startsWith(word, at)) {
                throw wrong();
            }
            at += word.length();
            return value;
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

        private IllegalArgumentException wrong() {
            return new IllegalArgumentException("not JSON at character " + at);
        }
    }
}
