package io.muster.server.audit;

import io.muster.merklelog.Hash;
import io.muster.merklelog.TilePath;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The leaves behind a log's last full tile, and which words they have, as this server appended them. One thread's at a time. */
final class OpenTile {

    /**
     * It is full.
     *
     * @param n its place among the log's tiles of leaves
     */
    record Full(int log, long n, List<Hash> hashes, WordFilter words) {}

    private final WordFilter.Builder words = new WordFilter.Builder();
    private final List<Hash> hashes = new ArrayList<>();
    private byte[] root = {};

    /** @param probes of the words of the event whose leaf it is */
    void add(Hash leaf, long[] probes) {
        hashes.add(leaf);
        words.add(probes);
    }

    boolean isFull() {
        return hashes.size() == TilePath.FULL;
    }

    Full full(int log, long n) {
        return new Full(log, n, hashes, words.filter());
    }

    /** From now on it is the right end of the log that has this root. */
    void endsIn(byte[] root) {
        this.root = root;
    }

    /** Whether it is the right end of that log, and not of one to which somebody else has appended. */
    boolean isEndOf(long size, byte[] root) {
        return size % TilePath.FULL == hashes.size() && Arrays.equals(this.root, root);
    }
}
