package com.example.saas;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
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
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The real one, as {@code ./muster serve} starts it, on an empty folder. */
final class MusterServer implements AutoCloseable {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Path data;
    private final int port;
    private final Path log;
    private Process process;

    private MusterServer(Path data, int port, Path log) {
        this.data = data;
        this.port = port;
        this.log = log;
    }

    static MusterServer start(Path data) throws IOException {
        int port;
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        var log = Files.createTempFile(Files.createDirectories(Path.of("target")), "muster-", ".log");
        var server = new MusterServer(data, port, log);
        server.start();
        return server;
    }

    private void start() throws IOException {
        var jar = Path.of("../../server/target/muster.jar");
        if (!Files.exists(jar)) {
            throw new IllegalStateException(
                    "there is no " + jar.toAbsolutePath().normalize() + ": ./muster build makes it");
        }
        var builder = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Dspring.aot.enabled=true",
                        "--enable-native-access=ALL-UNNAMED",
                        "-jar",
                        jar.toString(),
                        "serve",
                        "--port=" + port,
                        "--data=" + data))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("MUSTER_"));
        process = builder.start();
        await().atMost(Duration.ofMinutes(3))
                .failFast("Muster ended, see " + log, () -> !process.isAlive())
                .until(this::isReady);
    }

    /** As {@code kill -9}, and on the same folder and port again. */
    void killAndStartAgain() throws IOException, InterruptedException {
        process.destroyForcibly().waitFor();
        start();
    }

    private boolean isReady() throws InterruptedException {
        try {
            var readiness = HttpRequest.newBuilder(URI.create(url() + "/actuator/health/readiness"))
                    .build();
            return HTTP.send(readiness, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    String url() {
        return "http://localhost:" + port;
    }

    String adminKey() throws IOException {
        return Files.readString(data.resolve("admin.key")).strip();
    }

    HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(url() + path)));
    }

    HttpResponse<byte[]> post(String path, String contentType, String body) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(url() + path))
                .header("Content-Type", contentType)
                .POST(BodyPublishers.ofString(body)));
    }

    HttpResponse<byte[]> put(String path, String json) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(url() + path))
                .header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofString(json)));
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return HTTP.send(request.header("Authorization", "Bearer " + adminKey()).build(), BodyHandlers.ofByteArray());
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(1, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new IllegalStateException("Muster does not end, see " + log);
        }
    }
}
