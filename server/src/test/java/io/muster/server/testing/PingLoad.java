package io.muster.server.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Jobs that ping real servers as fast as they are answered, and remember what each ping was told. Every ping carries a text
 * of its own. A client that tries again by itself would spoil the count, so these speak HTTP by hand.
 */
public final class PingLoad implements AutoCloseable {

    /** What the contract allows a ping to wait. */
    private static final Duration LONGEST = Duration.ofSeconds(2);

    /** The machine of the tests is shared: a thread may wait that long for its turn, which is nobody's fault. */
    private static final Duration TURN = Duration.ofSeconds(1);

    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final Duration AFTER_A_FAULT = Duration.ofMillis(20);

    private final List<String> uuids;
    private final Duration between;
    private final List<Thread> jobs = new ArrayList<>();
    private final Map<String, Long> stored = new ConcurrentHashMap<>();
    private final LongAdder refused = new LongAdder();
    private final LongAdder unanswered = new LongAdder();
    private final AtomicLong slowest = new AtomicLong();
    private final AtomicLong lastBegun = new AtomicLong(Long.MIN_VALUE);
    private final Queue<String> surprises = new ConcurrentLinkedQueue<>();
    private volatile boolean stopping;

    /**
     * @param uuids of the checks; each ping goes to any of them
     * @param between two pings of one job
     * @param ports one job each: where its server listens now
     */
    public PingLoad(List<String> uuids, Duration between, List<IntSupplier> ports) {
        this.uuids = uuids;
        this.between = between;
        for (int job = 0; job < ports.size(); job++) {
            int name = job;
            jobs.add(Thread.ofPlatform().daemon().name("job-" + job).start(() -> work(name, ports.get(name))));
        }
    }

    private void work(int job, IntSupplier port) {
        RawHttp http = null;
        for (int n = 1; !stopping; n++) {
            var uuid = uuids.get(ThreadLocalRandom.current().nextInt(uuids.size()));
            var text = "job " + job + ", ping " + n;
            long begun = System.nanoTime();
            var wait = between;
            try {
                if (http == null) http = new RawHttp(port.getAsInt(), ANSWER);
                var answer = http.send(request(uuid, text));
                if (!told(text, answer, begun)) wait = AFTER_A_FAULT;
                if (answer.header("Connection").equals("close")) {
                    close(http);
                    http = null;
                }
            } catch (IOException gone) {
                unanswered.increment();
                close(http);
                http = null;
                wait = AFTER_A_FAULT;
            }
            LockSupport.parkNanos(wait.toNanos());
        }
        close(http);
    }

    private static String request(String uuid, String text) {
        return "POST /ping/" + uuid + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + text.length() + "\r\n\r\n"
                + text;
    }

    /** @return whether it was stored */
    private boolean told(String text, RawHttp.Answer answer, long begun) {
        long took = System.nanoTime() - begun;
        slowest.accumulateAndGet(took, Math::max);
        if (took > LONGEST.plus(TURN).toNanos())
            surprises.add("answered after " + Duration.ofNanos(took) + ": " + answer);
        switch (answer.status()) {
            case 200 -> {
                stored.put(text, Long.valueOf(answer.header("Muster-Ping-Id")));
                lastBegun.accumulateAndGet(begun, Math::max);
                return true;
            }
            case 503 -> {
                refused.increment();
                if (answer.header("Retry-After").isEmpty()) surprises.add("no Retry-After: " + answer);
            }
            default -> surprises.add(answer.toString());
        }
        return false;
    }

    /** How many were told that they are stored. */
    public int stored() {
        return stored.size();
    }

    /** How many were told to try again. */
    public long refused() {
        return refused.sum();
    }

    /** Whose connection ended before an answer came, or could not be made. */
    public long unanswered() {
        return unanswered.sum();
    }

    /** Of all that were answered since the last time that this was asked. */
    public Duration slowest() {
        return Duration.ofNanos(slowest.getAndSet(0));
    }

    /** Answers other than 200, and 503 with {@code Retry-After}, within two seconds. */
    public List<String> surprises() {
        return List.copyOf(surprises);
    }

    /** Waits until a ping that began from now on is stored. */
    public Duration awaitStored(Duration atMost) {
        long now = System.nanoTime();
        await("a ping is stored")
                .atMost(atMost)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> lastBegun.get() > now);
        return Duration.ofNanos(lastBegun.get() - now);
    }

    /** Waits for {@code more} that are stored. */
    public void awaitMore(int more, Duration atMost) {
        int enough = stored.size() + more;
        await("pings are stored")
                .atMost(atMost)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> stored.size() >= enough);
    }

    private record Row(String uuid, long n, String text) {}

    /**
     * Every ping that was told so is stored under its number; none is stored twice, answered or not; each check's numbers
     * have no gap.
     *
     * @param db with a login that reads the tables
     */
    public void assertStoredOnce(JdbcClient db) {
        close();
        var rows = db.sql("""
                        select cast(uuid as text), n, convert_from(body, 'UTF8')
                          from ping
                          join checks on checks.id = ping.check_id
                         where uuid = any (cast(:uuids as uuid[]))
                         order by check_id, n
                        """)
                .param("uuids", uuids.toArray(String[]::new))
                .query((row, n) -> new Row(row.getString(1), row.getLong(2), row.getString(3)))
                .list();
        var numbers = new HashMap<String, Long>();
        var twice = new HashSet<String>();
        var next = new HashMap<String, Long>();
        for (var row : rows) {
            if (numbers.put(row.text(), row.n()) != null) twice.add(row.text());
            assertThat(row.n())
                    .as("the next number of %s", row.uuid())
                    .isEqualTo(next.merge(row.uuid(), 1L, Long::sum));
        }
        assertThat(twice).as("stored twice").isEmpty();
        var lost = new HashMap<>(stored);
        lost.entrySet().removeIf(told -> told.getValue().equals(numbers.get(told.getKey())));
        assertThat(lost).as("stored, it was said, of %s", stored.size()).isEmpty();
        var counted = db.sql(
                        "select cast(uuid as text), pings from checks where pings > 0 and uuid = any (cast(:uuids as uuid[]))")
                .param("uuids", uuids.toArray(String[]::new))
                .query((row, n) -> Map.entry(row.getString(1), row.getLong(2)))
                .list();
        assertThat(Map.ofEntries(counted.toArray(Map.Entry[]::new))).isEqualTo(next);
    }

    /** Ends when all jobs have read their last answer. */
    @Override
    public void close() {
        stopping = true;
        try {
            for (var job : jobs) job.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void close(@Nullable RawHttp http) {
        try {
            if (http != null) http.close();
        } catch (IOException gone) {
            throw new java.io.UncheckedIOException(gone);
        }
    }
}
