package io.muster.server.tenancy;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.muster.server.problem.Refused;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A residency policy with all that it extends: where a tenant's data may be. Entries of the lists are jurisdictions
 * ({@code EU}), {@code *}, or regions ({@code region:eu-west-1}); groups are expanded.
 *
 * @param policy id of the policy
 * @param maxDwell how long data may wait where it may not be
 * @param notifyWithin from awareness of a violation to the decision whether to notify; null: no clock
 * @param defaultVerdict {@code allow}, {@code conditional} or {@code deny}: for a place in no list
 */
public record Rules(
        String policy,
        Duration maxDwell,
        @Nullable Duration notifyWithin,
        List<String> allow,
        List<Conditional> conditional,
        List<String> deny,
        @JsonProperty("default") String defaultVerdict,
        List<String> requiresPrimaryIn,
        List<String> requiresCopyIn) {

    /** Places that a transfer record with one of {@code mechanisms} makes lawful; with any mechanism if none is listed. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Conditional(
            List<String> to,
            List<String> mechanisms,
            @Nullable String note) {

        public Conditional {
            var members = new Members();
            to = members.texts("to", to, 300, 70);
            if (members.fine() && to.isEmpty()) members.wrong("to", "must name at least one place");
            mechanisms = members.texts("mechanisms", mechanisms, 100, 100);
            members.optionalText("note", note, 2_000);
            members.done();
        }
    }

    /** What the policy alone says of a place. */
    public sealed interface Ruling {

        record Allowed() implements Ruling {}

        /** Lawful with a transfer record of one of {@code mechanisms}; of any, if that is empty. */
        record OnCondition(List<String> mechanisms) implements Ruling {}

        record Denied() implements Ruling {}
    }

    /**
     * Pure. The most specific entry wins: the region, else its jurisdiction, else {@code *}, else the default; at the same
     * level deny goes before conditional before allow.
     */
    public Ruling ruling(String region, String jurisdiction) {
        for (var place : List.of("region:" + region, jurisdiction, "*")) {
            if (deny.contains(place)) return new Ruling.Denied();
            var conditions =
                    conditional.stream().filter(one -> one.to().contains(place)).toList();
            if (!conditions.isEmpty()) return new Ruling.OnCondition(mechanisms(conditions));
            if (allow.contains(place)) return new Ruling.Allowed();
        }
        return switch (defaultVerdict) {
            case "allow" -> new Ruling.Allowed();
            case "conditional" -> new Ruling.OnCondition(List.of());
            case "deny" -> new Ruling.Denied();
            default -> throw new IllegalStateException("default " + defaultVerdict + " of policy " + policy);
        };
    }

    /** Of several entries for one place each mechanism will do; an entry without any takes all. */
    private static List<String> mechanisms(List<Conditional> conditions) {
        if (conditions.stream().anyMatch(one -> one.mechanisms().isEmpty())) return List.of();
        var all = new TreeSet<String>();
        conditions.forEach(one -> all.addAll(one.mechanisms()));
        return List.copyOf(all);
    }

    /** Whether {@code places} names this one: its region, its jurisdiction, or all. */
    public static boolean names(List<String> places, Region region) {
        return places.contains("region:" + region.code())
                || places.contains(region.jurisdiction())
                || places.contains("*");
    }

    static void checkVerdict(@Nullable String verdict) {
        if (verdict != null && !List.of("allow", "conditional", "deny").contains(verdict)) {
            throw new Refused("default", "must be one of allow, conditional, deny; got " + Refused.shown(verdict));
        }
    }
}
