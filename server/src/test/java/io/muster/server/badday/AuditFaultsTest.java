package io.muster.server.badday;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.server.badday.EventLoad.Answer;
import io.muster.server.embedded.DataFolder;
import io.muster.server.embedded.EmbeddedPostgres;
import io.muster.server.embedded.TestPostgres;
import io.muster.server.testing.Cable;
import io.muster.server.testing.Cable.Trap;
import io.muster.server.testing.ServerProcess;
import io.muster.server.testing.ServerProcess.Start;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.util.FileSystemUtils;

/**
 * Events on their way into the logs of three tenants, and a fault at each step of it: failed and not stored, or failed yet stored. Their
 * client sends them again; then each is stored once, no log has forked, and every checkpoint that was published holds.
 */
class AuditFaultsTest {
    private static final List<String> TENANTS = List.of("acme", "globex", "initech");
    private static final Duration BACK = Duration.ofMinutes(2);

    /** How the transaction begins that stores what clients sent; that of Muster's own events begins otherwise. */
    private static final Pattern STORES =
            Pattern.compile("(?s)BEGIN.*(update audit_head|from audit_head .*for update)");

    /** What the server says to the database, in the order of the write path; it locks heads only where its guess was wrong. */
    private enum Step {
        HEADS_LOCKED("for update", true),
        HEADS_MOVED("update audit_head", true),
        REPEATS_LOOKED_UP("where event_id = any", true),
        COPY_BEGUN("copy audit_event_", true),
        COPY_ENDED("c\0\0\0\4", true), // the message CopyDone
        COMMIT_NOT_HEARD("COMMIT", false),
        COMMITTED("COMMIT", true);

        final String word;
        final boolean answered;

        Step(String word, boolean answered) {
            this.word = word;
            this.answered = answered;
        }
    }

    private enum Fault {
        /** Between server and database. */
        CONNECTION_CUT,
        SERVER_KILLED,
        DATABASE_KILLED,
        /** Between client and server: the receipt is lost. */
        CLIENT_CUT
    }

    private record Row(Step step, Fault fault) {
        boolean stored() {
            return step == Step.COMMITTED;
        }
    }

    private Path folder;
    private Cable toDatabase;
    private JdbcClient superuser;
    private Start start;
    private ServerProcess server;
    private EventLoad client;

    @BeforeEach
    void newFolder() throws IOException {
        folder = Files.createTempDirectory("muster-audit-faults-");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterEach
    void removeFolder() throws IOException {
        FileSystemUtils.deleteRecursively(folder);
    }

    @Test
    void what_fails_at_any_step_is_stored_once_when_it_is_sent_again() throws Exception {
        var database = TestPostgres.fresh();
        superuser = TestPostgres.superuser(database.url());
        with(database, () -> {
            for (var step : Step.values()) fails(new Row(step, Fault.CONNECTION_CUT), () -> {});
            fails(new Row(Step.COMMITTED, Fault.CLIENT_CUT), () -> {});
            isRefusedAtItsCommit();
        });
    }

    @Test
    @Tag("nightly")
    void whoever_is_killed_at_whichever_step_it_is_stored_once() throws Exception {
        try (var databaseFolder = DataFolder.open(folder.resolve("database"));
                var database = new EmbeddedPostgres(databaseFolder, Map.of("shared_buffers", "64MB"), () -> {})) {
            superuser = JdbcClient.create(
                    new DriverManagerDataSource(database.url(), "postgres", database.password("postgres")));
            var logins = new TestPostgres.Database(
                    database.url(),
                    "muster_app",
                    database.password("muster_app"),
                    "muster_owner",
                    database.password("muster_owner"));
            with(logins, () -> {
                for (var step : Step.values()) {
                    for (var fault : List.of(Fault.SERVER_KILLED, Fault.DATABASE_KILLED, Fault.CONNECTION_CUT)) {
                        fails(new Row(step, fault), () -> killDatabase(databaseFolder));
                    }
                    isRefusedAtItsCommit();
                }
            });
        }
    }

    private interface Rows {
        void happen() throws Exception;
    }

    /** A server whose database is at the end of a cable; at last all that was promised is kept. */
    private void with(TestPostgres.Database database, Rows rows) throws Exception {
        var place = Pattern.compile(".*:(\\d+)/(.*)").matcher(database.url());
        assertThat(place.matches()).isTrue();
        toDatabase = new Cable(Integer.parseInt(place.group(1)));
        start = Start.serve(folder.resolve("data"))
                .with(Map.of(
                        "MUSTER_DATABASE_URL", // each statement in full, each time
                        "postgresql://127.0.0.1:" + toDatabase.port() + "/" + place.group(2) + "?prepareThreshold=0",
                        "MUSTER_DATABASE_USER",
                        database.user(),
                        "MUSTER_DATABASE_PASSWORD",
                        database.password(),
                        "MUSTER_DATABASE_OWNER_USER",
                        database.ownerUser(),
                        "MUSTER_DATABASE_OWNER_PASSWORD",
                        database.ownerPassword()));
        server = start.startAndAwait();
        try (var sender = new EventLoad(TENANTS, List.of());
                var _ = toDatabase) {
            client = sender;
            AuditKillTest.declare(server);
            rows.happen();
            assertThat(client.surprises()).isEmpty();
            client.assertKept(server);
        } finally {
            server.close();
        }
    }

    private void fails(Row row, Runnable killDatabase) throws Exception {
        lookAtAll();
        awaitSilence();
        if (row.step() == Step.HEADS_LOCKED) { // so that no head is as this server left it
            superuser.sql("update audit_head set seal = gen_random_uuid()").update();
        }
        try (var toServer = new Cable(server.port())) {
            toDatabase.set(new Trap(STORES, row.step().word, row.step().answered, () -> {
                switch (row.fault()) {
                    case CONNECTION_CUT -> {}
                    case SERVER_KILLED -> server.kill();
                    case DATABASE_KILLED -> killDatabase.run();
                    case CLIENT_CUT -> toServer.cut();
                }
                return row.fault() == Fault.CLIENT_CUT;
            }));
            var sending = newEvents();
            var failed = client.send(
                    new ServerProcess(server.process(), toServer.port(), server.data(), server.log()), sending.body());
            assertThat(toDatabase.isSprung())
                    .as("%s: does the write path still say \"%s\"?", row, row.step().word)
                    .isTrue();
            assertThat(failed.status())
                    .as("%s %s", row, failed.body())
                    .isEqualTo(
                            switch (row.fault()) {
                                case CONNECTION_CUT, DATABASE_KILLED -> 503;
                                case SERVER_KILLED, CLIENT_CUT -> Answer.NONE;
                            });
            await().atMost(BACK)
                    .ignoreExceptions()
                    .until(() ->
                            superuser.sql("select true").query(Boolean.class).single());
            isStoredOnceWhenSentAgain(sending, row.stored(), row);
        }
    }

    private void isRefusedAtItsCommit() {
        superuser.sql("""
                create or replace function refuse() returns trigger language plpgsql
                    as $$ begin raise exception 'not today'; end $$
                """).update();
        superuser
                .sql("create constraint trigger refuse after update on audit_head deferrable initially deferred"
                        + " for each row execute function refuse()")
                .update();
        var sending = newEvents();
        var refused = client.send(server, sending.body());
        superuser.sql("drop trigger refuse on audit_head").update();
        assertThat(refused.status()).as(refused.body()).isEqualTo(503);
        isStoredOnceWhenSentAgain(sending, false, "refused at its commit");
    }

    private void isStoredOnceWhenSentAgain(Sending sending, boolean stored, Object row) {
        if (!server.process().isAlive()) server = start.startAndAwait();
        assertThat(sending.stored(superuser)).as("%s: stored", row).isEqualTo(stored ? TENANTS.size() : 0);
        lookAtAll();
        var again = client.untilAnswered(() -> server, sending.body());
        assertThat(again.status()).as(again.body()).isEqualTo(201);
        assertThat(Pattern.compile("\"duplicate\":" + stored)
                        .matcher(again.body())
                        .results())
                .as("%s: %s", row, again.body())
                .hasSize(TENANTS.size());
        assertThat(sending.stored(superuser)).as("%s: stored", row).isEqualTo(TENANTS.size());
    }

    private void lookAtAll() {
        for (var tenant : TENANTS) client.look(() -> server, tenant);
    }

    /** Until nothing is left that Muster did: those events go the same way. */
    private void awaitSilence() {
        await().atMost(BACK)
                .until(() -> superuser
                        .sql("select not exists (select from own_event)")
                        .query(Boolean.class)
                        .single());
    }

    /** An event for each tenant, in one body. */
    private record Sending(List<UUID> ids, String body) {
        long stored(JdbcClient db) {
            return db.sql("select count(*) from audit_event where event_id = any (:ids)")
                    .param("ids", ids.toArray(UUID[]::new))
                    .query(Long.class)
                    .single();
        }
    }

    private static Sending newEvents() {
        var ids = TENANTS.stream().map(_ -> UUID.randomUUID()).toList();
        return new Sending(
                ids,
                IntStream.range(0, ids.size())
                        .mapToObj(i -> EventLoad.event(TENANTS.get(i), ids.get(i), i))
                        .toList()
                        .toString());
    }

    private static void killDatabase(DataFolder databaseFolder) {
        try {
            var postmaster = ProcessHandle.of(Long.parseLong(
                            Files.readAllLines(databaseFolder.path().resolve("postgres/data/postmaster.pid"))
                                    .getFirst()
                                    .strip()))
                    .orElseThrow();
            postmaster.destroyForcibly();
            await().atMost(Duration.ofSeconds(10)).until(() -> !postmaster.isAlive());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
