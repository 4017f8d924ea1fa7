package io.muster.merklelog;

import java.util.ArrayList;
import java.util.List;

/**
 * Hashes that lie side by side in the tree of a log: the {@code i}-th is the root of the leaves from {@code (256 * index + i) *
 * 256^level} on, {@code 256^level} of them. So level 0 holds hashes of leaves, and each further hash is the root of a full tile below.
 *
 * @param level 0 to 63; a tree of less than 2^63 leaves has 8
 * @see <a href="https://c2sp.org/tlog-tiles">C2SP tlog-tiles</a>
 */
public record Tile(int level, long index, int width) implements TilePath {
    private static final int HEIGHT = 8;

    public Tile {
        TilePath.check(index, width);
        if (level < 0 || level > 63) {
            throw new Malformed("the level of a tile is 0 to 63, not " + level);
        }
    }

    /**
     * All tiles that a log must have made when it grows to {@code to} leaves and had those of {@code from}: level by level, from left to right, partial ones too.
     */
    public static List<Tile> between(long from, long to) {
        if (from < 0 || from > to) {
            throw new Malformed("a log does not grow from " + from + " to " + to);
        }
        var tiles = new ArrayList<Tile>();
        for (int level = 0; level < 8 && to >> level * HEIGHT > from >> level * HEIGHT; level++) {
            long hashes = to >> level * HEIGHT;
            for (long index = from >> (level + 1) * HEIGHT; index << HEIGHT < hashes; index++) {
                tiles.add(new Tile(level, index, (int) Math.min(FULL, hashes - (index << HEIGHT))));
            }
        }
        return tiles;
    }

    /** The tile {@code index} of {@code level} as a tree of {@code size} leaves has it. */
    public static Tile of(int level, long index, long size) {
        if (level < 0 || level > 7 || index < 0 || index >= TilePath.END || index << HEIGHT >= size >> level * HEIGHT) {
            throw new Malformed("a tree of " + size + " leaves has no tile " + index + " of level " + level);
        }
        return new Tile(level, index, (int) Math.min(FULL, (size >> level * HEIGHT) - (index << HEIGHT)));
    }

    @Override
    public String path() {
        return "tile/" + level + "/" + TilePath.name(index, width);
    }

    /** Reads the content of this tile: {@link Hash#join} of its hashes. */
    public List<Hash> hashes(byte[] content) {
        if (content.length != width * Hash.LENGTH) {
            throw new Malformed(path() + " has " + width * Hash.LENGTH + " bytes, not " + content.length);
        }
        return Hash.split(content);
    }

    /** The root of {@code hashes}: of a full tile what stands for it in the level above. */
    public static Hash root(List<Hash> hashes) {
        return Frontier.EMPTY.append(hashes).root();
    }

    /** The tile of a tree of {@code size} leaves from which the full subtree {@code index} of {@code height} can be folded. */
    static Tile holding(int height, long index, long size) {
        return of(height / HEIGHT, index << height % HEIGHT >> HEIGHT, size);
    }

    /** That subtree's root, from the hashes of this tile. */
    static Hash folded(int height, long index, List<Hash> hashes) {
        int above = height % HEIGHT;
        int first = (int) (index << above & (FULL - 1));
        return root(hashes.subList(first, first + (1 << above)));
    }
}
