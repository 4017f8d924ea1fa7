package io.muster.server.groupcommit;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.support.SQLExceptionSubclassTranslator;
import org.springframework.jdbc.support.SQLExceptionTranslator;

/**
 * Rows as {@code COPY ... (format binary)} takes them: the quickest way into a table.
 *
 * @see <a href="https://www.postgresql.org/docs/18/sql-copy.html">COPY, binary format</a>
 */
public final class CopyRows {

    private static final byte[] SIGNATURE = "PGCOPY\n\377\r\n\0".getBytes(StandardCharsets.ISO_8859_1);
    private static final long EPOCH_2000 = Instant.parse("2000-01-01T00:00:00Z").getEpochSecond();
    private static final SQLExceptionTranslator TRANSLATOR = new SQLExceptionSubclassTranslator();

    /** The fields of one row, in the order of the columns. */
    @FunctionalInterface
    public interface Row {

        void write(CopyRows fields) throws IOException;
    }

    /** Sends what it holds without a copy of it. */
    private static final class Buffer extends ByteArrayOutputStream {
        Buffer(int room) {
            super(room);
        }

        void sendTo(CopyIn copy) throws SQLException {
            copy.writeToCopy(buf, 0, count);
        }
    }

    private final Buffer bytes;
    private final DataOutputStream out;

    /** @param room bytes that are expected; it grows by itself */
    public CopyRows(int room) {
        bytes = new Buffer(room);
        out = new DataOutputStream(bytes);
        inMemory(() -> {
            out.write(SIGNATURE);
            out.writeInt(0); // flags
            out.writeInt(0); // length of the header's extension
        });
    }

    /** @param fields how many {@code row} writes */
    public void add(int fields, Row row) {
        inMemory(() -> {
            out.writeShort(fields);
            row.write(this);
        });
    }

    /**
     * Sends all, in the transaction of {@code connection}. Nothing may be added then.
     *
     * @param sql a {@code copy ... from stdin (format binary)}
     */
    public void send(Connection connection, String sql) {
        inMemory(() -> out.writeShort(-1));
        try {
            var copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(sql);
            bytes.sendTo(copy);
            copy.endCopy();
        } catch (SQLException failure) {
            var translated = TRANSLATOR.translate("copy", sql, failure);
            throw translated == null ? new DataAccessResourceFailureException("copy failed", failure) : translated;
        }
    }

    public void bigint(long value) throws IOException {
        out.writeInt(Long.BYTES);
        out.writeLong(value);
    }

    public void integer(int value) throws IOException {
        out.writeInt(Integer.BYTES);
        out.writeInt(value);
    }

    public void smallint(@Nullable Integer value) throws IOException {
        if (value == null) {
            nothing();
            return;
        }
        out.writeInt(Short.BYTES);
        out.writeShort(value);
    }

    /** A {@code timestamptz}, in whole microseconds. */
    public void instant(Instant at) throws IOException {
        bigint((at.getEpochSecond() - EPOCH_2000) * 1_000_000 + at.getNano() / 1_000);
    }

    public void uuid(@Nullable UUID value) throws IOException {
        if (value == null) {
            nothing();
            return;
        }
        out.writeInt(2 * Long.BYTES);
        out.writeLong(value.getMostSignificantBits());
        out.writeLong(value.getLeastSignificantBits());
    }

    public void text(@Nullable String value) throws IOException {
        if (value == null) {
            nothing();
            return;
        }
        var utf8 = value.getBytes(StandardCharsets.UTF_8);
        bytes(utf8, utf8.length);
    }

    /** A {@code bytea}, or any other type in its binary form: the first {@code length} bytes. */
    public void bytes(byte[] value, int length) throws IOException {
        out.writeInt(length);
        out.write(value, 0, length);
    }

    public void nothing() throws IOException {
        out.writeInt(-1);
    }

    private interface Writing {
        void write() throws IOException;
    }

    private static void inMemory(Writing writing) {
        try {
            writing.write();
        } catch (IOException never) {
            throw new UncheckedIOException(never);
        }
    }
}
