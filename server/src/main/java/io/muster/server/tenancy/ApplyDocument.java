package io.muster.server.tenancy;

import io.muster.server.problem.FieldError;
import io.muster.server.problem.Problem;
import io.muster.server.problem.Refused;
import io.muster.server.tenancy.DocumentTokens.Kind;
import io.muster.server.tenancy.Noun.Reference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.StringNode;

/**
 * What an {@code apply} document declares. It is read object by object; of each stays the record that its noun makes of
 * it, and the line where it stands.
 */
final class ApplyDocument {

    static final int MOST_OBJECTS = 200_000;
    static final int MOST_ERRORS = 100;
    private static final int MOST_ANCHORS = 1_000;
    private static final int MOST_VALUES = 100_000; // of one object, aliases counted as often as they stand there

    /** One declaration; {@code index} in its list, from 0. */
    record Item<T>(T value, int index, int line) {}

    /** All declarations of one noun, in the order of ids. */
    record Section<T>(Noun<T> noun, TreeMap<String, Item<T>> items) {}

    /** Where something is referred to for the first time. */
    record Mention(String field, int line) {}

    private final Nouns nouns;
    private final DeclarationJson json;
    private final DocumentTokens tokens;

    private final Map<String, Section<?>> sections = new HashMap<>();
    private final Map<Reference, Mention> mentions = new LinkedHashMap<>();
    private final List<FieldError> errors = new ArrayList<>();
    private final Map<String, Anchored> anchors = new HashMap<>();
    private @Nullable String set;
    private int objects;
    private int values;

    private record Anchored(JsonNode value, int values) {}

    private ApplyDocument(Nouns nouns, DeclarationJson json, DocumentTokens tokens) {
        this.nouns = nouns;
        this.json = json;
        this.tokens = tokens;
    }

    /** The whole document, or {@code Refused} with what is wrong and where. */
    static ApplyDocument read(Nouns nouns, DeclarationJson json, DocumentTokens tokens) {
        var document = new ApplyDocument(nouns, json, tokens);
        document.read();
        if (!document.errors.isEmpty()) throw new Refused(document.errors);
        return document;
    }

    /** Who owns what is declared here; null: nobody. */
    @Nullable String set() {
        return set;
    }

    @Nullable Section<?> section(Noun<?> noun) {
        return sections.get(noun.plural());
    }

    /** What any declaration refers to, each once; the field is always empty. */
    Map<Reference, Mention> mentions() {
        return mentions;
    }

    private void read() {
        if (tokens.next() != Kind.OBJECT) {
            error("", "must be an object with `muster: v1` and lists of what is declared");
            return;
        }
        String version = null;
        while (tokens.next() == Kind.NAME && errors.size() < MOST_ERRORS) {
            var name = tokens.text();
            int line = tokens.line();
            switch (name) {
                case "muster" -> {
                    version = text(name);
                    if (!"v1".equals(version)) error("muster", "must be v1; got " + shown(version), line);
                }
                case "set" -> {
                    set = text(name);
                    if (set == null || !Members.isId(set)) {
                        error("set", "must be 1 to 63 of a-z, 0-9 and -; got " + shown(set), line);
                    }
                }
                default -> {
                    var noun = nouns.ofPlural(name);
                    if (noun.isPresent()) {
                        readSection(noun.get());
                    } else {
                        error(
                                Refused.shown(name),
                                "is not known here; there are muster, set, "
                                        + nouns.all().stream().map(Noun::plural).collect(Collectors.joining(", ")),
                                line);
                        tree(tokens.next());
                    }
                }
            }
        }
        if (errors.size() >= MOST_ERRORS) return;
        if (version == null) error("muster", "is missing: begin with `muster: v1`", 1);
        if (tokens.next() != Kind.END) error("", "has something behind its end");
    }

    private static String shown(@Nullable String text) {
        return text == null ? "something else" : Refused.shown(text);
    }

    /** The text that comes next; null if it is none. */
    private @Nullable String text(String field) {
        var value = tree(tokens.next());
        return value instanceof StringNode text ? text.stringValue() : null;
    }

    private <T> void readSection(Noun<T> noun) {
        if (sections.containsKey(noun.plural())) {
            error(noun.plural(), "stands here a second time: put all into one list");
            tree(tokens.next());
            return;
        }
        var items = new TreeMap<String, Item<T>>();
        sections.put(noun.plural(), new Section<>(noun, items));
        var kind = tokens.next();
        if (kind != Kind.LIST) {
            var value = tree(kind);
            if (!value.isNull()) error(noun.plural(), "must be a list");
            return;
        }
        int index = 0;
        for (var next = tokens.next(); next != Kind.END_LIST && errors.size() < MOST_ERRORS; next = tokens.next()) {
            if (++objects > MOST_OBJECTS) {
                throw new Problem(
                        HttpStatus.CONTENT_TOO_LARGE,
                        "too_large",
                        "The document may declare " + MOST_OBJECTS + " objects at most: send several.");
            }
            item(noun, items, index++, next);
        }
    }

    private <T> void item(Noun<T> noun, Map<String, Item<T>> items, int index, Kind kind) {
        var path = noun.plural() + "[" + index + "]";
        int line = tokens.line();
        var lines = new HashMap<String, Integer>();
        values = 0;
        var read = kind == Kind.OBJECT ? object(lines) : tree(kind);
        try {
            if (!read.isObject()) throw new Refused("", "must be an object");
            var body = read.deepCopy().asObject(); // for an alias may name it too
            if (!(body.remove("id") instanceof StringNode id)) throw new Refused("id", "is missing, or is no text");
            noun.checkId(id.stringValue());
            var value = json.value(body, noun);
            var twice = items.putIfAbsent(id.stringValue(), new Item<>(value, index, line));
            if (twice != null) throw new Refused("id", "is declared twice, first in line " + twice.line());
            for (var reference : noun.references(value)) {
                mentions.computeIfAbsent(
                        new Reference("", reference.kind(), reference.id()),
                        _ -> new Mention(path + "." + reference.field(), line(lines, reference.field(), line)));
            }
        } catch (Refused refused) {
            refused.errors().forEach(wrong -> wrong(path, wrong, lines, line));
        } catch (DatabindException wrong) {
            FieldError.of(wrong).forEach(one -> wrong(path, one, lines, line));
        } catch (Problem reserved) {
            wrong(path, new FieldError("id", String.valueOf(reserved.getMessage())), lines, line);
        }
    }

    private void wrong(String path, FieldError wrong, Map<String, Integer> lines, int line) {
        error(
                wrong.field().isEmpty() ? path : path + "." + wrong.field(),
                wrong.message(),
                line(lines, wrong.field(), line));
    }

    /** Where the member of {@code field} stands, else its object. */
    private static int line(Map<String, Integer> lines, String field, int line) {
        return lines.getOrDefault(field.replaceFirst("[.\\[].*", ""), line);
    }

    /** The value whose first token was just read. */
    private JsonNode tree(Kind kind) {
        if (++values > MOST_VALUES) throw tooMany();
        return switch (kind) {
            case OBJECT -> object(null);
            case LIST -> {
                var anchor = tokens.anchor();
                int before = values;
                var list = JsonNodeFactory.instance.arrayNode();
                for (var next = tokens.next(); next != Kind.END_LIST; next = tokens.next()) {
                    list.add(tree(next));
                }
                yield remembered(anchor, list, before);
            }
            case SCALAR -> {
                var anchor = tokens.anchor();
                yield remembered(anchor, tokens.scalar(), values);
            }
            case ALIAS -> {
                var named = anchors.get(tokens.text());
                if (named == null) {
                    throw YamlTokens.wrong(
                            tokens.line(), "has the alias *" + Refused.shown(tokens.text()) + " of nothing before it");
                }
                values += named.values();
                if (values > MOST_VALUES) throw tooMany();
                yield named.value();
            }
            case END_OBJECT, END_LIST, NAME, END -> throw new IllegalStateException("no value begins with " + kind);
        };
    }

    private JsonNode object(@Nullable Map<String, Integer> lines) {
        var anchor = tokens.anchor();
        int before = values;
        var object = JsonNodeFactory.instance.objectNode();
        while (tokens.next() == Kind.NAME) {
            var name = tokens.text();
            int line = tokens.line();
            if (lines != null) lines.put(name, line);
            if (object.has(name)) throw YamlTokens.wrong(line, "has " + Refused.shown(name) + " a second time");
            object.set(name, tree(tokens.next()));
        }
        return remembered(anchor, object, before);
    }

    private JsonNode remembered(@Nullable String anchor, JsonNode value, int before) {
        if (anchor != null) {
            if (anchors.size() >= MOST_ANCHORS) {
                throw YamlTokens.wrong(tokens.line(), "has more than " + MOST_ANCHORS + " anchors");
            }
            anchors.put(anchor, new Anchored(value, values - before + 1));
        }
        return value;
    }

    private Refused tooMany() {
        return new Refused(List.of(new FieldError(
                "", "has an object of more than " + MOST_VALUES + " values, as aliases count", tokens.line())));
    }

    private void error(String field, String message) {
        error(field, message, tokens.line());
    }

    private void error(String field, String message, int line) {
        if (errors.size() < MOST_ERRORS) errors.add(new FieldError(field, message, line));
    }
}
