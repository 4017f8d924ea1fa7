package io.muster.merklelog;

import java.util.ArrayList;
import java.util.List;

/**
 * Entries of a log that lie side by side, from {@code 256 * index} on. As published, each has its length before it in two bytes.
 *
 * @see <a href="https://c2sp.org/tlog-tiles#log-entries">C2SP tlog-tiles, log entries</a>
 */
public record Bundle(long index, int width) implements TilePath {
    /** Bytes of the largest entry. */
    public static final int LARGEST_ENTRY = 65_535;

    public Bundle {
        TilePath.check(index, width);
    }

    @Override
    public String path() {
        return "tile/entries/" + TilePath.name(index, width);
    }

    /** The content of a bundle with these entries, in their order. */
    public static byte[] content(List<byte[]> entries) {
        int length = 0;
        for (var entry : entries) {
            if (entry.length > LARGEST_ENTRY) {
                throw new Malformed("an entry has at most " + LARGEST_ENTRY + " bytes, not " + entry.length);
            }
            length += 2 + entry.length;
        }
        var content = new byte[length];
        int at = 0;
        for (var entry : entries) {
            content[at] = (byte) (entry.length >> 8);
            content[at + 1] = (byte) entry.length;
            System.arraycopy(entry, 0, content, at + 2, entry.length);
            at += 2 + entry.length;
        }
        return content;
    }

    /** Reads the content of this bundle: its entries. */
    public List<byte[]> entries(byte[] content) {
        return read(content, (from, length) -> {
            var entry = new byte[length];
            System.arraycopy(content, from, entry, 0, length);
            return entry;
        });
    }

    /** Reads the content of this bundle: the hashes of its leaves, which are those of the level-0 tile of the same index. */
    public List<Hash> leaves(byte[] content) {
        return read(content, (from, length) -> Hash.ofLeaf(content, from, length));
    }

    private interface Entry<T> {
        T read(int from, int length);
    }

    private <T> List<T> read(byte[] content, Entry<T> entry) {
        var entries = new ArrayList<T>(width);
        int at = 0;
        for (int i = 0; i < width; i++) {
            if (content.length - at < 2) {
                throw new Malformed(path() + " ends within entry " + i + " of " + width);
            }
            int length = (content[at] & 0xff) << 8 | content[at + 1] & 0xff;
            at += 2;
            if (content.length - at < length) {
                throw new Malformed(path() + " ends within entry " + i + " of " + width);
            }
            entries.add(entry.read(at, length));
            at += length;
        }
        if (at < content.length) {
            throw new Malformed(path() + " has " + (content.length - at) + " bytes behind its last entry");
        }
        return entries;
    }
}
