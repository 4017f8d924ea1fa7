package io.muster.merklelog;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tiles behind a checkpoint, from whoever has them: none is believed before the hash above it says the same, up to the root
 * that is signed. Keeps a few of the upper ones, so its size does not depend on the log's. For several threads.
 *
 * @see <a href="https://c2sp.org/tlog-tiles">C2SP tlog-tiles</a>
 */
public final class ProvenTiles {
    /** Of 256 hashes each. A walk along the log needs one of each level. */
    private static final int KEPT = 64;

    private final long size;
    private final TileReader tiles;

    /** Those at the right end, which make the root. */
    private final Map<Tile, List<Hash>> partial = new HashMap<>();

    /** Above level 0, the least used first; guarded by itself. */
    private final Map<Tile, List<Hash>> kept = new LinkedHashMap<>(KEPT, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Tile, List<Hash>> eldest) {
            return size() > KEPT;
        }
    };

    /**
     * @param checkpoint of the log, verified
     * @throws OtherRoot if the tiles at the right end lead to another root
     */
    public ProvenTiles(Checkpoint checkpoint, TileReader tiles) throws OtherRoot, IOException {
        this.size = checkpoint.size();
        this.tiles = tiles;
        var names = edge(size);
        var contents = names.isEmpty() ? List.<byte[]>of() : tiles.read(names);
        for (int i = 0; i < names.size(); i++) {
            partial.put(names.get(i), names.get(i).hashes(contents.get(i)));
        }
        var root = new TiledTree(
                        size,
                        some -> some.stream()
                                .map(tile -> Hash.join(partial.getOrDefault(tile, List.of())))
                                .toList())
                .root();
        if (!root.equals(checkpoint.root())) {
            throw new OtherRoot((names.isEmpty()
                            ? "a log without entries has the root "
                            : String.join(
                                            " and ",
                                            names.stream().map(Tile::path).toList()) + " lead to the root ")
                    + root + ", the checkpoint of " + size + " entries has " + checkpoint.root());
        }
    }

    /** The partial tiles of a tree of {@code size} leaves: at most one a level, and all that its root is made of. */
    public static List<Tile> edge(long size) {
        var edge = new ArrayList<Tile>();
        for (int level = 0; level < 8; level++) {
            long hashes = size >> level * 8;
            if (hashes % TilePath.FULL != 0) {
                edge.add(Tile.of(level, hashes / TilePath.FULL, size));
            }
        }
        return edge;
    }

    /**
     * The hashes of the tile {@code index} of {@code level}.
     *
     * @throws Refuted if they are not those that the tree has
     */
    public List<Hash> hashes(int level, long index) throws Refuted, IOException {
        var tile = Tile.of(level, index, size);
        if (!tile.isFull()) {
            return partial.getOrDefault(tile, List.of());
        }
        synchronized (kept) {
            var before = kept.get(tile);
            if (before != null) {
                return before;
            }
        }
        var hashes = tile.hashes(tiles.read(List.of(tile)).getFirst());
        var root = Tile.root(hashes);
        var above = hashes(level + 1, index / TilePath.FULL).get((int) (index % TilePath.FULL));
        if (!root.equals(above)) {
            throw new Refuted(tile.path() + " leads to the hash " + root + ", "
                    + Tile.of(level + 1, index / TilePath.FULL, size).path() + " has " + above + " for it at "
                    + index % TilePath.FULL);
        }
        if (level > 0) {
            synchronized (kept) {
                kept.put(tile, hashes);
            }
        }
        return hashes;
    }

    /** The hash of leaf {@code index}, from {@link #hashes}. */
    public Hash leaf(long index) throws Refuted, IOException {
        if (index < 0 || index >= size) {
            throw new Malformed("a tree of " + size + " leaves has no leaf " + index);
        }
        return hashes(0, index / TilePath.FULL).get((int) (index % TilePath.FULL));
    }
}
