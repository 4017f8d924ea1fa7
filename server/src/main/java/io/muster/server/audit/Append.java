package io.muster.server.audit;

import io.muster.merklelog.Hash;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Events of one request, to be stored together.
 *
 * @param repeat how a repeated request is known; null if it has no key
 */
record Append(List<SealedEvent> events, @Nullable Repeat repeat) {

    /**
     * @param caller whose request: the API key's id
     * @param body an HMAC of it
     */
    record Repeat(String caller, byte[] key, byte[] body) {}

    /** What became of them. */
    sealed interface Outcome {

        /** All are on record; one for each, in their order. */
        record Stored(List<Place> places) implements Outcome {}

        /** Somebody was erased since they were sealed: nothing is stored, seal them anew. */
        record SealAnew() implements Outcome {}

        /** The same key came with another body before: nothing is stored. */
        record OtherBody() implements Outcome {}
    }

    /**
     * Where an event is in its log.
     *
     * @param before the envelope of the event of the same id that was there already; null: it is new
     */
    record Place(long sequence, Instant receivedAt, Hash leaf, byte @Nullable [] before) {}
}
