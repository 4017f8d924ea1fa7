package io.muster.server.heartbeat;

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

    private record Known(long declaration, Check check) {}

    private final ConcurrentHashMap<Long, Known> known = new ConcurrentHashMap<>();

    /** Null if it was declared anew since, or is not known. */
    @Nullable Check get(long id, long declaration) {
        var found = known.get(id);
        return found != null && found.declaration() == declaration ? found.check() : null;
    }

    void put(long declaration, Check check) {
        var last = known.get(check.id());
        if (last != null && last.declaration() >= declaration) return;
        if (known.size() >= MOST) known.clear();
        known.put(check.id(), new Known(declaration, check));
    }
}
