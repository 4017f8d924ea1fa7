package io.muster.server.badday;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.server.embedded.TestPostgres;
import io.muster.server.testing.ServerProcess;
import io.muster.server.testing.ServerProcess.Start;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/** {@code kill -9} while events come in: each receipt holds, no event is there twice, no log forks. */
class AuditKillTest {
    private static final Logger log = LoggerFactory.getLogger(AuditKillTest.class);
    private static final Duration BACK = Duration.ofMinutes(2);
    private static final List<String> TENANTS = List.of("acme", "globex", "initech");

    private enum Victim {
        SERVER,
        POSTMASTER,
        BACKEND
    }

    private Path folder;

    @BeforeEach
    void newFolder() throws IOException {
        folder = Files.createTempDirectory("muster-audit-kill-");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterEach
    void removeFolder() throws IOException {
        FileSystemUtils.deleteRecursively(folder);
    }

    @Test
    void receipts_hold_after_kill_9_of_server_and_database() throws Exception {
        campaign(List.of(Victim.values()));
    }

    @Test
    @Tag("nightly")
    void receipts_hold_after_many_kills() throws Exception {
        campaign(IntStream.range(0, 10)
                .boxed()
                .flatMap(_ -> List.of(Victim.values()).stream())
                .toList());
    }

    private void campaign(List<Victim> victims) throws Exception {
        long seed = ThreadLocalRandom.current().nextLong();
        var random = new Random(seed);
        var order = new ArrayList<>(victims);
        Collections.shuffle(order, random);
        var start = Start.serve(folder.resolve("data"));
        var server = new AtomicReference<>(start.startAndAwait());
        try {
            declare(server.get());
            try (var load = new EventLoad(TENANTS, Collections.nCopies(6, (Supplier<ServerProcess>) server::get))) {
                for (var victim : order) {
                    awaitMore(load, 200);
                    LockSupport.parkNanos(Duration.ofMillis(random.nextInt(700)).toNanos());
                    switch (victim) {
                        case SERVER -> server.get().kill();
                        case POSTMASTER -> end(server.get().postmaster());
                        case BACKEND -> {
                            var processes = server.get().postmaster().children().toList();
                            end(processes.get(random.nextInt(processes.size())));
                        }
                    }
                    if (!server.get().process().isAlive()) server.set(start.startAndAwait());
                }
                awaitMore(load, 200);
                load.close();
                log.info("{}: {} acknowledged, {} without an answer", order, load.acknowledged(), load.unanswered());
                assertThat(load.surprises()).as("seed %d, %s", seed, order).isEmpty();
                load.assertKept(server.get());
            }
        } finally {
            server.get().close();
        }
    }

    @Test
    void two_servers_append_to_the_same_logs_and_no_log_forks() throws Exception {
        var database = TestPostgres.fresh();
        try (var first = start(database, "first");
                var second = start(database, "second")) {
            first.awaitReady();
            second.awaitReady();
            declare(first);
            try (var load = new EventLoad(
                    TENANTS, List.of(() -> first, () -> second, () -> first, () -> second, () -> second))) {
                awaitMore(load, 1_000);
                load.close();
                assertThat(load.surprises()).isEmpty();
                load.assertKept(first);
                load.assertKept(second);
            }
        }
    }

    private ServerProcess start(TestPostgres.Database database, String name) {
        return Start.serve(folder.resolve(name))
                .with(Map.of(
                        "MUSTER_DATABASE_URL", database.url(),
                        "MUSTER_DATABASE_USER", database.user(),
                        "MUSTER_DATABASE_PASSWORD", database.password(),
                        "MUSTER_DATABASE_OWNER_USER", database.ownerUser(),
                        "MUSTER_DATABASE_OWNER_PASSWORD", database.ownerPassword(),
                        "MUSTER_ROOT_KEY", "env:MUSTER_SECRET_ROOT",
                        "MUSTER_SECRET_ROOT", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="))
                .start();
    }

    static void declare(ServerProcess server) {
        ok(server.send("PUT", "/api/v1/policies/anywhere", """
                {"name":"Anywhere","default":"allow","max_dwell":"P1D"}"""));
        for (var tenant : TENANTS) {
            ok(server.send("PUT", "/api/v1/tenants/" + tenant, """
                    {"name":"%s","tier":"gold","policy":"anywhere","home":"eu-west-1"}""".formatted(tenant)));
        }
    }

    private static void ok(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    }

    private static void awaitMore(EventLoad load, int more) {
        long until = load.acknowledged() + more;
        await().atMost(BACK).until(() -> load.acknowledged() >= until);
    }

    private static void end(ProcessHandle process) {
        process.destroyForcibly();
        await().atMost(Duration.ofSeconds(10)).until(() -> !process.isAlive());
    }
}
