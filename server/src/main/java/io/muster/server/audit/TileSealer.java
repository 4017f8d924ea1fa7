package io.muster.server.audit;

import io.muster.merklelog.TilePath;
import io.muster.server.deadline.DeadlineKind;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Writes full tiles, and which words are in them, of logs that have grown beyond another 256 events. The key is the log's number. */
@Component
class TileSealer implements DeadlineKind {

    static final String NAME = "audit.seal";

    /** Tiles of leaves of one log in one transaction. */
    private static final int MOST = 64;

    private final JdbcClient db;
    private final LogTiles tiles;
    private final TileWords words;

    TileSealer(JdbcClient db, LogTiles tiles, TileWords words) {
        this.db = db;
        this.tiles = tiles;
        this.words = words;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int batch() {
        return 16;
    }

    @Override
    public Map<String, Instant> wake(List<String> logs, Instant now) {
        var again = new HashMap<String, Instant>();
        for (var key : logs) {
            int log = Integer.parseInt(key);
            long full = db.sql("select size / :full from audit_head where log_id = :log")
                    .param("full", TilePath.FULL)
                    .param("log", log)
                    .query(Long.class)
                    .optional()
                    .orElse(0L);
            long n = Math.min(tiles.unsealed(log), words.unwritten(log));
            for (int sealed = 0; n < full && sealed < MOST; sealed++) {
                tiles.seal(log, n);
                words.write(log, n++);
            }
            if (n < full) again.put(key, now);
        }
        return again;
    }
}
