package io.muster.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A server that {@code ./muster serve} started, in a data folder of the caller's choice; it ends when this is closed. */
record Server(Process process, int port, Path data, Duration untilReady) implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofMinutes(2);

    /** Returns when the server is ready. */
    static Server start(Path data, String... options) throws IOException {
        int port = freePort();
        var command = new ArrayList<>(
                List.of(launcher(), "serve", "--port", Integer.toString(port), "--data", data.toString()));
        command.addAll(List.of(options));
        long begun = System.nanoTime();
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(data.resolveSibling(data.getFileName() + ".log").toFile())
                .start();
        while (!ready(port)) {
            var waited = Duration.ofNanos(System.nanoTime() - begun);
            if (!process.isAlive() || waited.compareTo(START_LIMIT) > 0) {
                process.destroy();
                throw new IOException("the server does not start, see " + data + ".log");
            }
        }
        return new Server(process, port, data, Duration.ofNanos(System.nanoTime() - begun));
    }

    static String launcher() {
        return System.getenv().getOrDefault("MUSTER_LAUNCHER", "./muster");
    }

    private static int freePort() throws IOException {
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    /** One request without a client library, which would cost more than what is measured. Waits 10 ms if not ready. */
    private static boolean ready(int port) {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(5_000);
            socket.getOutputStream()
                    .write("GET /actuator/health/readiness HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            if (new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
                    .startsWith("HTTP/1.1 200")) {
                return true;
            }
        } catch (IOException notYet) {
            // asked again
        }
        try {
            TimeUnit.MILLISECONDS.sleep(10);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
        return false;
    }

    /** The key that may do all. */
    String adminKey() throws IOException {
        return Files.readString(data.resolve("admin.key")).strip();
    }

    /** To its database, as {@code login}. */
    Connection connect(String login) throws IOException, SQLException {
        var database = Files.readString(data.resolve("postgres/port")).strip();
        var secret = Files.readString(data.resolve("secrets").resolve(login)).strip();
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + database + "/muster", login, secret);
    }

    /** What of the JVM is in memory, in MiB. */
    double residentMib() throws IOException {
        return kib(Path.of("/proc", Long.toString(process.pid()), "status"), "VmRSS:") / 1024.0;
    }

    /** What of PostgreSQL's processes is in memory, each shared page counted once, in MiB. */
    double postgresMib() {
        return process.descendants()
                        .mapToLong(child -> {
                            try {
                                return kib(Path.of("/proc", Long.toString(child.pid()), "smaps_rollup"), "Pss:");
                            } catch (IOException gone) {
                                return 0;
                            }
                        })
                        .sum()
                / 1024.0;
    }

    /** Processor time that the JVM, PostgreSQL and all that these started have taken. */
    double processorSeconds() throws IOException {
        long ticks = ticks(process.pid());
        for (var child : process.descendants().toList()) {
            try {
                ticks += ticks(child.pid());
            } catch (IOException gone) {
                // its parent has it now
            }
        }
        return ticks / 100.0;
    }

    /** In hundredths of a second: its own, and its ended children's. */
    private static long ticks(long pid) throws IOException {
        var stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
        var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1); // from the third on
        return Long.parseLong(fields[11])
                + Long.parseLong(fields[12])
                + Long.parseLong(fields[13])
                + Long.parseLong(fields[14]);
    }

    /** What lives in the heap, after a collection, in MiB. */
    double heapMib() throws IOException {
        var jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(process.pid()),
                        "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        var printed = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        var total = printed.strip().replaceFirst("(?s).*\\RTotal", "").strip().split("\\s+");
        if (total.length != 2) throw new IOException(printed);
        return Long.parseLong(total[1]) / 1024.0 / 1024.0;
    }

    private static long kib(Path file, String name) throws IOException {
        for (var line : Files.readAllLines(file)) {
            if (line.startsWith(name)) {
                return Long.parseLong(
                        line.substring(name.length()).replace("kB", "").strip());
            }
        }
        throw new IOException("no " + name + " in " + file);
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(1, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new IOException("the server did not stop within a minute");
            }
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    static void delete(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (NoSuchFileException gone) {
                    // by whoever made it
                } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                }
            });
        }
    }
}
