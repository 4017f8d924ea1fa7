package io.muster.merklelog;

import java.util.Arrays;
import java.util.List;

/**
 * All that a log must remember of its tree to grow and to know its root: the roots of its largest full subtrees, one for each 1 bit of
 * its size, leftmost (and largest) first; 63 at most. Also called a compact range.
 *
 * @param size leaves in the tree
 */
public record Frontier(long size, List<Hash> edge) {
    public static final Frontier EMPTY = new Frontier(0, List.of());

    public Frontier {
        edge = List.copyOf(edge);
        if (size < 0 || edge.size() != Long.bitCount(size)) {
            throw new Malformed(
                    "a tree of " + size + " leaves has " + Long.bitCount(size) + " full subtrees, not " + edge.size());
        }
    }

    /** Hears of each node that will never change again: leaves (level 0), and the roots of subtrees that are full. */
    public interface Nodes {
        /** @param hash of the root of leaves {@code index << level} until {@code (index + 1) << level} */
        void full(int level, long index, Hash hash);
    }

    /** Reads {@link #bytes}. */
    public static Frontier of(long size, byte[] edge) {
        return new Frontier(size, Hash.split(edge));
    }

    public Frontier append(Hash leaf) {
        return append(List.of(leaf), (level, index, hash) -> {});
    }

    public Frontier append(List<Hash> leaves) {
        return append(leaves, (level, index, hash) -> {});
    }

    /** This with {@code leaves} behind it; {@code nodes} hears of what became full, children before their parents. */
    public Frontier append(List<Hash> leaves, Nodes nodes) {
        long grown = Math.addExact(size, leaves.size());
        var stack = new Hash[Long.SIZE]; // the subtree that a 1 bit of the size stands for, rightmost on top
        int top = 0;
        for (var hash : edge) {
            stack[top++] = hash;
        }
        long index = size;
        for (var leaf : leaves) {
            var node = leaf;
            nodes.full(0, index, node);
            for (int level = 1;
                    (index >> (level - 1) & 1) == 1;
                    level++) { // each trailing 1 bit is a subtree that this leaf completes
                node = Hash.ofChildren(stack[--top], node);
                nodes.full(level, index >> level, node);
            }
            stack[top++] = node;
            index++;
        }
        return new Frontier(grown, Arrays.asList(stack).subList(0, top));
    }

    public Hash root() {
        return edge.isEmpty() ? Hash.OF_NOTHING : fold(edge);
    }

    /** Hashes of {@link #edge}, one after the other: what a log stores beside its size. */
    public byte[] bytes() {
        return Hash.join(edge);
    }

    /** The root over full subtrees that lie side by side, each smaller than the one on its left. */
    static Hash fold(List<Hash> subtrees) {
        var root = subtrees.getLast();
        for (int i = subtrees.size() - 2; i >= 0; i--) {
            root = Hash.ofChildren(subtrees.get(i), root);
        }
        return root;
    }
}
