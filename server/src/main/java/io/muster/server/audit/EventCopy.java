package io.muster.server.audit;

import io.muster.server.groupcommit.CopyRows;
import java.sql.Connection;
import java.time.Instant;

/** Rows of a month of {@code audit_event}. */
final class EventCopy {

    private static final int FIELDS = 11;
    private static final int ABOUT_AN_EVENT = 2_048;

    private final CopyRows rows;

    EventCopy(int events) {
        rows = new CopyRows(64 + events * ABOUT_AN_EVENT);
    }

    void add(SealedEvent event, long idx, Instant receivedAt, byte[] commitment) {
        rows.add(FIELDS, fields -> {
            fields.integer(event.log().id());
            fields.bigint(idx);
            fields.instant(receivedAt);
            fields.uuid(event.eventId());
            fields.text(event.action());
            fields.smallint(event.outcome().ordinal());
            fields.uuid(event.actor());
            fields.uuid(event.subject());
            fields.bytes(commitment, commitment.length);
            fields.bytes(event.envelope(), event.envelope().length);
            fields.bytes(event.words(), event.words().length);
        });
    }

    /** @param month a name that {@code audit_month} gave */
    void send(Connection connection, String month) {
        rows.send(
                connection,
                "copy " + month
                        + " (log_id, idx, recorded_at, event_id, action, outcome, actor_ref, subject_ref, commitment, envelope, words)"
                        + " from stdin (format binary)");
    }
}
