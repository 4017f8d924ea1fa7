package io.muster.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.server.testing.Http;
import io.muster.server.testing.PingLoad;
import io.muster.server.testing.ServerTest;
import io.muster.server.testing.TestClock;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.ContextConfiguration;

/** A whole server, its background running in real time, whose machine's clock is set by an hour, forth and back. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {"muster.password-rounds=1000", "server.port=0"})
@ContextConfiguration(initializers = ServerTest.OwnDatabase.class)
@Import({ClockStepTest.Config.class, Http.class})
@DirtiesContext // its background would go on beside other tests
class ClockStepTest {

    private static final Logger log = LoggerFactory.getLogger(ClockStepTest.class);
    private static final Duration LATE = Duration.ofSeconds(5);

    /** By how much the machine's clock is wrong. */
    private static volatile Duration wrong = Duration.ZERO;

    @TestConfiguration
    static class Config {

        @Bean
        @Primary
        SteadyClock steppingClock() {
            return new SteadyClock(() -> Clock.systemUTC().instant().plus(wrong), System::nanoTime);
        }

        @Bean
        @Primary
        InstantSource theirTime(SteadyClock stepping) {
            return stepping::instant;
        }

        /** Asked for by tools of other tests. */
        @Bean
        TestClock unused() {
            return new TestClock();
        }
    }

    @Autowired
    Http http;

    @Autowired
    JdbcClient db;

    @LocalServerPort
    int port;

    @Test
    void no_check_flips_no_ping_is_lost_and_health_says_why() {
        var begun = Instant.now();
        var busy = IntStream.range(0, 3).mapToObj(n -> check("busy-" + n)).toList();
        var soon = IntStream.range(0, 20).mapToObj(n -> check("soon-" + n)).toList();
        soon.forEach(uuid -> downAt(uuid, begun.plus(Duration.ofMinutes(30))));
        var now = IntStream.range(0, 12).mapToObj(n -> check("now-" + n)).toList();
        IntStream.range(0, now.size()).forEach(n -> downAt(now.get(n), begun.plusMillis(2_000 + 1_000L * n)));
        try (var load = new PingLoad(busy, Duration.ofMillis(10), Collections.nCopies(4, (IntSupplier) () -> port))) {
            load.awaitMore(50, Duration.ofSeconds(30));
            assertThat(clockHealth()).contains("UP");
            for (var hours : List.of(1, -1, 1)) {
                wrong = Duration.ofHours(hours);
                await().atMost(Duration.ofSeconds(10))
                        .untilAsserted(() -> assertThat(clockHealth())
                                .contains("DOWN", "the clock of the database's machine stepped by " + hours * 3600));
                load.awaitMore(200, Duration.ofSeconds(30));
                long seen = flips(now);
                await("a deadline passes meanwhile")
                        .atMost(Duration.ofSeconds(20))
                        .until(() -> flips(now) > seen || seen == now.size());
            }
            wrong = Duration.ZERO;
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(clockHealth()).contains("UP"));
            await().atMost(Duration.ofSeconds(30)).until(() -> flips(now) == now.size());
            load.close();
            assertThat(load.surprises()).isEmpty();
            assertThat(load.refused() + load.unanswered()).isZero();
            load.assertStoredOnce(db);
            log.info("{} pings acknowledged while the clock stepped", load.stored());
        } finally {
            wrong = Duration.ZERO;
        }
        assertThat(flips(soon)).as("false flips").isZero();
        assertThat(times("select max(recorded_at - at) from flip where reason = 'timeout'"))
                .isLessThan(LATE);
        assertThat(instant("select min(at) from ping")).isAfterOrEqualTo(begun.minusSeconds(1));
        assertThat(instant("select max(at) from ping"))
                .isBeforeOrEqualTo(Instant.now().plusSeconds(1));
        assertThat(db.sql(
                                "select count(*) from (select at, lag(at) over (partition by check_id order by n) as before from ping)"
                                        + " as pings where at < before - interval '2 seconds'")
                        .query(Long.class)
                        .single())
                .as("time never went back")
                .isZero();
    }

    private String clockHealth() {
        return http.get("/actuator/health/clock").body();
    }

    private String check(String name) {
        var answer = http.post("/api/v3/checks/", """
                {"name": "%s", "timeout": 86400, "grace": 86400}""".formatted(name));
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        return answer.body().replaceFirst("(?s).*/ping/([0-9a-f-]{36}).*", "$1");
    }

    private void downAt(String uuid, Instant at) {
        db.sql("""
                with aged as (update checks
                                 set status = 'up', status_since = :last, last_ping = :last, last_success = :last,
                                     armed_at = :downAt
                               where uuid = cast(:uuid as uuid)
                           returning id)
                insert into deadline (kind, key, due_at)
                select 'check', cast(id as text), :downAt
                  from aged
                """)
                .param("uuid", uuid)
                .param("last", at.minus(Duration.ofDays(2)).atOffset(ZoneOffset.UTC))
                .param("downAt", at.atOffset(ZoneOffset.UTC))
                .update();
    }

    private long flips(List<String> uuids) {
        return db.sql(
                        "select count(*) from flip where check_id in (select id from checks where uuid = any (cast(:uuids as uuid[])))")
                .param("uuids", uuids.toArray(String[]::new))
                .query(Long.class)
                .single();
    }

    private Instant instant(String sql) {
        return db.sql(sql)
                .query((row, n) -> row.getObject(1, OffsetDateTime.class).toInstant())
                .single();
    }

    private Duration times(String sql) {
        return db.sql("select extract(epoch from (" + sql + "))")
                .query((row, n) -> Duration.ofMillis((long) (row.getDouble(1) * 1_000)))
                .single();
    }
}
