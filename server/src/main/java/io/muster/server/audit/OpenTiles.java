package io.muster.server.audit;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.reducing;

import io.muster.merklelog.Hash;
import io.muster.merklelog.Tile;
import io.muster.merklelog.TilePath;
import io.muster.server.deadline.Deadlines;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Stores a tile, and which words are in it, with the event that fills it, if this server appended all of it: then nothing is read again.
 * What it does not know whole, because another server appended or it began in between, is left to {@link TileSealer}. Tiles of a log are
 * stored in order whoever does it: searches rely on that.
 */
@Component
class OpenTiles {

    /** Logs whose ends are remembered; each takes up to 16 KiB. */
    private static final int MOST = 2_000;

    /** Each of them is the last below a tile of the next level: that is {@link TileSealer}'s. */
    private static final int LAST_BELOW = TilePath.FULL - 1;

    /**
     * What is appended to a log.
     *
     * @param size before
     * @param probes of the words of each leaf's event
     */
    record Growth(int log, long size, byte[] rootBefore, byte[] root, List<Hash> leaves, List<long[]> probes) {}

    private final JdbcTemplate db;
    private final Deadlines deadlines;
    private final Map<Integer, OpenTile> ends = new ConcurrentHashMap<>();

    OpenTiles(JdbcTemplate db, Deadlines deadlines) {
        this.db = db;
        this.deadlines = deadlines;
    }

    /** In the transaction that stores these events; whoever is in it has the heads of the logs locked. */
    void append(Collection<Growth> growths, Instant now) {
        var open = HashMap.<Integer, OpenTile>newHashMap(growths.size());
        var full = new ArrayList<OpenTile.Full>();
        var others = new HashMap<String, Instant>();
        for (var growth : growths) {
            var tile = ends.remove(growth.log()); // if this fails, it is nobody's
            if (tile != null && !tile.isEndOf(growth.size(), growth.rootBefore())) tile = null;
            long place = growth.size();
            boolean inOrder = true;
            for (int i = 0; i < growth.leaves().size(); i++) {
                if (place % TilePath.FULL == 0) tile = new OpenTile();
                if (tile != null)
                    tile.add(growth.leaves().get(i), growth.probes().get(i));
                if (++place % TilePath.FULL > 0) continue;
                long n = place / TilePath.FULL - 1;
                inOrder &= tile != null && (n & LAST_BELOW) != LAST_BELOW;
                if (inOrder && tile != null) {
                    full.add(tile.full(growth.log(), n));
                } else {
                    others.put(Integer.toString(growth.log()), now);
                }
            }
            if (tile != null && !tile.isFull()) {
                tile.endsIn(growth.root());
                open.put(growth.log(), tile);
            }
        }
        store(full).forEach(log -> others.put(Integer.toString(log), now));
        deadlines.arm(TileSealer.NAME, others);
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                if (ends.size() + open.size() > MOST) ends.clear();
                ends.putAll(open);
            }
        });
    }

    /** Of which logs some are left to store, because one before them is. */
    private Collection<Integer> store(List<OpenTile.Full> tiles) {
        var left = new HashSet<Integer>();
        if (tiles.isEmpty()) return left;
        var firsts = tiles.stream()
                .collect(groupingBy(OpenTile.Full::log, reducing(Long.MAX_VALUE, OpenTile.Full::n, Math::min)));
        tiles.forEach(tile -> left.add(tile.log()));
        db.query(
                """
                with news as (
                    select t.*
                      from unnest(?, ?, ?, ?, ?, ?) as t (log_id, n, first, hashes, root, bits)
                     where t.first = 0
                        or exists (select from audit_tile p where p.log_id = t.log_id and p.level = 0 and p.n = t.first - 1)
                       and exists (select from audit_words w where w.log_id = t.log_id and w.n = t.first - 1)
                ), tiles as (
                    insert into audit_tile (log_id, level, n, hashes, root)
                    select log_id, 0, n, hashes, root from news
                        on conflict do nothing
                ), words as (
                    insert into audit_words (log_id, n, bits)
                    select log_id, n, bits from news
                        on conflict do nothing
                )
                select distinct log_id from news
                """,
                sql -> {
                    var connection = sql.getConnection();
                    sql.setArray(1, connection.createArrayOf("integer", column(tiles, OpenTile.Full::log)));
                    sql.setArray(2, connection.createArrayOf("bigint", column(tiles, OpenTile.Full::n)));
                    sql.setArray(
                            3,
                            connection.createArrayOf(
                                    "bigint", column(tiles, tile -> requireNonNull(firsts.get(tile.log())))));
                    sql.setArray(4, connection.createArrayOf("bytea", bytes(tiles, tile -> Hash.join(tile.hashes()))));
                    sql.setArray(
                            5,
                            connection.createArrayOf(
                                    "bytea",
                                    bytes(
                                            tiles,
                                            tile -> Tile.root(tile.hashes()).bytes())));
                    sql.setArray(
                            6,
                            connection.createArrayOf(
                                    "bytea", bytes(tiles, tile -> tile.words().bits())));
                },
                row -> {
                    left.remove(row.getInt(1));
                });
        return left;
    }

    private static Object[] column(List<OpenTile.Full> tiles, Function<OpenTile.Full, Object> value) {
        return tiles.stream().map(value).toArray();
    }

    private static byte[][] bytes(List<OpenTile.Full> tiles, Function<OpenTile.Full, byte[]> value) {
        return tiles.stream().map(value).toArray(byte[][]::new);
    }
}
