package io.muster.server.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutageTest {

    private static Instant at(String time) {
        return Instant.parse("2026-03-01T" + time + "Z");
    }

    private static Outage outage(String from, String to) {
        return new Outage(Outage.Kind.NOT_RUNNING, at(from), at(to));
    }

    /** Of a check that is late at four and has ten minutes of grace. */
    private static Instant downAt(Outage... outages) {
        return Outage.shifted(at("04:00:00"), at("04:10:00"), List.of(outages));
    }

    @Test
    void outage_before_or_after_the_grace_changes_nothing() {
        assertThat(downAt()).isEqualTo(at("04:10:00"));
        assertThat(downAt(outage("03:00:00", "04:00:00"))).isEqualTo(at("04:10:00"));
        assertThat(downAt(outage("04:10:00", "05:00:00"))).isEqualTo(at("04:10:00"));
    }

    @Test
    void no_grace_runs_while_muster_is_away() {
        assertThat(downAt(outage("03:00:00", "06:00:00"))).isEqualTo(at("06:10:00"));
        assertThat(downAt(outage("03:00:00", "04:03:00"))).isEqualTo(at("04:13:00"));
        assertThat(downAt(outage("04:04:00", "06:00:00"))).isEqualTo(at("06:06:00"));
        assertThat(downAt(outage("04:04:00", "04:05:00"))).isEqualTo(at("04:11:00"));
    }

    @Test
    void nobody_is_down_within_a_minute_after() {
        assertThat(downAt(outage("04:09:50", "05:00:00"))).isEqualTo(at("05:01:00"));
        assertThat(downAt(outage("04:09:59", "04:10:05"))).isEqualTo(at("04:11:05"));
    }

    @Test
    void outages_add_up_and_what_two_have_in_common_counts_once() {
        assertThat(downAt(outage("04:02:00", "04:04:00"), outage("04:06:00", "04:07:00")))
                .isEqualTo(at("04:13:00"));
        assertThat(downAt(outage("04:02:00", "04:06:00"), outage("04:03:00", "04:05:00")))
                .isEqualTo(at("04:14:00"));
        assertThat(downAt(outage("04:02:00", "04:04:00"), outage("04:03:00", "04:06:00")))
                .isEqualTo(at("04:14:00"));
        assertThat(downAt(outage("04:05:00", "04:20:00"), outage("04:21:00", "04:30:00")))
                .isEqualTo(at("04:34:00"));
    }
}
