package io.muster.server.testing;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Pattern;

/** What a browser sends of a form in a page if nobody writes into it. */
public final class FormOnPage {

    private static final String TAG = " ((?:[^>\"]|\"[^\"]*\")*)>";
    private static final Pattern FIELD = Pattern.compile(
            "<input" + TAG + "|<textarea" + TAG + "(.*?)</textarea>|<select" + TAG + "(.*?)</select>", Pattern.DOTALL);
    private static final Pattern CHOSEN = Pattern.compile("<option[^>]* selected[^>]*>([^<]*)</option>");

    private final Map<String, String> fields = new LinkedHashMap<>();

    /** Of the form that is sent to {@code action}. */
    public FormOnPage(String page, String action) {
        var from = page.indexOf("<form action=\"" + action + "\"");
        if (from < 0) throw new AssertionError("no form for " + action + " in " + page);
        var field = FIELD.matcher(page.substring(from, page.indexOf("</form>", from)));
        while (field.find()) {
            if (field.group(1) != null) {
                var input = field.group(1);
                if (input.contains("type=\"checkbox\"") && !input.endsWith(" checked")) continue;
                var standard = input.contains("type=\"checkbox\"") ? "on" : "";
                // a line has no ends of lines
                put(
                        attribute(input, "name", ""),
                        attribute(input, "value", standard).replaceAll("[\\r\\n]", ""));
            } else if (field.group(2) != null) {
                var text = plain(field.group(3)).replaceFirst("^\n", "").replaceAll("\r\n?|\n", "\r\n");
                put(attribute(field.group(2), "name", ""), text);
            } else {
                var chosen = CHOSEN.matcher(field.group(5));
                put(attribute(field.group(4), "name", ""), chosen.find() ? plain(chosen.group(1)) : "");
            }
        }
    }

    private void put(String name, String value) {
        if (!name.isEmpty()) fields.put(name, value);
    }

    private static String attribute(String tag, String name, String standard) {
        var found = Pattern.compile("(?:^|\\s)" + name + "=\"([^\"]*)\"").matcher(tag);
        return found.find() ? plain(found.group(1)) : standard;
    }

    private static String plain(String html) {
        return html.replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&#34;", "\"")
                .replace("&quot;", "\"")
                .replace("&#39;", "'")
                .replace("&amp;", "&");
    }

    public String value(String field) {
        return fields.getOrDefault(field, "");
    }

    /** With something else in one field. */
    public FormOnPage write(String field, String value) {
        if (fields.put(field, value) == null) throw new AssertionError("no field " + field + " in " + fields);
        return this;
    }

    /** As it is sent. */
    public String body() {
        var body = new StringJoiner("&");
        fields.forEach((name, value) -> body.add(name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8)));
        return body.toString();
    }
}
