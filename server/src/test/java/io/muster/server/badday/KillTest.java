package io.muster.server.badday;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.server.testing.PingLoad;
import io.muster.server.testing.ServerProcess;
import io.muster.server.testing.ServerProcess.Start;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
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
import org.springframework.util.FileSystemUtils;

/** {@code kill -9} at random moments while jobs ping: what was acknowledged is there, once. */
class KillTest {

    private static final Logger log = LoggerFactory.getLogger(KillTest.class);
    private static final int CHECKS = 6;
    private static final int JOBS = 8;
    private static final Duration BETWEEN = Duration.ofMillis(5); // else they take the processors from the restart

    /** A server need not be started again when its PostgreSQL ends. */
    private static final Duration POSTGRES_IS_BACK = Duration.ofSeconds(15);

    private static final Duration SERVER_IS_BACK = Duration.ofMinutes(2);

    /** Whom the kill meets. */
    private enum Victim {
        SERVER,
        POSTMASTER,
        BACKEND,
        SERVER_AND_WATCHDOG
    }

    private Path folder;

    @BeforeEach
    void newFolder() throws IOException {
        folder = Files.createTempDirectory("muster-kill-");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterEach
    void removeFolder() throws IOException {
        FileSystemUtils.deleteRecursively(folder);
    }

    @Test
    void acknowledged_pings_survive_kill_9_of_server_and_database() {
        campaign(List.of(Victim.SERVER, Victim.POSTMASTER, Victim.BACKEND, Victim.SERVER_AND_WATCHDOG));
    }

    @Test
    @Tag("nightly")
    void acknowledged_pings_survive_many_kills() {
        campaign(IntStream.range(0, 9)
                .boxed()
                .flatMap(_ -> Stream.of(Victim.values()))
                .toList());
    }

    private void campaign(List<Victim> victims) {
        long seed = ThreadLocalRandom.current().nextLong();
        var random = new Random(seed);
        var order = new ArrayList<>(victims);
        Collections.shuffle(order, random);
        var start = Start.serve(folder.resolve("data"));
        var server = new AtomicReference<>(start.startAndAwait());
        var checks = IntStream.range(0, CHECKS)
                .mapToObj(n -> server.get().check("job " + n))
                .toList();
        var back = new ArrayList<String>();
        try (var load = new PingLoad(checks, BETWEEN, Collections.nCopies(JOBS, (IntSupplier)
                () -> server.get().port()))) {
            for (var victim : order) {
                load.awaitMore(50, SERVER_IS_BACK);
                LockSupport.parkNanos(Duration.ofMillis(random.nextInt(1_500)).toNanos());
                server.get().check("declared before kill " + back.size());
                long killed = System.nanoTime();
                kill(victim, server.get(), random);
                if (!server.get().process().isAlive()) server.set(start.startAndAwait());
                load.awaitStored(
                        victim == Victim.POSTMASTER || victim == Victim.BACKEND ? POSTGRES_IS_BACK : SERVER_IS_BACK);
                back.add(victim + " "
                        + Duration.ofNanos(System.nanoTime() - killed).toMillis() + " ms");
            }
            load.awaitMore(50, SERVER_IS_BACK);
            load.close();
            log.info(
                    "killed, and pings are stored again after: {}; {} acknowledged, {} refused, {} unanswered",
                    back,
                    load.stored(),
                    load.refused(),
                    load.unanswered());
            assertThat(load.surprises()).as("seed %d, %s", seed, back).isEmpty();
            load.assertStoredOnce(server.get().db());
            assertDeclarationsAreOnRecordOnce(
                    CHECKS + order.size(), server.get().db());
        } finally {
            server.get().close();
        }
    }

    /** Each was acknowledged, and perhaps the server died before it could seal what it had recorded. */
    private static void assertDeclarationsAreOnRecordOnce(int declared, JdbcClient db) {
        await("what Muster did is sealed")
                .atMost(Duration.ofSeconds(30))
                .until(() -> db.sql("select count(*) from own_event")
                                .query(Long.class)
                                .single()
                        == 0);
        assertThat(db.sql("""
                        select cast(convert_from(envelope, 'UTF8') as json) ->> 'resource'
                          from audit_event
                         where action = 'check.created' and (select set_config('muster.log', '*', false)) = '*'
                        """).query(String.class).list()).hasSize(declared).doesNotHaveDuplicates();
    }

    private static void kill(Victim victim, ServerProcess server, Random random) {
        switch (victim) {
            case SERVER -> server.kill();
            case SERVER_AND_WATCHDOG -> server.killWithWatchdog();
            case POSTMASTER -> end(server.postmaster());
            case BACKEND -> {
                var processes = server.postmaster().children().toList();
                end(processes.get(random.nextInt(processes.size())));
            }
        }
    }

    private static void end(ProcessHandle process) {
        process.destroyForcibly();
        await().atMost(Duration.ofSeconds(10)).until(() -> !process.isAlive());
    }
}
