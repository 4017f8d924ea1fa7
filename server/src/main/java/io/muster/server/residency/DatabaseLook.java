package io.muster.server.residency;

import io.muster.server.keys.SecretRef;
import io.muster.server.keys.Secrets;
import io.muster.server.residency.ProbeRepository.Count;
import io.muster.server.tenancy.Store;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Looks into a database: runs a probe's query in a connection of its own, which only reads. */
@Component
class DatabaseLook {

    private static final Duration CONNECT = Duration.ofSeconds(5);

    private final Secrets secrets;
    private final Drivers drivers;

    DatabaseLook(Secrets secrets, Drivers drivers) {
        this.secrets = secrets;
        this.drivers = drivers;
    }

    Sight look(Probe probe, Store store, Dialect dialect, Instant begun) throws ProvesNothing, SQLException {
        if (probe.sql() == null) {
            throw new ProvesNothing("store " + store.id() + " is a database: give `sql` in place of `prefix`");
        }
        if (store.url() == null) {
            throw new ProvesNothing("store " + store.id() + " has no url of a database in which to look");
        }
        dialect.check(probe.sql()); // the store may be of another kind than when the probe was declared
        var started = System.nanoTime();
        try (var connection = open(store, URI.create(store.url()), dialect, probe.timeout())) {
            connection.setAutoCommit(false);
            connection.setReadOnly(true);
            try (var query = connection.createStatement()) {
                prepare(query, dialect, connection, probe.timeout());
                query.setEscapeProcessing(false);
                query.setFetchSize(5_000);
                try (var rows = query.executeQuery(dialect.wrapped(probe.sql()))) {
                    return saw(
                            rows,
                            dialect,
                            begun,
                            started + probe.timeout().plusSeconds(5).toNanos());
                }
            } finally {
                connection.rollback();
            }
        }
    }

    // ---- the connection

    private Connection open(Store store, URI url, Dialect dialect, Duration timeout)
            throws ProvesNothing, SQLException {
        var properties = new Properties();
        put(properties, "user", store.user());
        put(properties, "password", store.password());
        var connection = switch (dialect) {
            case POSTGRESQL -> DriverManager.getConnection("jdbc:" + store.url(), postgresql(properties, timeout));
            case MYSQL ->
                drivers.driver(Drivers.Jar.MARIADB)
                        .connect(
                                "jdbc:mariadb://" + url.getHost() + ":" + port(url, 3306) + url.getRawPath(),
                                mysql(properties, url, timeout));
            case SQLSERVER ->
                drivers.driver(Drivers.Jar.SQLSERVER).connect("jdbc:sqlserver://", sqlserver(properties, url, timeout));
        };
        if (connection == null) throw new SQLException("the driver does not take the url");
        return connection;
    }

    private static Properties postgresql(Properties properties, Duration timeout) {
        properties.setProperty("connectTimeout", Long.toString(CONNECT.toSeconds()));
        properties.setProperty("loginTimeout", Long.toString(CONNECT.toSeconds()));
        properties.setProperty(
                "socketTimeout", Long.toString(timeout.plusSeconds(5).toSeconds()));
        properties.setProperty("ApplicationName", "muster probe");
        properties.setProperty("readOnly", "true");
        properties.setProperty("readOnlyMode", "always");
        properties.setProperty(
                "options",
                "-c default_transaction_read_only=on -c statement_timeout=%d -c lock_timeout=%d -c idle_in_transaction_session_timeout=%d"
                        .formatted(
                                timeout.toMillis(),
                                timeout.toMillis(),
                                timeout.plusSeconds(5).toMillis()));
        return properties;
    }

    /** What a server could make the driver do beyond answering (send files, run several statements) is off. */
    static Properties mysql(Properties properties, URI url, Duration timeout) {
        properties.setProperty(
                "sslMode",
                switch (sslmode(url)) {
                    case "disable" -> "disable";
                    case "require" -> "trust";
                    case "verify-ca" -> "verify-ca";
                    default -> "verify-full";
                });
        properties.setProperty("allowLocalInfile", "false");
        properties.setProperty("allowMultiQueries", "false");
        properties.setProperty("connectTimeout", Long.toString(CONNECT.toMillis()));
        properties.setProperty(
                "socketTimeout", Long.toString(timeout.plusSeconds(5).toMillis()));
        properties.setProperty("connectionAttributes", "program_name:muster probe");
        return properties;
    }

    static Properties sqlserver(Properties properties, URI url, Duration timeout) {
        var mode = sslmode(url);
        properties.setProperty("serverName", url.getHost());
        properties.setProperty("portNumber", Integer.toString(port(url, 1433)));
        properties.setProperty("databaseName", url.getRawPath().substring(1));
        properties.setProperty("encrypt", Boolean.toString(!mode.equals("disable")));
        properties.setProperty("trustServerCertificate", Boolean.toString(mode.equals("require")));
        properties.setProperty("loginTimeout", Long.toString(CONNECT.toSeconds()));
        properties.setProperty("connectRetryCount", "0");
        properties.setProperty(
                "socketTimeout", Long.toString(timeout.plusSeconds(5).toMillis()));
        properties.setProperty("lockTimeout", Long.toString(timeout.toMillis()));
        properties.setProperty("applicationName", "muster probe");
        return properties;
    }

    private static int port(URI url, int usual) {
        return url.getPort() == -1 ? usual : url.getPort();
    }

    /** The only parameter that a store's URL may have; empty: none. */
    private static String sslmode(URI url) {
        return url.getRawQuery() == null ? "" : url.getRawQuery().substring("sslmode=".length());
    }

    private void put(Properties properties, String name, @Nullable SecretRef reference) throws ProvesNothing {
        if (reference == null) return;
        var secret = secrets.resolve(reference);
        if (secret.isEmpty()) throw new ProvesNothing(secrets.missing(reference));
        properties.setProperty(name, secret.get());
    }

    // ---- what is sent before the query

    private static void prepare(Statement statement, Dialect dialect, Connection connection, Duration timeout)
            throws ProvesNothing, SQLException {
        switch (dialect) {
            case POSTGRESQL -> {} // all of it came with the connection's options
            case MYSQL -> {
                var mariadb = connection.getMetaData().getDatabaseProductName().equals("MariaDB");
                var limit = mariadb
                        ? "max_statement_time = " + timeout.toMillis() / 1000.0
                        : "max_execution_time = " + timeout.toMillis();
                statement.execute("set session time_zone = '+00:00', session lock_wait_timeout = %d, session %s"
                        .formatted(Math.max(1, timeout.toSeconds()), limit));
                statement.execute("set session transaction read only");
                statement.execute("start transaction read only");
            }
            case SQLSERVER -> {
                statement.setQueryTimeout((int) Math.max(1, timeout.toSeconds()));
                refuseWriter(statement);
            }
        }
    }

    /** SQL Server has no transaction that only reads: then the login must be one that only reads. */
    private static void refuseWriter(Statement statement) throws ProvesNothing, SQLException {
        var may = "has_perms_by_name(db_name(), 'DATABASE', '%s')";
        var sql = "select " + may.formatted("INSERT") + " | " + may.formatted("UPDATE") + " | "
                + may.formatted("DELETE") + " | " + may.formatted("EXECUTE") + " | " + may.formatted("ALTER") + " | "
                + may.formatted("CONTROL");
        try (var answer = statement.executeQuery(sql)) {
            if (!answer.next() || answer.getInt(1) != 0 || answer.wasNull()) {
                throw new ProvesNothing("the login may write: give one that is in db_datareader and nothing else");
            }
        }
    }

    // ---- the answer

    /** @param until by {@link System#nanoTime}; a server that hands out its rows too slowly is not waited for */
    private static Sight saw(ResultSet rows, Dialect dialect, Instant begun, long until)
            throws ProvesNothing, SQLException {
        if (rows.getMetaData().getColumnCount() != 3) {
            throw new ProvesNothing("the query must answer three columns: tenant, rows, oldest");
        }
        var counts = new HashMap<String, Count>();
        long all = 0;
        while (rows.next()) {
            if (counts.size() == Probe.MOST_ROWS) {
                throw new ProvesNothing("more than " + Probe.MOST_ROWS + " rows: count by tenant");
            }
            if (System.nanoTime() - until > 0) throw new ProvesNothing("no whole answer in time");
            var tenant = rows.getString(1);
            if (tenant == null) {
                throw new ProvesNothing("a row without a tenant");
            }
            var count = rows.getLong(2);
            var oldest = oldest(rows, dialect);
            if (oldest == null && count > 0) {
                throw new ProvesNothing("no oldest instant for the rows of tenant " + printable(tenant));
            }
            if (count > 0 && oldest != null) {
                var at = oldest.truncatedTo(ChronoUnit.MICROS);
                counts.merge(tenant, new Count(tenant, count, null, at.isAfter(begun) ? begun : at), Count::and);
                all += count;
            }
        }
        return new Sight(List.copyOf(counts.values()), all, null, List.of());
    }

    /** MySQL's times have no zone: the session's is UTC, and a DATETIME is taken to be. */
    private static @Nullable Instant oldest(ResultSet rows, Dialect dialect) throws SQLException {
        return switch (dialect) {
            case POSTGRESQL, SQLSERVER -> {
                var at = rows.getObject(3, OffsetDateTime.class);
                yield at == null ? null : at.toInstant();
            }
            case MYSQL -> {
                var at = rows.getObject(3, LocalDateTime.class);
                yield at == null ? null : at.toInstant(ZoneOffset.UTC);
            }
        };
    }

    private static String printable(String text) {
        var plain = text.replaceAll("\\p{Cntrl}", "?");
        return plain.length() > 63 ? plain.substring(0, 63) : plain;
    }
}
