package io.muster.server.deadline;

import java.util.concurrent.atomic.AtomicBoolean;

/** Work that comes round by the clock, on a thread of its own: a lost connection may be silent for long. Never two at a time. */
public final class Aside {

    private final String name;
    private final AtomicBoolean busy = new AtomicBoolean();

    /** @param name of the thread */
    public Aside(String name) {
        this.name = name;
    }

    /** Begins {@code work}, unless the last has not ended yet; what it throws, it has to catch. */
    public void begin(Runnable work) {
        if (!busy.compareAndSet(false, true)) return;
        Thread.ofVirtual().name(name).start(() -> {
            try {
                work.run();
            } finally {
                busy.set(false);
            }
        });
    }
}
