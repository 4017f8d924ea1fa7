package io.muster.server;

import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Where all time comes from: the database's clock, kept steady. */
@Configuration(proxyBeanMethods = false)
class MusterClock {

    /** @param wrong by how much the machine's clock is ahead: for tests, which cannot set it */
    @Bean
    DatabaseTime databaseTime(@Value("${muster.test.machine-clock-ahead:0s}") Duration wrong) {
        return new DatabaseTime(Clock.offset(Clock.systemUTC(), wrong), System::nanoTime);
    }

    @Bean
    SteadyClock steadyClock(DatabaseTime wall) {
        return new SteadyClock(wall, System::nanoTime);
    }

    @Bean
    InstantSource clock(SteadyClock steady) {
        return steady::instant;
    }

    /** Not part of readiness: Muster works on, with a time of its own. */
    @Bean
    HealthIndicator clockHealthIndicator(SteadyClock steady) {
        return () -> {
            steady.instant();
            return steady.disbelieved()
                    .map(ahead -> Health.down()
                            .withDetail(
                                    "reason",
                                    "the clock of the database's machine stepped by "
                                            + Math.round(ahead.toMillis() / 1_000.0)
                                            + " s; Muster goes on with"
                                            + " its own time until the clock has run steadily for "
                                            + SteadyClock.STABLE.toMinutes() + " minutes: see the time service")
                            .build())
                    .orElseGet(() -> Health.up().build());
        };
    }
}
