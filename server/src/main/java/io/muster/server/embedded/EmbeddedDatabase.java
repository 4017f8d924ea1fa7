package io.muster.server.embedded;

import com.sun.management.OperatingSystemMXBean;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.flyway.autoconfigure.FlywayConnectionDetails;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Connects the server to its own PostgreSQL, unless {@code muster.database.url} names another. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(name = "muster.database.url", havingValue = EmbeddedDatabase.EMBEDDED, matchIfMissing = true)
class EmbeddedDatabase {
    /** What {@code muster.database.url} is when no database is given. */
    static final String EMBEDDED = "embedded";

    record Serving(String getJdbcUrl, String getUsername, String getPassword) implements JdbcConnectionDetails {}

    record Migrating(String getJdbcUrl, String getUsername, String getPassword) implements FlywayConnectionDetails {}

    @Bean
    EmbeddedPostgres embeddedPostgres(DataFolder folder, ObjectProvider<DataSource> pools) {
        var machine = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        var settings = EmbeddedPostgres.settingsFor(machine.getTotalMemorySize());
        return new EmbeddedPostgres(folder, settings, () -> pools.forEach(EmbeddedDatabase::reconnect));
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
    JdbcConnectionDetails servingLogin(EmbeddedPostgres postgres) throws IOException {
        return new Serving(postgres.url(), EmbeddedPostgres.APP, postgres.password(EmbeddedPostgres.APP));
    }

    @Bean
    FlywayConnectionDetails migratingLogin(EmbeddedPostgres postgres) throws IOException {
        return new Migrating(postgres.url(), EmbeddedPostgres.OWNER, postgres.password(EmbeddedPostgres.OWNER));
    }
}
