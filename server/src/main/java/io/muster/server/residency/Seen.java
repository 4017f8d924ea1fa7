package io.muster.server.residency;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What the last probes of a store saw of one tenant. */
sealed interface Seen {

    /** No probe of this store has ever succeeded. */
    record Nothing() implements Seen {}

    /** No row of the tenant that came before then. */
    record Empty(Instant begun, String probe) implements Seen {}

    /** Rows of the tenant: how many (null: some, of which any may be another's), and when the oldest came. */
    record Rows(Instant oldest, @Nullable Long rows, Instant begun, String probe) implements Seen {}

    /** Whether Muster looked after that instant and saw nothing of the tenant. */
    default boolean emptySince(Instant instant) {
        return this instanceof Empty empty && empty.begun().isAfter(instant);
    }
}
