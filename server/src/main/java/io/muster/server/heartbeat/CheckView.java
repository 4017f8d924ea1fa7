package io.muster.server.heartbeat;

import io.muster.server.layout.State;
import io.muster.server.layout.Word;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One check as its page shows it.
 *
 * @param since what the answer begins with, {@code Down for 1 h}; null if that says nothing
 * @param lastGood the last success; null: none yet
 * @param due when the next report is due; null: none is awaited
 * @param pingUrl null for who may not write: whoever has it can report for the job
 */
public record CheckView(
        String jobId,
        String name,
        Word status,
        @Nullable Instant since,
        String answer,
        String statusSmall,
        @Nullable Act act,
        ChecksView.@Nullable Route route,
        @Nullable Instant lastGood,
        String lastGoodSmall,
        @Nullable Instant due,
        String dueSmall,
        String onTime,
        String onTimeSmall,
        Telling telling,
        List<Exposed> exposures,
        String runsWords,
        String runsJson,
        @Nullable Runs runs,
        List<PingRow> pings,
        @Nullable Long olderThan,
        @Nullable Selected selected,
        @Nullable String pingUrl,
        @Nullable String failUrl,
        List<Next> next,
        String schedule,
        String expression,
        List<Setting> settings,
        boolean isJob,
        boolean mayChange,
        BadgeLinks badge,
        @Nullable String crontab,
        List<FlipShown> flips) {

    /**
     * Its runs, newest first.
     *
     * @param bounds how long they may take, {@code 10 s to 3 h}; empty: as long as they like
     * @param isOlder whether there are newer ones
     * @param olderThan where the next page begins; null: this is the last
     */
    public record Runs(
            String bounds,
            List<RunShown> rows,
            boolean isOlder,
            @Nullable Long olderThan) {

        public boolean tellRows() {
            return rows.stream().anyMatch(run -> run.rows() != null);
        }

        public boolean tellBytes() {
            return rows.stream().anyMatch(run -> run.bytes() != null);
        }

        public boolean tellExits() {
            return rows.stream().anyMatch(run -> run.exit() != null);
        }
    }

    /**
     * @param ping that ended it, or started it
     * @param problem in a sentence; null: none
     * @param startedAt null: no start was heard; {@code endedAt}: no end
     * @param took null: not known, or it runs still
     * @param share how much it took of what it may take, 0 to 100; null: that is not bounded
     */
    public record RunShown(
            long ping,
            Word state,
            @Nullable String problem,
            @Nullable Instant startedAt,
            @Nullable Instant endedAt,
            boolean running,
            @Nullable String took,
            @Nullable Integer share,
            @Nullable Integer exit,
            @Nullable String rows,
            @Nullable String bytes) {}

    /** A change of its state. */
    public record FlipShown(Instant at, Word to, String why) {}

    public State state() {
        return status.state();
    }

    public boolean tellsRows() {
        return pings.stream()
                .anyMatch(ping -> ping.rows() != null && !ping.rows().isEmpty());
    }

    /**
     * Whether people are told when it is down.
     *
     * @param notTold why they are not, {@code Not told: waits for database-backup}; null: they are
     * @param snooze null: nobody snoozed it
     * @param path where to ask for a snooze; null for who may not write
     */
    public record Telling(
            @Nullable String notTold,
            @Nullable Snooze snooze,
            @Nullable String path) {}

    /** What a person may do now: pause or resume. */
    public record Act(String title, String icon, String path) {}

    /** A tenant whose data waits because of this job: told by the module above that knows. */
    public record Exposed(
            String id,
            String tenant,
            String tenantName,
            String tier,
            Word state,
            @Nullable Long rows,
            @Nullable Instant oldest,
            Instant since,
            @Nullable Instant decideBy) {}

    public record PingRow(
            long n,
            Instant at,
            Word result,
            @Nullable String took,
            @Nullable String rows,
            boolean selected) {}

    /**
     * @param cause of a failure: why, as far as its output tells; null of other pings
     * @param body as text; null if there was none
     * @param from {@code POST from 10.24.3.9 · curl/8.11 · 612 B}
     */
    public record Selected(
            long n,
            Word result,
            @Nullable FailureCause cause,
            @Nullable String body,
            String from) {}

    public record Next(Instant at, Instant downAt) {}

    public record Setting(String name, String value) {}
}
