package io.muster.server.heartbeat;

import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Checks as they were last declared, so that a ping need not read again what people rarely change. What was heard of them
 * is not to be believed: it is read with each lock. Numbers of declarations are never used twice, not even by a
 * transaction that was undone, so nothing here is ever wrong, only old.
 */
final class KnownChecks {

    /** About 50 MB. Beyond, all is forgotten and read again. */
    private static final int MOST = 50_000;

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
    }

    private final ConcurrentHashMap<Long, Known> known = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<UUID, Known> byUuid = new ConcurrentHashMap<>();

    /** Null if it was declared anew since, or is not known. */
    @Nullable Check get(long id, long declaration) {
        var found = known.get(id);
        return found != null && found.declaration == declaration ? found.check : null;
    }

    void put(long declaration, Check check) {
        var last = known.get(check.id());
        if (last != null && last.declaration >= declaration) return;
        if (known.size() >= MOST) {
            known.clear();
            byUuid.clear();
        }
        var now = new Known(declaration, check);
        known.put(check.id(), now);
        byUuid.put(check.uuid().value(), now);
    }

    /** One that was {@link Check#isCalm calm} when it was last heard of, here: a guess that the database confirms or not. */
    @Nullable Known calm(UUID uuid) {
        var found = byUuid.get(uuid);
        return found != null && found.calm ? found : null;
    }

    void heardOf(UUID uuid, boolean calm) {
        var found = byUuid.get(uuid);
        if (found != null && found.calm != calm) found.calm = calm;
    }
}
