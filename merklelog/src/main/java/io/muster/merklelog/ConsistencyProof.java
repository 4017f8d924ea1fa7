package io.muster.merklelog;

import java.util.List;

/**
 * Proves that a tree begins with all leaves of a smaller one, unchanged and in their order. Of the empty tree no proof exists: any tree
 * begins with it.
 *
 * @param from leaves of the smaller tree, at least 1
 * @param to leaves of the larger one; as many make an empty path
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6962#section-2.1.2">RFC 6962, section 2.1.2</a>
 */
public record ConsistencyProof(long from, long to, List<Hash> path) {
    public ConsistencyProof {
        path = List.copyOf(path);
        if (from < 1 || from > to) {
            throw new Malformed("no proof leads from a tree of " + from + " leaves to one of " + to);
        }
        if (path.size() > InclusionProof.LONGEST) {
            throw new Malformed("a proof has at most " + InclusionProof.LONGEST + " hashes, not " + path.size());
        }
    }

    /**
     * Checks the proof against the roots of the two trees.
     *
     * @see <a href="https://www.rfc-editor.org/rfc/rfc9162#section-2.1.4.2">RFC 9162, section 2.1.4.2</a>
     */
    public void verify(Hash fromRoot, Hash toRoot) throws Refuted {
        if (from == to) {
            if (!path.isEmpty()) {
                throw new Refuted("between trees of one size, " + from + ", the proof is empty");
            }
            check(fromRoot.equals(toRoot), "two trees of " + from + " leaves have different roots");
            return;
        }
        check(!path.isEmpty(), "the proof is empty");
        boolean whole =
                Long.bitCount(from) == 1; // then the smaller tree is itself a node of the larger one, and left out
        var rest = whole ? path : path.subList(1, path.size());
        long node = from - 1;
        long last = to - 1;
        while ((node & 1) == 1) {
            node >>= 1;
            last >>= 1;
        }
        var smaller = whole ? fromRoot : path.getFirst();
        var larger = smaller;
        for (var hash : rest) {
            check(last != 0, "the proof is too long");
            if ((node & 1) == 1 || node == last) {
                smaller = Hash.ofChildren(hash, smaller);
                larger = Hash.ofChildren(hash, larger);
                while ((node & 1) == 0 && node != 0) {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                larger = Hash.ofChildren(larger, hash);
            }
            node >>= 1;
            last >>= 1;
        }
        check(last == 0, "the proof is too short");
        check(smaller.equals(fromRoot), "the proof leads to another root of the smaller tree");
        check(larger.equals(toRoot), "the proof leads to another root of the larger tree");
    }

    private void check(boolean holds, String otherwise) throws Refuted {
        if (!holds) {
            throw new Refuted("the tree of " + to + " leaves does not grow out of that of " + from + ": " + otherwise);
        }
    }
}
