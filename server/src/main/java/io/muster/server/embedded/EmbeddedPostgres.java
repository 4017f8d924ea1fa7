package io.muster.server.embedded;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/**
 * A PostgreSQL of our own in {@code <data>/postgres}: durable, on loopback only, each role with a random password. It
 * ends with this process, even when that is killed, and is started again when it ends by itself.
 */
public final class EmbeddedPostgres implements AutoCloseable {
    static final String OWNER = "muster_owner"; // migrates; owns everything
    static final String APP = "muster_app"; // serves; owns nothing, so that row level security binds it
    private static final String SUPERUSER = "postgres"; // makes the two roles above, and nothing else
    private static final String DATABASE = "muster";
    private static final String SCRAM_ITERATIONS =
            "1"; // they protect passwords that people choose: ours are 192 random bits
    private static final Duration SHORTEST_WAIT = Duration.ofMillis(200);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);
    private static final Duration START_LIMIT = Duration.ofMinutes(10); // recovery after a crash may take long
    private static final Logger log = LoggerFactory.getLogger(EmbeddedPostgres.class);

    /**
     * Ends PostgreSQL when the pipe from this JVM closes, which also happens when the JVM is killed. The shell is its
     * parent and runs as the same user.
     */
    private static final String WATCHDOG = """
            exec 3<&0
            "$@" </dev/null 3<&- & pg=$!
            trap 'kill -INT $pg' TERM INT
            (cat <&3 >/dev/null; kill -INT $pg) & watch=$!
            exec 3<&-
            wait $pg; status=$?
            kill $watch 2>/dev/null
            exit $status
            """;

    private final DataFolder folder;
    private final Path home;
    private final Path data;
    private final Map<String, String> settings;
    private final Runnable onRestart;
    private final Programs programs;
    private final Path bin;
    private final int port;
    private volatile boolean up;
    private volatile boolean closing;
    private volatile @Nullable Process process;

    /**
     * Starts it, and returns when it accepts connections.
     *
     * @param settings of PostgreSQL, by name; see {@link #settingsFor}
     * @param onRestart called after PostgreSQL had ended and is back: throw away old connections
     */
    public EmbeddedPostgres(DataFolder folder, Map<String, String> settings, Runnable onRestart) {
        this.folder = folder;
        this.home = folder.path().resolve("postgres");
        this.data = home.resolve("data");
        this.settings = settings;
        this.onRestart = onRestart;
        try {
            Files.createDirectories(home);
            programs = Programs.in(home);
            stopOrphan();
            removeRemains();
            bin = PostgresBinaries.unpack(home);
            if (Files.exists(data)) {
                programs.own(data);
            } else {
                initialize();
            }
            rotateLog();
            port = choosePort();
            launch();
        } catch (IOException failure) {
            throw new CannotStart(
                    "the embedded PostgreSQL in " + home + " does not start: " + failure.getMessage(), failure);
        }
        try {
            createRoles();
        } catch (SQLException | IOException failure) {
            close();
            throw new CannotStart(
                    "the embedded PostgreSQL in " + home + " does not work: " + failure.getMessage(), failure);
        }
        up = true;
        Thread.ofPlatform().daemon().name("embedded-postgres").start(this::supervise);
    }

    /** An eighth of the machine's (or container's) memory for shared buffers, 128 MiB to 2 GiB; the rest follows. */
    public static Map<String, String> settingsFor(long memory) {
        long mib = memory >> 20;
        var settings = new LinkedHashMap<String, String>();
        settings.put("shared_buffers", Math.clamp(mib / 8, 128, 2048) + "MB");
        settings.put("effective_cache_size", Math.max(256, mib / 2) + "MB");
        settings.put("maintenance_work_mem", Math.clamp(mib / 64, 64, 512) + "MB");
        settings.put("max_wal_size", Math.clamp(mib / 4, 1024, 8192) + "MB");
        settings.put("wal_compression", "off");
        settings.put("max_connections", "60");
        settings.put("shared_preload_libraries", "pg_stat_statements");
        settings.put("pg_stat_statements.track_utility", "off"); // would keep the text of "alter role ... password"
        settings.put("timezone", "UTC");
        settings.put("log_timezone", "UTC");
        return settings;
    }

    public boolean isUp() {
        return up;
    }

    public String url() {
        return url(DATABASE);
    }

    public String password(String role) throws IOException {
        return folder.password(role);
    }

    /** Where a database beside ours is. */
    public String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    /** A login beside ours, for databases that are not Muster's: it cannot reach ours. */
    public void createLogin(String name, String password) throws SQLException, IOException {
        try (var connection = connect("postgres")) {
            var known = formatted(connection, "select format('%s', count(*)) from pg_roles where rolname = ?", name);
            var verb = known.equals("0") ? "create" : "alter";
            execute(
                    connection,
                    formatted(
                            connection,
                            "select format('" + verb + " role %I login nosuperuser nocreatedb"
                                    + " nocreaterole noreplication nobypassrls password %L', ?::text, ?::text)",
                            name,
                            password));
        }
    }

    /** A database beside ours, unless it is there. Only its owner, and whom the owner lets, may connect. */
    public void createDatabase(String name, String owner) throws SQLException, IOException {
        try (var connection = connect("postgres")) {
            if (formatted(connection, "select format('%s', count(*)) from pg_database where datname = ?", name)
                    .equals("0")) {
                execute(
                        connection,
                        formatted(
                                connection,
                                "select format('create database %I owner %I', ?::text, ?::text)",
                                name,
                                owner));
                execute(
                        connection,
                        formatted(connection, "select format('revoke all on database %I from public', ?::text)", name));
            }
        }
    }

    private static String formatted(Connection connection, String query, String... values) throws SQLException {
        try (var statement = connection.prepareStatement(query)) {
            for (int i = 0; i < values.length; i++) {
                statement.setString(i + 1, values[i]);
            }
            try (var rows = statement.executeQuery()) {
                rows.next();
                return rows.getString(1);
            }
        }
    }

    private static void execute(Connection connection, String statement) throws SQLException {
        try (var sql = connection.createStatement()) {
            sql.execute(statement);
        }
    }

    private Connection connect(String database) throws SQLException, IOException {
        return DriverManager.getConnection(url(database), SUPERUSER, folder.password(SUPERUSER));
    }

    /** In a folder that gets its name when complete: an interrupted first start leaves nothing half made. */
    private void initialize() throws IOException {
        var fresh = Files.createTempDirectory(home, "data-new"); // mode 0700
        var password = home.resolve(fresh.getFileName() + ".password");
        try {
            programs.own(fresh);
            Files.createFile(password, DataFolder.only("rw-------"));
            Files.writeString(password, folder.password(SUPERUSER) + "\n");
            programs.own(password);
            var initdb = bin.resolve("initdb").toString();
            programs.output(
                    initdb,
                    "--pgdata=" + fresh,
                    "--username=" + SUPERUSER,
                    "--pwfile=" + password,
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    "--locale-provider=builtin",
                    "--builtin-locale=C.UTF-8",
                    "--locale=C",
                    "--data-checksums",
                    "--set=scram_iterations=" + SCRAM_ITERATIONS);
            Files.move(fresh, data, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(password);
            FileSystemUtils.deleteRecursively(fresh);
        }
    }

    /** What a first start that was killed has left. Its initdb may still be writing there: then the next start removes it. */
    private void removeRemains() throws IOException {
        try (var found = Files.newDirectoryStream(home, "data-new*")) {
            for (var remains : found) {
                try {
                    FileSystemUtils.deleteRecursively(remains);
                } catch (IOException stillWritten) {
                    log.info("{} is still written to by a start that was killed", remains);
                }
            }
        }
    }

    /**
     * A PostgreSQL that outlived its server and its watchdog. The data folder's lock is ours, so it belongs to nobody.
     */
    private void stopOrphan() throws IOException {
        var orphan = runningPid()
                .flatMap(ProcessHandle::of)
                .filter(found -> found.info().commandLine().orElse("").contains(data.toString()));
        if (orphan.isEmpty()) {
            return;
        }
        log.warn(
                "stopping PostgreSQL {}, left behind by a server that was killed",
                orphan.get().pid());
        programs.output("kill", "-INT", Long.toString(orphan.get().pid()));
        try {
            orphan.get().onExit().get(1, TimeUnit.MINUTES);
        } catch (TimeoutException | ExecutionException stuck) {
            throw new IOException(
                    "PostgreSQL " + orphan.get().pid() + " of an earlier server does not stop: kill it", stuck);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", interrupted);
        }
    }

    private Optional<Long> runningPid() {
        try {
            return Files.readAllLines(data.resolve("postmaster.pid")).stream()
                    .findFirst()
                    .map(line -> Long.parseLong(line.strip()));
        } catch (IOException none) {
            return Optional.empty();
        }
    }

    private void rotateLog() throws IOException {
        var file = home.resolve("postgres.log");
        if (Files.exists(file) && Files.size(file) > 10_000_000) {
            Files.move(file, home.resolve("postgres.log.1"), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /** The port of last time if it is free, else another below those that the system gives to outgoing connections. */
    private int choosePort() throws IOException {
        var file = home.resolve("port");
        int candidate =
                Files.exists(file) ? Integer.parseInt(Files.readString(file).strip()) : randomPort();
        for (int tried = 0; tried < 100; tried++) {
            try (var free = new ServerSocket(candidate, 1, InetAddress.getLoopbackAddress())) {
                Files.writeString(file, free.getLocalPort() + "\n");
                return candidate;
            } catch (IOException taken) {
                candidate = randomPort();
            }
        }
        throw new IOException("found no free port");
    }

    private static int randomPort() {
        return ThreadLocalRandom.current().nextInt(15_000, 32_000);
    }

    /** Returns when PostgreSQL accepts connections. */
    private synchronized void launch() throws IOException {
        if (closing) {
            throw new IOException("the server is stopping");
        }
        var command = new ArrayList<>(List.of(
                "sh", "-c", WATCHDOG, "muster-postgres", bin.resolve("postgres").toString(), "-D", data.toString()));
        var all = new LinkedHashMap<String, String>(settings);
        all.put("port", Integer.toString(port));
        all.put("listen_addresses", "127.0.0.1");
        all.put("unix_socket_directories", "");
        all.put("scram_iterations", SCRAM_ITERATIONS);
        all.forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
        var printed = home.resolve("postgres.log").toFile();
        var started = programs.builder(command)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(printed))
                .start();
        long begun = System.nanoTime();
        try {
            while (!accepts(started)) {
                if (!started.isAlive()) {
                    throw new IOException(lastWords() + " (see " + printed + ")");
                }
                if (System.nanoTime() - begun > START_LIMIT.toNanos()) {
                    throw new IOException("not ready after " + START_LIMIT.toMinutes() + " minutes, see " + printed);
                }
                Thread.sleep(10);
            }
            process = started;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            stop(started);
            throw new IOException("interrupted", interrupted);
        } catch (IOException failure) {
            stop(started);
            throw failure;
        }
    }

    /** Why PostgreSQL ended, in its own words. */
    private String lastWords() throws IOException {
        try (var lines = Files.lines(home.resolve("postgres.log"), StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.contains("FATAL:"))
                    .reduce((before, last) -> last)
                    .map(line -> line.replaceFirst(".*FATAL:\\s+", ""))
                    .orElse("it ended at once");
        }
    }

    /** The pid file may be that of a crashed predecessor, so it counts only when it names our own child. */
    private boolean accepts(Process started) throws IOException {
        var pid = runningPid();
        if (pid.isEmpty() || started.descendants().noneMatch(child -> child.pid() == pid.get())) {
            return false;
        }
        try (var connection = connect("postgres")) {
            return connection.isValid(5);
        } catch (SQLException notYet) {
            return false;
        }
    }

    private void createRoles() throws SQLException, IOException {
        try (var connection = connect("postgres");
                var sql = connection.createStatement()) {
            for (var role : List.of(OWNER, APP)) {
                var verb = exists(sql, "select from pg_roles where rolname = '" + role + "'") ? "alter" : "create";
                sql.execute(
                        verb + " role " + role + " login nosuperuser nobypassrls nocreatedb nocreaterole noreplication"
                                + " password '" + folder.password(role) + "'");
            }
            if (!exists(sql, "select from pg_database where datname = '" + DATABASE + "'")) {
                sql.execute("create database " + DATABASE + " owner " + OWNER);
            }
            sql.execute("revoke all on database " + DATABASE + " from public");
            sql.execute("grant connect, temporary on database " + DATABASE + " to " + APP);
        }
        try (var connection = connect(DATABASE);
                var sql = connection.createStatement()) {
            sql.execute("revoke all on schema public from public");
            sql.execute("grant usage on schema public to " + APP);
        }
    }

    private static boolean exists(Statement sql, String query) throws SQLException {
        try (var rows = sql.executeQuery(query)) {
            return rows.next();
        }
    }

    /** Starts PostgreSQL again whenever it ends: after 0.2 s, then after twice as long each time, at most 5 s. */
    private void supervise() {
        var wait = SHORTEST_WAIT;
        long begun = System.nanoTime();
        while (!closing) {
            try {
                int status = requireNonNull(process).waitFor();
                if (closing) {
                    return;
                }
                up = false;
                if (System.nanoTime() - begun > LONGEST_WAIT.toNanos()) {
                    wait = SHORTEST_WAIT;
                }
                log.warn("PostgreSQL ended with status {}; starting it again in {} ms", status, wait.toMillis());
                Thread.sleep(wait);
                wait = wait.multipliedBy(2).compareTo(LONGEST_WAIT) < 0 ? wait.multipliedBy(2) : LONGEST_WAIT;
                stopOrphan();
                begun = System.nanoTime();
                launch();
                onRestart.run();
                up = true;
                log.info("PostgreSQL is back");
            } catch (IOException failure) {
                log.warn("PostgreSQL does not start: {}", failure.getMessage());
            } catch (InterruptedException interrupted) {
                return;
            }
        }
    }

    /** A fast shutdown: open transactions are rolled back, nothing committed is lost. */
    @Override
    public void close() {
        closing = true;
        synchronized (this) {
            up = false;
            stop(process);
        }
    }

    private static void stop(@Nullable Process started) {
        if (started == null) {
            return;
        }
        try {
            started.getOutputStream().close(); // the watchdog sees the end of its pipe
            if (!started.waitFor(1, TimeUnit.MINUTES)) {
                started.descendants().forEach(ProcessHandle::destroyForcibly);
                started.destroyForcibly();
            }
        } catch (IOException gone) {
            started.destroyForcibly();
        } catch (InterruptedException interrupted) {
            started.destroy(); // the watchdog passes it on
            Thread.currentThread().interrupt();
        }
    }
}
