package io.muster.server.audit;

import io.muster.merklelog.Bundle;
import io.muster.merklelog.Hash;
import io.muster.merklelog.Tile;
import io.muster.merklelog.TilePath;
import io.muster.merklelog.TileReader;
import io.muster.server.problem.Problem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

/**
 * The tables {@code audit_tile} and {@code audit_bundle}, and what is not in them yet: full tiles are stored once, the right end of each
 * level is made of what lies below whenever it is asked for.
 */
@Repository
class LogTiles {

    private static final Logger LOG = LoggerFactory.getLogger(LogTiles.class);

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
        if (tile.level() == 0) return leaves(log, from, from + tile.width());
        var roots = roots(log, tile.level() - 1, from, from + tile.width());
        var hashes = new ArrayList<Hash>(tile.width());
        for (long n = from; n < from + tile.width(); n++) {
            var root = roots.get(n);
            hashes.add(root != null ? root : Tile.root(hashes(log, new Tile(tile.level() - 1, n, TilePath.FULL))));
        }
        return hashes;
    }

    private List<Hash> leaves(int log, long from, long to) {
        var leaves = entries(log, from, to).stream().map(Hash::ofLeaf).toList();
        if (leaves.size() != to - from) {
            LOG.error("log {} has lost events between {} and {}", log, from, to);
            throw Problem.notFound("Of the events " + from + " to " + (to - 1) + " some are lost.");
        }
        return leaves;
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

    /** Entries of places {@code from} until {@code to}, all of one bundle. */
    @Transactional(readOnly = true)
    public List<byte[]> entries(int log, long from, long to) {
        var bundle = new Bundle(from / TilePath.FULL, TilePath.FULL);
        var stored = db.sql("select bytes from audit_bundle where log_id = :log and n = :n")
                .param("log", log)
                .param("n", bundle.index())
                .query(byte[].class)
                .optional();
        long begin = bundle.index() * TilePath.FULL;
        return stored.map(bytes -> bundle.entries(bytes).subList((int) (from - begin), (int) (to - begin)))
                .orElseGet(() -> events.entries(log, from, to));
    }

    /** The next full bundle that is not stored. */
    long unsealed(int log) {
        return db.sql("select coalesce(max(n) + 1, 0) from audit_bundle where log_id = :log")
                .param("log", log)
                .query(Long.class)
                .single();
    }

    /** Stores a full bundle with its tile, and the tiles above that are full with it. Again: nothing. */
    void seal(int log, long n) {
        var entries = events.entries(log, n * TilePath.FULL, (n + 1) * TilePath.FULL);
        if (entries.size() != TilePath.FULL) {
            throw new IllegalStateException("log " + log + " has lost events of bundle " + n);
        }
        db.sql("insert into audit_bundle (log_id, n, bytes) values (:log, :n, :bytes) on conflict do nothing")
                .param("log", log)
                .param("n", n)
                .param("bytes", Bundle.content(entries))
                .update();
        store(
                log,
                new Tile(0, n, TilePath.FULL),
                entries.stream().map(Hash::ofLeaf).toList());
        long above = n;
        for (int level = 1; (above & 255) == 255; level++) {
            above >>= 8;
            var tile = new Tile(level, above, TilePath.FULL);
            store(log, tile, hashes(log, tile));
        }
    }

    private void store(int log, Tile tile, List<Hash> hashes) {
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
