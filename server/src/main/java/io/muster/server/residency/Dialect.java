package io.muster.server.residency;

import io.muster.server.problem.Refused;
import io.muster.server.tenancy.Store;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.postgresql.core.Parser;

/** How a database reads a probe's query, and how the query is asked so that it can only read. */
enum Dialect {
    POSTGRESQL {
        @Override
        String wrapped(String sql) {
            return "select cast(tenant as text), cast(n as bigint), cast(oldest as timestamptz) from (\n" + sql
                    + "\n) as probe(tenant, n, oldest) limit " + (Probe.MOST_ROWS + 1);
        }

        /** The line ends of {@link #wrapped} keep a comment in {@code sql} from hiding what follows it. */
        @Override
        void check(String sql) {
            requireOneStatement(sql);
            requireOneStatement(wrapped(sql));
        }

        /** By the driver's own parser, so that what it would send as two is never taken for one. */
        private void requireOneStatement(String sql) {
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
    },

    /** MySQL and MariaDB. */
    MYSQL {
        private static final Pattern FORBIDDEN =
                Pattern.compile("into|load_file|update|lock|share|nextval|setval|procedure");

        /** By place, for MariaDB cannot name a derived table's columns from outside. */
        @Override
        String wrapped(String sql) {
            return "select * from (\n" + sql + "\n) as probe limit " + (Probe.MOST_ROWS + 1);
        }

        @Override
        void check(String sql) {
            PlainSql.check(sql, Map.of('\'', '\'', '"', '"', '`', '`'), FORBIDDEN);
        }
    },

    SQLSERVER {
        private static final Pattern FORBIDDEN =
                Pattern.compile("into|exec|execute|open(rowset|query|datasource)|waitfor"
                        + "|updlock|xlock|tablockx?|holdlock|(xp|sp)_.*");

        @Override
        String wrapped(String sql) {
            return "select top (" + (Probe.MOST_ROWS + 1)
                    + ") cast(tenant as nvarchar(4000)), cast(n as bigint), cast(oldest as datetimeoffset) from (\n"
                    + sql
                    + "\n) as probe(tenant, n, oldest)";
        }

        @Override
        void check(String sql) {
            PlainSql.check(sql, Map.of('\'', '\'', '"', '"', '[', ']'), FORBIDDEN);
        }
    };

    /** Empty: no database into which Muster looks. */
    static Optional<Dialect> of(Store.Kind kind) {
        return switch (kind) {
            case POSTGRESQL -> Optional.of(POSTGRESQL);
            case MYSQL -> Optional.of(MYSQL);
            case SQLSERVER -> Optional.of(SQLSERVER);
            case S3, AZURE_BLOB, GCS, OTHER -> Optional.empty();
        };
    }

    /** What is sent. */
    abstract String wrapped(String sql);

    /** Refuses what could get out of the parentheses into which it is put, or do more there than read. */
    abstract void check(String sql);
}
