package io.muster.server.groupcommit;

/** Not now: the database is away, the queue is full, or it took too long. What was submitted may be stored nevertheless. */
public final class Busy extends RuntimeException {

    private static final long serialVersionUID = 1;

    Busy(String why) {
        super(why, null, false, false); // an answer, not a fault: no stack trace
    }
}
