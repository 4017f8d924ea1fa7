package io.muster.server.residency;

import io.muster.server.problem.Refused;
import java.sql.SQLException;
import java.time.Duration;
import org.postgresql.core.Parser;

/**
 * Where Muster looks for itself: a read-only query that answers tenant, number of rows and the oldest row's instant.
 *
 * @param store where it looks
 * @param sql one statement; runs in parentheses, as a part of a query that only reads
 * @param every how often: 10 seconds to 31 days
 * @param timeout how long it may take: 1 second to 10 minutes, and not longer than {@code every}
 */
record Probe(String store, String sql, Duration every, Duration timeout) {

    /** More than these tenants, and a look proves nothing. */
    static final int MOST_ROWS = 100_000;

    Probe {
        if (store == null) throw new Refused("store", "is missing");
        if (sql == null || sql.isBlank()) throw new Refused("sql", "is missing");
        if (every == null) throw new Refused("every", "is missing");
        if (timeout == null) timeout = Duration.ofSeconds(10);
        if (sql.length() > 10_000) throw new Refused("sql", "must be at most 10000 characters; got " + sql.length());
        if (sql.indexOf('\0') >= 0) throw new Refused("sql", "must not hold NUL");
        within("every", every, Duration.ofSeconds(10), Duration.ofDays(31));
        within("timeout", timeout, Duration.ofSeconds(1), Duration.ofMinutes(10));
        requireOneStatement(sql);
        requireOneStatement(wrapped(sql));
    }

    /** What is sent. The line ends keep a comment in {@code sql} from hiding what follows it. */
    String wrapped() {
        return wrapped(sql);
    }

    private static String wrapped(String sql) {
        return "select cast(tenant as text), cast(n as bigint), cast(oldest as timestamptz) from (\n" + sql
                + "\n) as probe(tenant, n, oldest) limit " + (MOST_ROWS + 1);
    }

    /** By the driver's own parser, so that what it would send as two is never taken for one. */
    private static void requireOneStatement(String sql) {
        try {
            var statements = Parser.parseJdbcSql(sql, true, false, true, false, false);
            if (statements.size() != 1 || sql.strip().endsWith(";")) {
                throw new Refused("sql", "must be exactly one statement, without ';'");
            }
        } catch (SQLException unreadable) {
            throw new Refused("sql", "cannot be read: " + unreadable.getMessage());
        }
        if (!Parentheses.balanced(sql)) {
            throw new Refused("sql", "must close each parenthesis, quote and comment that it opens, and no other");
        }
    }

    private static void within(String field, Duration value, Duration least, Duration most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new Refused(field, "must be between " + least + " and " + most + "; got " + value);
        }
    }
}
