package io.muster.server.badday;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.server.embedded.DataFolder;
import io.muster.server.embedded.EmbeddedPostgres;
import io.muster.server.testing.Cable;
import io.muster.server.testing.PingLoad;
import io.muster.server.testing.ServerProcess;
import io.muster.server.testing.ServerProcess.Start;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.util.FileSystemUtils;

/** A real server whose external database is cut off, falls silent, and is stopped; under load, and without a restart. */
class DatabaseAwayTest {

    private static final Logger log = LoggerFactory.getLogger(DatabaseAwayTest.class);
    private static final int JOBS = 40;
    private static final int PEOPLE = 60;
    private static final Duration AWAY = Duration.ofSeconds(4);
    private static final Duration BACK = Duration.ofSeconds(8);

    /** Of a connection that is silent, which a caller other than a ping may find out. */
    private static final Duration SILENCE = Duration.ofSeconds(13);

    private static final Duration LONGEST_PING = Duration.ofSeconds(2);

    /** So long may a caller wait for a processor: all of them call at once, on a machine that other tests share. */
    private static final Duration TURN = Duration.ofSeconds(1);

    /** For what is malformed, the check is looked up before it is answered. */
    private static final String WRONG = "/ping/00000000-0000-4000-8000-000000000000?rid=wrong";

    private Path folder;
    private DataFolder databaseFolder;
    private EmbeddedPostgres database;
    private Cable cable;

    @BeforeEach
    void start() throws IOException {
        folder = Files.createTempDirectory("muster-away-");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        databaseFolder = DataFolder.open(folder.resolve("database"));
        database = startDatabase();
        cable = new Cable(Integer.parseInt(database.url().replaceAll(".*:(\\d+)/.*", "$1")));
    }

    private EmbeddedPostgres startDatabase() {
        return new EmbeddedPostgres(databaseFolder, Map.of("shared_buffers", "64MB", "fsync", "off"), () -> {});
    }

    @AfterEach
    void stop() throws IOException {
        cable.close();
        database.close();
        databaseFolder.close();
        FileSystemUtils.deleteRecursively(folder);
    }

    private Start server() throws IOException {
        return Start.serve(folder.resolve("data"))
                .with(Map.of(
                        "MUSTER_DATABASE_URL",
                        "postgresql://127.0.0.1:" + cable.port() + "/muster",
                        "MUSTER_DATABASE_USER",
                        "muster_app",
                        "MUSTER_DATABASE_PASSWORD",
                        password("muster_app"),
                        "MUSTER_DATABASE_OWNER_USER",
                        "muster_owner",
                        "MUSTER_DATABASE_OWNER_PASSWORD",
                        password("muster_owner")));
    }

    private String password(String role) throws IOException {
        return Files.readString(databaseFolder.path().resolve("secrets").resolve(role))
                .strip();
    }

    private JdbcClient db() throws IOException {
        return JdbcClient.create(new DriverManagerDataSource(database.url(), "muster_app", password("muster_app")));
    }

    @Test
    void pings_are_refused_in_time_nothing_piles_up_and_all_works_again_by_itself() throws Exception {
        try (var server = server().startAndAwait()) {
            var checks = IntStream.range(0, 10)
                    .mapToObj(n -> server.check("job " + n))
                    .toList();
            var pingKey = db().sql("select ping_key from project where id = 'default'")
                    .query(String.class)
                    .single();
            try (var load = new PingLoad(
                    checks, Duration.ofMillis(20), Collections.nCopies(JOBS, (IntSupplier) server::port))) {
                load.awaitMore(1_000, Duration.ofMinutes(1));
                int threads = threads(server);

                cable.cut();
                whileAway("refused", server, load, pingKey, threads);
                cable.mend();
                works("cut", server, load);

                cable.blackhole();
                whileAway("silent", server, load, pingKey, threads);
                cable.mend();
                works("silent", server, load);

                database.close();
                whileAway("stopped", server, load, pingKey, threads);
                database = startDatabase();
                works("stopped", server, load);

                beginCopy();
                works("a copy that never ends", server, load);

                load.close();
                assertThat(load.surprises()).isEmpty();
                load.assertStoredOnce(db());
                log.info(
                        "{} acknowledged, {} refused, {} unanswered", load.stored(), load.refused(), load.unanswered());
                assertThat(load.unanswered()).isZero();
            }
        }
    }

    /** What a server leaves that the network loses in the midst of a batch. */
    private void beginCopy() throws Exception {
        var connection = DriverManager.getConnection(database.url(), "muster_app", password("muster_app"));
        connection.setAutoCommit(false);
        try (var sql = connection.createStatement()) {
            sql.execute("select id from checks order by id for update");
        }
        connection.unwrap(PGConnection.class).getCopyAPI().copyIn("copy ping (check_id, n) from stdin (format binary)");
    }

    /** A while without a database, with pings of all kinds, people, and somebody who looks at health. */
    private void whileAway(String how, ServerProcess server, PingLoad load, String pingKey, int threadsBefore)
            throws Exception {
        long begun = System.nanoTime();
        long refused = load.refused();
        load.slowest();
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            var odd = new ArrayList<Future<Duration>>();
            var people = new ArrayList<Future<Duration>>();
            for (var path : List.of("/ping/" + pingKey + "/job-1", "/ping/" + pingKey + "/new?create=1", WRONG)) {
                for (int n = 0; n < 10; n++) odd.add(callers.submit(() -> refusedPing(server, path)));
            }
            for (int n = 0; n < PEOPLE; n++) people.add(callers.submit(() -> busy(server)));
            await().until(() -> System.nanoTime() - begun > AWAY.toNanos());
            assertThat(load.refused()).as(how).isGreaterThan(refused);
            var ready = server.get("/actuator/health/readiness");
            assertThat(ready.statusCode()).as(how).isEqualTo(503);
            assertThat(ready.body()).as(how).contains("the database does not answer");
            assertThat(anybodySees(server)).as(how).doesNotContain("database", "127.0.0.1");
            int threads = threads(server);
            assertThat(threads).as("%s: threads, %s before", how, threadsBefore).isLessThan(threadsBefore + 40);
            log.info(
                    "{}: slowest ping {}, slowest odd ping {}, slowest other {}, {} threads, {} before; {}",
                    how,
                    load.slowest(),
                    longest(odd),
                    longest(people),
                    threads,
                    threadsBefore,
                    ready.body());
            assertThat(longest(odd)).as(how).isLessThan(LONGEST_PING.plus(TURN));
            assertThat(longest(people)).as(how).isLessThan(SILENCE);
        }
    }

    private static Duration refusedPing(ServerProcess server, String path) {
        long begun = System.nanoTime();
        var answer = server.get(path);
        assertThat(answer.statusCode()).as(path).isEqualTo(503);
        assertThat(answer.headers().firstValue("Retry-After")).isPresent();
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    private static Duration busy(ServerProcess server) {
        long begun = System.nanoTime();
        HttpResponse<String> answer = server.get("/api/v1/policies");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.headers().firstValue("Retry-After")).isPresent();
        assertThat(answer.body()).contains("\"type\":\"/problems/busy\"");
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    private static String anybodySees(ServerProcess server) throws Exception {
        try (var http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(URI.create(server.base() + "/actuator/health/readiness"))
                                    .build(),
                            BodyHandlers.ofString())
                    .body();
        }
    }

    private static Duration longest(List<Future<Duration>> all) throws Exception {
        var longest = Duration.ZERO;
        for (var one : all) {
            if (one.get().compareTo(longest) > 0) longest = one.get();
        }
        return longest;
    }

    private static void works(String after, ServerProcess server, PingLoad load) {
        var pings = load.awaitStored(BACK);
        long begun = System.nanoTime();
        await(after)
                .atMost(BACK)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> server.isReady() && server.get("/api/v1/policies").statusCode() == 200);
        log.info(
                "after {}: pings are stored within {}, all is ready {} later",
                after,
                pings,
                Duration.ofNanos(System.nanoTime() - begun));
        load.awaitMore(500, Duration.ofSeconds(30));
    }

    /** Of the operating system; a virtual thread is none. */
    private static int threads(ServerProcess server) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + server.process().pid() + "/status")).stream()
                .filter(line -> line.startsWith("Threads:"))
                .mapToInt(line -> Integer.parseInt(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
