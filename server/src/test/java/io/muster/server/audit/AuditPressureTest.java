package io.muster.server.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.muster.server.access.Access;
import io.muster.server.access.ApiKeys;
import io.muster.server.access.Caller;
import io.muster.server.access.KnownTenants;
import io.muster.server.audit.Append.Outcome;
import io.muster.server.audit.Ingest.Answer.Receipt;
import io.muster.server.audit.Ingest.Sending;
import io.muster.server.embedded.TestPostgres;
import io.muster.server.groupcommit.GroupCommit;
import io.muster.server.keys.Keys;
import io.muster.server.problem.Problem;
import io.muster.server.testing.Http;
import io.muster.server.testing.RawHttp;
import io.muster.server.testing.ServerTest;
import io.muster.server.testing.Story;
import io.muster.server.testing.TestClock;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.Environment;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.transaction.support.TransactionOperations;
import tools.jackson.databind.json.JsonMapper;

/** More events than can be stored: who finds no room is told to come back, and whoever has a receipt keeps it. */
@ServerTest
class AuditPressureTest {
    private static final String PATH = "/api/v1/audit/events";
    private static final int LARGEST = 16 << 20;

    @Autowired
    Http http;

    @Autowired
    TestClock clock;

    @Autowired
    JdbcClient db;

    @Autowired
    Environment environment;

    @Autowired
    TransactionOperations transaction;

    @Autowired
    JsonMapper json;

    @Autowired
    Sequencer sequencer;

    @Autowired
    EventReader reader;

    @Autowired
    Sealing sealing;

    @Autowired
    Opening opening;

    @Autowired
    Logs logs;

    @Autowired
    KnownTenants tenants;

    @Autowired
    Keys keys;

    @Autowired
    ApiKeys apiKeys;

    @Autowired
    Access access;

    private final List<UUID> promised = new ArrayList<>();

    @BeforeEach
    void tenants() {
        new Story(http, db, clock.instant()).tell();
    }

    @Test
    void bodies_beyond_what_memory_there_is_for_are_refused_until_there_is_room() throws Exception {
        var large = new ArrayList<Large>();
        try {
            for (int i = 0; i < 6; i++) large.add(new Large()); // there is room for five of them
            var answers = large.stream().map(Large::answer).toArray(CompletableFuture<?>[]::new);
            var refused = (RawHttp.Answer) CompletableFuture.anyOf(answers).get(1, TimeUnit.MINUTES);
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.header("Retry-After")).isEqualTo("1");
            assertThat(refused.body()).contains("send these again in a moment");
            assertThat(post()).as("a small one").isEqualTo(201);

            var waiting = large.stream().filter(one -> !one.answer().isDone()).toList();
            assertThat(waiting).hasSize(5);
            for (var one : waiting.subList(0, 2)) assertThat(one.end().status()).isEqualTo(201);
            var again = new Large();
            large.add(again);
            assertThat(again.end().status()).isEqualTo(201);
        } finally {
            for (var one : large) one.http.close();
        }
        assertStored();
    }

    /** A body of the largest size, of which nothing is there yet. */
    private final class Large {
        private final RawHttp http = new RawHttp(AuditPressureTest.this.http.base());
        private final CompletableFuture<RawHttp.Answer> answer;

        Large() throws IOException {
            http.write("POST " + PATH + " HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: "
                    + AuditPressureTest.this.http.adminKey()
                    + "\r\nContent-Type: application/json\r\nContent-Length: " + LARGEST + "\r\n\r\n");
            answer = CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return http.read(true);
                        } catch (IOException gone) {
                            throw new UncheckedIOException(gone);
                        }
                    },
                    Thread::startVirtualThread);
        }

        CompletableFuture<RawHttp.Answer> answer() {
            return answer;
        }

        RawHttp.Answer end() throws Exception {
            var id = UUID.randomUUID();
            var event = event(id);
            http.write(event + " ".repeat(LARGEST - event.length()));
            var received = answer.get(1, TimeUnit.MINUTES);
            if (received.status() == 201) promised.add(id);
            return received;
        }
    }

    private int post() {
        var id = UUID.randomUUID();
        int status = http.post(PATH, event(id)).status();
        if (status == 201) promised.add(id);
        return status;
    }

    @Test
    void queue_that_is_full_refuses_and_stores_none_of_it() throws Exception {
        try (var small = new Small()) {
            small.fill();
            assertThatThrownBy(() -> small.take(UUID.randomUUID()))
                    .isInstanceOfSatisfying(
                            Problem.class, full -> assertThat(full.status()).isEqualTo(HttpStatus.TOO_MANY_REQUESTS));
            small.empty();
            promised.add(small.take(UUID.randomUUID()).eventId());
        }
        assertStored();
    }

    @Test
    void lines_before_the_queue_was_full_have_their_receipts_and_those_behind_are_refused() throws Exception {
        var ids = IntStream.range(0, 1_600).mapToObj(_ -> UUID.randomUUID()).toList();
        var response = new MockHttpServletResponse();
        try (var small = new Small()) {
            var body = ids.stream().map(id -> event(id) + "\n").collect(Collectors.joining());
            int chunk = 500 * (body.length() / ids.size());
            var request = new MockHttpServletRequest("POST", PATH) {
                @Override
                public ServletInputStream getInputStream() {
                    return pausing(body.getBytes(StandardCharsets.UTF_8), chunk, small::fill);
                }
            };
            request.setContentType("application/x-ndjson");
            new IngestFilter(small.ingest, apiKeys, access).serve(request, response, Caller.MUSTER);
            small.empty();
        }
        assertThat(response.getStatus()).isEqualTo(207);
        var items = json.readTree(response.getContentAsString()).get("items");
        assertThat(items.size()).isEqualTo(ids.size());
        var statuses = IntStream.range(0, ids.size())
                .map(i -> items.get(i).get("status").intValue())
                .boxed()
                .toList();
        assertThat(statuses.indexOf(429)).isEqualTo(500);
        assertThat(statuses).isSorted();
        for (int i = 0; i < ids.size(); i++) {
            if (statuses.get(i) == 201) promised.add(ids.get(i));
        }
        assertStored();
    }

    /** Gives {@code length} bytes, does {@code then} when somebody reads on, and gives the rest. */
    private static ServletInputStream pausing(byte[] body, int length, Runnable then) {
        var in = new ByteArrayInputStream(body);
        return new ServletInputStream() {
            private int left = length;

            @Override
            public int read(byte[] into, int from, int most) {
                if (left == 0) {
                    then.run();
                    left = Integer.MAX_VALUE;
                }
                int n = in.read(into, from, Math.min(most, left));
                left -= n;
                return n;
            }

            @Override
            public int read() {
                throw new UnsupportedOperationException("byte by byte");
            }

            @Override
            public boolean isFinished() {
                return in.available() == 0;
            }

            @Override
            public boolean isReady() {
                return true;
            }

            @Override
            public void setReadListener(ReadListener listener) {
                throw new UnsupportedOperationException("the one who reads waits");
            }
        };
    }

    /** The ingest with a queue of one event, which a log that somebody holds fills. */
    private final class Small implements AutoCloseable {
        private final GroupCommit<Append, Outcome> commits =
                new GroupCommit<>(sequencer, _ -> 0, new GroupCommit.Limits("small", 1, 1, 1, Duration.ofMinutes(1)));
        private final Ingest ingest = new Ingest(reader, sealing, opening, logs, commits, tenants, clock, json, keys);
        private final CountDownLatch over = new CountDownLatch(1);
        private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        private final List<Future<Receipt>> waiting = new ArrayList<>();

        void fill() {
            promised.add(take(UUID.randomUUID()).eventId()); // so that there is a log
            var held = new CountDownLatch(1);
            threads.submit(() -> transaction.executeWithoutResult(_ -> {
                db.sql("select size from audit_head for update")
                        .query(Long.class)
                        .list();
                held.countDown();
                uninterrupted(over);
            }));
            uninterrupted(held);
            waiting.add(threads.submit(() -> take(UUID.randomUUID())));
            await("it waits for the log").until(this::isWaitedFor);
            waiting.add(threads.submit(() -> take(UUID.randomUUID())));
            await("it waits for its turn").until(() -> commits.waiting() == 1);
        }

        private boolean isWaitedFor() {
            return db.sql(
                            "select exists (select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock')")
                    .query(Boolean.class)
                    .single();
        }

        void empty() throws Exception {
            over.countDown();
            for (var one : waiting) promised.add(one.get().eventId());
        }

        Receipt take(UUID id) {
            var body = event(id).getBytes(StandardCharsets.UTF_8);
            return (Receipt) ingest.take(new Sending(Caller.MUSTER, null, body, body.length))
                    .getFirst();
        }

        @Override
        public void close() {
            over.countDown();
            threads.close();
            commits.close();
        }
    }

    private static void uninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    private static String event(UUID id) {
        return "{\"eventId\":\"" + id
                + "\",\"tenantId\":\"montclair\",\"userId\":\"u\",\"action\":\"LOOK\",\"timestamp\":\"2026-03-01T02:59:30Z\"}";
    }

    /** Each that has a receipt, once, and no other. */
    private void assertStored() {
        var stored = TestPostgres.superuser(environment.getRequiredProperty("muster.database.url"))
                .sql("select event_id from audit_event where action = 'LOOK'")
                .query(UUID.class)
                .list();
        assertThat(stored).containsExactlyInAnyOrderElementsOf(promised);
    }
}
