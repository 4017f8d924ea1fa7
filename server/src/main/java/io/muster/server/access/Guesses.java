package io.muster.server.access;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Counts wrong tries by whatever they have in common (an address, an account, both) and says how long to wait when there
 * are too many. Keeps the newest 10,000 counts only. Each server counts for itself.
 */
final class Guesses {

    static final Duration WINDOW = Duration.ofMinutes(15);
    private static final int KEPT = 10_000;

    private record Count(int wrong, Instant since) {}

    private final Map<String, Count> counts = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Count> eldest) {
            return size() > KEPT;
        }
    };

    /** How long {@code who} must wait, having been wrong {@code most} times within the window; empty if not at all. */
    synchronized Optional<Duration> wait(String who, int most, Instant now) {
        var count = counts.get(who);
        if (count == null || count.wrong() < most || isOver(count, now)) return Optional.empty();
        return Optional.of(Duration.between(now, count.since().plus(WINDOW)));
    }

    synchronized void wrong(String who, Instant now) {
        var count = counts.remove(who);
        counts.put(
                who,
                count == null || isOver(count, now) ? new Count(1, now) : new Count(count.wrong() + 1, count.since()));
    }

    synchronized void right(String who) {
        counts.remove(who);
    }

    /** Over too if the clock was set back, which must not lock anybody out for longer. */
    private static boolean isOver(Count count, Instant now) {
        return now.isBefore(count.since()) || !now.isBefore(count.since().plus(WINDOW));
    }
}
