package io.muster.server.audit;

import io.muster.merklelog.Checkpoint;
import io.muster.merklelog.Hash;
import io.muster.merklelog.KeyType;
import io.muster.merklelog.SignedNote;
import io.muster.merklelog.SignerKey;
import io.muster.merklelog.TiledTree;
import io.muster.merklelog.TlogProof;
import io.muster.server.keys.Keys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Transactional;

/** Signs the heads of logs, when somebody asks and they have grown; at most once a second each, unless a proof needs it. */
@Repository
class Checkpoints {

    /** Logs whose keys are remembered: to make one takes a while. */
    private static final int MOST_KEYS = 1_000;

    private static final Duration FRESH = Duration.ofSeconds(1);

    /** A signed head. */
    record Signed(long size, Hash root, SignedNote note, Instant at) {}

    private final JdbcClient db;
    private final LogTiles tiles;
    private final InstantSource clock;
    private final ApplicationEventPublisher events;
    private final byte[] ed25519;
    private final byte[] mlDsa;
    private final Map<String, List<SignerKey>> keys = new ConcurrentHashMap<>();

    Checkpoints(JdbcClient db, LogTiles tiles, InstantSource clock, Keys keys, ApplicationEventPublisher events) {
        this.events = events;
        this.db = db;
        this.tiles = tiles;
        this.clock = clock;
        this.ed25519 = keys.derive("audit checkpoints ed25519");
        this.mlDsa = keys.derive("audit checkpoints ml-dsa-44");
    }

    /** Ed25519 first. The same seeds under the name of each log: a signature for one is none for another. */
    List<SignerKey> keys(TenantLog log) {
        return keys(log.origin());
    }

    List<SignerKey> keys(String log) {
        if (keys.size() > MOST_KEYS) keys.clear();
        return keys.computeIfAbsent(
                log,
                origin -> List.of(
                        SignerKey.of(origin, KeyType.ED25519, ed25519),
                        SignerKey.of(origin, KeyType.ML_DSA_44_COSIGNATURE, mlDsa)));
    }

    /** Covers all that was acknowledged more than a second ago. */
    @Transactional
    public Signed current(TenantLog log) {
        var now = clock.instant();
        return newest(log)
                .filter(signed ->
                        signed.at().isAfter(now.minus(FRESH)) && !signed.at().isAfter(now))
                .orElseGet(() -> sign(log, now));
    }

    /** Covers the event at {@code index}. */
    @Transactional
    public Signed covering(TenantLog log, long index) {
        return newest(log).filter(signed -> signed.size() > index).orElseGet(() -> sign(log, clock.instant()));
    }

    Optional<Signed> newest(TenantLog log) {
        return db.sql(
                        "select size, root, note, created_at from audit_checkpoint where log_id = :log order by size desc limit 1")
                .param("log", log.id())
                .query((row, n) -> new Signed(
                        row.getLong("size"),
                        Hash.split(row.getBytes("root")).getFirst(),
                        SignedNote.parse(row.getString("note")),
                        row.getObject("created_at", OffsetDateTime.class).toInstant()))
                .optional();
    }

    private Signed sign(TenantLog log, Instant now) {
        record Head(long size, byte[] root) {}
        var head = db.sql("select size, root from audit_head where log_id = :log")
                .param("log", log.id())
                .query((row, n) -> new Head(row.getLong("size"), row.getBytes("root")))
                .single();
        var last = newest(log);
        if (last.isPresent() && last.get().size() >= head.size()) return last.get();
        var root = Hash.split(head.root()).getFirst();
        var note = new Checkpoint(log.origin(), head.size(), root).sign(keys(log), now);
        db.sql("""
                insert into audit_checkpoint (log_id, size, root, note, created_at)
                values (:log, :size, :root, :note, :now)
                    on conflict do nothing
                """)
                .param("log", log.id())
                .param("size", head.size())
                .param("root", head.root())
                .param("note", note.toString())
                .param("now", now.atOffset(ZoneOffset.UTC))
                .update();
        events.publishEvent(new LogGrew(log, head.size(), root, null));
        return new Signed(head.size(), root, note, now);
    }

    /** That the event at {@code index} is in the log. */
    @Transactional
    public TlogProof proof(TenantLog log, long index) {
        var signed = covering(log, index);
        try {
            return new TlogProof(new TiledTree(signed.size(), tiles.reader(log.id())).inclusion(index), signed.note());
        } catch (IOException neverOfADatabase) {
            throw new UncheckedIOException(neverOfADatabase);
        }
    }
}
