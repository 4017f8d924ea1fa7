package io.muster.server.heartbeat;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Rows of the table {@code ping} as {@code COPY ... (format binary)} takes them.
 *
 * @see <a href="https://www.postgresql.org/docs/18/sql-copy.html">COPY, binary format</a>
 */
final class PingCopy {

    static final String SQL = """
            copy ping (check_id, n, at, kind, scheme, method, user_agent, remote_addr, rid, exit_status, body)
            from stdin (format binary)
            """;

    private static final short FIELDS = 11;
    private static final byte[] SIGNATURE = "PGCOPY\n\377\r\n\0".getBytes(StandardCharsets.ISO_8859_1);
    private static final long EPOCH_2000 = Instant.parse("2000-01-01T00:00:00Z").getEpochSecond();

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 14);
    private final DataOutputStream out = new DataOutputStream(bytes);

    PingCopy() {
        try {
            out.write(SIGNATURE);
            out.writeInt(0); // flags
            out.writeInt(0); // length of the header's extension
        } catch (IOException inMemory) {
            throw new UncheckedIOException(inMemory);
        }
    }

    /** @param keep how many bytes of the body are stored */
    void add(long check, Ping ping, Heard heard, int keep) {
        try {
            out.writeShort(FIELDS);
            number(check);
            number(heard.n());
            number(micros(heard.at()));
            text(heard.kind().word());
            text(ping.scheme());
            text(ping.method());
            text(ping.userAgent());
            text(ping.remoteAddr());
            uuid(heard.rid());
            exit(heard.exit());
            body(heard.body(), keep);
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

    private static long micros(Instant at) {
        return (at.getEpochSecond() - EPOCH_2000) * 1_000_000 + at.getNano() / 1_000;
    }

    private void number(long value) throws IOException {
        out.writeInt(8);
        out.writeLong(value);
    }

    private void text(@Nullable String value) throws IOException {
        if (value == null) {
            out.writeInt(-1);
            return;
        }
        var utf8 = value.getBytes(StandardCharsets.UTF_8);
        out.writeInt(utf8.length);
        out.write(utf8);
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

    private void exit(@Nullable Integer value) throws IOException {
        if (value == null) {
            out.writeInt(-1);
            return;
        }
        out.writeInt(2);
        out.writeShort(value);
    }

    private void body(byte[] value, int keep) throws IOException {
        if (value.length == 0) {
            out.writeInt(-1);
            return;
        }
        int length = Math.min(value.length, keep);
        out.writeInt(length);
        out.write(value, 0, length);
    }
}
