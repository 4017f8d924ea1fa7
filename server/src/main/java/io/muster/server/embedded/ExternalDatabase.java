package io.muster.server.embedded;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.flyway.autoconfigure.FlywayConnectionDetails;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Connects the server to the PostgreSQL that {@code muster.database.url} names, with one login to serve and one to migrate. */
@Configuration(proxyBeanMethods = false)
@Conditional(ExternalDatabase.Given.class)
class ExternalDatabase {

    @Bean
    JdbcConnectionDetails servingLogin(
            @Value("${muster.database.url}") String url,
            @Value("${muster.database.user}") String user,
            @Value("${muster.database.password}") String password) {
        return new EmbeddedDatabase.Serving(jdbcUrl(url), user, password);
    }

    @Bean
    FlywayConnectionDetails migratingLogin(
            @Value("${muster.database.url}") String url,
            @Value("${muster.database.owner-user}") String user,
            @Value("${muster.database.owner-password}") String password) {
        return new EmbeddedDatabase.Migrating(jdbcUrl(url), user, password);
    }

    /** Takes both forms: that of the driver and that of everybody else. */
    static String jdbcUrl(String url) {
        var plain = url.strip().replaceFirst("^jdbc:", "").replaceFirst("^postgres://", "postgresql://");
        if (!plain.matches("postgresql://[^\\s/]+/[^\\s?]+(\\?\\S*)?")) {
            throw new CannotStart(
                    "MUSTER_DATABASE_URL must be like postgresql://db.example.com:5432/muster?sslmode=verify-full");
        }
        if (plain.substring("postgresql://".length()).replaceFirst("/.*", "").contains("@")) {
            throw new CannotStart(
                    "MUSTER_DATABASE_URL must hold no login: give MUSTER_DATABASE_USER and _PASSWORD, which"
                            + " serve, and MUSTER_DATABASE_OWNER_USER and _PASSWORD, which migrate");
        }
        return "jdbc:" + plain;
    }

    static class Given implements Condition {

        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            var url = context.getEnvironment().getProperty("muster.database.url", EmbeddedDatabase.EMBEDDED);
            return !url.equals(EmbeddedDatabase.EMBEDDED);
        }
    }
}
