package io.muster.server.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.security.auth.module.UnixSystem;
import io.muster.server.testing.ServerProcess;
import io.muster.server.testing.ServerProcess.Start;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.springframework.util.FileSystemUtils;

/** Real server processes on one data folder: killed, started twice, started as root and as somebody else. */
class ServerProcessTest {
    private static final long NOBODY = 65534;

    private Path folder;

    @BeforeEach
    void newFolder() throws IOException {
        folder = Files.createTempDirectory("muster-process-");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterEach
    void removeFolder() throws IOException {
        FileSystemUtils.deleteRecursively(folder);
    }

    @Test
    void after_kill_9_the_same_data_is_there_and_no_orphan() throws Exception {
        var data = folder.resolve("data");
        try (var first = Start.serve(data).startAndAwait()) {
            declare(first, "eu-only");
            var postgres = postmaster(data);
            first.kill();
            await("PostgreSQL ends with its server")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> !postgres.isAlive());
        }
        try (var second = Start.serve(data).startAndAwait()) {
            assertThat(declared(second)).containsExactly("eu-only");
            declare(second, "eu-soon");
            var orphan = postmaster(data);
            second.killWithWatchdog();
            assertThat(orphan.isAlive()).isTrue();
            try (var third = Start.serve(data).startAndAwait()) {
                assertThat(orphan.isAlive()).isFalse();
                assertThat(third.process().descendants()).contains(postmaster(data));
                assertThat(declared(third)).containsExactly("eu-only", "eu-soon");
            }
        }
        assertThat(data.resolve("postgres/data/postmaster.pid")).doesNotExist();
    }

    @Test
    void a_second_server_refuses_in_one_line_and_touches_nothing() throws Exception {
        var data = folder.resolve("data");
        try (var first = Start.serve(data).startAndAwait()) {
            var before = state(data);
            try (var second = Start.serve(data).start()) {
                assertThat(second.awaitEnd()).isEqualTo(1);
                assertThat(second.printed())
                        .isEqualTo("muster: the data folder " + data + " is in use by another Muster server (process "
                                + first.process().pid() + "): stop that one, or choose another folder with --data\n");
            }
            assertThat(state(data)).isEqualTo(before);
            assertThat(first.isReady()).isTrue();
        }
    }

    @Test
    void a_wrong_setting_stops_the_start_in_one_line_before_a_table_is_touched() {
        var data = folder.resolve("data");
        var start = Start.serve(data).with(Map.of("MUSTER_PING_RETENTION", "abc"));
        try (var server = start.start()) {
            assertThat(server.awaitEnd()).isEqualTo(1);
            assertThat(server.printed())
                    .endsWith("muster: MUSTER_PING_RETENTION must be a time such as 90s, 12h or P400D; got abc\n")
                    .doesNotContain("\tat ", "ERROR", "WARN", "Migrating");
        }
    }

    @Test
    @EnabledIf("root")
    void a_normal_user_starts_it_as_well_as_root() throws Exception {
        var data = Files.createDirectory(folder.resolve("data"));
        Files.setAttribute(data, "unix:uid", (int) NOBODY);
        var asNobody = List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups", "--no-new-privs");
        var start = Start.serve(data).through(asNobody);
        try (var server = start.start(readableByAll()).awaitReady()) {
            assertThat(server.process().descendants()).isNotEmpty();
            assertThat(owner(data.resolve("postgres/data"))).isEqualTo(NOBODY);
            assertThat(owner(data.resolve("lock"))).isEqualTo(NOBODY);
        }
    }

    @Test
    @EnabledIf("root")
    void of_root_s_folder_only_the_database_belongs_to_somebody_else() throws Exception {
        var data = folder.resolve("data");
        try (var server = Start.serve(data).startAndAwait()) {
            assertThat(server.isReady()).isTrue();
            assertThat(owner(data.resolve("postgres/data"))).isNotZero();
            assertThat(owner(data.resolve("secrets"))).isZero();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve("secrets"))))
                    .isEqualTo("rwx------");
        }
    }

    static boolean root() {
        return new UnixSystem().getUid() == 0;
    }

    private static long owner(Path file) throws IOException {
        return ((Number) Files.getAttribute(file, "unix:uid")).longValue();
    }

    /** The class path in a folder that anybody may read; the tests' own tools are left out, being large. */
    private String readableByAll() throws IOException {
        var copies = new ArrayList<String>();
        for (var entry : ServerProcess.classPath().split(File.pathSeparator)) {
            var source = Path.of(entry);
            if (Files.exists(source) && !source.toString().contains("playwright")) {
                var copy = folder.resolve("lib").resolve(copies.size() + "-" + source.getFileName());
                Files.createDirectories(copy.getParent());
                FileSystemUtils.copyRecursively(source, copy);
                copies.add(copy.toString());
            }
        }
        return String.join(File.pathSeparator, copies);
    }

    /** What a second server could spoil: every file but those that PostgreSQL and the first server write all the time. */
    private static TreeMap<String, String> state(Path data) throws IOException {
        var state = new TreeMap<String, String>();
        try (var files = Files.walk(data)) {
            for (var file : files.toList()) {
                var name = data.relativize(file).toString();
                if (!name.startsWith("postgres/data/")
                        && !name.startsWith("checkpoints/")
                        && !name.endsWith(".log")
                        && Files.isRegularFile(file)) {
                    state.put(name, Files.getLastModifiedTime(file) + " " + Files.size(file));
                }
            }
        }
        return state;
    }

    private static ProcessHandle postmaster(Path data) throws IOException {
        var pid =
                Files.readAllLines(data.resolve("postgres/data/postmaster.pid")).getFirst();
        return ProcessHandle.of(Long.parseLong(pid.strip())).orElseThrow();
    }

    private static void declare(ServerProcess server, String policy) {
        assertThat(server.send("PUT", "/api/v1/policies/" + policy, """
                        {"name": "A promise", "extends": "gdpr-eea-only"}
                        """).statusCode())
                .isEqualTo(201);
    }

    private static List<String> declared(ServerProcess server) {
        return Pattern.compile("\"id\":\"([^\"]+)\"")
                .matcher(server.get("/api/v1/policies").body())
                .results()
                .map(found -> found.group(1))
                .toList();
    }
}
