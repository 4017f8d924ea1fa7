package io.muster.server.layout;

import io.muster.server.access.Caller;
import java.time.Instant;
import java.util.Optional;

/** How much on a main page needs attention; shown beside its name. Asked on every page: it must be cheap and bounded. */
public interface NavCount {

    /**
     * @param n how many; counting may stop at 1,000
     * @param words what is counted: {@code 2 down, 1 late}
     */
    record Count(long n, State state, String words) {
        public String text() {
            return n >= 1_000 ? "999+" : Long.toString(n);
        }
    }

    Nav nav();

    /** Empty if nothing needs attention. */
    Optional<Count> attention(Caller caller, Instant now);
}
