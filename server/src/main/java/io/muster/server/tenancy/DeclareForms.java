package io.muster.server.tenancy;

import io.muster.server.access.Caller;
import io.muster.server.problem.FieldError;
import io.muster.server.problem.Problem;
import io.muster.server.problem.Refused;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Declarations as forms: what is written into fields becomes the document of one object, and errors find their field. */
@Component
class DeclareForms {

    private static final int MOST = 500;

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

    /** What is declared, as it would be written into the fields. */
    Map<String, String> written(Noun<?> noun, String id, Caller by) {
        var body = body(noun, id, by);
        var written = new LinkedHashMap<String, String>();
        for (var field : noun.form()) {
            JsonNode value = body;
            for (var step : field.name().split("\\.")) value = value.path(step);
            written.put(field.name(), text(field.input(), value));
        }
        return written;
    }

    /** The document: what is declared with the fields in its place, and without those that are empty. */
    String document(Noun<?> noun, String id, boolean edits, Map<String, String> written, Caller by) {
        var object = JsonNodeFactory.instance.objectNode();
        object.put("id", id.strip());
        var body = edits ? body(noun, id, by) : JsonNodeFactory.instance.objectNode();
        for (var field : noun.form()) {
            put(body, field, written.getOrDefault(field.name(), "").strip());
        }
        prune(body);
        object.setAll(body);
        return YamlText.document(noun.plural(), object);
    }

    /** As an entry of a document's list: all that it says, and nothing that it would be without, too. */
    <T> ObjectNode entry(Noun<T> noun, Noun.Declared<T> one, Caller by) {
        var entry = JsonNodeFactory.instance.objectNode().put("id", one.id());
        var body = body(noun, one, by);
        body.propertyNames().stream().toList().forEach(name -> {
            if (body.get(name).isNull()) body.remove(name);
        });
        var value = declarations.value(body, noun);
        for (var name : List.copyOf(body.propertyNames())) {
            var member = body.get(name);
            if (!member.isContainer() || !member.isEmpty()) continue;
            // an empty list may mean something: of a policy, that it takes nothing from the one that it extends
            var without = body.deepCopy().without(name);
            if (declarations.value(without, noun).equals(value)) body.remove(name);
        }
        entry.setAll(body);
        return entry;
    }

    /** Leaves out what says nothing: nulls, and objects and lists without anything in them. */
    private static void prune(ObjectNode object) {
        for (var name : List.copyOf(object.propertyNames())) {
            var value = object.get(name);
            if (value instanceof ObjectNode inner) prune(inner);
            if (value.isNull() || value.isContainer() && value.isEmpty()) object.remove(name);
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
                value.properties()
                        .forEach(member -> pairs.add(
                                member.getKey() + "=" + member.getValue().asString()));
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

    private static String joined(JsonNode list) {
        var entries = new ArrayList<String>();
        list.forEach(entry -> entries.add(entry.asString()));
        return String.join(", ", entries);
    }

    // ---- from what is written to JSON

    private static void put(ObjectNode body, FormField field, String written) {
        var steps = field.name().split("\\.");
        var object = body;
        for (var step : Arrays.copyOf(steps, steps.length - 1)) {
            object = object.get(step) instanceof ObjectNode inner ? inner : object.putObject(step);
        }
        var name = steps[steps.length - 1];
        var value = value(field.input(), written);
        if (value == null) {
            object.remove(name);
        } else {
            object.set(name, value);
        }
    }

    private static @Nullable JsonNode value(FormField.Input input, String written) {
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
                var pairs = nodes.objectNode();
                for (var each : split(written)) {
                    var parts = each.split("=", 2);
                    pairs.put(parts[0].strip(), parts.length < 2 ? "" : parts[1].strip());
                }
                yield pairs;
            }
            case CONDITIONS -> {
                var conditions = nodes.arrayNode();
                written.lines().filter(line -> !line.isBlank()).forEach(line -> {
                    // region:eu-west-1 has a colon too, but no blank behind it
                    var parts = line.strip().split(":(?=\\s)", 2);
                    var condition = conditions.addObject();
                    condition.set("to", list(parts[0]));
                    if (parts.length > 1) condition.set("mechanisms", list(parts[1]));
                });
                yield conditions;
            }
        };
    }

    private static JsonNode list(String written) {
        var list = JsonNodeFactory.instance.arrayNode();
        split(written).forEach(list::add);
        return list;
    }

    private static List<String> split(String written) {
        return Arrays.stream(written.split("[,\\n]"))
                .map(String::strip)
                .filter(each -> !each.isEmpty())
                .toList();
    }
}
