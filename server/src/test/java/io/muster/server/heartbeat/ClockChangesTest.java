package io.muster.server.heartbeat;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.deadline.PassingTime;
import io.muster.server.heartbeat.SlowSchedule.Clocks;
import io.muster.server.testing.Http;
import io.muster.server.testing.Proves;
import io.muster.server.testing.ServerTest;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;

/** The days around changes of clocks, on the server; the year between them is {@link YearTest}'s. */
@ServerTest
@Import(TestChecks.class)
class ClockChangesTest {

    @Autowired
    TestChecks checks;

    @Autowired
    PassingTime time;

    @Autowired
    Http http;

    @ParameterizedTest
    @CsvSource({
        "America/New_York,    30 2 * * *, 2026-03-05",
        "Africa/Casablanca,   30 2 * * *, 2026-03-19",
        "Europe/Berlin,       30 2 * * *, 2026-03-26",
        "Australia/Lord_Howe, 45 1 * * *, 2026-04-02",
        "Australia/Lord_Howe, 15 2 * * *, 2026-10-01",
        "Europe/Berlin,       30 2 * * *, 2026-10-22",
        "America/New_York,    30 1 * * *, 2026-10-29"
    })
    @Proves("C7")
    void server_notices_the_run_that_clocks_swallowed_once_and_no_other(String zoneName, String cron, String first) {
        var zone = ZoneId.of(zoneName);
        var begin = LocalDate.parse(first);
        var words = cron.split(" ");
        var at = YearTest.at("%02d:%02d".formatted(Integer.parseInt(words[1]), Integer.parseInt(words[0])));
        var runs = List.copyOf(SlowSchedule.times(Clocks.WALL, _ -> true, at, zone, begin, begin.plusDays(5)));
        until(runs.getFirst());
        var check = checks.with("job", TestChecks.schedule(new Schedule.Cron(cron, zone), ofHours(1)));
        ping(check);
        int missed = 0;
        for (int i = 1; i < runs.size(); i++) {
            var downAt = runs.get(i).plus(ofHours(1));
            until(downAt.minus(ofSeconds(1)));
            if (YearTest.isFirstAfterAChange(runs.get(i - 1), runs.get(i), zone)) {
                assertThat(checks.read(check).status()).isEqualTo(Status.UP);
                time.passes(ofSeconds(1));
                assertThat(checks.read(check).status()).isEqualTo(Status.DOWN);
                time.passes(ofHours(3));
                assertThat(checks.flipRows(check).getFirst().at()).isEqualTo(downAt);
                missed++;
            }
            ping(check);
        }
        assertThat(missed).isEqualTo(1);
        assertThat(checks.flips(check)).containsExactly("down>up success", "up>down timeout", "new>up success");
    }

    private void until(Instant instant) {
        time.passes(Duration.between(time.now(), instant));
    }

    private void ping(Check check) {
        assertThat(http.get("/ping/" + check.uuid().value()).status()).isEqualTo(200);
    }
}
