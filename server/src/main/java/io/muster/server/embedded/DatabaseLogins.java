package io.muster.server.embedded;

import java.io.IOException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.flyway.autoconfigure.FlywayConnectionDetails;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Connects the server to its own PostgreSQL, or to the one that {@code muster.database.url} names; with one login to serve
 * and one to migrate. Chosen at the start, not by a condition: those are judged when Muster is built.
 */
@Configuration(proxyBeanMethods = false)
class DatabaseLogins {
    record Serving(String getJdbcUrl, String getUsername, String getPassword) implements JdbcConnectionDetails {}

    record Migrating(String getJdbcUrl, String getUsername, String getPassword) implements FlywayConnectionDetails {}

    /** Null: another database is used. {@code main} has begun to start it already, before Spring; tests have not. */
    @Bean
    @Nullable EmbeddedPostgres embeddedPostgres(
            @Value("${muster.database.url}") String url,
            DataFolder folder,
            ObjectProvider<PostgresStart> begun,
            ObjectProvider<DataSource> pools,
            ApplicationEventPublisher events) {
        if (!url.equals(PostgresStart.EMBEDDED)) return null;
        return begun.getIfAvailable(
                        () -> new PostgresStart(folder, pools, () -> events.publishEvent(new DatabaseRestarted())))
                .postgres();
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
