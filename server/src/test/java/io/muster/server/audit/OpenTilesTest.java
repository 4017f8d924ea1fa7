package io.muster.server.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.merklelog.Hash;
import io.muster.merklelog.Tile;
import io.muster.server.deadline.PassingTime;
import io.muster.server.testing.Http;
import io.muster.server.testing.Owner;
import io.muster.server.testing.ServerTest;
import io.muster.server.testing.Story;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

@ServerTest
class OpenTilesTest {

    @Autowired
    Http http;

    @Autowired
    TestEvents events;

    @Autowired
    PassingTime time;

    @Autowired
    JdbcClient db;

    @Autowired
    Logs logs;

    @Autowired
    LogTiles tiles;

    @Autowired
    OpenTiles openTiles;

    @Autowired
    EventRows rows;

    @Autowired
    TransactionTemplate transaction;

    @Autowired
    TileWords words;

    private JdbcClient owner;

    @BeforeEach
    void tenants(@Autowired Environment environment) {
        owner = Owner.of(environment);
        new Story(http, db, time.now()).tell();
    }

    @Test
    void a_tile_is_stored_with_the_event_that_fills_it_and_is_the_one_that_would_be_read() {
        appended(255);
        assertThat(stored()).isEmpty();
        appended(1);
        assertThat(stored()).containsExactly(0L);
        appended(3 * 256 - 7);
        assertThat(stored()).containsExactly(0L, 1L, 2L);
        appended(7);
        assertThat(stored()).containsExactly(0L, 1L, 2L, 3L);
        var made = all();
        owner.sql("truncate audit_tile, audit_words").update();
        assertThat(stored()).isEmpty();
        db.sql("insert into deadline (kind, key, due_at) values ('audit.seal', :log, :now)")
                .param("log", Integer.toString(log()))
                .param("now", time.now().atOffset(ZoneOffset.UTC))
                .update();
        time.passes(Duration.ofSeconds(2));
        assertThat(all()).hasSize(8).isEqualTo(made);
    }

    @Test
    void what_this_server_does_not_know_whole_is_left_to_the_sealer_and_what_is_behind_waits_for_it() {
        appended(256);
        owner.sql("truncate audit_tile, audit_words").update();
        appended(256);
        assertThat(stored()).as("tile 1 without tile 0").isEmpty();
        assertThat(words.unwritten(log())).isZero();
        time.passes(Duration.ofSeconds(2));
        assertThat(stored()).containsExactly(0L, 1L);
        assertThat(words.unwritten(log())).isEqualTo(2);
        appended(100);
        var other = Hash.OF_NOTHING.bytes();
        transaction.executeWithoutResult(_ -> openTiles.append(
                List.of(new OpenTiles.Growth(log(), 612, other, other, List.of(), List.of())), time.now()));
        appended(200);
        assertThat(stored()).as("to tile 2 somebody else has appended").containsExactly(0L, 1L);
        time.passes(Duration.ofSeconds(2));
        assertThat(stored()).containsExactly(0L, 1L, 2L);
    }

    @Test
    void each_tile_has_the_hashes_of_its_events() {
        for (int i = 0; i < 9; i++) appended(100);
        assertThat(stored()).containsExactly(0L, 1L, 2L);
        for (long n = 0; n < 3; n++) {
            var hashes = tiles.hashes(log(), new Tile(0, n, 256));
            assertThat(hashes).isEqualTo(rowsOf(n));
            assertThat(db.sql("select root from audit_tile where n = :n and log_id = :log")
                            .param("n", n)
                            .param("log", log())
                            .query(byte[].class)
                            .single())
                    .isEqualTo(Tile.root(hashes).bytes());
        }
    }

    private List<Hash> rowsOf(long n) {
        return rows.entries(log(), 256 * n, 256 * n + 256).stream()
                .map(Hash::ofLeaf)
                .toList();
    }

    private void appended(int n) {
        events.many("montclair", n, i -> "\"action\":\"a" + i + "\",\"resource\":\"/r/" + i + "\"");
    }

    private int log() {
        return logs.newest("montclair").orElseThrow().id();
    }

    private List<Long> stored() {
        return db.sql("select n from audit_tile where level = 0 and log_id = :log order by n")
                .param("log", log())
                .query(Long.class)
                .list();
    }

    private List<String> all() {
        return db.sql("""
                select n || ' ' || encode(hashes, 'hex') || encode(root, 'hex') from audit_tile where log_id = :log
                 union all
                select n || ' ' || encode(bits, 'hex') from audit_words where log_id = :log
                 order by 1
                """).param("log", log()).query(String.class).list();
    }
}
