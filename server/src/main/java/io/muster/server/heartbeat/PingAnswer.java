package io.muster.server.heartbeat;

import org.jspecify.annotations.Nullable;

/** What became of a ping that was well-formed. */
sealed interface PingAnswer {

    /**
     * Stored, with or without effect.
     *
     * @param created its check was made for it
     * @param bodyLimit how much the check reads of a body; null: the ordinary limit
     * @param manifest what its manifest proved, if there is something to say
     */
    record Recorded(
            long n,
            boolean created,
            @Nullable Integer bodyLimit,
            @Nullable String manifest) implements PingAnswer {}

    /** Not stored, for the check has said so too often: {@link PingRate}. */
    record Dropped() implements PingAnswer {}

    record NoSuchCheck() implements PingAnswer {}

    /** Several checks have the slug. */
    record Ambiguous() implements PingAnswer {}
}
