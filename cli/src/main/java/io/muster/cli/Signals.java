package io.muster.cli;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import sun.misc.Signal;

/**
 * TERM, INT and HUP do not end this process but the job, whose end is then awaited and reported. One that was ignored
 * when we were started (HUP by {@code nohup}) stays so.
 */
final class Signals {
    private @Nullable Signal told; // guarded by this, as is the job
    private @Nullable Job job;
    private final Runnable whenTold;

    /** @param whenTold runs at each signal, at once */
    Signals(Runnable whenTold) {
        this.whenTold = whenTold;
        for (var name : List.of("TERM", "INT", "HUP")) {
            Signal.handle(new Signal(name), this::handle);
        }
    }

    private void handle(Signal signal) {
        whenTold.run();
        synchronized (this) {
            told = signal;
            if (job != null && !(signal.getName().equals("INT") && job.isAtTerminal())) {
                job.signal(signal.getName());
            }
        }
    }

    /** Starts a job, unless a signal came before. */
    interface Start {
        Job job() throws Job.CannotRun;
    }

    synchronized Optional<Job> start(Start start) throws Job.CannotRun {
        if (told == null) {
            job = start.job();
        }
        return Optional.ofNullable(job);
    }

    /** The last that came. */
    synchronized Optional<Signal> told() {
        return Optional.ofNullable(told);
    }
}
