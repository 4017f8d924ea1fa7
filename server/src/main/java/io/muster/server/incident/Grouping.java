package io.muster.server.incident;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** When a channel is told about a topic. Values in, values out. */
final class Grouping {

    /** From the first alert to its message: what belongs together arrives together. */
    static final Duration FIRST = Duration.ofSeconds(10);

    /** Between two messages about one topic. */
    static final Duration CHANGES = Duration.ofMinutes(5);

    /** Between the last message and the reminder that something is still open. */
    static final Duration REMINDER = Duration.ofHours(24);

    /**
     * @param news when the first change was raised that the channel is to hear of and has not
     * @param told when the last message was put together
     * @param begun when the channel first had to do with the topic
     * @param reminds whether something is open of which the channel is to be reminded
     * @param allClear whether the news is that nothing is open any more
     * @param ofStore whether many jobs may be in it
     */
    record Seen(
            Optional<Instant> news,
            Optional<Instant> told,
            Instant begun,
            boolean reminds,
            boolean allClear,
            boolean ofStore) {}

    sealed interface Next {

        /** Tell what changed. */
        record Tell() implements Next {}

        /** Tell that it is still so. */
        record Remind() implements Next {}

        /** Nothing now; look again then. */
        record Wait(Instant until) implements Next {}

        /** Nothing any more. */
        record Forget() implements Next {}
    }

    static Next next(Seen seen, Instant now) {
        if (seen.news().isPresent()) {
            var due = dueForNews(seen, seen.news().get());
            return now.isBefore(due) ? new Next.Wait(due) : new Next.Tell();
        }
        if (seen.reminds()) {
            var due = seen.told().orElse(seen.begun()).plus(REMINDER);
            return now.isBefore(due) ? new Next.Wait(due) : new Next.Remind();
        }
        var over = seen.told().map(at -> at.plus(CHANGES));
        return over.isPresent() && now.isBefore(over.get()) ? new Next.Wait(over.get()) : new Next.Forget();
    }

    /** One job that is well again says so at once: that is one more message, not four hundred. */
    private static Instant dueForNews(Seen seen, Instant news) {
        var first = news.plus(FIRST);
        if (seen.allClear() && !seen.ofStore()) return first;
        return seen.told().map(at -> at.plus(CHANGES)).filter(first::isBefore).orElse(first);
    }

    private Grouping() {}
}
