package io.muster.cli;

import io.muster.merklelog.Hash;
import io.muster.merklelog.Malformed;
import java.nio.charset.StandardCharsets;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * What was hashed of an event: its envelope, and the entry that stands for it in the log. One after the other, by one thread.
 *
 * <p>The entry is the canonical JSON of when it was taken, the SHA-256 of its envelope, and its id; see docs/verify.md.
 */
final class Envelope {
    private static final byte[] RECORDED_AT = ascii("recorded_at");
    private static final byte[] ID = ascii("id");
    private static final byte[] VERSION = ascii("v");
    private static final byte[] ONE = ascii("1");
    private static final byte[] AT = ascii("{\"at\":");
    private static final byte[] COMMITMENT = ascii(",\"c\":\"");
    private static final byte[] THEN_ID = ascii("\",\"id\":");
    private static final byte[] END = ascii(",\"v\":1}");

    /** Characters of a hash in base64. */
    static final int BASE64 = 44;

    private final MessageDigest sha256 = sha256();
    private final byte[] hash = new byte[Hash.LENGTH];
    private final byte[] base64 = new byte[BASE64];
    private byte[] entry = new byte[256];
    private int length;

    /** Of the one read last. */
    final Members members = new Members();

    /** @throws Malformed if it is no envelope, or not in the one form that is hashed */
    void read(byte[] bytes, int from, int to) {
        members.readCanonical(bytes, from, to);
        int at = members.get(RECORDED_AT);
        int id = members.get(ID);
        if (!members.isString(at) || !members.isString(id) || !members.is(members.get(VERSION), ONE)) {
            throw new Malformed("an envelope has an id, recorded_at and v 1");
        }
        sha256(bytes, from, to);
        int room = AT.length
                + members.valueLength(at)
                + COMMITMENT.length
                + BASE64
                + THEN_ID.length
                + members.valueLength(id)
                + END.length;
        if (entry.length < room) {
            entry = new byte[room];
        }
        length = put(AT, 0);
        length = members.copyValue(at, entry, length);
        length = put(COMMITMENT, length);
        length = put(base64, length);
        length = put(THEN_ID, length);
        length = members.copyValue(id, entry, length);
        length = put(END, length);
    }

    /** Of the leaf of the one read last. */
    Hash leaf() {
        return Hash.ofLeaf(entry, 0, length);
    }

    /** SHA-256 in base64; until the next is asked for. */
    byte[] sha256(byte[] bytes, int from, int to) {
        sha256.update(bytes, from, to - from);
        try {
            sha256.digest(hash, 0, hash.length);
        } catch (DigestException thereIsRoom) {
            throw new AssertionError(thereIsRoom);
        }
        Base64.getEncoder().encode(hash, base64);
        return base64;
    }

    private int put(byte[] part, int at) {
        System.arraycopy(part, 0, entry, at, part.length);
        return at + part.length;
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }
}
