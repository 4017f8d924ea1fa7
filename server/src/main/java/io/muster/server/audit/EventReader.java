package io.muster.server.audit;

import io.muster.server.audit.AuditEvent.Outcome;
import io.muster.server.problem.FieldError;
import io.muster.server.problem.Problem;
import io.muster.server.problem.Refused;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads events as clients send them. What is wrong with one event is told of that one, and the others are read; what is no JSON at all is
 * refused whole.
 */
@Component
class EventReader {

    /** Most events of one array. */
    static final int MOST = 1_000;

    /** Bytes of an event. */
    static final int LARGEST = 256 << 10;

    /** Arrays and objects in one another, the event itself counted. */
    static final int DEEPEST = 16;

    private static final Duration MOST_AHEAD = Duration.ofMinutes(5);
    private static final Set<String> MEMBERS = Set.of(
            "tenantId",
            "action",
            "timestamp",
            "eventId",
            "userId",
            "resource",
            "status",
            "ip",
            "userAgent",
            "service",
            "region",
            "traceId",
            "subjectId",
            "dataCategories",
            "details");
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(1_000)
                    .maxNameLength(1_000)
                    .maxNumberLength(1_000)
                    .maxStringLength(LARGEST)
                    .build())
            .build();

    /** One event that was sent: an event, or why it is none. */
    sealed interface Item {
        record Sent(AuditEvent event, boolean ownId) implements Item {}

        record Wrong(Problem problem) implements Item {}

        static Wrong wrong(List<FieldError> errors) {
            return new Wrong(new Problem(
                            HttpStatus.UNPROCESSABLE_CONTENT,
                            "refused",
                            "The event is not recorded: " + errors.getFirst().field() + " "
                                    + errors.getFirst().message() + ".")
                    .with("errors", errors));
        }
    }

    private final Redaction redaction;

    EventReader(Redaction redaction) {
        this.redaction = redaction;
    }

    /**
     * The events of a body, one or an array.
     *
     * @param newId of the event at that place, for those that bring none
     */
    List<Item> read(byte[] body, int length, Instant now, IntFunction<UUID> newId) {
        try (var json = JSON.createParser(ObjectReadContext.empty(), body, 0, length)) {
            var items = new ArrayList<Item>();
            switch (json.nextToken()) {
                case START_OBJECT -> items.add(item(json, now, newId, 0));
                case START_ARRAY -> {
                    for (var token = json.nextToken(); token != JsonToken.END_ARRAY; token = json.nextToken()) {
                        if (items.size() == MOST) {
                            throw new Problem(
                                    HttpStatus.CONTENT_TOO_LARGE,
                                    "too_large",
                                    "An array may hold " + MOST + " events at most: send several, or NDJSON.");
                        }
                        if (token == JsonToken.START_OBJECT) {
                            items.add(item(json, now, newId, items.size()));
                        } else {
                            json.skipChildren();
                            items.add(Item.wrong(List.of(new FieldError("", "must be an object"))));
                        }
                    }
                }
                case null, default -> throw Problem.badRequest("Send one event as a JSON object, or an array of them.");
            }
            if (json.nextToken() != null) throw Problem.badRequest("Something follows the JSON.");
            return items;
        } catch (StreamReadException broken) {
            throw Problem.badRequest("The body is not JSON: " + broken.getOriginalMessage());
        }
    }

    /** One event that stands alone on a line. */
    Item readLine(byte[] line, Instant now, IntFunction<UUID> newId) {
        if (line.length > LARGEST) return tooLarge();
        try {
            if (line[0] == '[') throw Problem.badRequest("An event stands on a line, not an array.");
            return read(line, line.length, now, newId).getFirst();
        } catch (Problem broken) {
            return new Item.Wrong(broken);
        }
    }

    private static Item tooLarge() {
        return new Item.Wrong(new Problem(
                HttpStatus.CONTENT_TOO_LARGE, "too_large", "An event may have " + LARGEST + " bytes at most."));
    }

    private Item item(JsonParser json, Instant now, IntFunction<UUID> newId, int place) {
        long begun = json.currentTokenLocation().getByteOffset();
        var errors = new ArrayList<FieldError>();
        var members = object(json, 1, "", errors);
        long bytes = json.currentLocation().getByteOffset() - begun;
        if (bytes > LARGEST) {
            return tooLarge();
        }
        if (!errors.isEmpty()) return Item.wrong(errors);
        try {
            return event(members, now, newId, place);
        } catch (Refused wrong) {
            return Item.wrong(wrong.errors());
        }
    }

    private Item event(Map<String, @Nullable Object> members, Instant now, IntFunction<UUID> newId, int place) {
        var errors = new ArrayList<FieldError>();
        members.keySet().stream()
                .filter(name -> !MEMBERS.contains(name))
                .limit(10)
                .forEach(name -> errors.add(new FieldError(Refused.shown(name), "is not a member of an event")));
        var fields = new Fields(members, errors);
        var tenant = fields.must("tenantId", 63);
        var action = fields.must("action", 200);
        var timestamp = fields.instant("timestamp", now);
        var id = fields.uuid("eventId");
        var status = fields.status();
        var user = fields.may("userId", 500);
        var resource = fields.may("resource", 2_000);
        var ip = fields.may("ip", 100);
        var agent = fields.may("userAgent", 2_000);
        var service = fields.may("service", 200);
        var region = fields.may("region", 100);
        var trace = fields.may("traceId", 200);
        var subject = fields.may("subjectId", 500);
        var categories = fields.categories();
        var details = fields.details();
        if (!errors.isEmpty() || tenant == null || action == null || timestamp == null) return Item.wrong(errors);
        var event = new AuditEvent(
                tenant,
                id != null ? id : newId.apply(place),
                user,
                action,
                timestamp,
                redaction.text(resource),
                status,
                ip,
                redaction.text(agent),
                service,
                region,
                trace,
                subject,
                categories,
                redaction.members(details));
        return new Item.Sent(event, id != null);
    }

    /** From behind {@code {}} until its {@code }}; null members are as if they were absent on the first level. */
    private static Map<String, @Nullable Object> object(
            JsonParser json, int depth, String path, List<FieldError> errors) {
        var members = new HashMap<String, @Nullable Object>();
        for (var token = json.nextToken(); token != JsonToken.END_OBJECT; token = json.nextToken()) {
            var name = json.currentName();
            var value = value(json, json.nextToken(), depth, path.isEmpty() ? name : path + "." + name, errors);
            if (members.containsKey(name)) {
                add(errors, path.isEmpty() ? name : path + "." + name, "is there twice");
            }
            if (value != null || depth > 1) members.put(name, value);
        }
        return members;
    }

    private static @Nullable Object value(
            JsonParser json, @Nullable JsonToken token, int depth, String path, List<FieldError> errors) {
        return switch (token) {
            case START_OBJECT, START_ARRAY -> {
                if (depth == DEEPEST) {
                    json.skipChildren();
                    add(errors, path, "is nested deeper than " + DEEPEST);
                    yield null;
                }
                yield token == JsonToken.START_OBJECT
                        ? object(json, depth + 1, path, errors)
                        : array(json, depth + 1, path, errors);
            }
            case VALUE_STRING -> json.getString();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(json, path, errors);
            case null, default -> throw Problem.badRequest("The body is not JSON.");
        };
    }

    private static List<@Nullable Object> array(JsonParser json, int depth, String path, List<FieldError> errors) {
        var items = new ArrayList<@Nullable Object>();
        for (var token = json.nextToken(); token != JsonToken.END_ARRAY; token = json.nextToken()) {
            items.add(value(json, token, depth, path + "[" + items.size() + "]", errors));
        }
        return items;
    }

    /** As a double, which is all that canonical JSON knows: an integer that none holds would become another. */
    private static @Nullable Object number(JsonParser json, String path, List<FieldError> errors) {
        var text = json.getString();
        if (text.length() < 16 && json.currentToken() == JsonToken.VALUE_NUMBER_INT) return json.getLongValue();
        double number = Double.parseDouble(text);
        boolean exact = !Double.isInfinite(number)
                && (json.currentToken() == JsonToken.VALUE_NUMBER_FLOAT
                        || new BigDecimal(text).compareTo(new BigDecimal(number)) == 0);
        if (exact) return number;
        add(errors, path, "is a number that JSON readers change: send it as text");
        return null;
    }

    private static void add(List<FieldError> errors, String path, String message) {
        if (errors.size() < 10)
            errors.add(new FieldError(path.length() > 200 ? path.substring(0, 200) + "…" : path, message));
    }

    private record Fields(Map<String, @Nullable Object> members, List<FieldError> errors) {

        @Nullable String must(String name, int longest) {
            var text = may(name, longest);
            if (text == null && !members.containsKey(name)) errors.add(new FieldError(name, "is missing"));
            return text;
        }

        @Nullable String may(String name, int longest) {
            return switch (members.get(name)) {
                case null -> null;
                case String text when !text.isBlank() && text.length() <= longest -> text;
                case String text -> wrong(name, "must have 1 to " + longest + " characters; got " + text.length());
                case Object other -> wrong(name, "must be text; got " + kind(other));
            };
        }

        private @Nullable String wrong(String name, String message) {
            errors.add(new FieldError(name, message));
            return null;
        }

        private static String kind(Object value) {
            return switch (value) {
                case Boolean _ -> "true or false";
                case Number _ -> "a number";
                case List<?> _ -> "an array";
                default -> "an object";
            };
        }

        @Nullable Instant instant(String name, Instant now) {
            var text = must(name, 100);
            if (text == null) return null;
            Instant instant;
            try {
                instant = Rfc3339.parse(text);
            } catch (DateTimeException not) {
                wrong(name, "must be an instant such as 2026-03-01T03:00:00.000Z; got " + Refused.shown(text));
                return null;
            }
            if (instant.isAfter(now.plus(MOST_AHEAD))) {
                wrong(
                        name,
                        "lies more than 5 min ahead of Muster's clock (" + AuditEvent.text(now)
                                + "): look at the sender's");
                return null;
            }
            if (instant.isBefore(now.minus(3653, ChronoUnit.DAYS))) {
                wrong(name, "lies more than 10 years back");
                return null;
            }
            return instant;
        }

        @Nullable UUID uuid(String name) {
            var text = may(name, 36);
            if (text == null) return null;
            try {
                var uuid = UUID.fromString(text);
                if (text.length() == 36) return uuid;
            } catch (IllegalArgumentException not) {
                // told below
            }
            wrong(name, "must be a UUID; got " + Refused.shown(text));
            return null;
        }

        Outcome status() {
            var text = may("status", 20);
            if (text == null) return Outcome.SUCCESS;
            for (var outcome : Outcome.values()) {
                if (outcome.name().equals(text)) return outcome;
            }
            wrong("status", "must be SUCCESS, FAILURE or DENIED; got " + Refused.shown(text));
            return Outcome.SUCCESS;
        }

        List<String> categories() {
            return switch (members.get("dataCategories")) {
                case null -> List.of();
                case List<?> items
                when items.size() <= 50 -> {
                    var texts = new ArrayList<String>(items.size());
                    for (var item : items) {
                        if (item instanceof String text && !text.isBlank() && text.length() <= 100) {
                            texts.add(text);
                        } else {
                            wrong("dataCategories[" + texts.size() + "]", "must be a text of 1 to 100 characters");
                            break;
                        }
                    }
                    yield texts;
                }
                default -> {
                    wrong("dataCategories", "must be an array of 50 texts at most");
                    yield List.of();
                }
            };
        }

        @SuppressWarnings("unchecked")
        @Nullable Map<String, @Nullable Object> details() {
            return switch (members.get("details")) {
                case null -> null;
                case Map<?, ?> details -> (Map<String, @Nullable Object>) details;
                case Object other -> {
                    wrong("details", "must be an object; got " + (other instanceof String ? "text" : kind(other)));
                    yield null;
                }
            };
        }
    }
}
