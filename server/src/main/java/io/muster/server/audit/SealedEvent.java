package io.muster.server.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.muster.merklelog.Hash;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * An event as it will be stored, but for the two things that only the commit knows: its place, and when it was received.
 *
 * @param ownId the client named it, so it may be there already
 * @param probes of its words, for the {@link WordFilter} of its tile
 * @param envelope canonical, with {@link #NOT_YET} where {@code recorded_at} will be
 * @param receivedAt where that is in it
 */
record SealedEvent(
        TenantLog log,
        UUID eventId,
        boolean ownId,
        String action,
        AuditEvent.Outcome outcome,
        @Nullable UUID actor,
        UUID subject,
        byte[] words,
        long[] probes,
        byte[] envelope,
        int receivedAt) {

    /** As long as an instant with milliseconds is. */
    static final String NOT_YET = "0000-00-00T00:00:00.000Z";

    private static final MessageDigest SHA_256 = sha256();

    /** With its time; the bytes are changed in place, so that an event that is tried again costs no copy. */
    void receive(byte[] at) {
        System.arraycopy(at, 0, envelope, receivedAt, at.length);
    }

    /** SHA-256 of the envelope. */
    byte[] commitment() {
        return sha256(envelope);
    }

    /** What the log holds of an event. */
    static byte[] entry(Instant receivedAt, byte[] commitment, UUID eventId) {
        return ("{\"at\":\"" + AuditEvent.text(receivedAt) + "\",\"c\":\""
                        + Base64.getEncoder().encodeToString(commitment) + "\",\"id\":\"" + eventId + "\",\"v\":1}")
                .getBytes(UTF_8);
    }

    static Hash leaf(Instant receivedAt, byte[] commitment, UUID eventId) {
        return Hash.ofLeaf(entry(receivedAt, commitment, eventId));
    }

    /** What an envelope says of the clear event. */
    static String plain(byte[] salt, byte[] canonical) {
        var digest = copy();
        digest.update(salt);
        return Base64.getEncoder().encodeToString(digest.digest(canonical));
    }

    static byte[] sha256(byte[] bytes) {
        return copy().digest(bytes);
    }

    private static MessageDigest copy() {
        try {
            return (MessageDigest) SHA_256.clone();
        } catch (CloneNotSupportedException theJdksOwnCan) {
            throw new AssertionError(theJdksOwnCan);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }
}
