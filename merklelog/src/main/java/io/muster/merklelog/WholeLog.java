package io.muster.merklelog;

import java.io.IOException;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Reads a log from its first entry on and compares it with all that was said of it: checkpoints, and tiles if there are any. Holds
 * no more than a {@link Frontier} and a {@link TileWriter} do, however long the log is. Not for several threads.
 */
public final class WholeLog {
    /** Not yet reached, by their sizes. */
    private final TreeMap<Long, Hash> roots = new TreeMap<>();

    private final long last;
    private final Optional<TileReader> tiles;

    /** Not yet compared; leaves before what is made of them. */
    private final Map<Tile, List<Hash>> made =
            new TreeMap<>(Comparator.comparingInt(Tile::level).thenComparingLong(Tile::index));

    private final TileWriter writer = new TileWriter(made::put);
    private Frontier frontier = Frontier.EMPTY;

    /** @param checkpoints of the log, verified: all must be true of it, and it ends with the largest */
    public WholeLog(Collection<Checkpoint> checkpoints) throws Refuted {
        this(checkpoints, Optional.empty());
    }

    /** @param tiles as published for the largest of {@code checkpoints}: compared one by one, so that a changed entry is named */
    public WholeLog(Collection<Checkpoint> checkpoints, TileReader tiles) throws Refuted {
        this(checkpoints, Optional.of(tiles));
    }

    private WholeLog(Collection<Checkpoint> checkpoints, Optional<TileReader> tiles) throws Refuted {
        if (checkpoints.isEmpty()) {
            throw new Malformed("without a checkpoint there is nothing to compare a log with");
        }
        for (var checkpoint : checkpoints) {
            var other = roots.put(checkpoint.size(), checkpoint.root());
            if (other != null && !other.equals(checkpoint.root())) {
                throw new Refuted("two checkpoints of " + checkpoint.size() + " entries have different roots: "
                        + checkpoint.root() + " and " + other);
            }
        }
        this.last = roots.lastKey();
        this.tiles = tiles;
        compareRoot();
    }

    /** Entries read so far. */
    public long size() {
        return frontier.size();
    }

    /**
     * The next entries, as a bundle holds them.
     *
     * @throws Refuted if a tile or a checkpoint says otherwise
     * @throws Malformed if it is not the next bundle
     */
    public void read(Bundle bundle, byte[] content) throws Refuted, IOException {
        if (bundle.index() * TilePath.FULL != size()) {
            throw new Malformed("entry " + size() + " is not the first of " + bundle.path());
        }
        read(bundle.leaves(content));
    }

    /**
     * The next entries, as hashes of their leaves; any number.
     *
     * @throws OtherRoot if all tiles say the same, and a checkpoint says otherwise
     * @throws Refuted if a tile or a checkpoint says otherwise
     */
    public void read(List<Hash> leaves) throws Refuted, IOException {
        for (var rest = leaves; !rest.isEmpty(); ) {
            if (size() == last) {
                throw new Refuted("the log has entries beyond the " + last + " of its checkpoint");
            }
            var next = rest.subList(0, (int) Math.min(rest.size(), roots.firstKey() - size()));
            frontier = frontier.append(next, writer);
            compareTiles();
            compareRoot();
            rest = rest.subList(next.size(), rest.size());
        }
    }

    /**
     * Says that there is no further entry, and compares the tiles at the right end.
     *
     * @throws Refuted if a checkpoint has more, or a tile says otherwise
     */
    public void end() throws Refuted, IOException {
        if (size() < last) {
            throw new Refuted("the log ends after " + size() + " entries, its checkpoint has " + last);
        }
        made.putAll(writer.partial());
        compareTiles();
    }

    private void compareRoot() throws OtherRoot {
        var root = roots.remove(size());
        if (root != null && !root.equals(frontier.root())) {
            throw new OtherRoot("the first " + size() + " entries have the root " + frontier.root()
                    + ", their checkpoint has " + root);
        }
    }

    /** Before the root, which would only tell that something is wrong. */
    private void compareTiles() throws Refuted, IOException {
        if (tiles.isPresent() && !made.isEmpty()) {
            var names = List.copyOf(made.keySet());
            var contents = tiles.get().read(names);
            for (int i = 0; i < names.size(); i++) {
                compare(names.get(i), names.get(i).hashes(contents.get(i)));
            }
        }
        made.clear();
    }

    private void compare(Tile tile, List<Hash> published) throws Refuted {
        int i = 0;
        for (var hash : made.getOrDefault(tile, List.of())) {
            if (!hash.equals(published.get(i))) {
                long at = tile.index() * TilePath.FULL + i;
                throw new Refuted(
                        tile.level() == 0
                                ? "entry " + at + " has the hash " + hash + ", " + tile.path() + " has "
                                        + published.get(i)
                                : "hash " + i + " of " + tile.path() + " is " + published.get(i)
                                        + ", the tile below it leads to " + hash);
            }
            i++;
        }
    }
}
