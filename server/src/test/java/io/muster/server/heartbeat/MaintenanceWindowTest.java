package io.muster.server.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.server.heartbeat.MaintenanceWindow.Occurrence;
import io.muster.server.incident.JobSelector;
import io.muster.server.problem.Refused;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class MaintenanceWindowTest {

    @Test
    void one_that_recurs_is_on_or_comes_next() {
        var sunday = recurring("Sun *-*-* 02:00", "Europe/Berlin", Duration.ofHours(2));
        var one = new Occurrence(at("2026-03-01T01:00:00Z"), at("2026-03-01T03:00:00Z"));
        assertThat(sunday.at(at("2026-02-26T12:00:00Z"))).contains(one);
        assertThat(sunday.at(at("2026-03-01T01:00:00Z"))).contains(one);
        assertThat(sunday.at(at("2026-03-01T02:59:59.999Z"))).contains(one);
        assertThat(sunday.at(at("2026-03-01T03:00:00Z")))
                .contains(new Occurrence(at("2026-03-08T01:00:00Z"), at("2026-03-08T03:00:00Z")));
        assertThat(one.isOn(at("2026-03-01T00:59:59Z"))).isFalse();
        assertThat(one.isOn(at("2026-03-01T01:00:00Z"))).isTrue();
        assertThat(one.isOn(at("2026-03-01T03:00:00Z"))).isFalse();
    }

    @Test
    void one_whose_calendar_is_over_never_comes_again() {
        assertThat(recurring("2020-01-01 00:00", "UTC", Duration.ofHours(1)).at(at("2026-03-01T00:00:00Z")))
                .isEmpty();
        assertThat(once("2026-03-01T01:00:00Z", "2026-03-01T02:00:00Z").at(at("2026-03-01T02:00:00Z")))
                .isEmpty();
    }

    @Test
    void what_is_wrong_is_refused() {
        assertThatThrownBy(() -> once("2026-03-01T02:00:00Z", "2026-03-01T02:00:00Z"))
                .hasMessageContaining("later than from");
        assertThatThrownBy(() -> once("2026-03-01T02:00:00Z", "2026-04-01T02:00:00Z"))
                .hasMessageContaining("30 days");
        assertThatThrownBy(() -> once("2026-03-01T02:00:00Z", null)).isInstanceOf(Refused.class);
        assertThatThrownBy(() -> new MaintenanceWindow("x", JobSelector.ALL, null, null, null, null, null))
                .hasMessageContaining("exactly one");
        assertThatThrownBy(() -> recurring("Sun *-*-* 02:00", "Europe/Berlin", Duration.ofSeconds(59)))
                .hasMessageContaining("PT1M");
        assertThatThrownBy(() -> recurring("now and then", "UTC", Duration.ofHours(1)))
                .hasMessageContaining("OnCalendar");
        assertThatThrownBy(() -> recurring("Sun *-*-* 02:00", "Mars/Base", Duration.ofHours(1)))
                .hasMessageContaining("time zone");
    }

    private static MaintenanceWindow recurring(String calendar, String tz, Duration length) {
        return new MaintenanceWindow("Patches", JobSelector.ALL, null, null, calendar, tz, length);
    }

    private static MaintenanceWindow once(String from, String to) {
        return new MaintenanceWindow("Move", JobSelector.ALL, at(from), to == null ? null : at(to), null, null, null);
    }

    private static Instant at(String text) {
        return Instant.parse(text);
    }
}
