package io.muster.merklelog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against {@link Rfc6962}: trees, tiles and proofs of every small size, and of some large ones. */
class TreeTest {
    @Test
    void every_root_and_proof_of_small_trees_is_that_of_rfc_6962() throws Exception {
        compare(1, 70);
    }

    @Test
    @Tag("nightly")
    void every_root_and_proof_of_trees_around_two_tiles_is_that_of_rfc_6962() throws Exception {
        compare(71, 270);
        compare(510, 514);
    }

    private static void compare(int smallest, int largest) throws Exception {
        var log = new MemoryLog();
        var random = new Random(smallest);
        log.append(entries(random, smallest - 1));
        for (int size = smallest; size <= largest; size++) {
            log.append(entries(random, 1));
            log.publish();
            var root = Rfc6962.root(log.entries);
            assertThat(log.frontier.root()).isEqualTo(root);
            assertThat(log.tree().root()).isEqualTo(root);
            assertThat(log.tree().frontier()).isEqualTo(log.frontier);
            for (int i = 0; i < size; i++) {
                inclusion(log, i, root);
                consistency(log, i + 1, root);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void random_roots_and_proofs_of_larger_trees_are_those_of_rfc_6962(long seed) throws Exception {
        var random = new Random(seed);
        var log = new MemoryLog();
        while (log.entries.size()
                < 3000) { // batches as they come, so that subtrees are completed within them and between them
            log.append(entries(random, random.nextInt(1000)));
            log.publish();
            if (log.entries.isEmpty()) continue;
            var root = Rfc6962.root(log.entries);
            assertThat(log.frontier.root()).isEqualTo(root);
            assertThat(log.tree().root()).isEqualTo(root);
            assertThat(log.tree().frontier()).isEqualTo(log.frontier);
            for (int i = 0; i < 4; i++) {
                inclusion(log, random.nextInt(log.entries.size()), root);
                consistency(log, 1 + random.nextInt(log.entries.size()), root);
            }
        }
    }

    private static void inclusion(MemoryLog log, int index, Hash root) throws Exception {
        var proof = log.tree().inclusion(index);
        assertThat(proof.path()).isEqualTo(Rfc6962.path(index, log.entries));
        proof.verify(Hash.ofLeaf(log.entries.get(index)), root);
    }

    private static void consistency(MemoryLog log, int old, Hash root) throws Exception {
        var proof = log.tree().consistency(old);
        assertThat(proof.path()).isEqualTo(Rfc6962.proof(old, log.entries));
        proof.verify(Rfc6962.root(log.entries.subList(0, old)), root);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void a_proof_with_any_other_bit_index_size_root_or_length_is_refuted(long seed) throws Exception {
        var random = new Random(seed);
        var log = new MemoryLog();
        log.append(entries(random, 2 + random.nextInt(600)));
        log.publish();
        int size = log.entries.size();
        var root = log.frontier.root();
        for (int round = 0; round < 50; round++) {
            int index = random.nextInt(size);
            var leaf = Hash.ofLeaf(log.entries.get(index));
            var proof = log.tree().inclusion(index);
            for (var other : changed(random, proof.path())) {
                refuted(new InclusionProof(index, size, other), leaf, root);
            }
            refuted(new InclusionProof((index + 1) % size, size, proof.path()), leaf, root);
            refuted(proof, flipped(random, leaf), root);
            refuted(proof, leaf, flipped(random, root));

            int old = 1 + random.nextInt(size - 1);
            var oldRoot = Rfc6962.root(log.entries.subList(0, old));
            var growth = log.tree().consistency(old);
            for (var other : changed(random, growth.path())) {
                refuted(new ConsistencyProof(old, size, other), oldRoot, root);
            }
            refuted(growth, flipped(random, oldRoot), root);
            refuted(growth, oldRoot, flipped(random, root));
            if (old > 1) refuted(new ConsistencyProof(old - 1, size, growth.path()), oldRoot, root);
        }
    }

    /** Here the hashes agree, and the length alone tells: a node poses as a leaf, or as the root of another size. */
    @Test
    void a_proof_of_another_length_than_its_index_and_size_have_is_refuted_though_its_hashes_agree() {
        var a = Hash.ofLeaf(new byte[] {1});
        var b = Hash.ofLeaf(new byte[] {2});
        var ab = Hash.ofChildren(a, b);
        refuted(new InclusionProof(0, 2, List.of()), ab, ab);
        refuted(new InclusionProof(128, 257, List.of()), ab, ab);
        refuted(new InclusionProof(0, 4, List.of(b)), a, ab);
        refuted(new InclusionProof(0, 1, List.of(b)), a, ab);
        refuted(new InclusionProof(0, 1, List.of(a)), b, ab);
        refuted(new ConsistencyProof(1, 4, List.of(b)), a, ab);
        refuted(new ConsistencyProof(1, 1, List.of(b)), a, a);
        refuted(new ConsistencyProof(2, 3, List.of()), ab, ab);
    }

    private static void refuted(InclusionProof proof, Hash leaf, Hash root) {
        assertThatThrownBy(() -> proof.verify(leaf, root)).isInstanceOf(Refuted.class);
    }

    private static void refuted(ConsistencyProof proof, Hash from, Hash to) {
        assertThatThrownBy(() -> proof.verify(from, to)).isInstanceOf(Refuted.class);
    }

    /** One hash more, one fewer, one bit flipped, two changed places. */
    private static List<List<Hash>> changed(Random random, List<Hash> path) {
        var all = new ArrayList<List<Hash>>();
        for (int at : new int[] {0, path.size()}) {
            var more = new ArrayList<>(path);
            more.add(at, flipped(random, Hash.OF_NOTHING));
            all.add(more);
        }
        if (path.isEmpty()) return all;
        all.add(path.subList(1, path.size()));
        all.add(path.subList(0, path.size() - 1));
        var flipped = new ArrayList<>(path);
        int at = random.nextInt(path.size());
        flipped.set(at, flipped(random, path.get(at)));
        all.add(flipped);
        if (path.size() > 1) {
            var swapped = new ArrayList<>(path);
            swapped.add(swapped.removeFirst());
            all.add(swapped);
        }
        return all;
    }

    static Hash flipped(Random random, Hash hash) {
        var bytes = hash.bytes();
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        return Hash.at(bytes, 0);
    }

    /** A frontier is all that a log needs to grow by, so one of 2^62 leaves grows as one of three does. */
    @Test
    void a_tree_of_any_size_grows_and_folds() {
        long size = (1L << 62) - 1;
        var edge = new ArrayList<Hash>();
        for (int i = 0; i < 62; i++) edge.add(Hash.ofLeaf(new byte[] {(byte) i}));
        var leaf = Hash.ofLeaf(new byte[] {62});
        var grown = new Frontier(size, edge).append(leaf);
        assertThat(grown.size()).isEqualTo(size + 1);
        edge.add(leaf);
        assertThat(grown.edge()).containsExactly(Frontier.fold(edge));
        assertThat(Frontier.of(grown.size(), grown.bytes())).isEqualTo(grown);
    }

    @Test
    void a_tree_ends_before_its_size_would_overflow() {
        long size = Long.MAX_VALUE;
        var full = new Frontier(size, java.util.Collections.nCopies(63, Hash.OF_NOTHING));
        assertThatThrownBy(() -> full.append(Hash.OF_NOTHING)).isInstanceOf(ArithmeticException.class);
    }

    @Test
    void what_no_tree_has_is_refused() {
        var hash = Hash.OF_NOTHING;
        for (Runnable wrong : List.<Runnable>of(
                () -> new Frontier(3, List.of(hash)),
                () -> new Frontier(-1, List.of()),
                () -> new InclusionProof(3, 3, List.of()),
                () -> new InclusionProof(-1, 3, List.of()),
                () -> new InclusionProof(0, 3, java.util.Collections.nCopies(64, hash)),
                () -> new ConsistencyProof(0, 3, List.of()),
                () -> new ConsistencyProof(4, 3, List.of()),
                () -> new Tile(64, 0, 1),
                () -> new Tile(0, -1, 1),
                () -> new Tile(0, 0, 0),
                () -> new Tile(0, 0, 257),
                () -> Tile.between(2, 1),
                () -> Hash.split(new byte[33]))) {
            assertThatThrownBy(wrong::run).isInstanceOf(Malformed.class);
        }
    }

    /** Where the contents come from does not matter to the reader: which tiles a growth makes is arithmetic alone. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void tiles_between_two_sizes_are_those_that_a_writer_makes(long seed) {
        var random = new Random(seed);
        var made = new ArrayList<Tile>();
        var writer = new TileWriter((tile, hashes) -> made.add(tile));
        var frontier = Frontier.EMPTY;
        for (int round = 0; round < 20; round++) {
            long before = frontier.size();
            made.clear();
            var untouched = writer.partial().keySet();
            frontier = frontier.append(
                    entries(random, random.nextInt(8000)).stream()
                            .map(Hash::ofLeaf)
                            .toList(),
                    writer);
            made.addAll(writer.partial().keySet());
            made.removeAll(untouched);
            assertThat(Tile.between(before, frontier.size())).containsExactlyInAnyOrderElementsOf(made);
        }
    }

    static List<byte[]> entries(Random random, int count) {
        var entries = new ArrayList<byte[]>();
        for (int i = 0; i < count; i++) {
            var entry = new byte[random.nextInt(64)];
            random.nextBytes(entry);
            entries.add(entry);
        }
        return entries;
    }
}
