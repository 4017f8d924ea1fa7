package io.muster.server.groupcommit;

/** Not now: the database is away, the queue is full, or it took too long. What was submitted may be stored nevertheless. */
public final class Busy extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final boolean full;

    Busy(String why) {
        this(why, false);
    }

    Busy(String why, boolean full) {
        super(why, null, false, false); // an answer, not a fault: no stack trace
        this.full = full;
    }

    /** Whether it is only that too many wait: then nothing of it is stored, nor will be. */
    public boolean isFull() {
        return full;
    }
}
