package io.muster.cli;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/** The last bytes of what a job printed: a ring, so that memory does not grow with the output. Thread-safe. */
final class Tail {
    private final byte[] ring;
    private long printed; // guarded by this

    /** @param capacity how many bytes are kept */
    Tail(int capacity) {
        this.ring = new byte[capacity];
    }

    synchronized void add(byte[] bytes, int length) {
        int from = Math.max(0, length - ring.length);
        int at = ring.length == 0 ? 0 : (int) ((printed + from) % ring.length);
        int first = Math.min(length - from, ring.length - at);
        System.arraycopy(bytes, from, ring, at, first);
        System.arraycopy(bytes, from + first, ring, 0, length - from - first);
        printed += length;
    }

    /** In at most {@code limit} bytes: {@code notes}, how much was cut, and the end of the output. */
    synchronized byte[] report(String notes, int limit) {
        var head = notes.getBytes(StandardCharsets.UTF_8);
        if (head.length + printed <= limit && printed <= ring.length) {
            return join(head, (int) printed);
        }
        int room = limit - head.length - cut(printed).length; // the line is never longer than for all of it
        int kept = (int) Math.max(0, Math.min(Math.min(printed, ring.length), room));
        for (int i = 0; i < 3 && kept > 0 && (at(printed - kept) & 0xC0) == 0x80; i++) {
            kept--; // not from the midst of a character of UTF-8
        }
        var line = cut(printed - kept);
        var all = Arrays.copyOf(head, head.length + line.length);
        System.arraycopy(line, 0, all, head.length, line.length);
        return Arrays.copyOf(join(all, kept), Math.min(limit, all.length + kept));
    }

    private static byte[] cut(long bytes) {
        return String.format(Locale.ROOT, "muster: the first %,d bytes of the output are cut\n", bytes)
                .getBytes(StandardCharsets.UTF_8);
    }

    private byte at(long position) {
        return ring[(int) (position % ring.length)];
    }

    private byte[] join(byte[] head, int kept) {
        var all = Arrays.copyOf(head, head.length + kept);
        for (int i = 0; i < kept; i++) {
            all[head.length + i] = at(printed - kept + i);
        }
        return all;
    }
}
