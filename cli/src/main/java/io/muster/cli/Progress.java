package io.muster.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Says every few seconds how far long work has come; short work says nothing. For one thread. */
final class Progress {
    private static final long EVERY = TimeUnit.SECONDS.toNanos(5);

    private final PrintWriter to;
    private final String what;
    private final long all;
    private long said = System.nanoTime();

    /** @param what is counted, as in {@code events}; all of them are {@code all} */
    Progress(PrintWriter to, String what, long all) {
        this.to = to;
        this.what = what;
        this.all = all;
    }

    void done(long count) {
        long now = System.nanoTime();
        if (now - said > EVERY) {
            said = now;
            to.println(String.format(Locale.ROOT, "… %,d of %,d %s", count, all, what));
            to.flush();
        }
    }
}
