package io.muster.server;

import java.time.Clock;
import java.time.InstantSource;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Where all time comes from. */
@Configuration(proxyBeanMethods = false)
class MusterClock {

    @Bean
    SteadyClock steadyClock() {
        return new SteadyClock(Clock.systemUTC(), System::nanoTime);
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
                                    "the machine's clock stepped by " + Math.round(ahead.toMillis() / 1_000.0)
                                            + " s; Muster goes on with"
                                            + " its own time until the clock has run steadily for "
                                            + SteadyClock.STABLE.toMinutes() + " minutes: see the time service")
                            .build())
                    .orElseGet(() -> Health.up().build());
        };
    }
}
