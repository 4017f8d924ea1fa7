package io.muster.server.residency;

import io.muster.server.heartbeat.RunTotals;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a job says of its run: the JSON body of a success ping whose top-level member {@code manifest} is 1.
 *
 * @param region where the data went; null: not said
 * @param watermark all data before it is home and gone from the source
 * @param complete the watermark also counts for tenants that are not listed
 */
record Manifest(@Nullable String region, @Nullable Instant watermark, boolean complete, List<Entry> tenants) {

    /** At most so many bytes are read of the body of a replication job's ping. */
    static final int LIMIT = 1 << 20;

    private static final Set<String> MEMBERS = Set.of("manifest", "region", "watermark", "complete", "tenants");
    private static final Set<String> ENTRY_MEMBERS = Set.of("id", "rows", "bytes", "deleted_at_source", "watermark");
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(8)
                            .maxStringLength(10_000)
                            .maxNumberLength(30)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** One tenant's part; counts are null where the job does not say them. */
    record Entry(
            String id,
            @Nullable Long rows,
            @Nullable Long bytes,
            @Nullable Long deletedAtSource,
            @Nullable Instant watermark) {}

    /** What a body turned out to be. */
    sealed interface Verdict {}

    /** No manifest, and none is required: the run's start is inferred. */
    record None() implements Verdict {}

    /** No manifest although the job must send one: proves nothing. */
    record Missing() implements Verdict {}

    record Invalid(String reason) implements Verdict {}

    record Valid(Manifest manifest) implements Verdict {}

    /** Names another region than the one of the {@code to} store: proves nothing for its tenants. */
    record WrongRegion(Manifest manifest, String region) implements Verdict {}

    /** Reads the body of a success. Never throws: what cannot be read is {@link Invalid}, with the reason. */
    static Verdict read(byte[] body, boolean required, String homeRegion) {
        if (!looksLikeJson(body)) {
            return required ? new Missing() : new None();
        }
        JsonNode json;
        try {
            json = JSON.readTree(body);
        } catch (JacksonException bad) {
            return mentions(body)
                    ? new Invalid(body.length >= LIMIT ? "longer than 1 MiB" : "not JSON: " + oneLine(bad))
                    : required ? new Missing() : new None();
        }
        var mark = json.get("manifest");
        if (!json.isObject() || mark == null) {
            return required ? new Missing() : new None();
        }
        if (!mark.isIntegralNumber() || mark.longValue() != 1) {
            return new Invalid("manifest must be 1");
        }
        try {
            var manifest = of(json);
            return manifest.region == null || manifest.region.equals(homeRegion)
                    ? new Valid(manifest)
                    : new WrongRegion(manifest, manifest.region);
        } catch (IllegalArgumentException bad) {
            return new Invalid(String.valueOf(bad.getMessage()));
        }
    }

    /** How much a run copied, by the body of its success; whatever region it names. */
    static RunTotals.Said totals(byte[] body) {
        return switch (read(body, true, "")) {
            case Valid valid -> valid.manifest().totals();
            case WrongRegion wrong -> wrong.manifest().totals();
            case Invalid(var reason) -> new RunTotals.Nothing(reason);
            case Missing _, None _ -> new RunTotals.Nothing("a manifest is required");
        };
    }

    /** How much it tells of, over all its tenants. */
    RunTotals.Totals totals() {
        return new RunTotals.Totals(sum(Entry::rows), sum(Entry::bytes));
    }

    /** Null if no tenant's part says it; no part is a sum of 0. More than a number can hold counts as the greatest. */
    private @Nullable Long sum(Function<Entry, @Nullable Long> part) {
        if (!tenants.isEmpty() && tenants.stream().map(part).allMatch(Objects::isNull)) return null;
        long sum = 0;
        for (var entry : tenants) {
            var more = part.apply(entry);
            if (more != null) sum = sum > Long.MAX_VALUE - more ? Long.MAX_VALUE : sum + more;
        }
        return sum;
    }

    private static boolean looksLikeJson(byte[] body) {
        for (byte b : body) {
            if (b == '{') return true;
            if (b != ' ' && b != '\n' && b != '\r' && b != '\t') return false;
        }
        return false;
    }

    private static boolean mentions(byte[] body) {
        return new String(body, StandardCharsets.ISO_8859_1).contains("\"manifest\"");
    }

    private static String oneLine(JacksonException bad) {
        var text = String.valueOf(bad.getOriginalMessage()).replaceAll("\\s+", " ");
        var ascii = text.replaceAll("[^\\x20-\\x7e]", "?");
        return ascii.length() > 120 ? ascii.substring(0, 120) : ascii;
    }

    private static Manifest of(JsonNode json) {
        known(json, MEMBERS, "");
        var tenants = new ArrayList<Entry>();
        var seen = new HashSet<String>();
        var list = json.get("tenants");
        if (list != null && !list.isNull()) {
            require(list.isArray(), "tenants must be a list");
            for (var entry : list) {
                var where = "tenants[" + tenants.size() + "]";
                require(entry.isObject(), where + " must be an object");
                known(entry, ENTRY_MEMBERS, where + ".");
                var id = text(entry, "id", where + ".");
                if (id == null) {
                    throw new IllegalArgumentException(where + ".id is missing");
                }
                require(seen.add(id), where + ".id is there twice");
                tenants.add(new Entry(
                        id,
                        count(entry, "rows", where + "."),
                        count(entry, "bytes", where + "."),
                        count(entry, "deleted_at_source", where + "."),
                        instant(entry, "watermark", where + ".")));
            }
        }
        var complete = json.get("complete");
        require(complete == null || complete.isBoolean(), "complete must be true or false");
        return new Manifest(
                text(json, "region", ""),
                instant(json, "watermark", ""),
                complete != null && complete.booleanValue(),
                List.copyOf(tenants));
    }

    private static void known(JsonNode object, Set<String> members, String where) {
        for (var name : object.propertyNames()) {
            if (!members.contains(name)) {
                throw new IllegalArgumentException(where + printable(name) + " is not known here");
            }
        }
    }

    private static String printable(String text) {
        var plain = text.replaceAll("[^\\x20-\\x7e]", "?");
        return plain.length() > 60 ? plain.substring(0, 60) : plain;
    }

    private static @Nullable String text(JsonNode object, String member, String where) {
        var value = object.get(member);
        if (value == null || value.isNull()) return null;
        require(value.isString(), where + member + " must be a text");
        var text = value.stringValue();
        require(
                !text.isEmpty() && text.length() <= 100 && text.chars().allMatch(c -> c > 0x20 && c < 0x7f),
                where + member + " must be 1 to 100 plain characters");
        return text;
    }

    private static @Nullable Long count(JsonNode object, String member, String where) {
        var value = object.get(member);
        if (value == null || value.isNull()) return null;
        require(
                value.isIntegralNumber() && value.canConvertToLong() && value.longValue() >= 0,
                where + member + " must be a whole number of 0 or more");
        return value.longValue();
    }

    private static @Nullable Instant instant(JsonNode object, String member, String where) {
        var value = object.get(member);
        if (value == null || value.isNull()) return null;
        try {
            require(value.isString(), where + member + " must be an instant such as 2026-01-02T23:59:58Z");
            var instant = Instant.parse(value.stringValue());
            require(
                    !instant.isBefore(Instant.EPOCH) && instant.isBefore(Instant.parse("9999-01-01T00:00:00Z")),
                    where + member + " must be between 1970 and 9999");
            return instant.truncatedTo(java.time.temporal.ChronoUnit.MICROS);
        } catch (DateTimeParseException bad) {
            throw new IllegalArgumentException(
                    where + member + " must be an instant such as 2026-01-02T23:59:58Z", bad);
        }
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }

    /** Up to when it proves the data of tenants that it does not list; empty if it says nothing of them. */
    Optional<Instant> forAll() {
        return complete ? Optional.ofNullable(watermark) : Optional.empty();
    }

    /** Up to when it proves the data of a tenant that it lists. */
    @Nullable Instant of(Entry entry) {
        return entry.watermark() != null ? entry.watermark() : watermark;
    }
}
