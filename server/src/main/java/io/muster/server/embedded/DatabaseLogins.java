package io.muster.server.embedded;

import com.sun.management.OperatingSystemMXBean;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.flyway.autoconfigure.FlywayConnectionDetails;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Connects the server to its own PostgreSQL, or to the one that {@code muster.database.url} names; with one login to serve
 * and one to migrate. Chosen at the start, not by a condition: those are judged when Muster is built.
 */
@Configuration(proxyBeanMethods = false)
class DatabaseLogins {
    /** What {@code muster.database.url} is when no database is given. */
    static final String EMBEDDED = "embedded";

    record Serving(String getJdbcUrl, String getUsername, String getPassword) implements JdbcConnectionDetails {}

    record Migrating(String getJdbcUrl, String getUsername, String getPassword) implements FlywayConnectionDetails {}

    /** Null: another database is used. */
    @Bean
    @Nullable EmbeddedPostgres embeddedPostgres(
            @Value("${muster.database.url}") String url, DataFolder folder, ObjectProvider<DataSource> pools) {
        if (!url.equals(EMBEDDED)) return null;
        var machine = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        var settings = EmbeddedPostgres.settingsFor(machine.getTotalMemorySize());
        return new EmbeddedPostgres(folder, settings, () -> pools.forEach(DatabaseLogins::reconnect));
    }

    private static void reconnect(DataSource pool) {
        try {
            var control = pool.unwrap(HikariDataSource.class).getHikariPoolMXBean();
            if (control != null) {
                control.softEvictConnections();
            }
        } catch (SQLException other) {
            throw new IllegalStateException("not a pool of Hikari's: " + pool, other);
        }
    }

    @Bean
    JdbcConnectionDetails servingLogin(
            @Nullable EmbeddedPostgres own,
            @Value("${muster.database.url}") String url,
            @Value("${muster.database.user}") String user,
            @Value("${muster.database.password}") String password)
            throws IOException {
        return own == null
                ? new Serving(DatabaseUrl.ofDriver(url), user, password)
                : new Serving(own.url(), EmbeddedPostgres.APP, own.password(EmbeddedPostgres.APP));
    }

    @Bean
    FlywayConnectionDetails migratingLogin(
            @Nullable EmbeddedPostgres own,
            @Value("${muster.database.url}") String url,
            @Value("${muster.database.owner-user}") String user,
            @Value("${muster.database.owner-password}") String password)
            throws IOException {
        return own == null
                ? new Migrating(DatabaseUrl.ofDriver(url), user, password)
                : new Migrating(own.url(), EmbeddedPostgres.OWNER, own.password(EmbeddedPostgres.OWNER));
    }
}
