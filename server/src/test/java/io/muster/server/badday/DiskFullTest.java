package io.muster.server.badday;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.muster.server.testing.PingLoad;
import io.muster.server.testing.ServerProcess;
import io.muster.server.testing.ServerProcess.Start;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server whose data folder is on a small file system of its own, which is filled to the last byte while jobs ping. It
 * needs the right to mount one; where that is missing the test counts as skipped and says so.
 */
class DiskFullTest {

    private static final Logger log = LoggerFactory.getLogger(DiskFullTest.class);
    private static final Duration FULL = Duration.ofSeconds(10);
    private static final Duration ROOM_IS_USED = Duration.ofSeconds(30);

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private Path disk;

    @BeforeEach
    void mount() throws Exception {
        disk = Files.createTempDirectory("muster-disk-");
        boolean mounted = run("mount", "-t", "tmpfs", "-o", "size=400m,mode=755", "muster-test", disk.toString());
        if (!mounted) Files.delete(disk);
        assumeThat(mounted).as("the right to mount a small file system").isTrue();
    }

    @AfterEach
    void unmount() throws Exception {
        if (!Files.exists(disk)) return;
        assertThat(run("umount", disk.toString())).isTrue();
        Files.delete(disk);
    }

    private static boolean run(String... command) throws Exception {
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return process.waitFor(1, TimeUnit.MINUTES) && process.exitValue() == 0;
    }

    @Test
    void full_disk_loses_no_ping_and_turns_no_check_down_and_health_says_why() throws Exception {
        try (var server = Start.serve(disk.resolve("data")).startAndAwait()) {
            var busy = IntStream.range(0, 4)
                    .mapToObj(n -> server.check("busy " + n))
                    .toList();
            var due = IntStream.range(0, 10)
                    .mapToObj(n -> server.check("due " + n))
                    .toList();
            try (var load =
                    new PingLoad(busy, Duration.ofMillis(5), Collections.nCopies(6, (IntSupplier) server::port))) {
                load.awaitMore(200, Duration.ofMinutes(1));
                assertThat(server.get("/actuator/health/disk").body()).contains("UP");
                dueSoon(server, due);
                fill();
                long refused = load.refused();
                await("the disk is full").atMost(Duration.ofMinutes(1)).until(() -> {
                    fill();
                    return load.refused() > refused + 50;
                });
                var health = server.get("/actuator/health/disk").body();
                assertThat(health).contains("DOWN", "the disk of the data folder is full");
                long begun = System.nanoTime();
                await().atMost(Duration.ofMinutes(1))
                        .pollInterval(Duration.ofMillis(200))
                        .until(() -> {
                            fill();
                            return System.nanoTime() - begun > FULL.toNanos();
                        });
                var inGaps = due.stream()
                        .filter(uuid -> pingOnFullDisk(server, uuid) == 200)
                        .toList();
                Files.delete(ballast());
                var back = load.awaitStored(ROOM_IS_USED);
                inGaps.forEach(uuid -> assertThat(pings(server, uuid))
                        .as("acknowledged while the disk was full")
                        .isEqualTo(1));
                due.forEach(uuid -> await().atMost(ROOM_IS_USED).until(() -> ping(server, uuid) == 200));
                load.awaitMore(200, ROOM_IS_USED);
                await().atMost(ROOM_IS_USED)
                        .until(() -> server.get("/actuator/health/disk").body().contains("UP"));
                load.close();
                log.info(
                        "{} acknowledged, {} refused; stored again {} after there was room; restarts of PostgreSQL: {}",
                        load.stored(),
                        load.refused(),
                        back,
                        server.printed()
                                .lines()
                                .filter(line -> line.contains("PostgreSQL ended"))
                                .count());
                assertThat(load.surprises()).isEmpty();
                load.assertStoredOnce(server.db());
                assertThat(server.db()
                                .sql("select count(*) from flip where to_status = 'down'")
                                .query(Long.class)
                                .single())
                        .as("false flips")
                        .isZero();
            }
        }
    }

    private Path ballast() {
        return disk.resolve("ballast");
    }

    /** To the last byte. */
    private void fill() throws IOException {
        try (var file = FileChannel.open(ballast(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            for (int size = 1 << 20; size >= 1; size /= 16) fill(file, size);
        }
    }

    private static void fill(FileChannel file, int size) {
        try {
            while (file.write(ByteBuffer.allocate(size)) > 0) {
                // more
            }
        } catch (IOException full) {
            log.debug("no room for {} bytes more", size);
        }
    }

    /** Their deadlines pass while the disk is full. */
    private static void dueSoon(ServerProcess server, List<String> uuids) {
        var downAt = Instant.now().plusSeconds(4);
        server.db()
                .sql("""
                with aged as (update checks
                                 set status = 'up', status_since = :last, last_ping = :last, last_success = :last,
                                     armed_at = :downAt
                               where uuid = any (cast(:uuids as uuid[]))
                           returning id)
                insert into deadline (kind, key, due_at)
                select 'check', cast(id as text), :downAt
                  from aged
                """)
                .param("uuids", uuids.toArray(String[]::new))
                .param("last", downAt.minus(Duration.ofDays(2)).atOffset(ZoneOffset.UTC))
                .param("downAt", downAt.atOffset(ZoneOffset.UTC))
                .update();
    }

    /** A full disk may have a gap for one row more (in a page, in the log's last file): then it is stored, else refused. */
    private int pingOnFullDisk(ServerProcess server, String uuid) {
        int status = ping(server, uuid);
        assertThat(status).as("while the disk is full").isIn(200, 503);
        return status;
    }

    private static long pings(ServerProcess server, String uuid) {
        return server.db()
                .sql("select count(*) from ping join checks on checks.id = check_id where uuid = cast(:uuid as uuid)")
                .param("uuid", uuid)
                .query(Long.class)
                .single();
    }

    private int ping(ServerProcess server, String uuid) {
        try {
            return http.send(
                            HttpRequest.newBuilder(URI.create(server.base() + "/ping/" + uuid))
                                    .build(),
                            BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException failure) {
            throw new java.io.UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }
}
