package io.muster.server;

import java.time.Clock;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Where all time comes from. */
@Configuration(proxyBeanMethods = false)
class MusterClock {
    /** Cut to microseconds, which is what PostgreSQL keeps: what was written reads back equal. */
    @Bean
    InstantSource clock() {
        var wall = Clock.systemUTC();
        return () -> wall.instant().truncatedTo(ChronoUnit.MICROS);
    }
}
