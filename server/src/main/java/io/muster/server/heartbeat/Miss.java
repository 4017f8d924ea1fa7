package io.muster.server.heartbeat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What silence alone amounts to at {@link #at}, if it lasts from {@link #since} until then. */
sealed interface Miss {

    Instant since();

    Instant at();

    /** No report came. */
    record Unreported(Instant since, Instant at) implements Miss {}

    /** Neither a start nor a report came. */
    record NotStarted(Instant since, Instant at) implements Miss {}

    /** {@code run} did not end. */
    record TooLong(OpenRun run, Duration most) implements Miss {

        @Override
        public Instant since() {
            return run.startedAt();
        }

        @Override
        public Instant at() {
            return run.startedAt().plus(most);
        }
    }

    default Optional<Trouble> trouble() {
        return switch (this) {
            case Unreported _ -> Optional.empty();
            case NotStarted _ -> Optional.of(Trouble.notStarted());
            case TooLong run -> Optional.of(Trouble.tooLong(run.most()));
        };
    }
}
