package io.muster.merklelog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProvenTilesTest {
    private static final int SIZE = 66_000;

    private static Checkpoint checkpoint(MemoryLog log) {
        return new Checkpoint("log.example/1", log.entries.size(), log.frontier.root());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 255, 256, 257, 65_536, SIZE})
    void true_tiles_are_believed(int size) throws Exception {
        var log = MemoryLog.ofMusterLeaves(size);
        var proven = new ProvenTiles(checkpoint(log), log);
        for (int i = size - 1; i >= 0; i -= 1 + size / 300) {
            assertThat(proven.leaf(i)).isEqualTo(Hash.ofLeaf(log.entries.get(i)));
        }
        assertThatThrownBy(() -> proven.leaf(size)).isInstanceOf(Malformed.class);
    }

    @Test
    void a_log_without_entries_has_no_tiles() throws Exception {
        var log = new MemoryLog();
        new ProvenTiles(checkpoint(log), log);
        assertThatThrownBy(() -> new ProvenTiles(new Checkpoint("log.example/1", 0, Hash.ofLeaf(new byte[0])), log))
                .isInstanceOf(Refuted.class);
    }

    @Test
    void a_changed_bit_of_any_tile_is_found_by_whoever_needs_that_tile() throws Exception {
        var log = MemoryLog.ofMusterLeaves(SIZE);
        var random = new Random(7);
        var names = Tile.between(0, SIZE);
        for (int round = 0; round < 60; round++) {
            var tile = names.get(round % 3 == 0 ? names.size() - 1 - random.nextInt(4) : random.nextInt(names.size()));
            var content = log.file(tile);
            int at = random.nextInt(content.length);
            content[at] ^= 1;
            assertThatThrownBy(() -> new ProvenTiles(checkpoint(log), log).hashes(tile.level(), tile.index()))
                    .isInstanceOf(Refuted.class)
                    .hasMessageContaining(tile.path() + " ");
            content[at] ^= 1;
        }
    }

    @Test
    void the_edge_is_all_that_the_root_needs() {
        assertThat(ProvenTiles.edge(0)).isEmpty();
        assertThat(ProvenTiles.edge(256)).containsExactly(new Tile(1, 0, 1));
        assertThat(ProvenTiles.edge(70_000))
                .containsExactly(new Tile(0, 273, 112), new Tile(1, 1, 17), new Tile(2, 0, 1));
        assertThat(ProvenTiles.edge(Long.MAX_VALUE)).hasSize(8);
    }
}
