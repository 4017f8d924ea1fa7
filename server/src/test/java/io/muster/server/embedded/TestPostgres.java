package io.muster.server.embedded;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.flywaydb.core.Flyway;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** One PostgreSQL for all tests of this JVM, and for each server a database of its own, copied from a migrated one. */
public final class TestPostgres {
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static final TestPostgres ONE = new TestPostgres();

    /** How to reach a database, with both logins. */
    public record Database(String url, String user, String password, String ownerUser, String ownerPassword) {
        String name() {
            return url.substring(url.lastIndexOf('/') + 1);
        }
    }

    private final EmbeddedPostgres postgres;
    private final DataFolder folder;

    private TestPostgres() {
        folder = DataFolder.open(
                Path.of("target/test-postgres-" + ProcessHandle.current().pid()));
        var settings = new HashMap<String, String>(Map.of(
                "shared_buffers", "128MB", "fsync", "off", "synchronous_commit", "off", "full_page_writes", "off"));
        settings.put("max_connections", "300");
        settings.put("timezone", "UTC");
        settings.put("authentication_timeout", "5min"); // on a machine that is busy with other tests
        postgres = new EmbeddedPostgres(folder, settings, () -> {});
        var template = named("muster");
        Flyway.configure()
                .dataSource(template.url(), template.ownerUser(), template.ownerPassword())
                .placeholders(Map.of("app", template.user()))
                .load()
                .migrate();
        Runtime.getRuntime().addShutdownHook(new Thread(postgres::close));
    }

    /** A new database with the newest schema and what migrations put there. */
    public static Database fresh() {
        var name = "test_" + DATABASES.incrementAndGet();
        administer("create database " + name + " template muster owner " + EmbeddedPostgres.OWNER);
        return database(name);
    }

    /** A new empty database without any schema. */
    public static Database empty() {
        var name = "empty_" + DATABASES.incrementAndGet();
        administer("create database " + name + " owner " + EmbeddedPostgres.OWNER);
        return database(name);
    }

    /** As the superuser. */
    static void administer(String statement) {
        try (var connection = DriverManager.getConnection(
                        ONE.postgres.url().replaceFirst("/muster$", "/postgres"),
                        "postgres",
                        ONE.postgres.password("postgres"));
                var sql = connection.createStatement()) {
            sql.execute(statement);
        } catch (SQLException | IOException failure) {
            throw new IllegalStateException(statement, failure);
        }
    }

    /** The superuser of the database at {@code url}: nothing holds back what it does to the tables. */
    public static JdbcClient superuser(String url) {
        try {
            return JdbcClient.create(new DriverManagerDataSource(url, "postgres", ONE.postgres.password("postgres")));
        } catch (IOException failure) {
            throw new IllegalStateException(failure);
        }
    }

    private static Database database(String name) {
        return ONE.named(name);
    }

    private Database named(String name) {
        try {
            return new Database(
                    postgres.url().replaceFirst("/muster$", "/" + name),
                    EmbeddedPostgres.APP,
                    postgres.password(EmbeddedPostgres.APP),
                    EmbeddedPostgres.OWNER,
                    postgres.password(EmbeddedPostgres.OWNER));
        } catch (IOException failure) {
            throw new IllegalStateException(failure);
        }
    }
}
