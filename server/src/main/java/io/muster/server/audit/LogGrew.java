package io.muster.server.audit;

import io.muster.merklelog.Checkpoint;
import io.muster.merklelog.Hash;
import org.jspecify.annotations.Nullable;

/**
 * Published in the transaction in which a log grew, or was signed as it is.
 *
 * @param before the head that was moved, by compare-and-swap; null: not known
 */
record LogGrew(
        TenantLog log, long size, Hash root, @Nullable Before before) {

    record Before(long size, Hash root) {}

    /** Both as one, if {@code later} grew from where this one ends; else what is larger. */
    LogGrew with(LogGrew later) {
        if (new Before(size, root).equals(later.before)) return new LogGrew(log, later.size, later.root, before);
        return size >= later.size ? this : new LogGrew(log, later.size, later.root, null);
    }

    /** Whether the log had just this head when it grew: then the database has what the checkpoint says. */
    boolean follows(Checkpoint checkpoint) {
        return new Before(checkpoint.size(), checkpoint.root()).equals(before);
    }
}
