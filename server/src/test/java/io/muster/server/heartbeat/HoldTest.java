package io.muster.server.heartbeat;

import static java.time.Duration.ofHours;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.heartbeat.Hold.Because;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HoldTest {

    private static final Instant NOW = Instant.parse("2026-03-01T03:00:00Z");
    private static final Duration GRACE = ofHours(1);
    private static final Hold WAITS = new Hold(Because.WAITS_FOR, "backup", null);
    private static final Hold SNOOZED = new Hold(Because.SNOOZE, "ops@acme.example", NOW.plusSeconds(60));

    @Test
    void reason_holds_back_whatever_was_before() {
        assertThat(next(null, WAITS)).contains(WAITS);
        assertThat(next(WAITS, SNOOZED)).contains(SNOOZED);
        assertThat(next(SNOOZED, WAITS)).contains(WAITS);
    }

    @Test
    void without_a_reason_people_are_told_at_once() {
        assertThat(next(null, null)).isEmpty();
        assertThat(next(SNOOZED, null)).isEmpty();
        assertThat(next(new Hold(Because.MAINTENANCE, "patches", NOW), null)).isEmpty();
    }

    @Test
    void who_waited_has_its_grace_to_follow_once() {
        var follows = new Hold(Because.FOLLOWS, "backup", NOW.plus(GRACE));
        assertThat(next(WAITS, null)).contains(follows);
        assertThat(Hold.next(
                        Optional.of(follows),
                        Optional.empty(),
                        GRACE,
                        NOW.plus(GRACE).minusSeconds(1)))
                .contains(follows);
        assertThat(Hold.next(Optional.of(follows), Optional.empty(), GRACE, NOW.plus(GRACE)))
                .isEmpty();
        assertThat(next(follows, WAITS)).as("it went down again").contains(WAITS);
    }

    @Test
    void cycles_are_found_wherever_they_begin() {
        assertThat(Dependencies.cycle(List.of("a"), Map.of("a", List.of("b", "c"), "b", List.of("c"))))
                .isEmpty();
        assertThat(Dependencies.cycle(List.of("a"), Map.of("a", List.of("a")))).contains(List.of("a", "a"));
        assertThat(Dependencies.cycle(
                        List.of("x", "a"), Map.of("a", List.of("b"), "b", List.of("c"), "c", List.of("b"))))
                .contains(List.of("b", "c", "b"));
    }

    private static Optional<Hold> next(Hold before, Hold reason) {
        return Hold.next(Optional.ofNullable(before), Optional.ofNullable(reason), GRACE, NOW);
    }
}
