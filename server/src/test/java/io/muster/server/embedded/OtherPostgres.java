package io.muster.server.embedded;

import static org.awaitility.Awaitility.await;

import io.muster.server.testing.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/**
 * A PostgreSQL that is not ours: the one at {@code MUSTER_TEST_DATABASE_URL} (an administrator's, with its password), else
 * the machine's own programs with a cluster of their own, the oldest that is 15 or newer.
 */
final class OtherPostgres implements AutoCloseable {
    private static final Pattern VERSION = Pattern.compile("(\\d+)/bin$");

    private final String adminUrl;
    private final Process process;

    private OtherPostgres(String adminUrl, Process process) {
        this.adminUrl = adminUrl;
        this.process = process;
    }

    static OtherPostgres start(Path folder) throws Exception {
        var given = System.getenv("MUSTER_TEST_DATABASE_URL");
        return given != null ? new OtherPostgres(given, null) : ofThisMachine(folder);
    }

    private static OtherPostgres ofThisMachine(Path folder) throws Exception {
        var bin = programs();
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        var home = Files.createDirectories(folder.resolve("other/home"));
        var run = Programs.in(home);
        var data = Files.createDirectory(home.resolve("cluster"));
        run.own(data);
        run.output(
                bin.resolve("initdb").toString(),
                "--pgdata=" + data,
                "--username=postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync");
        int port = ServerProcess.freePort();
        var process = run.builder(List.of(
                        bin.resolve("postgres").toString(),
                        "-D",
                        data.toString(),
                        "-p",
                        Integer.toString(port),
                        "-c",
                        "listen_addresses=127.0.0.1",
                        "-c",
                        "unix_socket_directories=",
                        "-c",
                        "fsync=off"))
                .redirectOutput(folder.resolve("other.log").toFile())
                .start();
        var other = new OtherPostgres("jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres", process);
        await().atMost(Duration.ofMinutes(1))
                .ignoreException(SQLException.class)
                .until(() -> {
                    try (var connection = other.connect()) {
                        return connection.isValid(5);
                    }
                });
        return other;
    }

    private static Path programs() throws IOException {
        try (var found = Files.newDirectoryStream(Path.of("/usr/lib/postgresql"), "*")) {
            return StreamSupport.stream(found.spliterator(), false)
                    .map(version -> version.resolve("bin"))
                    .filter(bin -> version(bin) >= 15 && Files.isExecutable(bin.resolve("postgres")))
                    .min(Comparator.comparingInt(OtherPostgres::version))
                    .orElseThrow();
        } catch (IOException | NoSuchElementException none) {
            throw new IOException("no PostgreSQL 15 or newer: apt-get install postgresql", none);
        }
    }

    private static int version(Path bin) {
        var matcher = VERSION.matcher(bin.toString());
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(adminUrl);
    }

    /** As the administrator. */
    String adminUrl(String database) {
        return adminUrl.replaceFirst("/[^/?]*(\\?|$)", "/" + database + "$1");
    }

    /** Without a login. */
    String url(String database) {
        return adminUrl(database).replaceFirst("\\?.*", "");
    }

    @Override
    public void close() throws InterruptedException {
        if (process != null) {
            process.destroy();
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }
}
