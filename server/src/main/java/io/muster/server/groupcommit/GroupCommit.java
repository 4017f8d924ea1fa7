package io.muster.server.groupcommit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Many submissions, one transaction, one answer each. While a transaction commits, the next batch gathers; so batches grow
 * with the load by themselves, and only after a crowd is the next one waited for, a millisecond. There are a few lanes, each
 * with a queue and a transaction of its own; items of one key share a lane, so that two transactions at a time do not wait
 * for each other's rows.
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
     * @param queue most items that wait in a lane; more are refused at once
     * @param batch most items of one transaction
     * @param lanes transactions at a time
     * @param patience the longest that a submission waits for its answer, a tenth of a second more or less
     */
    public record Limits(String name, int queue, int batch, int lanes, Duration patience) {

        public Limits {
            if (queue < 1 || batch < 1 || lanes < 1 || !patience.isPositive()) {
                throw new IllegalArgumentException("limits of " + name + " must be positive");
            }
        }
    }

    private static final Logger log = LoggerFactory.getLogger(GroupCommit.class);
    private static final Duration LAST_BATCHES = Duration.ofSeconds(10);
    private static final Duration GLANCE = Duration.ofMillis(50);

    /** After so many together the next are waited for: small batches in between cost the most. */
    private static final int CROWD = 32;

    private static final Duration BREATH = Duration.ofMillis(1);

    private final class Lane {
        final BlockingQueue<Waiting<I, O>> queue = new ArrayBlockingQueue<>(limits.queue());
        volatile List<Waiting<I, O>> committing = List.of();

        void commitUntilClosed() {
            var gathered = new ArrayList<Waiting<I, O>>(limits.batch());
            int last = 0;
            while (true) {
                gathered.clear();
                try {
                    var first = queue.poll(closed ? 0 : 100, TimeUnit.MILLISECONDS);
                    if (first == null) {
                        if (closed) return;
                        continue;
                    }
                    gathered.add(first);
                    if (last >= CROWD && queue.size() < last / 2) Thread.sleep(BREATH);
                    queue.drainTo(gathered, limits.batch() - 1);
                } catch (InterruptedException stop) {
                    refuse(gathered);
                    return;
                }
                long now = System.nanoTime();
                gathered.removeIf(waiting -> !waiting.take() || lostPatience(waiting, now));
                if (gathered.isEmpty()) continue;
                last = gathered.size();
                committing = List.copyOf(gathered);
                commit(committing);
                committing = List.of();
            }
        }

        /** Nobody waits for it any more: this process stood still. */
        private boolean lostPatience(Waiting<I, O> waiting, long now) {
            if (!waiting.isLate(now)) return false;
            waiting.fail(new Busy("no turn in time"));
            return true;
        }

        void loseThoseWhoLostPatience(long now) {
            for (var waiting : committing) {
                if (waiting.isLate(now)) waiting.fail(new Busy("no answer in time"));
            }
            for (var waiting : queue) {
                if (waiting.isLate(now) && waiting.take()) waiting.fail(new Busy("no turn in time"));
            }
        }
    }

    private final Batch<I, O> batch;
    private final ToIntFunction<I> key;
    private final Limits limits;
    private final List<Lane> lanes;
    private final List<Thread> committers = new ArrayList<>();
    private volatile boolean closed;

    /** @param key a hash: what has the same goes the same way, in the order of its submission */
    public GroupCommit(Batch<I, O> batch, ToIntFunction<I> key, Limits limits) {
        this.batch = batch;
        this.key = key;
        this.limits = limits;
        this.lanes =
                IntStream.range(0, limits.lanes()).mapToObj(_ -> new Lane()).toList();
        for (var lane : lanes) {
            committers.add(start(limits.name() + "-" + (committers.size() + 1), lane::commitUntilClosed));
        }
        start(limits.name() + "-patience", this::watchPatience);
    }

    private static Thread start(String name, Runnable work) {
        return Thread.ofPlatform().daemon().name(name).start(work);
    }

    /**
     * Returns when {@code item} is durable. What the batch throws because of this item alone is thrown here.
     *
     * @throws Busy not stored, or nobody knows
     */
    public O submit(I item) {
        return submit(item, limits.patience());
    }

    /** The same, for who has waited already: no longer than {@code patience}, nor than the limit. */
    public O submit(I item, Duration patience) {
        if (!patience.isPositive()) throw new Busy("no time is left");
        var waiting = new Waiting<I, O>(
                item,
                System.nanoTime()
                        + Math.min(patience.toNanos(), limits.patience().toNanos()));
        var lane = lanes.get(Math.floorMod(key.applyAsInt(item), lanes.size()));
        if (closed) throw new Busy("the server is stopping");
        if (!lane.queue.offer(waiting)) throw new Busy("too many wait already", true);
        if (closed && waiting.take()) throw new Busy("the server is stopping"); // perhaps nobody is left to look
        return waiting.await();
    }

    /** How many wait for their turn. */
    public int waiting() {
        return lanes.stream().mapToInt(lane -> lane.queue.size()).sum();
    }

    /** One thread for all who wait: a timer for each would cost more than all else here. */
    private void watchPatience() {
        try {
            while (!closed || committers.stream().anyMatch(Thread::isAlive)) {
                Thread.sleep(GLANCE);
                long now = System.nanoTime();
                lanes.forEach(lane -> lane.loseThoseWhoLostPatience(now));
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private void commit(List<Waiting<I, O>> together) {
        try {
            store(together);
        } catch (Throwable failure) { // nobody may be left waiting, and this thread must live on
            if (Outage.is(failure) || failure instanceof Error) {
                log.warn("{} could not store {} items: {}", limits.name(), together.size(), reason(failure));
                refuse(together);
            } else if (together.size() == 1) {
                log.error("{} cannot store an item", limits.name(), failure);
                together.getFirst().fail(failure);
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

    /** What the driver or the pool said. */
    private static String reason(Throwable failure) {
        var cause = failure;
        while (cause.getCause() != null) cause = cause.getCause();
        return (cause == failure ? "" : failure.getMessage() + ": ") + cause;
    }

    private void store(List<Waiting<I, O>> together) {
        var answers = batch.commit(together.stream().map(Waiting::item).toList());
        if (answers.size() != together.size()) {
            throw new IllegalStateException(answers.size() + " answers to " + together.size() + " items");
        }
        for (int i = 0; i < answers.size(); i++) together.get(i).answer(answers.get(i));
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
        together.forEach(waiting -> waiting.fail(new Busy("the database is away")));
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
        lanes.forEach(lane -> lane.queue.drainTo(left));
        left.removeIf(waiting -> !waiting.take());
        refuse(left);
    }
}
