package io.muster.server.heartbeat;

import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was declared of a check, by a job or by the compatible API.
 *
 * @param isNative declared as a job: the slug is its name
 * @param slug may be empty, and that of another check, unless {@code isNative}
 * @param tags separated by blanks, as they were written
 * @param hidden what the compatible API keeps of the kinds of schedule that are not in use
 * @param manualResume a paused check stays so, whatever it hears
 * @param postOnly what comes by another method is recorded without effect
 * @param bodyLimit how many bytes of a body are read; null: the ordinary limit
 * @param channels exactly these alert channels; null: those that select this job
 * @param failuresBeforeAlert people are told of the n-th failure or missed deadline in a row; 1 to 100
 * @param dependsOn names of jobs of the same project: while one is down, people are not told that this one is
 */
record Settings(
        boolean isNative,
        String slug,
        String name,
        String tags,
        String description,
        Schedule schedule,
        Hidden hidden,
        Duration grace,
        boolean manualResume,
        boolean postOnly,
        Keywords keywords,
        @Nullable Integer bodyLimit,
        @Nullable List<String> channels,
        @Nullable String alertStore,
        @Nullable String alertRegion,
        Bounds bounds,
        int failuresBeforeAlert,
        List<String> dependsOn) {

    /** A period, an expression and a zone: those of the schedule, or what was last set, for the day it is used again. */
    record Hidden(Duration period, String expression, ZoneId tz) {

        static final Hidden NONE = new Hidden(Duration.ofDays(1), "* * * * *", ZoneId.of("UTC"));

        /** What remains hidden once {@code schedule} is in use. */
        Hidden under(Schedule schedule) {
            return switch (schedule) {
                case Schedule.Every(var used) -> new Hidden(used, expression, tz);
                case Schedule.Cron(var used, var zone) -> new Hidden(period, used, zone);
                case Schedule.OnCalendar(var used, var zone) -> new Hidden(period, used, zone);
            };
        }
    }

    /** As the compatible API and {@code create=1} begin. */
    static Settings fresh(String slug, String name) {
        return new Settings(
                false,
                slug,
                name,
                "",
                "",
                new Schedule.Every(Hidden.NONE.period()),
                Hidden.NONE,
                Duration.ofHours(1),
                false,
                false,
                Keywords.NONE,
                null,
                List.of(),
                null,
                null,
                Bounds.NONE,
                1,
                List.of());
    }

    /** What a job's declaration makes of these; what only the compatible API knows stays. */
    Settings declared(String asSlug, Declaration job) {
        return new Settings(
                true,
                asSlug,
                job.name(),
                String.join(" ", job.tags()),
                description,
                job.schedule(),
                hidden.under(job.schedule()),
                job.grace(),
                manualResume,
                postOnly,
                keywords,
                job.bodyLimit(),
                channels,
                job.alertStore(),
                job.alertRegion(),
                job.bounds(),
                job.failuresBeforeAlert(),
                job.dependsOn());
    }

    /**
     * Whether a success without a run id decides nothing if the check is calm, but when the next report is due: by these
     * settings nothing else is asked of it, and nobody above is concerned.
     */
    static boolean isPlain(@Nullable Integer bodyLimit, boolean postOnly, boolean filterHttpBody, Bounds bounds) {
        return bodyLimit == null && !postOnly && !filterHttpBody && bounds.equals(Bounds.NONE);
    }

    Settings withChannels(@Nullable List<String> others) {
        return new Settings(
                isNative,
                slug,
                name,
                tags,
                description,
                schedule,
                hidden,
                grace,
                manualResume,
                postOnly,
                keywords,
                bodyLimit,
                others,
                alertStore,
                alertRegion,
                bounds,
                failuresBeforeAlert,
                dependsOn);
    }
}
