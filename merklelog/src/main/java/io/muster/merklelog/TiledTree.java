package io.muster.merklelog;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;

/**
 * The tree of a log, read from its tiles: a proof needs a few of them, however large the tree is.
 *
 * <p>It takes the tiles' word. Whoever did not make them compares {@link #root} with the one that is signed, or verifies the proof.
 *
 * @param size leaves; at least those that the tiles cover
 */
public record TiledTree(long size, TileReader tiles) {
    public TiledTree {
        if (size < 0) {
            throw new Malformed("a tree does not have " + size + " leaves");
        }
    }

    /** Leaves {@code from} until {@code to}; {@code from} is a multiple of the largest power of two that fits into them. */
    private record Range(long from, long to) {
        /** The full subtrees side by side that make it up, the largest first. */
        List<Node> nodes() {
            var nodes = new ArrayList<Node>();
            for (long at = from; at < to; ) {
                int height = Long.SIZE - 1 - Long.numberOfLeadingZeros(to - at);
                nodes.add(new Node(height, at >> height));
                at += 1L << height;
            }
            return nodes;
        }
    }

    /** The root of the full subtree {@code index} among those of 2^{@code height} leaves. */
    private record Node(int height, long index) {}

    public Hash root() throws IOException {
        return size == 0 ? Hash.OF_NOTHING : roots(List.of(new Range(0, size))).getFirst();
    }

    /** The edge from which the tree grows on. */
    public Frontier frontier() throws IOException {
        var edge = new ArrayList<Range>();
        for (var node : new Range(0, size).nodes()) {
            edge.add(new Range(node.index << node.height, (node.index + 1) << node.height));
        }
        return new Frontier(size, roots(edge));
    }

    /**
     * The proof that leaf {@code index} is in this tree.
     *
     * @see <a href="https://www.rfc-editor.org/rfc/rfc6962#section-2.1.1">RFC 6962, section 2.1.1</a>
     */
    public InclusionProof inclusion(long index) throws IOException {
        if (index < 0 || index >= size) {
            throw new Malformed("a tree of " + size + " leaves has no leaf " + index);
        }
        var siblings = new ArrayList<Range>();
        long from = 0;
        long to = size;
        while (to - from > 1) {
            long middle = from + largestPowerOfTwoBelow(to - from);
            if (index < middle) {
                siblings.add(new Range(middle, to));
                to = middle;
            } else {
                siblings.add(new Range(from, middle));
                from = middle;
            }
        }
        return new InclusionProof(index, size, roots(siblings.reversed()));
    }

    /**
     * The proof that this tree grew out of that of its first {@code old} leaves.
     *
     * @see <a href="https://www.rfc-editor.org/rfc/rfc6962#section-2.1.2">RFC 6962, section 2.1.2</a>
     */
    public ConsistencyProof consistency(long old) throws IOException {
        if (old < 1 || old > size) {
            throw new Malformed("no proof leads from a tree of " + old + " leaves to one of " + size);
        }
        var parts = new ArrayList<Range>();
        long from = 0;
        long to = size;
        while (to != old) {
            long middle = from + largestPowerOfTwoBelow(to - from);
            if (old <= middle) {
                parts.add(new Range(middle, to));
                to = middle;
            } else {
                parts.add(new Range(from, middle));
                from = middle;
            }
        }
        if (from > 0) { // else the rest is the old tree itself, whose root the verifier has
            parts.add(new Range(from, to));
        }
        return new ConsistencyProof(old, size, roots(parts.reversed()));
    }

    private static long largestPowerOfTwoBelow(long n) {
        return Long.highestOneBit(n - 1);
    }

    private List<Hash> roots(List<Range> ranges) throws IOException {
        var needed = new LinkedHashSet<Tile>();
        for (var range : ranges) {
            for (var node : range.nodes()) {
                needed.add(Tile.holding(node.height, node.index, size));
            }
        }
        if (needed.isEmpty()) {
            return List.of();
        }
        var asked = List.copyOf(needed);
        var contents = tiles.read(asked);
        if (contents.size() != asked.size()) {
            throw new IOException("asked for " + asked.size() + " tiles and got " + contents.size());
        }
        var hashes = new HashMap<Tile, List<Hash>>();
        for (int i = 0; i < asked.size(); i++) {
            hashes.put(asked.get(i), asked.get(i).hashes(contents.get(i)));
        }
        var roots = new ArrayList<Hash>(ranges.size());
        for (var range : ranges) {
            var subtrees = new ArrayList<Hash>();
            for (var node : range.nodes()) {
                var tile = Tile.holding(node.height, node.index, size);
                subtrees.add(Tile.folded(node.height, node.index, Objects.requireNonNull(hashes.get(tile))));
            }
            roots.add(Frontier.fold(subtrees));
        }
        return roots;
    }
}
