package io.muster.server.heartbeat;

import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Checks as they were last declared, so that a ping need not read again what people rarely change. What was heard of them
 * is not to be believed: it is read with each lock. Numbers of declarations are never used twice, not even by a
 * transaction that was undone, so nothing here is ever wrong, only old.
 */
final class KnownChecks {

    /** Of each generation; 25 MB. When one is full, those are forgotten that nobody asked for since the one before it was. */
    private static final int MOST = 25_000;

    /** A check, the number of its declaration, and whether it was calm when it was last heard of. */
    static final class Known {

        private final long declaration;
        private final Check check;
        private volatile boolean calm;

        private Known(long declaration, Check check) {
            this.declaration = declaration;
            this.check = check;
        }

        long declaration() {
            return declaration;
        }

        Check check() {
            return check;
        }

        /** Calm, as far as is known, and {@link Check#isPlain}. */
        boolean isPlain() {
            return calm && check.isPlain();
        }

        /** {@link Check#isCalm} when it was last heard of, here: a guess that the database confirms or not. */
        boolean isCalm() {
            return calm;
        }
    }

    private record Generation(Map<Long, Known> byId, Map<UUID, Known> byUuid) {

        Generation() {
            this(new ConcurrentHashMap<>(), new ConcurrentHashMap<>());
        }
    }

    private volatile Generation young = new Generation();
    private volatile Generation old = new Generation();

    /** Null if it was declared anew since, or is not known. */
    @Nullable Check get(long id, long declaration) {
        var found = young.byId.get(id);
        if (found == null) found = kept(old.byId.get(id));
        return found != null && found.declaration == declaration ? found.check : null;
    }

    Optional<Known> get(UUID uuid) {
        var found = young.byUuid.get(uuid);
        return Optional.ofNullable(found != null ? found : kept(old.byUuid.get(uuid)));
    }

    void put(long declaration, Check check) {
        var last = young.byId.get(check.id());
        if (last == null || last.declaration < declaration) kept(new Known(declaration, check));
    }

    void heardOf(UUID uuid, boolean calm) {
        get(uuid).filter(known -> known.calm != calm).ifPresent(known -> known.calm = calm);
    }

    private @Nullable Known kept(@Nullable Known known) {
        if (known == null) return null;
        if (young.byId.size() >= MOST) grow();
        young.byId.put(known.check.id(), known);
        young.byUuid.put(known.check.uuid().value(), known);
        return known;
    }

    private synchronized void grow() {
        if (young.byId.size() < MOST) return;
        old = young;
        young = new Generation();
    }
}
