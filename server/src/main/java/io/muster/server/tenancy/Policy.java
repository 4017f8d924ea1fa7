package io.muster.server.tenancy;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import io.muster.server.tenancy.Rules.Conditional;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.annotation.JsonDeserialize;

/**
 * A residency policy as it is declared. With {@code extends}, what is null here (and left out of answers) is inherited;
 * a list given replaces the inherited one whole. {@code "notify_within":null} says "no clock", and is no inheritance.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Policy(
        String name,
        @JsonProperty("extends") @Nullable String base,
        @Nullable List<String> allow,
        @Nullable List<Conditional> conditional,
        @Nullable List<String> deny,
        @JsonProperty("default") @Nullable String verdict,
        @Nullable List<String> requiresPrimaryIn,
        @Nullable List<String> requiresCopyIn,
        @Nullable Span maxDwell,
        @Nullable Clock notifyWithin) {

    private static final Span LONGEST_DWELL = Members.days(30);
    private static final Span LONGEST_CLOCK = Members.days(365);
    private static final int MOST = 300;

    /** Given at all; {@code span} is null for "no clock". */
    @JsonDeserialize(using = ClockReader.class)
    record Clock(@JsonValue @Nullable Span span) {}

    Policy {
        var members = new Members().text("name", name, 200);
        if (base != null) members.id("extends", base);
        allow = places(members, "allow", allow, base);
        deny = places(members, "deny", deny, base);
        requiresPrimaryIn = places(members, "requires_primary_in", requiresPrimaryIn, base);
        requiresCopyIn = places(members, "requires_copy_in", requiresCopyIn, base);
        if (conditional == null && base == null) conditional = List.of();
        if (conditional != null) {
            if (conditional.size() > MOST) members.wrong("conditional", "may have " + MOST + " entries at most");
            if (conditional.stream().anyMatch(Objects::isNull))
                members.wrong("conditional", "must be a list of objects");
        }
        if (base == null) {
            members.required("default", verdict);
            members.required("max_dwell", maxDwell);
            if (notifyWithin == null) notifyWithin = new Clock(null);
        }
        members.optionalSpan("max_dwell", maxDwell, Members.NOTHING, LONGEST_DWELL);
        if (notifyWithin != null)
            members.optionalSpan("notify_within", notifyWithin.span(), Members.MINUTE, LONGEST_CLOCK);
        Rules.checkVerdict(verdict);
        members.done();
    }

    private static @Nullable List<String> places(
            Members members, String field, @Nullable List<String> places, @Nullable String base) {
        return places == null && base != null ? null : members.texts(field, places, MOST, 70);
    }

    /** Pure: what it comes to on top of {@code inherited}, which is null exactly if it extends nothing. */
    Rules resolve(String id, @Nullable Rules inherited, Jurisdictions jurisdictions) {
        return new Rules(
                id,
                maxDwell != null ? maxDwell.duration() : given(inherited).maxDwell(),
                notifyWithin == null
                        ? given(inherited).notifyWithin()
                        : notifyWithin.span() == null
                                ? null
                                : notifyWithin.span().duration(),
                allow != null ? jurisdictions.expand(allow) : given(inherited).allow(),
                conditional != null
                        ? conditional.stream()
                                .map(one ->
                                        new Conditional(jurisdictions.expand(one.to()), one.mechanisms(), one.note()))
                                .toList()
                        : given(inherited).conditional(),
                deny != null ? jurisdictions.expand(deny) : given(inherited).deny(),
                verdict != null ? verdict : given(inherited).defaultVerdict(),
                requiresPrimaryIn != null
                        ? jurisdictions.expand(requiresPrimaryIn)
                        : given(inherited).requiresPrimaryIn(),
                requiresCopyIn != null
                        ? jurisdictions.expand(requiresCopyIn)
                        : given(inherited).requiresCopyIn());
    }

    private static Rules given(@Nullable Rules inherited) {
        return Objects.requireNonNull(inherited, "a policy without `extends` has all members");
    }

    /** Keeps apart {@code null} and nothing at all. */
    static final class ClockReader extends ValueDeserializer<Clock> {

        @Override
        public Clock deserialize(JsonParser json, DeserializationContext context) {
            return new Clock(context.readValue(json, Span.class));
        }

        @Override
        public Clock getNullValue(DeserializationContext context) {
            return new Clock(null);
        }

        @Override
        public @Nullable Object getAbsentValue(DeserializationContext context) {
            return null;
        }
    }
}
