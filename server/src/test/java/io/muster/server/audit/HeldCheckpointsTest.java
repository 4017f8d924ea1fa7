package io.muster.server.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.merklelog.Checkpoint;
import io.muster.merklelog.Hash;
import io.muster.server.embedded.DataFolder;
import io.muster.server.testing.Http;
import io.muster.server.testing.ServerTest;
import io.muster.server.testing.Story;
import io.muster.server.testing.TestClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

@ServerTest
class HeldCheckpointsTest {

    /** Of one log, in as many writings. */
    private static final int SIZES = 400;

    @Autowired
    Http http;

    @Autowired
    TestClock clock;

    @Autowired
    JdbcClient db;

    @Autowired
    DataFolder data;

    @Autowired
    Checkpoints checkpoints;

    @Autowired
    Logs logs;

    @TempDir
    Path folder;

    private TenantLog log;

    @BeforeEach
    void aLog() {
        new Story(http, db, clock.instant()).tell();
        assertThat(http.post("/api/v1/audit/events", """
                        {"tenantId":"montclair","action":"LOOK","timestamp":"2026-03-01T02:59:30Z"}""").status()).isEqualTo(201);
        log = logs.newest("montclair").orElseThrow();
    }

    private HeldCheckpoints server() {
        return new HeldCheckpoints(folder.toString(), data, db, checkpoints, clock);
    }

    private List<LogGrew> grew(long size) {
        return List.of(new LogGrew(log, size, Hash.OF_NOTHING, null));
    }

    private long held() {
        return server().of(log.id()).orElseThrow().checkpoint().size();
    }

    @Test
    void what_grew_step_by_step_follows_where_it_began_and_a_gap_is_not_believed() {
        var first = grew(3, 5);
        var both = first.with(grew(5, 9));
        assertThat(both.size()).isEqualTo(9);
        assertThat(both.follows(checkpoint(3))).isTrue();
        assertThat(both.follows(checkpoint(5))).isFalse();
        assertThat(first.with(grew(4, 9)).follows(checkpoint(3)))
                .as("not from where it was")
                .isFalse();
        assertThat(first.with(grew(4, 9)).follows(checkpoint(4))).isFalse();
        var signed = new LogGrew(log, 5, root(5), null);
        assertThat(first.with(signed)).as("signed as it is").isEqualTo(first);
        assertThat(signed.follows(checkpoint(5))).isFalse();
        assertThat(first.follows(new Checkpoint("main/l/1", 3, root(4), List.of())))
                .as("another root")
                .isFalse();
    }

    private LogGrew grew(long from, long to) {
        return new LogGrew(log, to, root(to), new LogGrew.Before(from, root(from)));
    }

    private static Checkpoint checkpoint(long size) {
        return new Checkpoint("main/l/1", size, root(size), List.of());
    }

    private static Hash root(long size) {
        return Hash.ofLeaf(new byte[] {(byte) size});
    }

    @Test
    void what_another_server_wrote_of_a_longer_log_stays() throws Exception {
        var one = server();
        var other = server();
        one.write(grew(7));
        other.write(grew(5));
        assertThat(held()).isEqualTo(7);
        other.write(grew(9));
        assertThat(held()).isEqualTo(9);
        one.write(grew(8));
        assertThat(held()).isEqualTo(9);
        assertThat(one.isOurs(other.of(log.id()).orElseThrow())).isTrue();
    }

    @Test
    void servers_that_write_at_once_never_lay_a_smaller_checkpoint_over_a_larger_one() throws Exception {
        server().write(grew(1));
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var writing = IntStream.range(0, 3)
                    .mapToObj(first -> threads.submit((Callable<Void>) () -> {
                        var server = server();
                        for (int size = 2 + first; size <= SIZES; size += 3) server.write(grew(size));
                        return null;
                    }))
                    .toList();
            long last = 1;
            while (!writing.stream().allMatch(Future::isDone)) {
                long now = held();
                assertThat(now).isGreaterThanOrEqualTo(last);
                last = now;
            }
            for (var one : writing) one.get();
        }
        assertThat(held()).isGreaterThanOrEqualTo(SIZES - 2);
        try (var files = Files.walk(folder)) {
            assertThat(files.filter(file -> file.toString().endsWith(".new"))).isEmpty();
        }
    }
}
