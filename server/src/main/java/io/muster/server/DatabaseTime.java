package io.muster.server;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * The time of the database, which all servers on it share, whatever their own machines' clocks say. What the database
 * answers proves that its time lies between what it said and that plus the time which the answer took; this clock moves only
 * as far as it must to lie there too. In between, and while the database is away, it goes on with the time that passes.
 */
final class DatabaseTime implements InstantSource {

    private final LongSupplier nanos;

    // what was last proven, and when; guarded by this
    private Instant proven;
    private long at;

    /** @param machine what is believed until the database has said something */
    DatabaseTime(InstantSource machine, LongSupplier nanos) {
        this.nanos = nanos;
        this.proven = machine.instant();
        this.at = nanos.getAsLong();
    }

    @Override
    public synchronized Instant instant() {
        return proven.plusNanos(nanos.getAsLong() - at);
    }

    /** The database was asked at {@code askedAt}, by the nanoseconds, and its answer {@code said} is here now. */
    synchronized void heard(Instant said, long askedAt) {
        long now = nanos.getAsLong();
        var shown = proven.plusNanos(now - at);
        var latest = said.plusNanos(now - askedAt);
        proven = shown.isBefore(said) ? said : shown.isAfter(latest) ? latest : shown;
        at = now;
    }
}
