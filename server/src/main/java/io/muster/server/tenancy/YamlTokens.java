package io.muster.server.tenancy;

import io.muster.server.problem.FieldError;
import io.muster.server.problem.Problem;
import io.muster.server.problem.Refused;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.resolver.CoreScalarResolver;
import org.snakeyaml.engine.v2.scanner.StreamReader;
import org.snakeyaml.engine.v2.schema.CoreSchema;
import org.springframework.http.HttpStatus;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BigIntegerNode;
import tools.jackson.databind.node.BooleanNode;
import tools.jackson.databind.node.DoubleNode;
import tools.jackson.databind.node.LongNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.StringNode;

/** YAML 1.2 with its core schema: {@code no} and {@code 1:30} are texts, and there are no merge keys. */
final class YamlTokens implements DocumentTokens {

    private static final int LONGEST_NUMBER = 100;
    private static final int DEEPEST = 64;
    private static final Set<String> TAGS = Set.of(
            Tag.STR.getValue(),
            Tag.INT.getValue(),
            Tag.FLOAT.getValue(),
            Tag.BOOL.getValue(),
            Tag.NULL.getValue(),
            Tag.MAP.getValue(),
            Tag.SEQ.getValue());

    private final ParserImpl yaml;
    private final CoreScalarResolver resolver = new CoreScalarResolver(false);

    /** What comes next in an open collection. */
    private enum Turn {
        ENTRY,
        NAME,
        VALUE
    }

    private final Deque<Turn> open = new ArrayDeque<>();

    private @Nullable Event event;
    private int line = 1;

    YamlTokens(InputStream body) {
        var utf8 = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        var settings = LoadSettings.builder()
                .setSchema(new CoreSchema())
                .setCodePointLimit(Integer.MAX_VALUE) // the body has its own limit
                .setParseComments(false)
                .build();
        this.yaml =
                parsed(() -> new ParserImpl(settings, new StreamReader(settings, new InputStreamReader(body, utf8))));
    }

    @Override
    public Kind next() {
        var next = parsed(yaml::next);
        event = next;
        next.getStartMark().ifPresent(mark -> line = mark.getLine() + 1);
        return switch (next.getEventId()) {
            case StreamStart, DocumentStart, Comment -> next();
            case DocumentEnd -> {
                if (!parsed(() -> yaml.checkEvent(Event.ID.StreamEnd))) {
                    throw wrong(line, "holds a second document: send one document, without --- after its beginning");
                }
                yield next();
            }
            case StreamEnd -> Kind.END;
            case MappingStart -> begin(Kind.OBJECT, Turn.NAME);
            case SequenceStart -> begin(Kind.LIST, Turn.ENTRY);
            case MappingEnd -> end(Kind.END_OBJECT);
            case SequenceEnd -> end(Kind.END_LIST);
            case Scalar -> {
                var name = open.peek() == Turn.NAME;
                turn();
                yield name ? Kind.NAME : Kind.SCALAR;
            }
            case Alias -> {
                if (open.peek() == Turn.NAME) throw wrong(line, "has an alias as a name: write the name");
                turn();
                yield Kind.ALIAS;
            }
        };
    }

    private Kind begin(Kind kind, Turn first) {
        if (open.peek() == Turn.NAME) throw wrong(line, "has a name that is no text");
        if (current() instanceof CollectionStartEvent start) start.getTag().ifPresent(this::checkTag);
        turn();
        open.push(first);
        if (open.size() > DEEPEST) throw wrong(line, "is nested more than " + DEEPEST + " deep");
        return kind;
    }

    private Kind end(Kind kind) {
        open.pop();
        return kind;
    }

    /** In a mapping names and values take turns. */
    private void turn() {
        if (open.peek() == Turn.NAME) {
            open.pop();
            open.push(Turn.VALUE);
        } else if (open.peek() == Turn.VALUE) {
            open.pop();
            open.push(Turn.NAME);
        }
    }

    @Override
    public int line() {
        return line;
    }

    @Override
    public String text() {
        return event instanceof AliasEvent alias ? alias.getAlias().getValue() : value((ScalarEvent) current());
    }

    @Override
    public JsonNode scalar() {
        var scalar = (ScalarEvent) current();
        var text = value(scalar);
        var tag = scalar.getTag();
        tag.ifPresent(this::checkTag);
        if (tag.isPresent() ? tag.get().equals(Tag.STR.getValue()) : !scalar.isPlain()) return StringNode.valueOf(text);
        var resolved = resolver.resolve(text, true);
        try {
            if (resolved.equals(Tag.NULL)) return NullNode.getInstance();
            if (resolved.equals(Tag.BOOL)) return BooleanNode.valueOf(text.equalsIgnoreCase("true"));
            if (resolved.equals(Tag.INT)) return integer(text);
            if (resolved.equals(Tag.FLOAT)) return DoubleNode.valueOf(real(text));
            return StringNode.valueOf(text);
        } catch (NumberFormatException tooLong) {
            throw wrong(line, "has a number that is none: put it in quotes if it is a text");
        }
    }

    private static JsonNode integer(String text) {
        if (text.length() > LONGEST_NUMBER) throw new NumberFormatException();
        var number = text.startsWith("0x")
                ? new BigInteger(text.substring(2), 16)
                : text.startsWith("0o") ? new BigInteger(text.substring(2), 8) : new BigInteger(text);
        return number.bitLength() < Long.SIZE ? LongNode.valueOf(number.longValue()) : BigIntegerNode.valueOf(number);
    }

    private static double real(String text) {
        if (text.length() > LONGEST_NUMBER) throw new NumberFormatException();
        return switch (text.toLowerCase(java.util.Locale.ROOT)) {
            case ".inf", "+.inf" -> Double.POSITIVE_INFINITY;
            case "-.inf" -> Double.NEGATIVE_INFINITY;
            case ".nan" -> Double.NaN;
            default -> Double.parseDouble(text);
        };
    }

    @Override
    public @Nullable String anchor() {
        return event instanceof NodeEvent node && !(event instanceof AliasEvent)
                ? node.getAnchor().map(Anchor::getValue).orElse(null)
                : null;
    }

    private Event current() {
        if (event == null) throw new IllegalStateException("next() first");
        return event;
    }

    /** Escapes may name what no database keeps. */
    private String value(ScalarEvent scalar) {
        var text = scalar.getValue();
        for (int i = 0; i < text.length(); i++) {
            var c = text.charAt(i);
            if (c == 0) throw wrong(line, "holds a NUL character");
            if (Character.isSurrogate(c)) {
                if (!Character.isHighSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    throw wrong(line, "holds half of a surrogate pair");
                }
                i++;
            }
        }
        return text;
    }

    private void checkTag(String tag) {
        if (!TAGS.contains(tag)) throw wrong(line, "has the tag " + Refused.shown(tag) + ", which means nothing here");
    }

    private interface Parsing<V> {
        V run();
    }

    private <V> V parsed(Parsing<V> parsing) {
        try {
            return parsing.run();
        } catch (MarkedYamlEngineException broken) {
            var at = broken.getProblemMark().map(Mark::getLine).orElse(line - 1) + 1;
            throw wrong(
                    at,
                    "is not YAML: " + Optional.ofNullable(broken.getProblem()).orElse("see there"));
        } catch (YamlEngineException broken) {
            if (broken.getCause() instanceof java.io.IOException unread) throw new UncheckedIOException(unread);
            throw wrong(line, "is not YAML: " + broken.getMessage());
        }
    }

    static Problem wrong(int line, String why) {
        var shown = why.lines().findFirst().orElse("");
        return new Problem(HttpStatus.BAD_REQUEST, "not_yaml", "Line " + line + " " + shown + ".")
                .with("errors", List.of(new FieldError("", shown, line)));
    }
}
