package io.muster.server.incident;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something that people must hear of. Which channels carry it follows from {@link #job}; what is sent together follows
 * from {@link #store}: all alerts of one channel about one failing store are one message.
 *
 * @param job the job it is about; null if only a probe saw it, then every channel whose {@code jobs} is "all" gets it
 * @param store the store out of which data does not come; null for a job that replicates nothing
 * @param tenant whose data; null for an alert about the job itself
 * @param since when it began, which may be before it is known
 * @param cause how we know, in one sentence: {@code users intake to EU failed with exit code 2}
 * @param whatToDo one sentence for whoever reads it at night
 * @param path of the page about it, such as {@code /exposures/42}
 */
public record Alert(
        Type type,
        @Nullable Job job,
        @Nullable String store,
        @Nullable String region,
        @Nullable String tenant,
        Instant since,
        String cause,
        String whatToDo,
        String path) {

    /**
     * @param id as in {@code /api/v1/jobs/<id>}
     * @param channels exactly these, as the compatible API wrote them; null: those whose {@code jobs} select this one
     */
    public record Job(
            long check,
            String id,
            String name,
            List<String> tags,
            @Nullable List<String> channels) {}

    public enum Type {
        JOB_DOWN("job.down", "down"),
        JOB_UP("job.up", "up"),
        JOB_REMINDER("job.reminder", "reminder"),
        /** Nobody is to hear any more that the job is down. Ends what was open; no channel sends it. */
        JOB_QUIET("job.quiet", "quiet"),
        EXPOSURE_AT_RISK("exposure.at_risk", "at_risk"),
        EXPOSURE_VIOLATION("exposure.violation", "violation"),
        EXPOSURE_CLOSED("exposure.closed", "closed"),
        /** A tenant's log lost events that were acknowledged. Told once: nothing that follows undoes it. */
        LOG_LOST("log.down", "down"),
        /** What Muster did cannot be sealed into a tenant's log. Told each time that it was tried in vain. */
        LOG_UNSEALED("log.unsealed", "down");

        private final String event;
        private final String sends;

        Type(String event, String sends) {
            this.event = event;
            this.sends = sends;
        }

        /** As in the {@code type} of a webhook. */
        public String event() {
            return event;
        }

        /** As in a channel's {@code sends}. */
        public String sends() {
            return sends;
        }
    }
}
