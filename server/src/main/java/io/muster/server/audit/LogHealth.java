package io.muster.server.audit;

import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Whether logs are what they promised to be. Never down: events are taken in all the same. */
@Component("auditHealthIndicator") // its name in health: audit
class LogHealth implements HealthIndicator {

    private static final Duration RECENT = Duration.ofDays(7);

    private final JdbcClient db;
    private final HeldCheckpoints held;
    private final AuditLog own;
    private final InstantSource clock;

    LogHealth(JdbcClient db, HeldCheckpoints held, AuditLog own, InstantSource clock) {
        this.db = db;
        this.held = held;
        this.own = own;
        this.clock = clock;
    }

    @Override
    public Health health() {
        long frozen = db.sql("select count(*) from audit_log where frozen_at >= :since")
                .param("since", clock.instant().minus(RECENT).atOffset(ZoneOffset.UTC))
                .query(Long.class)
                .single();
        var health = Health.up().withDetail("logs_reopened_in_7_days", frozen);
        var trouble = held.trouble();
        if (trouble != null)
            health.withDetail("reason", "checkpoints cannot be held outside of the database: " + trouble);
        if (frozen > 0) {
            health.withDetail(
                    "reason", "the database was put back, and logs lost events: see their events audit.reopened");
        }
        var aside = own.aside();
        if (aside.events() > 0) {
            health.withDetail("own_events_aside", aside.events())
                    .withDetail(
                            "reason",
                            "what Muster did cannot be sealed, and is kept in clear until it can: " + aside.why());
        }
        return health.build();
    }
}
