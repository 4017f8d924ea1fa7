package io.muster.merklelog;

import java.util.List;

/**
 * Proves that a leaf is in a tree at an index.
 *
 * @param index of the leaf, from 0
 * @param size leaves in the tree
 * @param path what the leaf is hashed with on its way to the root, its sibling first
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6962#section-2.1.1">RFC 6962, section 2.1.1</a>
 */
public record InclusionProof(long index, long size, List<Hash> path) {
    /** No tree of less than 2^63 leaves has a longer proof. */
    static final int LONGEST = 63;

    public InclusionProof {
        path = List.copyOf(path);
        if (index < 0 || index >= size) {
            throw new Malformed("a tree of " + size + " leaves has no leaf " + index);
        }
        if (path.size() > LONGEST) {
            throw new Malformed("a proof has at most " + LONGEST + " hashes, not " + path.size());
        }
    }

    /** @see #root */
    public void verify(Hash leaf, Hash root) throws Refuted {
        var follows = root(leaf);
        if (!follows.equals(root)) {
            throw new Refuted("leaf " + index + " is not in the tree of " + size + " leaves with root " + root
                    + ": its proof leads to " + follows);
        }
    }

    /**
     * The root of a tree that has {@code leaf} at {@link #index}.
     *
     * @throws Refuted if the proof has another length than one of this index and size
     * @see <a href="https://www.rfc-editor.org/rfc/rfc9162#section-2.1.3.2">RFC 9162, section 2.1.3.2</a>
     */
    public Hash root(Hash leaf) throws Refuted {
        long node = index;
        long last = size - 1;
        var root = leaf;
        for (var hash : path) {
            if (last == 0) {
                throw new Refuted("the proof of leaf " + index + " in a tree of " + size + " leaves is too long");
            }
            if ((node & 1) == 1 || node == last) {
                root = Hash.ofChildren(hash, root);
                while ((node & 1) == 0 && node != 0) {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                root = Hash.ofChildren(root, hash);
            }
            node >>= 1;
            last >>= 1;
        }
        if (last != 0) {
            throw new Refuted("the proof of leaf " + index + " in a tree of " + size + " leaves is too short");
        }
        return root;
    }
}
