package io.muster.server.audit;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a month of {@code audit_event} as {@code COPY ... (format binary)} takes them.
 *
 * @see <a href="https://www.postgresql.org/docs/18/sql-copy.html">COPY, binary format</a>
 */
final class EventCopy {

    private static final short FIELDS = 11;
    private static final byte[] SIGNATURE = "PGCOPY\n\377\r\n\0".getBytes(StandardCharsets.ISO_8859_1);
    private static final long EPOCH_2000 = Instant.parse("2000-01-01T00:00:00Z").getEpochSecond();

    private final ByteArrayOutputStream bytes;
    private final DataOutputStream out;

    EventCopy(int events) {
        bytes = new ByteArrayOutputStream(64 + events * 1_024);
        out = new DataOutputStream(bytes);
        try {
            out.write(SIGNATURE);
            out.writeInt(0); // flags
            out.writeInt(0); // length of the header's extension
        } catch (IOException inMemory) {
            throw new UncheckedIOException(inMemory);
        }
    }

    /** @param month a name that {@code audit_month} gave */
    static String sql(String month) {
        return "copy " + month
                + " (log_id, idx, recorded_at, event_id, action, outcome, actor_ref, subject_ref, commitment, envelope, words)"
                + " from stdin (format binary)";
    }

    void add(SealedEvent event, long idx, Instant receivedAt, byte[] commitment) {
        try {
            out.writeShort(FIELDS);
            out.writeInt(4);
            out.writeInt(event.log().id());
            out.writeInt(8);
            out.writeLong(idx);
            out.writeInt(8);
            out.writeLong((receivedAt.getEpochSecond() - EPOCH_2000) * 1_000_000 + receivedAt.getNano() / 1_000);
            uuid(event.eventId());
            bytes(event.action().getBytes(StandardCharsets.UTF_8));
            out.writeInt(2);
            out.writeShort(event.outcome().ordinal());
            uuid(event.actor());
            uuid(event.subject());
            bytes(commitment);
            bytes(event.envelope());
            bytes(event.words());
        } catch (IOException inMemory) {
            throw new UncheckedIOException(inMemory);
        }
    }

    byte[] end() {
        try {
            out.writeShort(-1);
        } catch (IOException inMemory) {
            throw new UncheckedIOException(inMemory);
        }
        return bytes.toByteArray();
    }

    private void bytes(byte[] value) throws IOException {
        out.writeInt(value.length);
        out.write(value);
    }

    private void uuid(@Nullable UUID value) throws IOException {
        if (value == null) {
            out.writeInt(-1);
            return;
        }
        out.writeInt(16);
        out.writeLong(value.getMostSignificantBits());
        out.writeLong(value.getLeastSignificantBits());
    }
}
