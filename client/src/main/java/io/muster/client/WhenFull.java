package io.muster.client;

import java.time.Duration;

/** What {@link AuditSender#send} does when so much waits that there is no room for another event. */
public sealed interface WhenFull {
    /** Waits for room, but no longer than this (up to a minute); then the event is dropped, and counted. */
    record Block(Duration atMost) implements WhenFull {
        public Block {
            if (atMost.isNegative() || atMost.compareTo(Duration.ofMinutes(1)) > 0) {
                throw new IllegalArgumentException("a caller is held up between PT0S and PT1M; got " + atMost);
            }
        }
    }

    /** Drops the event at once, and counts it: the caller is never held up. */
    record Drop() implements WhenFull {}
}
