package io.muster.server.heartbeat;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What became of some checks, in the order of their ids. */
public record ChecksChanged(List<Change> changes, Instant now) {

    /**
     * @param before null: it is new
     * @param after null: it is deleted
     * @param heard the pings that changed it, oldest first; empty when something else did
     * @param flips oldest first; several if one batch held several reports of the check
     * @param news what people are told, oldest first
     * @param judged runs of which something is demanded
     */
    public record Change(
            @Nullable Check before,
            @Nullable Check after,
            List<Heard> heard,
            List<Flip> flips,
            List<News> news,
            List<JudgedRun> judged) {

        /** No news, whatever flipped: a person did it. */
        Change(@Nullable Check before, @Nullable Check after, List<Heard> heard, List<Flip> flips) {
            this(before, after, heard, flips, List.of(), List.of());
        }

        Change with(Check other) {
            return new Change(before, other, heard, flips, news, judged);
        }

        /** The check as it is now; never asked of one that is deleted. */
        Check now() {
            return java.util.Objects.requireNonNull(after, "the check is deleted");
        }

        /** The last of {@link #flips}. */
        public Optional<Flip> flip() {
            return flips.isEmpty() ? Optional.empty() : Optional.of(flips.getLast());
        }
    }
}
