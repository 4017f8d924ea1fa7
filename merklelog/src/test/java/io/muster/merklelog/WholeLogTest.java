package io.muster.merklelog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WholeLogTest {
    private static final int SIZE = 66_000;

    private final MemoryLog log = MemoryLog.ofMusterLeaves(SIZE);
    private final List<Checkpoint> checkpoints = new ArrayList<>();

    WholeLogTest() {
        for (int size : new int[] {0, 1, 255, 256, 30_000, 65_536, SIZE}) {
            var frontier = Frontier.EMPTY.append(
                    log.entries.subList(0, size).stream().map(Hash::ofLeaf).toList());
            checkpoints.add(new Checkpoint("log.example/1", size, frontier.root()));
        }
    }

    private void readAll(WholeLog whole) throws Exception {
        for (long index = 0; index * TilePath.FULL < SIZE; index++) {
            var bundle = new Bundle(index, (int) Math.min(TilePath.FULL, SIZE - index * TilePath.FULL));
            whole.read(bundle, log.file(bundle));
        }
        whole.end();
    }

    private String lie() {
        var lies = new ArrayList<String>();
        assertThatThrownBy(() -> readAll(new WholeLog(checkpoints, log)))
                .isInstanceOf(Refuted.class)
                .satisfies(refuted -> lies.add(refuted.getMessage()));
        return lies.getFirst();
    }

    @Test
    void a_true_log_agrees_with_all_that_was_said_of_it() throws Exception {
        readAll(new WholeLog(checkpoints, log));
        readAll(new WholeLog(checkpoints));
        var atOnce = new WholeLog(checkpoints, log);
        atOnce.read(log.entries.stream().map(Hash::ofLeaf).toList());
        atOnce.end();
        assertThat(atOnce.size()).isEqualTo(SIZE);
        new WholeLog(checkpoints.subList(0, 1)).end();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void a_changed_bit_of_any_file_is_found_and_named(long seed) {
        var random = new Random(seed);
        for (int round = 0; round < 4; round++) {
            var names = Tile.between(0, SIZE);
            var tile = names.get(round == 3 ? names.size() - 1 - random.nextInt(3) : random.nextInt(names.size()));
            var content = log.file(tile);
            int at = random.nextInt(content.length);
            byte changed = (byte) (1 << random.nextInt(8));
            content[at] ^= changed;
            assertThat(lie())
                    .contains(tile.path() + " ")
                    .contains(
                            tile.level() == 0
                                    ? "entry " + (tile.index() * 256 + at / 32) + " "
                                    : "hash " + at / 32 + " of " + tile.path());
            content[at] ^= changed;
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14})
    void a_changed_entry_is_found_and_named(long seed) throws Exception {
        var random = new Random(seed);
        int at = random.nextInt(SIZE);
        var bundle = new Bundle(at / 256, Math.min(256, SIZE - at / 256 * 256));
        var entries = new ArrayList<>(bundle.entries(log.file(bundle)));
        entries.get(at % 256)[random.nextInt(5)] ^= 1;
        log.files.put(bundle.path(), Bundle.content(entries));
        assertThat(lie()).startsWith("entry " + at + " has the hash ");
        // without tiles, the first checkpoint that covers it tells
        long covered = checkpoints.stream()
                .mapToLong(Checkpoint::size)
                .filter(size -> size > at)
                .min()
                .orElseThrow();
        assertThatThrownBy(() -> readAll(new WholeLog(checkpoints)))
                .isInstanceOf(Refuted.class)
                .hasMessageStartingWith("the first " + covered + " entries have the root ");
    }

    @Test
    void entries_that_are_missing_moved_added_or_doubled_are_found() {
        var leaves = log.entries.stream().map(Hash::ofLeaf).toList();
        var missing = new ArrayList<>(leaves);
        missing.remove(40_000);
        lie(missing, "entry 40000 has the hash ");
        var moved = new ArrayList<>(leaves);
        moved.add(40_001, moved.remove(40_000));
        lie(moved, "entry 40000 has the hash ");
        var doubled = new ArrayList<>(leaves);
        doubled.add(40_000, leaves.get(40_000));
        lie(doubled, "entry 40001 has the hash ");
        lie(leaves.subList(0, SIZE - 1), "the log ends after 65999 entries, its checkpoint has 66000");
        var added = new ArrayList<>(leaves);
        added.add(leaves.getFirst());
        lie(added, "the log has entries beyond the 66000 of its checkpoint");
    }

    private void lie(List<Hash> leaves, String told) {
        assertThatThrownBy(() -> {
                    var whole = new WholeLog(checkpoints, log);
                    whole.read(leaves);
                    whole.end();
                })
                .isInstanceOf(Refuted.class)
                .hasMessageStartingWith(told);
    }

    @Test
    void a_checkpoint_that_does_not_fit_is_found() {
        checkpoints.add(new Checkpoint("log.example/1", 50_000, Hash.OF_NOTHING));
        assertThat(lie()).startsWith("the first 50000 entries have the root ");
        checkpoints.add(new Checkpoint("log.example/1", 256, Hash.OF_NOTHING));
        assertThat(lie()).startsWith("two checkpoints of 256 entries have different roots: ");
    }

    @Test
    void bundles_come_in_their_order() throws Exception {
        var whole = new WholeLog(checkpoints, log);
        whole.read(new Bundle(0, 256), log.file(new Bundle(0, 256)));
        assertThatThrownBy(() -> whole.read(new Bundle(2, 256), log.file(new Bundle(2, 256))))
                .isInstanceOf(Malformed.class);
        assertThatThrownBy(() -> whole.read(new Bundle(0, 256), log.file(new Bundle(0, 256))))
                .isInstanceOf(Malformed.class);
        assertThatThrownBy(() -> new WholeLog(List.of())).isInstanceOf(Malformed.class);
    }
}
