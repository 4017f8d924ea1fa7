package io.muster.server.heartbeat;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What was heard of a check.
 *
 * @param lastPing the last success or failure
 * @param lastStart of the run that is being timed; stays after a timeout, until a report ends it
 * @param lastStartRid the id of that run; of the one that ended last, when none is being timed
 * @param lastDuration how long the last run took, where its start was heard
 * @param pings how many were recorded
 * @param armedAt what the stored deadline says: may be earlier than the true one, never later; null if none is stored
 */
record State(
        Status status,
        Instant statusSince,
        @Nullable Instant lastPing,
        @Nullable Instant lastSuccess,
        @Nullable Instant lastStart,
        @Nullable UUID lastStartRid,
        @Nullable Duration lastDuration,
        boolean lastReportFailed,
        long pings,
        @Nullable Instant armedAt) {

    static State fresh(Instant now) {
        return new State(Status.NEW, now, null, null, null, null, null, false, 0, null);
    }

    State started(Instant at, @Nullable UUID rid) {
        return new State(
                status, statusSince, lastPing, lastSuccess, at, rid, lastDuration, lastReportFailed, pings, armedAt);
    }

    /**
     * Another status; the same one leaves since when it holds. Never before the one that it follows: a ping may have come
     * before a deadline, and be stored after it.
     */
    State in(Status other, Instant at) {
        if (other == status) return this;
        return new State(
                other,
                at.isBefore(statusSince) ? statusSince : at,
                lastPing,
                lastSuccess,
                lastStart,
                lastStartRid,
                lastDuration,
                lastReportFailed,
                pings,
                armedAt);
    }

    State counted() {
        return new State(
                status,
                statusSince,
                lastPing,
                lastSuccess,
                lastStart,
                lastStartRid,
                lastDuration,
                lastReportFailed,
                pings + 1,
                armedAt);
    }

    State armed(@Nullable Instant at) {
        return new State(
                status,
                statusSince,
                lastPing,
                lastSuccess,
                lastStart,
                lastStartRid,
                lastDuration,
                lastReportFailed,
                pings,
                at);
    }
}
