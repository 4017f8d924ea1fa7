package io.muster.server.tenancy;

import io.muster.server.access.Caller;
import io.muster.server.problem.FieldError;
import io.muster.server.problem.Problem;
import io.muster.server.problem.Refused;
import io.muster.server.tenancy.Noun.Declared;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.type.LogicalType;

/** Declarations to and from JSON. A number is no text here, nor a text a number: what was meant is asked, not guessed. */
@Component
class DeclarationJson {

    private final JsonMapper json;
    private final ClassValue<Set<String>> names = new ClassValue<>() {
        @Override
        protected Set<String> computeValue(Class<?> type) {
            return Differences.names(type);
        }
    };

    DeclarationJson(JsonMapper json) {
        var builder = json.rebuild()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS);
        for (var type : List.of(LogicalType.Textual, LogicalType.DateTime, LogicalType.Enum)) {
            builder.withCoercionConfig(
                    type,
                    config -> config.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail));
        }
        this.json = builder.build();
    }

    /** One JSON value; 400 for anything else. */
    JsonNode read(byte[] body) {
        var tree = json.readTree(body);
        if (tree == null || tree.isMissingNode()) {
            throw new Problem(HttpStatus.BAD_REQUEST, "not_json", "The body is missing: send a JSON object.");
        }
        return tree;
    }

    JsonParser parser(InputStream body) {
        return json.createParser(body);
    }

    /** Unknown members first: a typo is told as such, not as the member that is missing for it. */
    <T> T value(JsonNode tree, Noun<T> noun) {
        if (!(tree instanceof ObjectNode body)) throw new Refused("", "must be an object");
        var known = names.get(noun.type());
        var unknown = body.propertyNames().stream()
                .filter(name -> !known.contains(name))
                .map(name ->
                        new FieldError(Refused.shown(name), "is not known here; there are " + String.join(", ", known)))
                .limit(20)
                .toList();
        if (!unknown.isEmpty()) throw new Refused(unknown);
        return json.treeToValue(body, noun.type());
    }

    /**
     * {@code patch} merged into {@code before}, as of RFC 7396.
     *
     * @see <a href="https://www.rfc-editor.org/rfc/rfc7396#section-2">RFC 7396, section 2</a>
     */
    JsonNode patched(Object before, JsonNode patch) {
        return merge(json.valueToTree(before), patch);
    }

    private JsonNode merge(@Nullable JsonNode target, JsonNode patch) {
        if (!(patch instanceof ObjectNode changes)) return patch;
        var merged = target instanceof ObjectNode object ? object : json.createObjectNode();
        changes.properties().forEach(change -> {
            if (change.getValue().isNull()) {
                merged.remove(change.getKey());
            } else {
                merged.set(change.getKey(), merge(merged.get(change.getKey()), change.getValue()));
            }
        });
        return merged;
    }

    /** As answers show them: the body, and what the server adds. */
    <T> List<ObjectNode> answers(Noun<T> noun, List<Declared<T>> things, Caller caller) {
        Map<String, Map<String, @Nullable Object>> extras = things.isEmpty() ? Map.of() : noun.extras(things, caller);
        return things.stream()
                .map(one -> answer(noun, one, extras.getOrDefault(one.id(), Map.of()), caller))
                .toList();
    }

    private <T> ObjectNode answer(Noun<T> noun, Declared<T> one, Map<String, @Nullable Object> extras, Caller caller) {
        var answer = json.createObjectNode().put("id", one.id());
        answer.setAll((ObjectNode) json.valueToTree(noun.shownTo(caller, one.value())));
        answer.set("created_at", json.valueToTree(one.createdAt()));
        answer.set("updated_at", json.valueToTree(one.updatedAt()));
        answer.put("version", one.version());
        extras.forEach((name, value) -> answer.set(name, json.valueToTree(value)));
        return answer;
    }

    /** The members {@code names} of {@code value}, as answers show them. */
    Map<String, @Nullable Object> members(Object value, List<String> names) {
        var tree = (ObjectNode) json.valueToTree(value);
        var members = new LinkedHashMap<String, @Nullable Object>();
        names.forEach(name -> members.put(name, tree.get(name)));
        return members;
    }
}
