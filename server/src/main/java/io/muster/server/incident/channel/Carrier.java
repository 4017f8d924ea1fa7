package io.muster.server.incident.channel;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One kind of channel, with its format and its limits. Called outside any transaction; ends within {@link #PATIENCE_SECONDS}. */
public interface Carrier {

    /** The longest that a try may take. A try without an end after twice that is made again. */
    int PATIENCE_SECONDS = 45;

    /** {@code email}, {@code slack}, {@code webhook}. */
    String kind();

    Receipt send(Destination to, Parcel parcel);

    /**
     * @param address an e-mail address or a URL
     * @param secret what to sign with
     */
    record Destination(String address, @Nullable String secret) {
        @Override
        public String toString() {
            return "***";
        }
    }

    /**
     * @param id the same at each try, so that whoever gets it twice can know; letters, digits and {@code _}
     * @param link the page about it
     * @param now when this try is made
     * @param late what to tell people first if this comes late; programs see it by the timestamp
     */
    record Parcel(String id, Message message, String link, Instant now, Optional<String> late) {}
}
