package io.muster.server.embedded;

import java.sql.SQLException;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/** Part of readiness. While our own PostgreSQL is being started again it says so at once, without asking the pool. */
@Component("database")
class DatabaseHealth implements HealthIndicator {
    private static final String SILENT = "the database does not answer";

    private final DataSource pool;
    private final ObjectProvider<EmbeddedPostgres> embedded;

    DatabaseHealth(DataSource pool, ObjectProvider<EmbeddedPostgres> embedded) {
        this.pool = pool;
        this.embedded = embedded;
    }

    @Override
    public Health health() {
        if (embedded.stream().anyMatch(postgres -> !postgres.isUp())) {
            return Health.down()
                    .withDetail("reason", "the embedded PostgreSQL is being started again")
                    .build();
        }
        try (var connection = pool.getConnection()) {
            if (connection.isValid(1)) return Health.up().build();
            return Health.down().withDetail("reason", SILENT).build();
        } catch (SQLException failure) {
            return Health.down()
                    .withDetail("reason", SILENT + ": " + firstCause(failure))
                    .build();
        }
    }

    /** What the driver said: refused, no route, too many connections. */
    private static String firstCause(Throwable failure) {
        var cause = failure;
        while (cause.getCause() instanceof SQLException deeper) cause = deeper;
        return String.valueOf(cause.getMessage()).replaceAll("\\s*\\R\\s*", " ");
    }
}
