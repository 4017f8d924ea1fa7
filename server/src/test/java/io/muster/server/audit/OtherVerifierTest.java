package io.muster.server.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.deadline.PassingTime;
import io.muster.server.testing.Http;
import io.muster.server.testing.ServerTest;
import io.muster.server.testing.Story;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Go's sumdb, which is not ours, reads a log of a running server over HTTP: every entry, proofs, and how it grew. Needs {@code go}. */
@ServerTest
@Tag("nightly")
class OtherVerifierTest {
    private static final Path PROGRAM = Path.of("../merklelog/src/test/resources/io/muster/merklelog/sumdb");
    private static final int BODY = 1_000;
    private static final int EVENTS = 70_000;

    /** Neither at the end of a tile nor of a tile of tiles. */
    private static final int OLD = 33_000;

    @Autowired
    Http http;

    @Autowired
    PassingTime time;

    @Autowired
    JdbcClient db;

    @TempDir
    Path folder;

    @Test
    void go_sumdb_proves_a_served_log_of_70_000_events() throws Exception {
        new Story(http, db, time.now()).tell();
        var old = folder.resolve("old");
        for (int sent = 0; sent < EVENTS; sent += BODY) {
            if (sent == OLD) Files.write(old, checkpoint());
            send(sent);
        }
        assertThat(new String(checkpoint()).lines().skip(1).findFirst().orElseThrow())
                .satisfies(size -> assertThat(Integer.parseInt(size)).isGreaterThanOrEqualTo(EVENTS));

        var program = Files.createDirectory(folder.resolve("program"));
        for (var name : List.of("main.go", "go.mod", "go.sum")) {
            Files.copy(PROGRAM.resolve(name), program.resolve(name));
        }
        var binary = folder.resolve("sumdb").toString();
        run(program, "go", "build", "-o", binary, ".");
        assertThat(run(program, binary, http.base() + "/logs/montclair", old.toString()))
                .contains("has grown out of that of ", " entries are in a tree of ");
    }

    private void send(int from) {
        var events = IntStream.range(from, from + BODY)
                .mapToObj(i -> """
                        {"tenantId":"montclair","userId":"user-%d","action":"LOOK","timestamp":"%s","resource":"/users/%d","details":{"n":%d}}""".formatted(i % 97, time.now(), i, i))
                .collect(Collectors.joining(",", "[", "]"));
        assertThat(http.post("/api/v1/audit/events", events).status()).isEqualTo(201);
        time.passes(Duration.ofSeconds(2)); // tiles are written, and the last checkpoint is an old one
    }

    private byte[] checkpoint() {
        var answer = http.get("/logs/montclair/checkpoint");
        assertThat(answer.status()).isEqualTo(200);
        return answer.response().body();
    }

    private String run(Path in, String... command) throws IOException, InterruptedException {
        var printed = folder.resolve("printed");
        var builder = new ProcessBuilder(command)
                .directory(in.toFile())
                .redirectErrorStream(true)
                .redirectOutput(printed.toFile());
        builder.environment().put("MUSTER_KEY", http.adminKey());
        var process = builder.start();
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        var said = Files.readString(printed);
        assertThat(process.exitValue()).as(said).isZero();
        return said;
    }
}
