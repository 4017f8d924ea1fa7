package io.muster.server.groupcommit;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One submission, and the thread that waits for its answer. Whoever wins {@link #take} decides its fate: a lane stores it,
 * or it is dropped unstored. Only its first end counts.
 */
final class Waiting<I, O> {

    /** @param answer null: it failed */
    private record End<O>(@Nullable O answer, @Nullable Throwable failure) {}

    private final I item;
    private final long until;
    private final Thread owner = Thread.currentThread();
    private final AtomicBoolean taken = new AtomicBoolean();
    private final AtomicReference<@Nullable End<O>> end = new AtomicReference<>();

    /** @param until when patience ends, as {@link System#nanoTime} counts */
    Waiting(I item, long until) {
        this.item = item;
        this.until = until;
    }

    I item() {
        return item;
    }

    boolean isLate(long now) {
        return now - until > 0;
    }

    boolean take() {
        return taken.compareAndSet(false, true);
    }

    void answer(O answer) {
        end(new End<>(answer, null));
    }

    void fail(Throwable failure) {
        end(new End<>(null, failure));
    }

    private void end(End<O> how) {
        if (end.compareAndSet(null, how)) LockSupport.unpark(owner);
    }

    /** By the thread that made this. */
    O await() {
        var how = end.get();
        while (how == null) {
            LockSupport.park(this);
            if (Thread.interrupted()) {
                take();
                fail(new Busy("interrupted"));
                Thread.currentThread().interrupt();
            }
            how = end.get();
        }
        switch (how.failure()) {
            case null -> {
                return requireNonNull(how.answer());
            }
            case RuntimeException failure -> throw failure;
            case Throwable failure -> throw new IllegalStateException(failure);
        }
    }
}
