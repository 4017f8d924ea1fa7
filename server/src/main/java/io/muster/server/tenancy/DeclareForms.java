package io.muster.server.tenancy;

import io.muster.server.access.Caller;
import io.muster.server.problem.FieldError;
import io.muster.server.problem.Problem;
import io.muster.server.problem.Refused;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Declarations as forms: what is written into fields becomes the document of one object, and errors find their field. */
@Component
class DeclareForms {

    private static final int MOST = 500;
    private static final String CHANGED =
            "Somebody changed it since this form was opened, so nothing was written. What "
                    + "is different now is said below; send it again to have it as it is written here.";

    private final Nouns nouns;
    private final Presets presets;
    private final JsonMapper json;
    private final DeclarationJson declarations;

    DeclareForms(Nouns nouns, Presets presets, JsonMapper json, DeclarationJson declarations) {
        this.nouns = nouns;
        this.presets = presets;
        this.json = json;
        this.declarations = declarations;
    }

    /** All that have a form, as they are declared. */
    List<Noun<?>> all() {
        return nouns.all().stream().filter(noun -> !noun.form().isEmpty()).toList();
    }

    Noun<?> noun(String kind) {
        return all().stream()
                .filter(noun -> noun.kind().equals(kind))
                .findFirst()
                .orElseThrow(
                        () -> Problem.notFound("Nothing of the kind " + Refused.shown(kind) + " can be declared."));
    }

    boolean exists(Noun<?> noun, String id, Caller by) {
        return !id.isBlank() && !noun.find(List.of(id), by).isEmpty();
    }

    /** 404 if it is not declared. */
    long version(Noun<?> noun, String id, Caller by) {
        var declared = noun.find(List.of(id), by).get(id);
        if (declared == null) throw Declarations.notFound(noun, id);
        return declared.version();
    }

    /** What is declared now is no longer what a form showed: its fields that say something else, by their names. */
    Map<String, String> changed(Noun<?> noun, String id, Map<String, String> written, Caller by) {
        var changed = new LinkedHashMap<String, String>();
        var now = written(noun, id, by);
        for (var field : noun.form()) {
            var is = now.getOrDefault(field.name(), "");
            if (FormField.isUntouched(is, written.getOrDefault(field.name(), ""), field.isLong())) continue;
            changed.put(field.name(), is.isEmpty() ? "is now empty" : "is now " + Refused.shown(is));
        }
        changed.put("", CHANGED);
        return changed;
    }

    /** What is declared, as it would be written into the fields. */
    Map<String, String> written(Noun<?> noun, String id, Caller by) {
        var body = body(noun, id, by);
        var written = new LinkedHashMap<String, String>();
        for (var field : noun.form()) written.put(field.name(), text(field.input(), at(body, field)));
        return written;
    }

    private static JsonNode at(ObjectNode body, FormField field) {
        JsonNode value = body;
        for (var step : field.name().split("\\.")) value = value.path(step);
        return value;
    }

    /**
     * The document: what is declared, and in its place what the fields say; those that are empty are left out. A field
     * that shows what is declared says nothing, for it may not show all of it: not the note of a condition, nor whether a
     * list is empty or not there.
     */
    String document(Noun<?> noun, String id, boolean edits, Map<String, String> written, Caller by) {
        var object = JsonNodeFactory.instance.objectNode();
        object.put("id", id.strip());
        var body = edits ? tidy(noun, body(noun, id, by)) : JsonNodeFactory.instance.objectNode();
        for (var field : noun.form()) {
            var is = at(body, field);
            var becomes = written.getOrDefault(field.name(), "");
            if (FormField.isUntouched(text(field.input(), is), becomes, field.isLong())) continue;
            put(body, List.of(field.name().split("\\.")), value(field.input(), becomes.strip(), is));
        }
        object.setAll(body);
        return YamlText.document(noun.plural(), object);
    }

    /** As an entry of a document's list: all that it says, and nothing that it would be without, too. */
    <T> ObjectNode entry(Noun<T> noun, Noun.Declared<T> one, Caller by) {
        var entry = JsonNodeFactory.instance.objectNode().put("id", one.id());
        entry.setAll(tidy(noun, body(noun, one, by)));
        return entry;
    }

    /**
     * {@code body} without what it would be without, too. A null or an empty list may mean something: of a policy, that it
     * takes nothing from the one that it extends.
     */
    private ObjectNode tidy(Noun<?> noun, ObjectNode body) {
        var empty = body.propertyNames().stream()
                .filter(name -> body.get(name).isNull()
                        || body.get(name).isContainer() && body.get(name).isEmpty())
                .toList();
        if (empty.isEmpty()) return body;
        var value = declarations.value(body, noun);
        if (isOf(value, noun, body.deepCopy().without(empty))) return body.remove(empty);
        for (var name : empty) {
            if (isOf(value, noun, body.deepCopy().without(name))) body.remove(name);
        }
        return body;
    }

    private boolean isOf(Object value, Noun<?> noun, JsonNode body) {
        try {
            return declarations.value(body, noun).equals(value);
        } catch (Refused | DatabindException incomplete) {
            return false;
        }
    }

    private <T> ObjectNode body(Noun<T> noun, String id, Caller by) {
        var declared = noun.find(List.of(id), by).get(id);
        if (declared == null) throw Declarations.notFound(noun, id);
        return body(noun, declared, by);
    }

    private <T> ObjectNode body(Noun<T> noun, Noun.Declared<T> declared, Caller by) {
        var body = (ObjectNode) json.valueToTree(noun.shownTo(by, declared.value()));
        body.remove("uuid"); // of a job: whoever knows it can report for it, and this is to be kept in Git
        return body;
    }

    /** By the name of the field; what belongs to none is under the empty name. */
    Map<String, String> problems(Noun<?> noun, Refused refused) {
        var problems = new LinkedHashMap<String, String>();
        for (var error : refused.errors()) {
            problems.merge(field(noun, error), error.message(), (a, b) -> a + "; " + b);
        }
        return problems;
    }

    private static String field(Noun<?> noun, FieldError error) {
        var path = error.field().replaceFirst("^" + noun.plural() + "\\[0]\\.?", "");
        if (path.equals("id")) return "id";
        return noun.form().stream()
                .map(FormField::name)
                .filter(name -> path.equals(name)
                        || path.startsWith(name + "[")
                        || path.startsWith(name + ".")
                        || name.startsWith(path + ".") && !path.isEmpty())
                .findFirst()
                .orElse("");
    }

    /** What can be chosen: of a reference, what is declared; a caller may always write another. */
    List<String> choices(FormField field, Caller by) {
        return switch (field.input()) {
            case CHOICE -> field.choices();
            case REFERENCE -> {
                var kind = field.choices().getFirst();
                var ids = new ArrayList<String>();
                var referred = kind.equals("preset") ? "policy" : kind;
                nouns.ofKind(referred)
                        .ifPresent(noun -> noun.page(null, MOST, by).forEach(one -> ids.add(one.id())));
                if (kind.equals("preset")) presets.all().forEach(preset -> ids.add(preset.id()));
                yield ids;
            }
            case TEXT, CODE, NUMBER, LIST, PAIRS, SELECTOR, CONDITIONS, LONG -> List.of();
        };
    }

    // ---- from JSON to what is written

    private static String text(FormField.Input input, JsonNode value) {
        if (value.isMissingNode() || value.isNull()) return "";
        return switch (input) {
            case TEXT, CODE, NUMBER, CHOICE, REFERENCE, LONG -> value.asString();
            case LIST -> joined(value);
            case SELECTOR -> value.isArray() ? joined(value) : value.asString();
            case PAIRS -> {
                var pairs = new ArrayList<String>();
                value.properties().forEach(member -> pairs.add(quoted(pair(member))));
                yield String.join(", ", pairs);
            }
            case CONDITIONS -> {
                var lines = new ArrayList<String>();
                value.forEach(each -> {
                    var mechanisms = joined(each.path("mechanisms"));
                    lines.add(joined(each.path("to")) + (mechanisms.isEmpty() ? "" : ": " + mechanisms));
                });
                yield String.join("\n", lines);
            }
        };
    }

    private static String pair(Map.Entry<String, JsonNode> member) {
        return member.getKey() + "=" + member.getValue().asString();
    }

    /** Empty for what is no list, such as {@code "all"}. */
    private static String joined(JsonNode list) {
        var entries = new ArrayList<String>();
        if (list.isArray()) list.forEach(entry -> entries.add(quoted(entry.asString())));
        return String.join(", ", entries);
    }

    /** As {@link #split} takes it for one. */
    private static String quoted(String entry) {
        var plain = entry.equals(entry.strip()) && !entry.startsWith("\"") && !entry.matches("(?s).*[,\n].*");
        return plain ? entry : '"' + entry.replace("\"", "\"\"") + '"';
    }

    // ---- from what is written to JSON

    /** @param value null: takes it away, and the objects around it in which nothing is left */
    private static void put(ObjectNode object, List<String> path, @Nullable JsonNode value) {
        var name = path.getFirst();
        if (path.size() > 1) {
            var inner = object.get(name) instanceof ObjectNode is ? is : JsonNodeFactory.instance.objectNode();
            put(inner, path.subList(1, path.size()), value);
            value = inner.values().stream().allMatch(JsonNode::isNull) ? null : inner;
        }
        if (value == null) {
            object.remove(name);
        } else {
            object.set(name, value);
        }
    }

    private static @Nullable JsonNode value(FormField.Input input, String written, JsonNode before) {
        if (written.isEmpty()) return null;
        var nodes = JsonNodeFactory.instance;
        return switch (input) {
            case TEXT, CODE, CHOICE, REFERENCE -> nodes.stringNode(written);
            case LONG -> nodes.stringNode(written.replace("\r\n", "\n"));
            case NUMBER ->
                written.matches("-?[0-9]{1,18}")
                        ? nodes.numberNode(Long.parseLong(written))
                        : written.matches("-?[0-9]{1,9}\\.[0-9]{1,12}")
                                ? nodes.numberNode(Double.parseDouble(written))
                                : nodes.stringNode(written);
            case LIST -> list(written);
            case SELECTOR ->
                written.equals("all") || written.startsWith("policy:") ? nodes.stringNode(written) : list(written);
            case PAIRS -> {
                var was = new HashMap<String, Map.Entry<String, JsonNode>>();
                before.properties().forEach(member -> was.put(pair(member), member));
                var pairs = nodes.objectNode();
                for (var each : split(written)) {
                    var same = was.get(each); // its name may have a = too
                    var parts = each.split("=", 2);
                    if (same == null) pairs.put(parts[0].strip(), parts.length < 2 ? "" : parts[1].strip());
                    else pairs.set(same.getKey(), same.getValue());
                }
                yield pairs;
            }
            case CONDITIONS -> conditions(written, before);
        };
    }

    /** One for the places of one of {@code before} keeps its note, which no field shows. */
    private static JsonNode conditions(String written, JsonNode before) {
        var conditions = JsonNodeFactory.instance.arrayNode();
        var noted = new ArrayList<JsonNode>();
        before.forEach(each -> {
            if (each.has("note")) noted.add(each);
        });
        written.lines().filter(line -> !line.isBlank()).forEach(line -> {
            // region:eu-west-1 has a colon too, but no blank behind it
            var parts = line.strip().split(":(?=\\s)", 2);
            var condition = conditions.addObject();
            condition.set("to", list(parts[0]));
            if (parts.length > 1) condition.set("mechanisms", list(parts[1]));
            noted.stream()
                    .filter(each -> each.path("to").equals(condition.get("to")))
                    .max(Comparator.comparing(
                            each -> joined(each.path("mechanisms")).equals(joined(condition.path("mechanisms")))))
                    .ifPresent(each -> condition.set("note", each.get("note")));
        });
        return conditions;
    }

    private static JsonNode list(String written) {
        var list = JsonNodeFactory.instance.arrayNode();
        split(written).forEach(list::add);
        return list;
    }

    /** Parted by commas and ends of lines. What begins with a quote goes on to the next one; two of them are one in it. */
    private static List<String> split(String written) {
        var entries = new ArrayList<String>();
        var entry = new StringBuilder();
        boolean quoted = false;
        boolean inside = false;
        for (int i = 0; i < written.length(); i++) {
            var c = written.charAt(i);
            if (inside && c == '"') {
                inside = i + 1 < written.length() && written.charAt(i + 1) == '"';
                if (inside) entry.append(written.charAt(++i));
            } else if (inside) {
                entry.append(c);
            } else if (c == ',' || c == '\n') {
                entries.add(quoted ? entry.toString() : entry.toString().strip());
                entry.setLength(0);
                quoted = false;
            } else if (c == '"' && entry.isEmpty() && !quoted) {
                quoted = true;
                inside = true;
            } else if (!Character.isWhitespace(c) || !entry.isEmpty() && !quoted) {
                entry.append(c);
            }
        }
        entries.add(quoted ? entry.toString() : entry.toString().strip());
        return entries.stream().filter(each -> !each.isEmpty()).toList();
    }
}
