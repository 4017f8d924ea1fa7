package io.muster.server;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.springframework.boot.health.contributor.Status;

class SteadyClockTest {

    private Instant wall = Instant.parse("2026-03-01T03:00:00Z");
    private long nanos = 12345;
    private final SteadyClock clock = new SteadyClock(() -> wall, () -> nanos);

    private void passes(Duration time) {
        wall = wall.plus(time);
        nanos += time.toNanos();
    }

    @Test
    void small_corrections_of_the_wall_clock_are_followed() {
        passes(ofHours(1));
        wall = wall.plusMillis(1_900);
        assertThat(clock.instant()).isEqualTo(wall);
        wall = wall.minusMillis(1_900);
        assertThat(clock.instant()).isEqualTo(wall);
        assertThat(clock.disbelieved()).isEmpty();
    }

    @Test
    void slow_drift_is_no_step_however_far_it_goes() {
        for (int i = 0; i < 10_000; i++) {
            passes(ofSeconds(1));
            wall = wall.plus(ofMillis(1));
            assertThat(clock.instant()).isEqualTo(wall);
        }
    }

    @Test
    void step_forward_or_back_by_an_hour_is_not_followed_and_health_says_why() {
        for (var hour : new Duration[] {ofHours(1), ofHours(-1)}) {
            var before = clock.instant();
            wall = wall.plus(hour);
            passes(ofSeconds(5));
            assertThat(clock.instant()).isEqualTo(before.plusSeconds(5));
            assertThat(clock.disbelieved()).contains(hour);
            var health = new MusterClock().clockHealthIndicator(clock).health();
            assertThat(health.getStatus()).isEqualTo(Status.DOWN);
            assertThat(health.getDetails().get("reason").toString()).contains(hour.toSeconds() + " s");
            wall = wall.minus(hour);
            passes(ofSeconds(5));
            assertThat(clock.instant()).isEqualTo(before.plusSeconds(10));
            assertThat(new MusterClock().clockHealthIndicator(clock).health().getStatus())
                    .isEqualTo(Status.UP);
        }
    }

    @Test
    void new_time_is_taken_over_after_fifteen_steady_minutes() {
        var before = clock.instant();
        wall = wall.plus(ofHours(1));
        clock.instant();
        passes(ofMinutes(14));
        assertThat(clock.instant()).isEqualTo(before.plus(ofMinutes(14)));
        passes(ofMinutes(1));
        assertThat(clock.instant()).isEqualTo(wall);
        assertThat(clock.disbelieved()).isEmpty();
    }

    @Test
    void another_step_begins_the_wait_anew() {
        wall = wall.plus(ofHours(1));
        clock.instant();
        passes(ofMinutes(10));
        wall = wall.plus(ofMinutes(1));
        var unbelieved = clock.instant();
        passes(ofMinutes(10));
        assertThat(clock.instant()).isEqualTo(unbelieved.plus(ofMinutes(10)));
        passes(ofMinutes(5));
        assertThat(clock.instant()).isEqualTo(wall);
    }
}
