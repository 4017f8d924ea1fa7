package io.muster.server.audit;

import io.muster.merklelog.Hash;
import io.muster.merklelog.Tile;
import io.muster.merklelog.TilePath;
import io.muster.merklelog.TileReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

/**
 * The table {@code audit_tile}, and what is not in it yet: full tiles are stored once, the right end of each level is made of what lies
 * below whenever it is asked for. Bundles of entries are made of the events themselves, so that nobody is shown what is not in them.
 */
@Repository
class LogTiles {

    private final JdbcClient db;
    private final EventRows events;

    LogTiles(JdbcClient db, EventRows events) {
        this.db = db;
        this.events = events;
    }

    TileReader reader(int log) {
        return tiles -> tiles.stream().map(tile -> Hash.join(hashes(log, tile))).toList();
    }

    /** Where the log reaches beyond it. */
    @Transactional(readOnly = true)
    public List<Hash> hashes(int log, Tile tile) {
        if (tile.isFull()) {
            var stored = db.sql("select hashes from audit_tile where log_id = :log and level = :level and n = :n")
                    .param("log", log)
                    .param("level", tile.level())
                    .param("n", tile.index())
                    .query(byte[].class)
                    .optional();
            if (stored.isPresent()) return Hash.split(stored.get());
        }
        long from = tile.index() * TilePath.FULL;
        if (tile.level() == 0)
            return events.entries(log, from, from + tile.width()).stream()
                    .map(Hash::ofLeaf)
                    .toList();
        var roots = roots(log, tile.level() - 1, from, from + tile.width());
        var hashes = new ArrayList<Hash>(tile.width());
        for (long n = from; n < from + tile.width(); n++) {
            var root = roots.get(n);
            hashes.add(root != null ? root : Tile.root(hashes(log, new Tile(tile.level() - 1, n, TilePath.FULL))));
        }
        return hashes;
    }

    private HashMap<Long, Hash> roots(int log, int level, long from, long to) {
        var roots = new HashMap<Long, Hash>();
        db.sql("select n, root from audit_tile where log_id = :log and level = :level and n >= :from and n < :to")
                .param("log", log)
                .param("level", level)
                .param("from", from)
                .param("to", to)
                .query(row -> {
                    roots.put(row.getLong("n"), Hash.split(row.getBytes("root")).getFirst());
                });
        return roots;
    }

    /** The next tile of leaves that is full, or will be, and is not stored. */
    long unsealed(int log) {
        return db.sql("select coalesce(max(n) + 1, 0) from audit_tile where log_id = :log and level = 0")
                .param("log", log)
                .query(Long.class)
                .single();
    }

    /** Stores a full tile of leaves, and the tiles above that are full with it. Again: nothing. */
    void seal(int log, long n) {
        store(log, new Tile(0, n, TilePath.FULL));
        long above = n;
        for (int level = 1; (above & 255) == 255; level++) {
            above >>= 8;
            store(log, new Tile(level, above, TilePath.FULL));
        }
    }

    private void store(int log, Tile tile) {
        var hashes = hashes(log, tile);
        db.sql("""
                insert into audit_tile (log_id, level, n, hashes, root)
                values (:log, :level, :n, :hashes, :root)
                    on conflict do nothing
                """)
                .param("log", log)
                .param("level", tile.level())
                .param("n", tile.index())
                .param("hashes", Hash.join(hashes))
                .param("root", Tile.root(hashes).bytes())
                .update();
    }
}
