package io.muster.merklelog;

import java.util.Locale;

/**
 * A piece of a log under the name by which it is published: hashes of its tree, or its entries. Immutable wherever it is full.
 *
 * @see <a href="https://c2sp.org/tlog-tiles">C2SP tlog-tiles</a>
 */
public sealed interface TilePath permits Tile, Bundle {
    /** Hashes of a full tile, entries of a full bundle. */
    int FULL = 256;

    /** No tree of 2^64 leaves has more tiles. */
    long END = 1L << 56;

    /** Of 256: 0 at the left end of its level. */
    long index();

    /** Hashes or entries in it: 1 to 256, fewer than 256 at the right end alone. */
    int width();

    /** Below the prefix of the log, as {@code tile/0/x001/234.p/8}. */
    String path();

    default boolean isFull() {
        return width() == FULL;
    }

    /** Reads {@link #path}, and nothing that is written in another way. */
    static TilePath parse(String path) {
        var parts = path.length() > 64 ? new String[0] : path.split("/", -1);
        if (parts.length < 3 || !parts[0].equals("tile")) {
            throw malformed(path);
        }
        int end = parts.length;
        int width = FULL;
        if (parts[end - 2].endsWith(".p")) {
            width = small(parts[end - 1], path);
            parts[end - 2] = parts[end - 2].substring(0, parts[end - 2].length() - 2);
            end--;
        }
        long index = 0;
        for (int i = 2; i < end; i++) {
            var digits = i < end - 1 && parts[i].startsWith("x") ? parts[i].substring(1) : parts[i];
            if (digits.length() != 3 || index >= END) {
                throw malformed(path);
            }
            index = index * 1000 + small(digits.replaceFirst("^0{1,2}", ""), path);
        }
        var read =
                parts[1].equals("entries") ? new Bundle(index, width) : new Tile(small(parts[1], path), index, width);
        if (!read.path().equals(path)) {
            throw malformed(path);
        }
        return read;
    }

    private static int small(String digits, String path) {
        if (digits.isEmpty() || digits.length() > 3) {
            throw malformed(path);
        }
        return (int) Strict.number(digits);
    }

    private static Malformed malformed(String path) {
        return new Malformed("not the path of a tile or bundle: " + Strict.shown(path));
    }

    /** Groups of three digits, {@code x} before all but the last; then the width unless it is full. */
    static String name(long index, int width) {
        var name = new StringBuilder(String.format(Locale.ROOT, "%03d", index % 1000));
        for (long rest = index / 1000; rest > 0; rest /= 1000) {
            name.insert(0, String.format(Locale.ROOT, "x%03d/", rest % 1000));
        }
        return width == FULL ? name.toString() : name + ".p/" + width;
    }

    static void check(long index, int width) {
        if (index < 0 || index >= END || width < 1 || width > FULL) {
            throw new Malformed("there is no tile " + index + " of width " + width);
        }
    }
}
