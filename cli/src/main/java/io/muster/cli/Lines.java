package io.muster.cli;

import io.muster.merklelog.Malformed;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** The lines of a file that somebody else made, one after the other: each ends in a line feed, and has at most {@link #LONGEST} bytes. */
final class Lines implements Closeable {
    static final int LONGEST = 1 << 20;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH = 0x8080808080808080L;

    private final InputStream in;

    /** Grows with the longest line; {@code from} until {@code to} of it is the line. */
    byte[] bytes = new byte[1 << 16];

    int from;
    int to;

    private int next;
    private int filled;

    Lines(InputStream in) {
        this.in = in;
    }

    /** Whether there is one more. */
    boolean next() throws IOException {
        from = next;
        int searched = from;
        while (true) {
            to = lineFeed(searched);
            if (to - from > LONGEST) {
                throw new Malformed("it has more than " + LONGEST + " bytes");
            }
            if (to < filled) {
                next = to + 1;
                return true;
            }
            searched = filled;
            if (filled == bytes.length) {
                int kept = filled - from;
                var room = kept > bytes.length / 2 ? new byte[2 * bytes.length] : bytes;
                System.arraycopy(bytes, from, room, 0, kept);
                bytes = room;
                searched -= from;
                filled = kept;
                from = 0;
            }
            int read = in.read(bytes, filled, bytes.length - filled);
            if (read < 0) {
                if (filled > from) {
                    throw new Malformed("it does not end in a line feed");
                }
                return false;
            }
            filled += read;
        }
    }

    int length() {
        return to - from;
    }

    byte[] copy() {
        return Arrays.copyOfRange(bytes, from, to);
    }

    private int lineFeed(int start) {
        int at = start;
        for (; filled - at >= 8; at += 8) {
            long eight = (long) LONGS.get(bytes, at) ^ ONES * '\n';
            if ((eight - ONES & ~eight & HIGH) != 0) {
                break;
            }
        }
        while (at < filled && bytes[at] != '\n') {
            at++;
        }
        return at;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
