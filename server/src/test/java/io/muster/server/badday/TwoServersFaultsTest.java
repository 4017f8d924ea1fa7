package io.muster.server.badday;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.server.badday.Facts.Waiting;
import io.muster.server.embedded.DataFolder;
import io.muster.server.embedded.EmbeddedPostgres;
import io.muster.server.incident.channel.webhook.WebhookReceiver;
import io.muster.server.testing.PingLoad;
import io.muster.server.testing.ServerProcess;
import io.muster.server.testing.ServerProcess.Start;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.util.FileSystemUtils;

/**
 * Two server processes on one database, the second on a machine whose clock is ten seconds ahead. Either is killed or stands
 * still for a while, and so the database, while jobs ping both and deadlines pass.
 */
class TwoServersFaultsTest {

    private static final Logger log = LoggerFactory.getLogger(TwoServersFaultsTest.class);
    private static final int SILENT = 10; // of each fault
    private static final Duration SHORT =
            Duration.ofSeconds(2); // no transaction is ended for it, so no ping refused and nothing waited for
    private static final Duration LONG = Duration.ofSeconds(30);

    /** With a minute that is waited for when the database was away. */
    private static final Duration ALL_ARE_DOWN = Duration.ofSeconds(150);

    /** Of clocks that are compared by an answer that takes its time. */
    private static final Duration DIFFERENCE = Duration.ofMillis(500);

    private enum Fault {
        PAUSE_FIRST,
        PAUSE_SECOND,
        KILL_FIRST,
        KILL_SECOND,
        KILL_DATABASE
    }

    private final WebhookReceiver ops = new WebhookReceiver(Instant::now);
    private Path folder;
    private DataFolder databaseFolder;
    private EmbeddedPostgres database;

    @BeforeEach
    void start() throws IOException {
        folder = Files.createTempDirectory("muster-faults-");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        databaseFolder = DataFolder.open(folder.resolve("database"));
        database = new EmbeddedPostgres(
                databaseFolder,
                Map.of("shared_buffers", "64MB", "fsync", "off", "track_commit_timestamp", "on"),
                () -> {});
    }

    @AfterEach
    void stop() throws IOException {
        ops.close();
        database.close();
        databaseFolder.close();
        FileSystemUtils.deleteRecursively(folder);
    }

    private String password(String role) throws IOException {
        return Files.readString(databaseFolder.path().resolve("secrets").resolve(role))
                .strip();
    }

    private Start server(String name, String ahead) throws IOException {
        return Start.serve(folder.resolve(name))
                .with("--muster.test.machine-clock-ahead=" + ahead)
                .with(Map.of(
                        "MUSTER_DATABASE_URL", database.url().replaceFirst("^jdbc:", ""),
                        "MUSTER_DATABASE_USER", "muster_app",
                        "MUSTER_DATABASE_PASSWORD", password("muster_app"),
                        "MUSTER_DATABASE_OWNER_USER", "muster_owner",
                        "MUSTER_DATABASE_OWNER_PASSWORD", password("muster_owner"),
                        "MUSTER_ROOT_KEY", "env:MUSTER_SECRET_ROOT",
                        "MUSTER_SECRET_ROOT", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
                        "MUSTER_OUTBOUND_ALLOW", "127.0.0.0/8"));
    }

    @Test
    void pause_kill_and_another_clock_lose_nothing_double_nothing_and_call_nobody_down_too_early() throws Exception {
        campaign(List.of(Fault.PAUSE_FIRST, Fault.KILL_SECOND), SHORT);
    }

    @Test
    @Tag("nightly")
    void nothing_is_lost_doubled_or_too_early_in_many_faults() throws Exception {
        var all = new ArrayList<Fault>();
        for (int round = 0; round < 3; round++) all.addAll(List.of(Fault.values()));
        campaign(all, LONG);
    }

    private void campaign(List<Fault> faults, Duration pause) throws Exception {
        long seed = ThreadLocalRandom.current().nextLong();
        log.info("seed {}", seed);
        var random = new Random(seed);
        var order = new ArrayList<>(faults);
        Collections.shuffle(order, random);
        var db = JdbcClient.create(new DriverManagerDataSource(database.url(), "muster_app", password("muster_app")));
        var facts = new Facts(db);
        var firstStart = server("first", "0s");
        var secondStart = server("second", "10s");
        var first = new AtomicReference<>(firstStart.start());
        var second = new AtomicReference<>(secondStart.start());
        try {
            first.get().awaitReady();
            second.get().awaitReady();
            ok(first.get().send("PUT", "/api/v1/alert-channels/ops", """
                    {"kind": "webhook", "url": "%s", "secret": "%s"}""".formatted(ops.url(), WebhookReceiver.SECRET)));
            var busy = IntStream.range(0, 4)
                    .mapToObj(n -> first.get().check("busy " + n))
                    .toList();
            var names = IntStream.range(0, SILENT * order.size())
                    .mapToObj(n -> first.get().check("silent " + n))
                    .toList();
            var silent = new ArrayList<Waiting>();
            try (var load = new PingLoad(
                    busy,
                    Duration.ofMillis(10),
                    Stream.<IntSupplier>of(
                                    () -> first.get().port(),
                                    () -> second.get().port(),
                                    () -> first.get().port(),
                                    () -> second.get().port())
                            .toList())) {
                for (var fault : order) {
                    load.awaitMore(100, Duration.ofMinutes(1));
                    var now = Instant.now().truncatedTo(ChronoUnit.MICROS);
                    var soon = names.subList(silent.size(), silent.size() + SILENT).stream()
                            .map(uuid -> new Waiting(uuid, now.plusMillis(500 + random.nextInt(6_000))))
                            .toList();
                    facts.age(soon);
                    silent.addAll(soon);
                    log.info("{}", fault);
                    switch (fault) {
                        case PAUSE_FIRST -> pause(first.get(), pause);
                        case PAUSE_SECOND -> pause(second.get(), pause);
                        case KILL_FIRST -> {
                            first.get().kill();
                            first.set(firstStart.startAndAwait());
                        }
                        case KILL_SECOND -> {
                            second.get().kill();
                            second.set(secondStart.startAndAwait());
                        }
                        case KILL_DATABASE -> killDatabase();
                    }
                    await("both work again")
                            .atMost(Duration.ofMinutes(1))
                            .until(() -> hears(first.get()) && hears(second.get()));
                }
                await("every silent check is down")
                        .atMost(ALL_ARE_DOWN)
                        .untilAsserted(() -> assertThat(facts.silences(silent)).isEqualTo(silent.size()));
                load.awaitMore(100, Duration.ofMinutes(1));
                load.close();
                assertThat(load.surprises().stream().filter(odd -> !odd.startsWith("answered after")))
                        .as("answers that a standstill does not explain")
                        .isEmpty();
                load.assertStoredOnce(db);
                facts.assertPingsAreNumberedWithoutAGap();
                facts.assertFlipsHappenOnce();
                assertFlipsAreDue(db, silent);
                assertThat(
                                facts.strings(
                                        "select kind || ' ' || began_at || ' ' || ended_at from outage where kind = 'not-running'"))
                        .as("one of them always ran")
                        .isEmpty();
                facts.assertToldOnce(ops, silent.size());
                log.info(
                        "{} acknowledged, {} refused, {} unanswered; {} deliveries in {} calls; outages {}",
                        load.stored(),
                        load.refused(),
                        load.unanswered(),
                        facts.count("select count(*) from delivery"),
                        ops.calls.size(),
                        facts.strings("select kind || ' ' || (ended_at - began_at) from outage order by id"));
            }
        } finally {
            first.get().close();
            second.get().close();
        }
    }

    private static void ok(java.net.http.HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isIn(200, 201);
    }

    private static boolean hears(ServerProcess server) {
        return server.isReady() && server.get("/actuator/health/hearing").body().contains("UP");
    }

    private static void pause(ServerProcess server, Duration length) throws Exception {
        signal("STOP", server);
        try {
            TimeUnit.NANOSECONDS.sleep(length.toNanos()); // nothing can be asked of it meanwhile
        } finally {
            signal("CONT", server);
        }
    }

    private static void signal(String name, ServerProcess server) throws Exception {
        var kill = new ProcessBuilder(
                        "kill", "-" + name, Long.toString(server.process().pid()))
                .inheritIO()
                .start();
        assertThat(kill.waitFor()).isZero();
    }

    private void killDatabase() throws IOException {
        var postmaster = ProcessHandle.of(
                        Long.parseLong(Files.readAllLines(databaseFolder.path().resolve("postgres/data/postmaster.pid"))
                                .getFirst()
                                .strip()))
                .orElseThrow();
        postmaster.destroyForcibly();
        await().atMost(Duration.ofSeconds(10)).until(() -> !postmaster.isAlive());
        await("it is started again").atMost(Duration.ofMinutes(1)).until(database::isUp);
    }

    /** Each silent check at its deadline, and nobody else; and what is stored is never dated later than its commit. */
    private static void assertFlipsAreDue(JdbcClient db, List<Waiting> silent) {
        assertThat(db.sql("""
                        select cast(uuid as text), flip.at
                          from flip join checks on checks.id = flip.check_id
                         where to_status = 'down'
                        """)
                        .query((row, n) -> new Waiting(
                                row.getString(1),
                                row.getObject(2, OffsetDateTime.class).toInstant()))
                        .list())
                .containsExactlyInAnyOrderElementsOf(silent);
        for (var instant : List.of("at from ping", "at from flip", "recorded_at from flip")) {
            assertThat(db.sql(
                                    "select coalesce(max(extract(epoch from at - pg_xact_commit_timestamp(xmin))), 0) from (select xmin, "
                                            + instant.replace(" from", " as at from") + ") as rows")
                            .query(Double.class)
                            .single())
                    .as("seconds by which something was %s before its time", instant)
                    .isLessThan(DIFFERENCE.toMillis() / 1_000.0);
        }
    }
}
