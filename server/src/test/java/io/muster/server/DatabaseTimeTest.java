package io.muster.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class DatabaseTimeTest {

    private static final Instant THREE = Instant.parse("2026-03-01T03:00:00Z");
    private long nanos = 12345;
    private Instant database = THREE;

    private final DatabaseTime right = new DatabaseTime(() -> THREE, () -> nanos);
    private final DatabaseTime ahead = new DatabaseTime(() -> THREE.plusSeconds(10), () -> nanos);

    private void passes(Duration time) {
        nanos += time.toNanos();
        database = database.plus(time);
    }

    /** An answer that is {@code there} on its way to the database, and {@code back}. */
    private void ask(DatabaseTime clock, Duration there, Duration back) {
        long askedAt = nanos;
        passes(there);
        var said = database;
        passes(back);
        clock.heard(said, askedAt);
    }

    @Test
    void servers_agree_whatever_their_machines_clocks_say() {
        assertThat(Duration.between(right.instant(), ahead.instant())).isEqualTo(Duration.ofSeconds(10));
        ask(right, Duration.ofMillis(1), Duration.ofMillis(2));
        ask(ahead, Duration.ofMillis(1), Duration.ofMillis(2));
        assertThat(right.instant()).isEqualTo(database);
        assertThat(Duration.between(database, ahead.instant())).isBetween(Duration.ZERO, Duration.ofMillis(3));
    }

    @Test
    void slow_answer_proves_little_and_moves_nothing_that_it_does_not_disprove() {
        ask(ahead, Duration.ofMillis(1), Duration.ofMillis(1));
        var before = Duration.between(database, ahead.instant());
        ask(ahead, Duration.ofMillis(1), Duration.ofSeconds(3));
        ask(ahead, Duration.ofSeconds(3), Duration.ofMillis(1));
        assertThat(Duration.between(database, ahead.instant())).isEqualTo(before);
    }

    @Test
    void quick_answer_narrows_what_a_slow_one_left_open() {
        ask(ahead, Duration.ofMillis(1), Duration.ofSeconds(1));
        ask(ahead, Duration.ofMillis(1), Duration.ofMillis(1));
        assertThat(Duration.between(database, ahead.instant())).isBetween(Duration.ZERO, Duration.ofMillis(2));
    }

    @Test
    void time_passes_while_the_database_is_away() {
        ask(right, Duration.ofMillis(1), Duration.ofMillis(1));
        passes(Duration.ofHours(5));
        assertThat(right.instant()).isEqualTo(database);
    }
}
