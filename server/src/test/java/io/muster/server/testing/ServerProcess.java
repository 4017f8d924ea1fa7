package io.muster.server.testing;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.util.ClassUtils;

/**
 * A server in a process of its own, from the class path of the tests: with real time, and so that it can be killed.
 *
 * @param log what it printed; errors too
 */
public record ServerProcess(Process process, int port, Path data, Path log) implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofMinutes(3); // on a machine that is busy with other tests

    /** Whether the build wrote down which beans there are: then it starts with them, as the launcher does. */
    private static final boolean DESCRIBED =
            ClassUtils.isPresent("io.muster.server.MusterServer__ApplicationContextInitializer", null);

    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** What to start, and how. */
    public record Start(
            String mode, Path data, List<String> options, Map<String, String> environment, List<String> prefix) {
        public static Start serve(Path data) {
            return new Start("serve", data, List.of(), Map.of(), List.of());
        }

        public static Start demo(Path data) {
            return new Start("demo", data, List.of(), Map.of(), List.of());
        }

        public Start with(String... more) {
            return new Start(mode, data, List.of(more), environment, prefix);
        }

        public Start with(Map<String, String> more) {
            return new Start(mode, data, options, more, prefix);
        }

        /** Through {@code setpriv} or the like; it must replace itself by the server. */
        public Start through(List<String> command) {
            return new Start(mode, data, options, environment, command);
        }

        /** Not waited for. */
        public ServerProcess start() {
            return start(classPath());
        }

        public ServerProcess start(String classPath) {
            int port = freePort();
            var command = new ArrayList<>(prefix);
            command.addAll(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-Dspring.aot.enabled=" + DESCRIBED,
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    classPath,
                    "io.muster.server.MusterServer",
                    mode,
                    "--port=" + port,
                    "--data=" + data));
            command.addAll(options);
            try {
                var log = Files.createTempFile(Files.createDirectories(Path.of("target")), "server-", ".log");
                var builder =
                        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
                builder.environment().keySet().removeIf(name -> name.startsWith("MUSTER_"));
                builder.environment().putAll(environment);
                return new ServerProcess(builder.start(), port, data, log);
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }

        public ServerProcess startAndAwait() {
            return start().awaitReady();
        }
    }

    /** What the tests run with, without the tests; surefire hides it in the manifest of a jar. */
    public static String classPath() {
        return Stream.of(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                        .split(File.pathSeparator))
                .filter(entry -> !Path.of(entry).endsWith("test-classes"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    public static int freePort() {
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    public ServerProcess awaitReady() {
        try {
            await().atMost(START_LIMIT)
                    .pollInterval(Duration.ofMillis(50))
                    .failFast("the server ended, see " + log, () -> !process.isAlive())
                    .until(this::isReady);
            return this;
        } catch (RuntimeException failure) {
            process.destroyForcibly();
            throw new IllegalStateException(printed(), failure);
        }
    }

    public boolean isReady() {
        try {
            return HTTP.send(
                                    HttpRequest.newBuilder(URI.create(base() + "/actuator/health/readiness"))
                                            .timeout(Duration.ofSeconds(5))
                                            .build(),
                                    BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException notYet) {
            return false;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    public String base() {
        return "http://localhost:" + port;
    }

    public String adminKey() {
        try {
            return Files.readString(data.resolve("admin.key")).strip();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** As the admin. */
    public HttpResponse<String> send(String method, String path, String body) {
        try {
            return HTTP.send(
                    HttpRequest.newBuilder(URI.create(base() + path))
                            .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                            .header("Content-Type", "application/json")
                            .header("X-Api-Key", adminKey())
                            .timeout(Duration.ofSeconds(30))
                            .build(),
                    BodyHandlers.ofString());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    public HttpResponse<String> get(String path) {
        return send("GET", path, "");
    }

    /** A check that is not late within this test; its uuid. */
    public String check(String name) {
        var answer = send("POST", "/api/v3/checks/", """
                {"name": "%s", "timeout": 86400, "grace": 86400}""".formatted(name));
        if (answer.statusCode() != 201) throw new IllegalStateException(answer.body());
        return answer.body().replaceFirst("(?s).*/ping/([0-9a-f-]{36}).*", "$1");
    }

    /** What the server's embedded PostgreSQL holds, as the server sees it. */
    public JdbcClient db() {
        try {
            return JdbcClient.create(new DriverManagerDataSource(
                    "jdbc:postgresql://127.0.0.1:"
                            + Files.readString(data.resolve("postgres/port")).strip() + "/muster",
                    "muster_app",
                    Files.readString(data.resolve("secrets/muster_app")).strip()));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Of the embedded PostgreSQL. */
    public ProcessHandle postmaster() {
        try (var lines = Files.lines(data.resolve("postgres/data/postmaster.pid"))) {
            return ProcessHandle.of(
                            Long.parseLong(lines.findFirst().orElseThrow().strip()))
                    .orElseThrow();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    public String printed() {
        try {
            return Files.readString(log);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** {@code kill -9} of the server alone: what it started must notice by itself. */
    public void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /** {@code kill -9} of the server and of what watches its PostgreSQL; PostgreSQL itself lives on. */
    public void killWithWatchdog() {
        var children = process.children().toList();
        process.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
        awaitEnd();
    }

    public int awaitEnd() {
        try {
            if (!process.waitFor(1, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new IllegalStateException("the server does not end: " + printed());
            }
            return process.exitValue();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    @Override
    public void close() {
        process.destroy();
        awaitEnd();
    }
}
