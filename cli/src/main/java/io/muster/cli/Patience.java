package io.muster.cli;

import java.time.Duration;

/** How long something may still be tried. Anybody may shorten it, and wakes whoever waits. */
final class Patience {
    private long end; // System.nanoTime(); guarded by this

    Patience(Duration length) {
        this.end = System.nanoTime() + length.toNanos();
    }

    synchronized Duration left() {
        return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
    }

    /** Not longer than this from now on. */
    synchronized void shortenTo(Duration length) {
        end = Math.min(end, System.nanoTime() + length.toNanos());
        notifyAll();
    }

    /** Waits; false, without having waited longer than it lasts, if it ends before that. */
    synchronized boolean pause(Duration length) {
        long until = System.nanoTime() + length.toNanos();
        try {
            for (long now = System.nanoTime(); now < until && now < end; now = System.nanoTime()) {
                wait(Math.max(1, (Math.min(until, end) - now) / 1_000_000));
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
        return System.nanoTime() < end;
    }
}
