package io.muster.server.access;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** API keys, for the page about them; the same as {@code /api/v1/keys}. */
@Component
public class KeyRing {

    /** @param key itself: only of one that was made just now */
    public record Shown(
            String id,
            String name,
            String may,
            String project,
            @Nullable String tenant,
            String prefix,
            @Nullable Instant expiresAt,
            @Nullable Instant lastUsedAt,
            @Nullable String key) {}

    private final KeysController keys;

    KeyRing(KeysController keys) {
        this.keys = keys;
    }

    public List<Shown> all(int limit) {
        return keys.list(limit, null).items().stream().map(KeyRing::shown).toList();
    }

    public Shown find(String id) {
        return shown(keys.get(id));
    }

    public Shown make(String name, String may, @Nullable String tenant, @Nullable Instant expiresAt) {
        var answer = keys.make(new KeysController.NewKey(name, may, Project.DEFAULT, tenant, expiresAt));
        return shown(java.util.Objects.requireNonNull(answer.getBody()));
    }

    public void delete(String id) {
        keys.delete(id);
    }

    private static Shown shown(KeysController.KeyAnswer key) {
        return new Shown(
                key.id(),
                key.name(),
                key.may(),
                key.project(),
                key.tenant(),
                key.prefix(),
                key.expiresAt(),
                key.lastUsedAt(),
                key.key());
    }
}
