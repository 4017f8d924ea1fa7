package io.muster.server.tenancy;

import java.util.ArrayList;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One declaration as the YAML that a person would write for it. */
final class YamlText {

    private static final Pattern PLAIN = Pattern.compile("[A-Za-z/][A-Za-z0-9 _./@:+-]*|[0-9][0-9]*-[A-Za-z0-9-]*");
    private static final Pattern TAKEN = Pattern.compile("(?i)null|true|false|\\.inf|\\.nan");

    /** A whole document of one object. */
    static String document(String plural, ObjectNode object) {
        var text = new StringBuilder("muster: v1\n").append(plural).append(":\n");
        var first = true;
        for (var member : object.properties()) {
            text.append(first ? "  - " : "    ").append(member.getKey()).append(": ");
            var value = member.getValue();
            if (value.isString() && value.asString().contains("\n")) {
                text.append("|-");
                value.asString().lines().forEach(line -> text.append("\n      ").append(line));
            } else {
                text.append(flow(value));
            }
            text.append('\n');
            first = false;
        }
        return text.toString();
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
        return plain
                ? text
                : tools.jackson.databind.node.StringNode.valueOf(text).toString();
    }

    private YamlText() {}
}
