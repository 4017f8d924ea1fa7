package io.muster.server.testing;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A MariaDB of the machine, for one test class: a folder, a port and a process of its own. */
public final class MariaDb implements AutoCloseable {

    private final Path folder;
    private final int port;
    private final Process process;

    public MariaDb() throws IOException, InterruptedException {
        folder = Files.createTempDirectory("muster-mariadb");
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        var data = folder.resolve("data");
        run(command(
                "mariadb-install-db",
                "--no-defaults",
                "--datadir=" + data,
                "--auth-root-authentication-method=normal"));
        process = start(command(
                "mariadbd",
                "--no-defaults",
                "--datadir=" + data,
                "--port=" + port,
                "--bind-address=127.0.0.1",
                "--socket=" + folder.resolve("s"),
                "--pid-file=" + folder.resolve("pid"),
                "--secure-file-priv=",
                "--innodb-buffer-pool-size=16M"));
        await().atMost(Duration.ofMinutes(2)).ignoreExceptions().until(() -> {
            if (!process.isAlive()) throw new IllegalStateException(Files.readString(folder.resolve("log")));
            execute("select 1");
            return true;
        });
    }

    public int port() {
        return port;
    }

    public Path folder() {
        return folder;
    }

    /** As root of the database, who may do all. */
    public void execute(String sql) throws SQLException {
        try (var connection = DriverManager.getConnection("jdbc:mariadb://127.0.0.1:" + port + "/mysql", "root", "");
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    public long count(String sql) throws SQLException {
        try (var connection = DriverManager.getConnection("jdbc:mariadb://127.0.0.1:" + port + "/mysql", "root", "");
                var rows = connection.createStatement().executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        process.destroy();
        if (!process.waitFor(60, TimeUnit.SECONDS)) process.destroyForcibly().waitFor();
        try (var files = Files.walk(folder)) {
            files.sorted((a, b) -> b.compareTo(a)).forEach(file -> file.toFile().delete());
        }
    }

    /** The jar of a driver, where Maven keeps it. */
    public static Path jarOf(String driver) {
        try {
            return Path.of(Class.forName(driver)
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (ReflectiveOperationException | URISyntaxException missing) {
            throw new IllegalStateException(missing);
        }
    }

    /** Where Debian and others have it; as root, MariaDB wants to be told so. */
    private static List<String> command(String program, String... options) {
        var found = Stream.of("/usr/sbin/", "/usr/bin/", "/usr/local/sbin/", "/usr/local/bin/")
                .map(place -> Path.of(place + program))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(
                        () -> new IllegalStateException(program + " is missing: apt-get install mariadb-server-core"));
        var command = new ArrayList<>(List.of(found.toString()));
        command.addAll(List.of(options));
        if (System.getProperty("user.name").equals("root")) command.add("--user=root");
        return command;
    }

    private void run(List<String> command) throws IOException, InterruptedException {
        var done = start(command);
        if (!done.waitFor(2, TimeUnit.MINUTES) || done.exitValue() != 0) {
            done.destroyForcibly();
            throw new UncheckedIOException(new IOException(command + "\n" + Files.readString(folder.resolve("log"))));
        }
    }

    private Process start(List<String> command) throws IOException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
    }
}
