package io.muster.server.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.util.FileSystemUtils;

class EmbeddedPostgresTest {
    private static final long MIB = 1 << 20;

    private final Path path = Path.of("target/embedded-postgres-test"); // relative, like ./data
    private final AtomicInteger restarts = new AtomicInteger();
    private DataFolder folder;

    @BeforeEach
    void newFolder() throws Exception {
        FileSystemUtils.deleteRecursively(path);
        folder = DataFolder.open(path);
    }

    @AfterEach
    void free() throws Exception {
        folder.close();
        FileSystemUtils.deleteRecursively(path);
    }

    @Test
    void aSecondServerOnTheFolderIsRefused() {
        assertThatThrownBy(() -> DataFolder.open(path.toAbsolutePath()))
                .isInstanceOf(CannotStart.class)
                .hasMessageContaining("is in use by another Muster server")
                .hasMessageContaining("--data");
    }

    @Test
    void theServingRoleOwnsNothingAndIsBoundByRowLevelSecurity() throws Exception {
        try (var postgres = start()) {
            assertThat(ask(
                            postgres,
                            "select (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb)::text"
                                    + " from pg_roles where rolname = current_user"))
                    .isEqualTo("false");
            assertThatThrownBy(() -> ask(postgres, "create table mine (id int)"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("permission denied for schema public");
        }
    }

    @Test
    void whatIsCommittedIsThereAfterAKillAndTheServerComesBackByItself() throws Exception {
        try (var postgres = start()) {
            try (var owner = DriverManager.getConnection(
                            postgres.url(), EmbeddedPostgres.OWNER, postgres.password(EmbeddedPostgres.OWNER));
                    var sql = owner.createStatement()) {
                sql.execute("create table kept as select 42 as answer");
                sql.execute("grant select on kept to muster_app");
            }
            for (int kill = 1; kill <= 2; kill++) {
                killPostgres();
                await(() -> !postgres.isUp());
                await(postgres::isUp);
                assertThat(restarts).hasValue(kill);
                assertThat(ask(postgres, "select answer from kept")).isEqualTo("42");
            }
        }
        assertThat(path.resolve("postgres/data/postmaster.pid")).doesNotExist();
    }

    @Test
    void memoryFollowsTheMachine() {
        assertThat(EmbeddedPostgres.settingsFor(1024 * MIB)).containsEntry("shared_buffers", "128MB");
        assertThat(EmbeddedPostgres.settingsFor(8192 * MIB)).containsEntry("shared_buffers", "1024MB");
        assertThat(EmbeddedPostgres.settingsFor(65536 * MIB)).containsEntry("shared_buffers", "2048MB");
    }

    private EmbeddedPostgres start() {
        return new EmbeddedPostgres(folder, EmbeddedPostgres.settingsFor(512 * MIB), restarts::incrementAndGet);
    }

    private static String ask(EmbeddedPostgres postgres, String question) throws Exception {
        try (var app = DriverManager.getConnection(
                        postgres.url(), EmbeddedPostgres.APP, postgres.password(EmbeddedPostgres.APP));
                var sql = app.createStatement();
                var rows = sql.executeQuery(question)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }

    private void killPostgres() throws Exception {
        var pid =
                Files.readAllLines(path.resolve("postgres/data/postmaster.pid")).getFirst();
        assertThat(ProcessHandle.of(Long.parseLong(pid)).orElseThrow().destroyForcibly())
                .isTrue();
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(Condition condition) throws Exception {
        long begun = System.nanoTime();
        while (!condition.holds()) {
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(30));
            Thread.sleep(5);
        }
    }
}
