package io.muster.server.tenancy;

import java.util.ArrayList;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** One declaration as the YAML that a person would write for it. */
final class YamlText {

    private static final Pattern PLAIN = Pattern.compile("[A-Za-z/][A-Za-z0-9 _./@:+-]*|[0-9][0-9]*-[A-Za-z0-9-]*");
    private static final Pattern TAKEN = Pattern.compile("(?i)null|true|false|\\.inf|\\.nan");

    /** A whole document of one object. */
    static String document(String plural, ObjectNode object) {
        return "muster: v1\n" + plural + ":\n" + entry(object);
    }

    /** One object of a list. */
    static String entry(ObjectNode object) {
        var text = new StringBuilder();
        var first = true;
        for (var member : object.properties()) {
            text.append(first ? "  - " : "    ").append(member.getKey()).append(": ");
            var value = member.getValue();
            if (value.isString() && isBlock(value.asString())) {
                text.append("|-");
                for (var line : value.asString().split("\n", -1))
                    text.append("\n      ").append(line);
            } else {
                text.append(flow(value));
            }
            text.append('\n');
            first = false;
        }
        return text.toString();
    }

    /** Several lines that come back as they are, whatever follows them. */
    private static boolean isBlock(String text) {
        return text.contains("\n")
                && !Character.isWhitespace(text.charAt(0))
                && !text.endsWith("\n")
                && text.chars().noneMatch(c -> c != '\n' && isEscaped(c));
    }

    /** What YAML does not take as it is, or takes for the end of a line. */
    private static boolean isEscaped(int c) {
        return Character.isISOControl(c) || c == 0x2028 || c == 0x2029 || c == 0xFEFF || c == 0xFFFE || c == 0xFFFF;
    }

    private static String quoted(String text) {
        var quoted = new StringBuilder();
        StringNode.valueOf(text).toString().chars().forEach(c -> {
            if (isEscaped(c)) quoted.append("\\u%04x".formatted(c));
            else quoted.append((char) c);
        });
        return quoted.toString();
    }

    static String flow(JsonNode value) {
        if (value.isObject()) {
            var members = new ArrayList<String>();
            value.properties().forEach(member -> {
                if (!member.getValue().isNull()) members.add(plain(member.getKey()) + ": " + flow(member.getValue()));
            });
            return "{" + String.join(", ", members) + "}";
        }
        if (value.isArray()) {
            var entries = new ArrayList<String>();
            value.forEach(entry -> entries.add(flow(entry)));
            return "[" + String.join(", ", entries) + "]";
        }
        return value.isString() ? plain(value.asString()) : value.toString();
    }

    /** Without quotes where YAML takes it for this text and nothing else. */
    private static String plain(String text) {
        var plain = PLAIN.matcher(text).matches()
                && !TAKEN.matcher(text).matches()
                && !text.contains(": ")
                && !text.endsWith(":")
                && !text.endsWith(" ");
        return plain ? text : quoted(text);
    }

    private YamlText() {}
}
