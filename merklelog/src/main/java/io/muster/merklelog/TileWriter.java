package io.muster.merklelog;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes tiles of a growing tree, from the first leaf on: {@code frontier.append(leaves, writer)}. Holds the right end of each level,
 * at most 8 * 255 hashes. Not for several threads.
 */
public final class TileWriter implements Frontier.Nodes {
    /** Takes tiles that are full, and so final. */
    public interface Sink {
        void full(Tile tile, List<Hash> hashes);
    }

    private final Sink sink;
    private final List<List<Hash>> levels = new ArrayList<>();
    private final long[] full = new long[8];

    public TileWriter(Sink sink) {
        this.sink = sink;
    }

    @Override
    public void full(int height, long index, Hash hash) {
        if (height % 8 != 0) {
            return;
        }
        int level = height / 8;
        if (level == levels.size()) {
            levels.add(new ArrayList<>());
        }
        var hashes = levels.get(level);
        if (index != full[level] * TilePath.FULL + hashes.size()) {
            throw new IllegalStateException("node " + index + " of height " + height + " does not follow on "
                    + (full[level] * TilePath.FULL + hashes.size()));
        }
        hashes.add(hash);
        if (hashes.size() == TilePath.FULL) {
            levels.set(level, new ArrayList<>());
            sink.full(new Tile(level, full[level]++, TilePath.FULL), hashes);
        }
    }

    /** The tiles at the right end, which the next leaves change. */
    public Map<Tile, List<Hash>> partial() {
        var partial = new LinkedHashMap<Tile, List<Hash>>();
        for (int level = 0; level < levels.size(); level++) {
            var hashes = levels.get(level);
            if (!hashes.isEmpty()) {
                partial.put(new Tile(level, full[level], hashes.size()), List.copyOf(hashes));
            }
        }
        return partial;
    }
}
