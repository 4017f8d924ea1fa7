package io.muster.server.tenancy;

import io.muster.server.access.Caller;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Something was declared, changed or deleted. Published in the transaction that did it, when all of it is done; a large
 * {@code apply} publishes several, of at most {@link #MOST} changes each.
 */
public record CatalogueChanged(List<Change> changes, Caller by, Instant now) {

    public static final int MOST = 10_000;

    /**
     * @param kind {@code policy}, {@code tenant} ...: {@link Noun#kind}
     * @param fields which members differ; empty for what was created or deleted
     * @param before what it was, as {@link Noun#type}; null for what was created
     * @param after null for what was deleted
     */
    public record Change(
            String kind,
            String id,
            Verb verb,
            List<String> fields,
            @Nullable Object before,
            @Nullable Object after) {

        /** Whose it is: the tenant itself, or the tenant of a transfer. */
        public Optional<String> tenant() {
            if (kind.equals("tenant")) return Optional.of(id);
            return (after != null ? after : before) instanceof TransferNoun.TransferBody transfer
                    ? Optional.of(transfer.tenant())
                    : Optional.empty();
        }

        /** Its path, such as {@code /policies/eu-only}. */
        public String resource() {
            var word = kind.replace('_', '-');
            return "/" + (word.endsWith("y") ? word.substring(0, word.length() - 1) + "ies" : word + "s") + "/" + id;
        }
    }

    public enum Verb {
        CREATED,
        UPDATED,
        DELETED;

        /** As answers say it. */
        public String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }
}
