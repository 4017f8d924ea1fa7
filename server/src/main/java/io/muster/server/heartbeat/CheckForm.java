package io.muster.server.heartbeat;

import io.muster.server.problem.FieldError;
import io.muster.server.problem.Refused;
import io.muster.server.tenancy.FormField;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Pure: a check of the compatible API as a form; what is written there becomes a body of that API, which judges it. */
final class CheckForm {

    private static final List<String> TEXTS = List.of(
            "name",
            "slug",
            "tags",
            "desc",
            "every",
            "cron",
            "oncalendar",
            "tz",
            "grace",
            "start_kw",
            "success_kw",
            "failure_kw");

    /** By the names of fields; what is ticked is {@code on}. */
    static Map<String, String> written(Check check) {
        var is = check.settings();
        var written = new LinkedHashMap<String, String>();
        written.put("name", is.name());
        written.put("slug", is.slug());
        written.put("tags", is.tags());
        written.put("desc", is.description());
        switch (is.schedule()) {
            case Schedule.Every(var period) -> written.put("every", text(period));
            case Schedule.Cron(var expression, var tz) -> {
                written.put("cron", expression);
                written.put("tz", tz.getId());
            }
            case Schedule.OnCalendar(var expression, var tz) -> {
                written.put("oncalendar", expression);
                written.put("tz", tz.getId());
            }
        }
        written.put("grace", text(is.grace()));
        tick(written, "manual_resume", is.manualResume());
        tick(written, "post_only", is.postOnly());
        tick(written, "filter_http_body", is.keywords().httpBody());
        tick(written, "filter_default_fail", is.keywords().defaultFail());
        written.put("start_kw", is.keywords().start());
        written.put("success_kw", is.keywords().success());
        written.put("failure_kw", is.keywords().failure());
        return written;
    }

    /** {@code P1D}, not {@code PT24H}. */
    private static String text(Duration length) {
        return length.equals(Duration.ofDays(length.toDays())) ? "P" + length.toDays() + "D" : length.toString();
    }

    private static void tick(Map<String, String> written, String name, boolean on) {
        if (on) written.put(name, "on");
    }

    /**
     * As the compatible API takes it: a text that is as {@code shown} is left out, for the API allows blanks around it.
     *
     * @param shown what stood in the fields
     * @param channels names of alert channels; null: leave them
     */
    static ObjectNode body(Map<String, String> written, Map<String, String> shown, @Nullable List<String> channels) {
        var body = JsonNodeFactory.instance.objectNode();
        for (var name : List.of("name", "slug", "tags", "start_kw", "success_kw", "failure_kw")) {
            if (!isUntouched(written, shown, name)) body.put(name, text(written, name));
        }
        if (!isUntouched(written, shown, "desc")) {
            body.put("desc", written.getOrDefault("desc", "").replace("\r\n", "\n"));
        }
        for (var name : List.of("manual_resume", "filter_http_body", "filter_default_fail")) {
            body.put(name, written.containsKey(name));
        }
        body.put("methods", written.containsKey("post_only") ? "POST" : "");
        if (channels != null) body.put("channels", String.join(",", channels));
        var problems = new ArrayList<FieldError>();
        collect(problems, () -> body.put("grace", seconds(written, "grace")));
        collect(problems, () -> schedule(written, shown, body));
        if (!problems.isEmpty()) throw new Refused(problems);
        return body;
    }

    private static boolean isUntouched(Map<String, String> written, Map<String, String> shown, String name) {
        return FormField.isUntouched(
                shown.getOrDefault(name, ""),
                written.getOrDefault(name, ""),
                name.equals("desc") || name.equals("oncalendar"));
    }

    private static void schedule(Map<String, String> written, Map<String, String> shown, ObjectNode body) {
        var given = List.of("every", "cron", "oncalendar").stream()
                .filter(name -> !text(written, name).isEmpty())
                .toList();
        if (given.size() != 1) throw new Refused("every", "must be given, or Cron or OnCalendar: one of the three");
        var tz = text(written, "tz");
        if (!tz.isEmpty()) body.put("tz", tz);
        var name = given.getFirst();
        if (isUntouched(written, shown, name)) return;
        switch (name) {
            case "every" -> body.put("timeout", seconds(written, name));
            // its kind is told by its shape there, so one is judged here too
            case "cron" -> body.put("schedule", new Schedule.Cron(text(written, name), ZoneOffset.UTC).expression());
            default -> {
                var lines = text(written, name).replace("\r\n", "\n");
                body.put("schedule", new Schedule.OnCalendar(lines, ZoneOffset.UTC).expression());
            }
        }
    }

    private static void collect(List<FieldError> problems, Runnable step) {
        try {
            step.run();
        } catch (Refused refused) {
            problems.addAll(refused.errors());
        }
    }

    private static long seconds(Map<String, String> written, String name) {
        var text = text(written, name);
        try {
            var length = Duration.parse(text);
            if (length.getNano() == 0) return length.toSeconds();
        } catch (DateTimeParseException | ArithmeticException noDuration) {
            // told below
        }
        throw new Refused(name, "must be like PT15M (15 minutes), PT1H or P1D; got " + Refused.shown(text));
    }

    private static String text(Map<String, String> written, String name) {
        return written.getOrDefault(name, "").strip();
    }

    /** What the check is now is no longer what a form showed: its texts that say something else, by their names. */
    static Map<String, String> changed(Map<String, String> written, Map<String, String> now) {
        var changed = new LinkedHashMap<String, String>();
        for (var name : TEXTS) {
            var is = now.getOrDefault(name, "");
            if (!isUntouched(written, now, name)) {
                changed.put(name, is.isEmpty() ? "is now empty" : "is now " + Refused.shown(is));
            }
        }
        changed.put(
                "",
                "Somebody changed it since this form was opened. What is different now is said below; send it again to "
                        + "have it as it is written here.");
        return changed;
    }

    /** What that API has against it, by the name of the field; what belongs to none is under the empty name. */
    static Map<String, String> problems(CompatError error) {
        var message = String.valueOf(error.getMessage()).replaceFirst("^json validation error: ", "");
        var words = message.split(" ", 2);
        var field = switch (words[0]) {
            case "timeout" -> "every";
            case "schedule" -> "cron";
            case "name", "slug", "tags", "desc", "grace", "tz", "start_kw", "success_kw", "failure_kw" -> words[0];
            default -> "";
        };
        return Map.of(field, field.isEmpty() ? message : words[1]);
    }

    /** By the name of the field. */
    static Map<String, String> problems(Refused refused) {
        var problems = new LinkedHashMap<String, String>();
        refused.errors().forEach(error -> problems.putIfAbsent(error.field(), error.message()));
        return problems;
    }

    private CheckForm() {}
}
