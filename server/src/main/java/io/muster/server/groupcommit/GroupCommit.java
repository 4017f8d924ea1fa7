package io.muster.server.groupcommit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Many submissions, one transaction, one answer each. While a transaction commits, the next batch gathers; so batches grow
 * with the load by themselves, and nobody waits for a timer.
 *
 * @param <I> what is submitted
 * @param <O> the answer to it
 */
public final class GroupCommit<I, O> implements AutoCloseable {

    /** Stores a batch in one transaction of its own: all of it, or nothing when it throws. */
    @FunctionalInterface
    public interface Batch<I, O> {

        /** @return an answer for each item, in their order */
        List<O> commit(List<I> items);
    }

    /**
     * @param name of the threads
     * @param queue most items that wait; more are refused at once
     * @param batch most items of one transaction
     * @param committers transactions at a time
     * @param patience the longest that a submission waits for its answer
     */
    public record Limits(String name, int queue, int batch, int committers, Duration patience) {

        public Limits {
            if (queue < 1 || batch < 1 || committers < 1 || !patience.isPositive()) {
                throw new IllegalArgumentException("limits of " + name + " must be positive");
            }
        }
    }

    private static final Logger log = LoggerFactory.getLogger(GroupCommit.class);
    private static final Duration LAST_BATCHES = Duration.ofSeconds(10);

    /** One submission. Whoever wins {@code taken} decides its fate: a committer stores it, or its own thread drops it. */
    private record Waiting<I, O>(I item, AtomicBoolean taken, CompletableFuture<O> answer) {

        boolean take() {
            return taken.compareAndSet(false, true);
        }
    }

    private final Batch<I, O> batch;
    private final Limits limits;
    private final BlockingQueue<Waiting<I, O>> queue;
    private final List<Thread> committers = new ArrayList<>();
    private volatile boolean closed;

    public GroupCommit(Batch<I, O> batch, Limits limits) {
        this.batch = batch;
        this.limits = limits;
        this.queue = new ArrayBlockingQueue<>(limits.queue());
        for (int n = 1; n <= limits.committers(); n++) {
            committers.add(
                    Thread.ofPlatform().daemon().name(limits.name() + "-" + n).start(this::commitUntilClosed));
        }
    }

    /**
     * Returns when {@code item} is durable. What the batch throws because of this item alone is thrown here.
     *
     * @throws Busy not stored, or nobody knows
     */
    public O submit(I item) {
        var waiting = new Waiting<I, O>(item, new AtomicBoolean(), new CompletableFuture<>());
        if (closed || !queue.offer(waiting)) {
            throw new Busy(closed ? "the server is stopping" : "too many wait already");
        }
        try {
            return waiting.answer().get(limits.patience().toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            throw new Busy(waiting.take() ? "no turn in time" : "no answer in time");
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof RuntimeException failure) throw failure;
            throw new IllegalStateException(failed.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            waiting.take();
            throw new Busy("interrupted");
        }
    }

    /** How many wait for their turn. */
    public int waiting() {
        return queue.size();
    }

    private void commitUntilClosed() {
        var gathered = new ArrayList<Waiting<I, O>>(limits.batch());
        while (true) {
            gathered.clear();
            try {
                var first = queue.poll(closed ? 0 : 100, TimeUnit.MILLISECONDS);
                if (first == null) {
                    if (closed) return;
                    continue;
                }
                gathered.add(first);
                queue.drainTo(gathered, limits.batch() - 1);
            } catch (InterruptedException stop) {
                return;
            }
            gathered.removeIf(waiting -> !waiting.take());
            if (!gathered.isEmpty()) commit(gathered);
        }
    }

    private void commit(List<Waiting<I, O>> together) {
        try {
            store(together);
        } catch (Throwable failure) { // nobody may be left waiting, and this thread must live on
            if (Outage.is(failure) || failure instanceof Error) {
                log.warn("{} could not store {} items: {}", limits.name(), together.size(), failure.toString());
                refuse(together);
            } else if (together.size() == 1) {
                log.error("{} cannot store an item", limits.name(), failure);
                together.getFirst().answer().completeExceptionally(failure);
            } else {
                log.warn(
                        "{} stores {} items one by one, for together they failed: {}",
                        limits.name(),
                        together.size(),
                        failure.toString());
                oneByOne(together);
            }
        }
    }

    private void store(List<Waiting<I, O>> together) {
        var answers = batch.commit(together.stream().map(Waiting::item).toList());
        if (answers.size() != together.size()) {
            throw new IllegalStateException(answers.size() + " answers to " + together.size() + " items");
        }
        for (int i = 0; i < answers.size(); i++) together.get(i).answer().complete(answers.get(i));
    }

    /** So that one bad item costs the others a little time, and nothing else. Each has waited for at most its patience. */
    private void oneByOne(List<Waiting<I, O>> together) {
        long begun = System.nanoTime();
        for (var waiting : together) {
            if (System.nanoTime() - begun < limits.patience().toNanos()) {
                commit(List.of(waiting));
            } else {
                refuse(List.of(waiting));
            }
        }
    }

    private void refuse(List<Waiting<I, O>> together) {
        together.forEach(waiting -> waiting.answer().completeExceptionally(new Busy("the database is away")));
    }

    /** Takes nothing more, and stores what waits. */
    @Override
    public void close() {
        closed = true;
        try {
            for (var committer : committers) {
                if (!committer.join(LAST_BATCHES)) committer.interrupt();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        var left = new ArrayList<Waiting<I, O>>();
        queue.drainTo(left);
        left.removeIf(waiting -> !waiting.take());
        refuse(left);
    }
}
