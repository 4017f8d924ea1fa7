package io.muster.server.residency;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.muster.server.heartbeat.Bounds;
import io.muster.server.heartbeat.Bounds.Range;
import io.muster.server.heartbeat.Check;
import io.muster.server.heartbeat.Declaration;
import io.muster.server.heartbeat.Schedule;
import io.muster.server.problem.Refused;
import io.muster.server.tenancy.TenantSelector;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the operator's system runs, as it is declared: {@code /api/v1/jobs/<slug>}.
 *
 * @param every one of these three says when it must report; {@code tz} belongs to the other two
 * @param uuid what it pings; may be chosen at creation, and is shown to those who may write only
 * @param replicates null for a job that moves no tenants' data
 * @param startBy this and the next three: see {@link Bounds}
 * @param failuresBeforeAlert people are told of the n-th failure or missed deadline in a row; left out: 1
 * @param dependsOn jobs that it needs, in order, each once: while one is down, people are not told that this one is
 */
record Job(
        String name,
        @Nullable Duration every,
        @Nullable String cron,
        @Nullable String oncalendar,
        @Nullable String tz,
        @Nullable Duration grace,
        @Nullable List<String> tags,
        @Nullable Replicates replicates,
        @Nullable Duration startBy,
        @Nullable Duration maxRuntime,
        @Nullable Duration minRuntime,
        @Nullable Expects expects,
        @Nullable Integer failuresBeforeAlert,
        @Nullable List<String> dependsOn,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable UUID uuid) {

    private static final Duration DEFAULT_GRACE = Duration.ofHours(1);

    /**
     * Which data it brings where.
     *
     * @param tenants whose; left out: all
     * @param maxDwell how long data may wait in {@code from}; only shorter than the policy's counts
     * @param manifest {@code optional} or {@code required}
     */
    record Replicates(
            String from,
            String to,
            @Nullable TenantSelector tenants,
            @Nullable Duration maxDwell,
            @Nullable String manifest) {

        Replicates {
            if (from == null) throw new Refused("from", "is missing");
            if (to == null) throw new Refused("to", "is missing");
            if (from.equals(to)) throw new Refused("to", "must be another store than from");
            if (tenants == null) tenants = new TenantSelector.All();
            if (maxDwell != null && (maxDwell.isNegative() || maxDwell.compareTo(Duration.ofDays(30)) > 0)) {
                throw new Refused("max_dwell", "must be between PT0S and P30D; got " + maxDwell);
            }
            if (maxDwell != null && maxDwell.getNano() != 0) {
                throw new Refused("max_dwell", "must be whole seconds; got " + maxDwell);
            }
            if (manifest == null) manifest = "optional";
            if (!manifest.equals("optional") && !manifest.equals("required")) {
                throw new Refused("manifest", "must be optional or required; got " + manifest);
            }
        }

        TenantSelector selector() {
            return tenants == null ? new TenantSelector.All() : tenants;
        }

        boolean required() {
            return "required".equals(manifest);
        }
    }

    /** How much the manifest of a success must tell of, over all its tenants; null: any. */
    record Expects(@Nullable Range rows, @Nullable Range bytes) {

        Expects {
            if (rows == null && bytes == null) throw new Refused("", "must have rows or bytes");
        }
    }

    Job {
        if (name == null) throw new Refused("name", "is missing");
        if (grace == null) grace = DEFAULT_GRACE;
        tags = tags == null ? List.of() : List.copyOf(tags);
        if (tz == null && every == null) tz = "UTC";
        if (tz != null && every != null) throw new Refused("tz", "belongs to cron and oncalendar only");
        schedule(every, cron, oncalendar, tz);
        bounds(startBy, maxRuntime, minRuntime, expects);
        if (failuresBeforeAlert == null) failuresBeforeAlert = 1;
        dependsOn = dependsOn == null ? List.of() : List.copyOf(new TreeSet<>(dependsOn));
    }

    static Job of(Check check, @Nullable Replicates replicates) {
        var bounds = check.bounds();
        var every = check.schedule() instanceof Schedule.Every one ? one.period() : null;
        var cron = check.schedule() instanceof Schedule.Cron one ? one.expression() : null;
        var calendar = check.schedule() instanceof Schedule.OnCalendar one ? one.expression() : null;
        return new Job(
                check.name(),
                every,
                cron,
                calendar,
                zone(check.schedule()),
                check.grace(),
                check.tags(),
                replicates,
                bounds.startBy(),
                bounds.maxRuntime(),
                bounds.minRuntime(),
                bounds.rows() == null && bounds.bytes() == null ? null : new Expects(bounds.rows(), bounds.bytes()),
                check.failuresBeforeAlert(),
                check.dependsOn(),
                check.uuid().value());
    }

    private static @Nullable String zone(Schedule schedule) {
        return switch (schedule) {
            case Schedule.Every _ -> null;
            case Schedule.Cron cron -> cron.tz().getId();
            case Schedule.OnCalendar calendar -> calendar.tz().getId();
        };
    }

    Schedule schedule() {
        return schedule(every, cron, oncalendar, tz);
    }

    private static Schedule schedule(
            @Nullable Duration every, @Nullable String cron, @Nullable String oncalendar, @Nullable String tz) {
        if (every != null && cron == null && oncalendar == null) return new Schedule.Every(every);
        if (cron != null && every == null && oncalendar == null) return new Schedule.Cron(cron, zone(tz));
        if (oncalendar != null && every == null && cron == null) return new Schedule.OnCalendar(oncalendar, zone(tz));
        throw new Refused("every", "must be given, or cron, or oncalendar: exactly one of the three");
    }

    private static Bounds bounds(
            @Nullable Duration startBy,
            @Nullable Duration maxRuntime,
            @Nullable Duration minRuntime,
            @Nullable Expects expects) {
        return new Bounds(
                startBy,
                maxRuntime,
                minRuntime,
                expects == null ? null : expects.rows(),
                expects == null ? null : expects.bytes());
    }

    private static ZoneId zone(@Nullable String tz) {
        try {
            return ZoneId.of(tz == null ? "UTC" : tz);
        } catch (DateTimeException unknown) {
            throw new Refused("tz", "must be a time zone such as Europe/Berlin; got " + tz);
        }
    }

    Declaration declaration(@Nullable String alertRegion) {
        return new Declaration(
                name,
                schedule(),
                grace == null ? DEFAULT_GRACE : grace,
                tags == null ? List.of() : tags,
                uuid,
                replicates == null && expects == null ? null : Manifest.LIMIT,
                replicates == null ? null : replicates.from(),
                alertRegion,
                bounds(startBy, maxRuntime, minRuntime, expects),
                failuresBeforeAlert == null ? 1 : failuresBeforeAlert,
                needs());
    }

    Job with(@Nullable UUID other) {
        return new Job(
                name,
                every,
                cron,
                oncalendar,
                tz,
                grace,
                tags,
                replicates,
                startBy,
                maxRuntime,
                minRuntime,
                expects,
                failuresBeforeAlert,
                dependsOn,
                other);
    }

    List<String> needs() {
        return dependsOn == null ? List.of() : dependsOn;
    }
}
