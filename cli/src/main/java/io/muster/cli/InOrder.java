package io.muster.cli;

import io.muster.merklelog.Malformed;
import io.muster.merklelog.Refuted;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Does the same work many times, some at once, and hands its results on in their order: so the first failure in that order ends it. */
final class InOrder {
    private InOrder() {}

    interface Work<T> {
        T at(long number) throws Refuted, IOException;
    }

    interface Taker<T> {
        void take(T result) throws Refuted, IOException;
    }

    /** Numbers are from 0 until {@code count}; at most {@code 2 * threads} results wait to be taken. */
    static <T> void run(long count, int threads, Work<T> work, Taker<T> taker) throws Refuted, IOException {
        var workers = Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().daemon().factory());
        try {
            var running = new ArrayDeque<Future<T>>();
            long next = 0;
            for (long taken = 0; taken < count; taken++) {
                for (; next < count && running.size() < 2 * threads; next++) {
                    long number = next;
                    running.add(workers.submit(() -> work.at(number)));
                }
                taker.take(await(running.removeFirst()));
            }
        } finally {
            workers.shutdownNow();
        }
    }

    private static <T> T await(Future<T> result) throws Refuted, IOException {
        try {
            return result.get();
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            throw new IOException("it was interrupted", ended);
        } catch (ExecutionException failed) {
            switch (failed.getCause()) {
                case Refuted refuted -> throw refuted;
                case Malformed malformed -> throw malformed;
                case IOException unreadable -> throw unreadable;
                case null, default -> throw new IllegalStateException(failed);
            }
        }
    }
}
