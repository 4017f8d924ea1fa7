package io.muster.server.heartbeat;

import java.time.InstantSource;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/** Whether silence counts. Not part of readiness: what can still be answered, is. */
@Component("hearingHealthIndicator") // its name in health: hearing
class HearingHealth implements HealthIndicator {

    private final Hearing hearing;
    private final InstantSource clock;

    HearingHealth(Hearing hearing, InstantSource clock) {
        this.hearing = hearing;
        this.clock = clock;
    }

    @Override
    public Health health() {
        return hearing.trouble(clock.instant())
                .map(why -> Health.down()
                        .withDetail("reason", why + ": no job is declared silent meanwhile")
                        .build())
                .orElseGet(() -> Health.up().build());
    }
}
