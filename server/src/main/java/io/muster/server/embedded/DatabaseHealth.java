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
            return connection.isValid(2) ? Health.up().build() : Health.down().build();
        } catch (SQLException failure) {
            return Health.down()
                    .withDetail("reason", "the database does not answer")
                    .build();
        }
    }
}
