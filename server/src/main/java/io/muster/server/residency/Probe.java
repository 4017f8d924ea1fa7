package io.muster.server.residency;

import io.muster.server.problem.Refused;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where Muster looks for itself: into a database by a query that answers tenant, number of rows and the oldest row's
 * instant; into a bucket by a list of objects. One of {@code sql} and {@code prefix} is given.
 *
 * @param store where it looks
 * @param sql one statement; runs in parentheses, as a part of a query that only reads
 * @param prefix what the keys of the objects begin with, see {@link Prefix}
 * @param olderThan only objects at least that old count; null: all. Up to 31 days
 * @param every how often: 10 seconds to 31 days
 * @param timeout how long it may take: 1 second to 10 minutes
 */
record Probe(
        String store,
        @Nullable String sql,
        @Nullable String prefix,
        @Nullable Duration olderThan,
        Duration every,
        Duration timeout) {

    /** More than these tenants, or objects, and a look proves nothing. */
    static final int MOST_ROWS = 100_000;

    private static final Duration LONGEST = Duration.ofDays(31);

    Probe {
        if (store == null) throw new Refused("store", "is missing");
        if (prefix == null && (sql == null || sql.isBlank())) {
            throw new Refused("sql", "is missing (or `prefix`, to look into a bucket)");
        }
        if (prefix != null && sql != null) throw new Refused("prefix", "looks into a bucket: leave out `sql`");
        if (olderThan != null && prefix == null) throw new Refused("older_than", "needs a `prefix`");
        if (every == null) throw new Refused("every", "is missing");
        if (timeout == null) timeout = Duration.ofSeconds(10);
        if (prefix != null) {
            var _ = Prefix.of(prefix);
        }
        if (sql != null && sql.length() > 10_000) {
            throw new Refused("sql", "must be at most 10000 characters; got " + sql.length());
        }
        if (sql != null && sql.indexOf('\0') >= 0) throw new Refused("sql", "must not hold NUL");
        if (olderThan != null) within("older_than", olderThan, Duration.ofSeconds(1), LONGEST);
        within("every", every, Duration.ofSeconds(10), LONGEST);
        within("timeout", timeout, Duration.ofSeconds(1), Duration.ofMinutes(10));
    }

    private static void within(String field, Duration value, Duration least, Duration most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new Refused(field, "must be between " + least + " and " + most + "; got " + value);
        }
    }
}
