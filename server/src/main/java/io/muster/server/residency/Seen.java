package io.muster.server.residency;

import java.time.Instant;

/** What the last probes of a store saw of one tenant. */
sealed interface Seen {

    /** No probe of this store has ever succeeded. */
    record Nothing() implements Seen {}

    /** No row of the tenant, by a probe that began then. */
    record Empty(Instant begun, String probe) implements Seen {}

    /** Rows of the tenant: how many, and when the oldest came. */
    record Rows(Instant oldest, long rows, Instant begun, String probe) implements Seen {}

    /** Whether Muster looked after that instant and saw nothing of the tenant. */
    default boolean emptySince(Instant instant) {
        return this instanceof Empty empty && empty.begun().isAfter(instant);
    }
}
