package io.muster.client;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.UUID;

/**
 * Ids that grow with time, which is kind to the index that holds them.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9562#section-5.7">RFC 9562, UUID version 7</a>
 */
final class EventId {
    private static final SecureRandom RANDOM = new SecureRandom();

    private EventId() {}

    static UUID at(Instant now) {
        long version = 0x7000L | RANDOM.nextLong() & 0xFFF;
        long variant = 1L << 63 | RANDOM.nextLong() >>> 2;
        return new UUID(now.toEpochMilli() << 16 | version, variant);
    }
}
