package io.muster.server.heartbeat;

import io.muster.server.heartbeat.CheckBoard.Shown;
import io.muster.server.heartbeat.CheckRows.Narrow;
import io.muster.server.heartbeat.CheckRows.Sort;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.web.util.UriUtils;

/**
 * What the list of checks is narrowed to and sorted by, as its address says it; empty: not.
 *
 * @param state {@code down}, {@code late}, {@code running}, {@code up}, {@code new}, {@code paused}
 * @param q in the name, slug, id or tags
 * @param kind {@code every}, {@code cron}, {@code oncalendar}
 * @param exposed only those with an open exposure
 * @param from a region out of which the job brings data
 * @param to a region into which it does
 * @param sort {@code name}, {@code last}, {@code due}; empty: worst first
 */
public record CheckFilter(
        String state, String q, String tag, String kind, boolean exposed, String from, String to, String sort) {

    private static final int LONGEST = 100;

    /** What is unknown is taken for empty. */
    static CheckFilter of(Map<String, String> parameters) {
        return new CheckFilter(
                oneOf(parameters, "state", "down", "late", "running", "up", "new", "paused"),
                text(parameters, "q"),
                text(parameters, "tag"),
                oneOf(parameters, "kind", "every", "cron", "oncalendar"),
                text(parameters, "exposed").equals("yes"),
                text(parameters, "from"),
                text(parameters, "to"),
                oneOf(parameters, "sort", "name", "last", "due"));
    }

    private static String text(Map<String, String> parameters, String name) {
        var text = parameters.getOrDefault(name, "").strip().replace("\0", "");
        return text.substring(0, Math.min(LONGEST, text.length()));
    }

    private static String oneOf(Map<String, String> parameters, String name, String... words) {
        var text = text(parameters, name);
        return List.of(words).contains(text) ? text : "";
    }

    static @Nullable Shown shown(String state) {
        for (var each : Shown.values()) {
            if (each.name().toLowerCase(Locale.ROOT).equals(state)) return each;
        }
        return null;
    }

    /** Whether something may be left out. */
    public boolean narrows() {
        return exposed || !(state + q + tag + kind + from + to).isEmpty();
    }

    Sort sorted() {
        return switch (sort) {
            case "name" -> Sort.NAME;
            case "last" -> Sort.LAST_PING;
            case "due" -> Sort.NEXT_DUE;
            default -> Sort.WORST;
        };
    }

    Narrow narrow(@Nullable Collection<Long> among) {
        return new Narrow(shown(state), q, tag, kind, among);
    }

    /** What its cursors are for: those of another order mean nothing here. */
    String cursor() {
        return "checks, " + sorted().words();
    }

    /** What is said, without what is empty. */
    public Map<String, String> members() {
        var members = new LinkedHashMap<String, String>();
        members.put("state", state);
        members.put("q", q);
        members.put("tag", tag);
        members.put("kind", kind);
        members.put("exposed", exposed ? "yes" : "");
        members.put("from", from);
        members.put("to", to);
        members.put("sort", sort);
        members.values().removeIf(String::isEmpty);
        return members;
    }

    /** As in the address, without what is empty: {@code state=down&tag=eu}. */
    public String query() {
        return members().entrySet().stream().map(CheckFilter::pair).collect(Collectors.joining("&"));
    }

    /** The first page. */
    public String url() {
        return "/checks?" + (query().isEmpty() ? "state=" : query());
    }

    static String url(SavedViews.SavedView view) {
        return "/checks?" + (view.query().isEmpty() ? "state=" : view.query());
    }

    String url(String cursor) {
        return url() + "&cursor=" + UriUtils.encode(cursor, StandardCharsets.UTF_8);
    }

    private static String pair(Map.Entry<String, String> member) {
        return member.getKey() + "=" + UriUtils.encode(member.getValue(), StandardCharsets.UTF_8);
    }
}
