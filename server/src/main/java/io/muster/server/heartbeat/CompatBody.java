package io.muster.server.heartbeat;

import io.muster.server.heartbeat.Schedule.Cron;
import io.muster.server.heartbeat.Schedule.Every;
import io.muster.server.heartbeat.Schedule.OnCalendar;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a client of the compatible API says of a check: only the members that it sent, of which unknown ones are ignored.
 * Of several mistakes the first in the order of names is reported, with the words that clients know.
 */
record CompatBody(
        @Nullable String channels,
        @Nullable String description,
        @Nullable String failureKw,
        @Nullable Boolean filterSubject,
        @Nullable Boolean filterBody,
        @Nullable Boolean filterHttpBody,
        @Nullable Boolean filterDefaultFail,
        @Nullable Duration grace,
        @Nullable Boolean manualResume,
        @Nullable String methods,
        @Nullable String name,
        @Nullable String schedule,
        @Nullable String slug,
        @Nullable String startKw,
        @Nullable String subject,
        @Nullable String subjectFail,
        @Nullable String successKw,
        @Nullable String tags,
        @Nullable Duration timeout,
        @Nullable ZoneId tz,
        List<String> unique) {

    private static final Pattern SLUG = Pattern.compile("[a-z0-9_-]*");
    private static final Set<String> UNIQUE = Set.of("name", "slug", "tags", "timeout", "grace");
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(tools.jackson.databind.DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** An object; an empty body is an empty one, so is {@code null} where {@code orNull}. */
    static ObjectNode object(byte[] body, boolean orNull) {
        if (body.length == 0) return JSON.createObjectNode();
        var node = json(body);
        if (orNull && node.isNull()) return JSON.createObjectNode();
        if (node instanceof ObjectNode object) return object;
        throw CompatError.invalid("value is not an object");
    }

    private static JsonNode json(byte[] body) {
        try {
            var text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
            var node = text.isBlank() || text.startsWith("\uFEFF") ? null : JSON.readTree(text);
            if (node != null && !node.isMissingNode()) return node;
        } catch (CharacterCodingException | JacksonException none) {
            // told below
        }
        throw new CompatError(400, "could not parse request body");
    }

    static CompatBody parse(ObjectNode object) {
        var members = new Members(object);
        return new CompatBody(
                members.text("channels", Integer.MAX_VALUE),
                members.text("desc", Integer.MAX_VALUE),
                members.text("failure_kw", 200),
                members.flag("filter_subject"),
                members.flag("filter_body"),
                members.flag("filter_http_body"),
                members.flag("filter_default_fail"),
                members.seconds("grace"),
                members.flag("manual_resume"),
                members.methods(),
                members.text("name", 100),
                members.schedule(),
                members.slug(),
                members.text("start_kw", 200),
                members.text("subject", 200),
                members.text("subject_fail", 200),
                members.text("success_kw", 200),
                members.text("tags", 500),
                members.seconds("timeout"),
                members.tz(),
                members.unique());
    }

    private record Members(ObjectNode object) {

        @Nullable String text(String name, int longest) {
            var value = object.get(name);
            if (value == null) return null;
            if (!value.isString()) throw CompatError.invalid(name + " is not a string");
            var text = value.stringValue();
            if (text.codePointCount(0, text.length()) > longest) throw CompatError.invalid(name + " is too long");
            if (!Texts.isStorable(text)) throw CompatError.invalid(name + " is not valid text");
            return text;
        }

        @Nullable Boolean flag(String name) {
            var value = object.get(name);
            if (value == null) return null;
            if (!value.isBoolean()) throw CompatError.invalid(name + " is not a boolean");
            return value.booleanValue();
        }

        @Nullable Duration seconds(String name) {
            var value = object.get(name);
            if (value == null) return null;
            if (!value.isIntegralNumber()) throw CompatError.invalid(name + " is not a number");
            var seconds = value.bigIntegerValue();
            if (seconds.compareTo(java.math.BigInteger.valueOf(60)) < 0) {
                throw CompatError.invalid(name + " is too small");
            }
            if (seconds.compareTo(java.math.BigInteger.valueOf(31_536_000)) > 0) {
                throw CompatError.invalid(name + " is too large");
            }
            return Duration.ofSeconds(seconds.longValue());
        }

        @Nullable String methods() {
            var value = object.get("methods");
            if (value == null) return null;
            var text = value.isString() ? value.stringValue() : null;
            if (text == null || !text.isEmpty() && !text.equals("POST")) {
                throw CompatError.invalid("methods has unexpected value");
            }
            return text;
        }

        @Nullable String schedule() {
            var text = text("schedule", 100);
            if (text == null || CompatBody.isSchedule(text)) return text;
            throw CompatError.invalid("schedule is not a valid cron or OnCalendar expression");
        }

        @Nullable String slug() {
            var text = text("slug", 100);
            if (text == null || SLUG.matcher(text).matches()) return text;
            throw CompatError.invalid("slug does not match pattern");
        }

        @Nullable ZoneId tz() {
            var value = object.get("tz");
            if (value == null) return null;
            if (!value.isString()) throw CompatError.invalid("tz is not a string");
            return TimeZones.find(value.stringValue())
                    .orElseThrow(() -> CompatError.invalid("tz is not a valid timezone"));
        }

        List<String> unique() {
            var value = object.get("unique");
            if (value == null) return List.of();
            if (!value.isArray()) throw CompatError.invalid("unique is not an array");
            var names = new ArrayList<String>();
            for (var item : value) {
                if (!item.isString() || !UNIQUE.contains(item.stringValue())) {
                    throw CompatError.invalid("an item in 'unique' has unexpected value");
                }
                names.add(item.stringValue());
            }
            return names;
        }
    }

    /** One line of five parts is cron, everything else OnCalendar. */
    private static boolean isCron(String text) {
        return text.strip().lines().count() == 1 && text.strip().split("\\s+").length == 5;
    }

    private static boolean isSchedule(String text) {
        return isCron(text) ? CronExpression.isValid(text) : CalendarExpression.isValid(text);
    }

    /** What a check must have to be updated in place of a new one; null members do not matter. */
    record Like(
            @Nullable String name,
            @Nullable String slug,
            @Nullable String tags,
            @Nullable Duration timeout,
            @Nullable Duration grace) {}

    /** What {@code unique} names, if it names something and all of it was sent. */
    Optional<Like> like() {
        var like = new Like(
                unique.contains("name") ? name : null,
                unique.contains("slug") ? slug : null,
                unique.contains("tags") ? tags : null,
                unique.contains("timeout") ? timeout : null,
                unique.contains("grace") ? grace : null);
        var sent = Stream.of(like.name, like.slug, like.tags, like.timeout, like.grace)
                .filter(Objects::nonNull)
                .count();
        return sent > 0 && sent == Set.copyOf(unique).size() ? Optional.of(like) : Optional.empty();
    }

    /**
     * {@code is}, with what was sent.
     *
     * @param slugFollowsName as in versions 1 and 2
     * @param otherChannels null: leave them
     */
    Settings applyTo(Settings is, boolean slugFollowsName, @Nullable List<String> otherChannels) {
        var newSlug = slug != null
                ? slug
                : slugFollowsName && name != null && !name.equals(is.name()) ? slugOf(name) : is.slug();
        var schedules = scheduleOf(is);
        return new Settings(
                is.isNative() && newSlug.equals(is.slug()),
                newSlug,
                or(name, is.name()),
                or(tags, is.tags()),
                or(description, is.description()),
                schedules,
                hiddenOf(is, schedules),
                or(grace, is.grace()),
                or(manualResume, is.manualResume()),
                methods == null ? is.postOnly() : methods.equals("POST"),
                keywordsOf(is.keywords()),
                is.bodyLimit(),
                otherChannels == null ? is.channels() : otherChannels,
                is.alertStore(),
                is.alertRegion(),
                is.bounds(),
                is.failuresBeforeAlert(),
                is.dependsOn());
    }

    /** A schedule wins over a timeout; grace and zone alone switch nothing. */
    private Schedule scheduleOf(Settings is) {
        var zone = or(tz, is.hidden().tz());
        if (schedule != null) return isCron(schedule) ? new Cron(schedule, zone) : new OnCalendar(schedule, zone);
        if (timeout != null) return new Every(timeout);
        return switch (is.schedule()) {
            case Every every -> every;
            case Cron cron -> new Cron(cron.expression(), zone);
            case OnCalendar calendar -> new OnCalendar(calendar.expression(), zone);
        };
    }

    private Settings.Hidden hiddenOf(Settings is, Schedule inUse) {
        var hidden = new Settings.Hidden(
                schedule == null
                        ? or(timeout, is.hidden().period())
                        : is.hidden().period(),
                is.hidden().expression(),
                or(tz, is.hidden().tz()));
        return hidden.under(inUse);
    }

    /** The old names, {@code subject} and {@code subject_fail}, come first: what the new ones say wins. */
    private Keywords keywordsOf(Keywords is) {
        var success = or(subject, is.success());
        var failure = or(subjectFail, is.failure());
        boolean bySubject =
                subject != null || subjectFail != null ? !success.isEmpty() || !failure.isEmpty() : is.subject();
        return new Keywords(
                or(startKw, is.start()),
                or(successKw, success),
                or(failureKw, failure),
                or(filterSubject, bySubject),
                or(filterBody, is.body()),
                or(filterHttpBody, is.httpBody()),
                or(filterDefaultFail, is.defaultFail()));
    }

    private static <T> T or(@Nullable T sent, T before) {
        return sent == null ? before : sent;
    }

    /** Lower case ASCII words, joined by single dashes. */
    static String slugOf(String name) {
        var ascii = Normalizer.normalize(name, Normalizer.Form.NFKD).replaceAll("[^\\x00-\\x7f]", "");
        return ascii.toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9_\\s-]", "")
                .replaceAll("[-\\s]+", "-")
                .replaceAll("^[-_]+|[-_]+$", "");
    }
}
