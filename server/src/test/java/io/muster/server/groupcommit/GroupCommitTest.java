package io.muster.server.groupcommit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class GroupCommitTest {

    private final Store store = new Store();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        store.gate.release(1_000_000);
        for (var each : open) each.close();
    }

    /** Stores numbers. Each batch passes a gate; what is negative is bad, 99 finds the database away. */
    private static final class Store implements GroupCommit.Batch<Integer, String> {

        final Semaphore gate = new Semaphore(0);
        final Semaphore begun = new Semaphore(0);
        final List<List<Integer>> batches = new CopyOnWriteArrayList<>();

        @Override
        public List<String> commit(List<Integer> items) {
            begun.release();
            gate.acquireUninterruptibly();
            if (items.contains(99)) throw new IllegalStateException(new SQLException("gone", "08006"));
            if (items.stream().anyMatch(item -> item < 0)) {
                throw new IllegalArgumentException(new SQLException("bad", "22001"));
            }
            batches.add(List.copyOf(items));
            return items.stream().map(item -> "stored " + item).toList();
        }

        List<Integer> all() {
            return batches.stream().flatMap(List::stream).sorted().toList();
        }
    }

    private GroupCommit<Integer, String> commits(int queue, int batch, Duration patience) {
        var commits = new GroupCommit<>(store, item -> 0, new GroupCommit.Limits("test", queue, batch, 1, patience));
        open.add(commits);
        return commits;
    }

    private List<Future<String>> submit(GroupCommit<Integer, String> commits, List<Integer> items) throws Exception {
        var threads = Executors.newVirtualThreadPerTaskExecutor();
        open.add(threads);
        var begun = new CountDownLatch(items.size());
        var jobs = items.stream()
                .map(item -> threads.submit((Callable<String>) () -> {
                    begun.countDown();
                    return commits.submit(item);
                }))
                .toList();
        begun.await();
        return jobs;
    }

    private static void until(java.util.function.BooleanSupplier holds) {
        while (!holds.getAsBoolean()) Thread.onSpinWait();
    }

    @Test
    void everyone_gets_the_own_answer_and_waiters_share_transactions() throws Exception {
        var commits = commits(1_000, 50, Duration.ofSeconds(20));
        var first = submit(commits, List.of(0));
        store.begun.acquire();
        var items = IntStream.rangeClosed(1, 100).filter(n -> n != 99).boxed().toList();
        var rest = submit(commits, items);
        until(() -> commits.waiting() == 99);
        store.gate.release(100);
        assertThat(first.getFirst().get()).isEqualTo("stored 0");
        for (int i = 0; i < items.size(); i++) assertThat(rest.get(i).get()).isEqualTo("stored " + items.get(i));
        assertThat(store.batches).extracting(List::size).containsExactly(1, 50, 49);
    }

    @Test
    void bad_item_harms_no_other() throws Exception {
        store.gate.release(1_000);
        var commits = commits(100, 100, Duration.ofSeconds(20));
        var jobs = submit(commits, List.of(1, 2, -3, 4, 5));
        for (int i : new int[] {0, 1, 3, 4}) assertThat(jobs.get(i).get()).startsWith("stored");
        assertThatThrownBy(() -> jobs.get(2).get())
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(IllegalArgumentException.class);
        assertThat(store.all()).containsExactly(1, 2, 4, 5);
    }

    @Test
    void database_that_is_away_makes_all_busy_and_nothing_is_tried_twice() throws Exception {
        var commits = commits(100, 100, Duration.ofSeconds(20));
        var first = submit(commits, List.of(0));
        store.begun.acquire();
        var jobs = submit(commits, List.of(1, 99, 2));
        until(() -> commits.waiting() == 3);
        store.gate.release(2);
        first.getFirst().get();
        for (var job : jobs) {
            assertThatThrownBy(job::get).hasCauseInstanceOf(Busy.class);
        }
        store.gate.release(10);
        assertThat(commits.submit(7)).isEqualTo("stored 7");
        assertThat(store.all()).containsExactly(0, 7);
    }

    @Test
    void full_queue_refuses_at_once() throws Exception {
        var commits = commits(2, 1, Duration.ofSeconds(20));
        submit(commits, List.of(0));
        store.begun.acquire();
        submit(commits, List.of(1, 2));
        until(() -> commits.waiting() == 2);
        assertThatThrownBy(() -> commits.submit(3)).isInstanceOf(Busy.class);
    }

    @Test
    void who_lost_patience_is_not_stored_later() throws Exception {
        var commits = commits(10, 10, Duration.ofMillis(200));
        var stuck = submit(commits, List.of(0));
        store.begun.acquire();
        assertThatThrownBy(() -> commits.submit(1)).isInstanceOf(Busy.class).hasMessage("no turn in time");
        assertThatThrownBy(() -> stuck.getFirst().get()).hasCauseInstanceOf(Busy.class);
        store.gate.release(100);
        until(() -> store.batches.size() == 1 && commits.waiting() == 0);
        assertThat(commits.submit(2)).isEqualTo("stored 2");
        assertThat(store.all()).containsExactly(0, 2);
    }

    @Test
    void closing_stores_what_waits_and_takes_nothing_more() throws Exception {
        var commits = commits(10, 10, Duration.ofSeconds(20));
        var jobs = submit(commits, List.of(1, 2, 3));
        until(() -> commits.waiting() < 3);
        store.gate.release(100);
        commits.close();
        for (var job : jobs) {
            try {
                assertThat(job.get()).startsWith("stored");
            } catch (ExecutionException busy) {
                assertThat(busy).hasCauseInstanceOf(Busy.class);
            }
        }
        assertThatThrownBy(() -> commits.submit(4)).isInstanceOf(Busy.class);
    }

    @Test
    void nobody_who_comes_while_it_closes_waits_for_ever() throws Exception {
        store.gate.release(1_000_000);
        for (int round = 0; round < 20; round++) {
            var commits = commits(1_000, 50, Duration.ofSeconds(20));
            var jobs = submit(commits, IntStream.rangeClosed(1, 60).boxed().toList());
            commits.close();
            for (var job : jobs) {
                try {
                    assertThat(job.get(10, TimeUnit.SECONDS)).startsWith("stored");
                } catch (ExecutionException busy) {
                    assertThat(busy).hasCauseInstanceOf(Busy.class);
                }
            }
        }
    }

    @Test
    void what_the_data_caused_is_told_from_what_the_database_cannot() {
        for (var state : List.of("08006", "57P01", "53100", "53300", "58030", "25006", "XX000")) {
            assertThat(Outage.is(new IllegalStateException(new SQLException("x", state))))
                    .as(state)
                    .isTrue();
        }
        assertThat(Outage.is(new SQLException("no state"))).isTrue();
        for (var state : List.of("22021", "23505", "40P01", "42601", "P0001")) {
            assertThat(Outage.is(new IllegalStateException(new SQLException("x", state))))
                    .as(state)
                    .isFalse();
        }
        assertThat(Outage.is(new IllegalStateException("a bug"))).isFalse();
    }
}
