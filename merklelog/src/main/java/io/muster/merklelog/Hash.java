package io.muster.merklelog;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A SHA-256 tree hash: 32 bytes, compared by value. Held as four numbers, most significant first: one small object, no array to copy.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6962#section-2.1">RFC 6962, section 2.1</a>
 */
public record Hash(long a, long b, long c, long d) {
    /** Bytes of a hash. */
    public static final int LENGTH = 32;

    /** Root of the tree without leaves: SHA-256 of nothing. */
    public static final Hash OF_NOTHING;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    /** Cloned for each hash: that costs less than to look the algorithm up, and no thread has to keep one. */
    private static final MessageDigest SHA_256;

    static {
        try {
            SHA_256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
        OF_NOTHING = at(sha256().digest(), 0);
    }

    /** Hash of a leaf: SHA-256(0x00 || {@code entry}). */
    public static Hash ofLeaf(byte[] entry) {
        return ofLeaf(entry, 0, entry.length);
    }

    /** Hash of the leaf whose entry is {@code length} bytes from {@code offset} on. */
    public static Hash ofLeaf(byte[] bytes, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        var digest = sha256();
        digest.update((byte) 0x00);
        digest.update(bytes, offset, length);
        return finish(digest, new byte[LENGTH]);
    }

    /** Hash of an inner node: SHA-256(0x01 || left || right). The prefix keeps a leaf from posing as a node. */
    public static Hash ofChildren(Hash left, Hash right) {
        var bytes = new byte[1 + 2 * LENGTH];
        bytes[0] = 0x01;
        left.put(bytes, 1);
        right.put(bytes, 1 + LENGTH);
        var digest = sha256();
        digest.update(bytes);
        return finish(digest, bytes);
    }

    /** The hash that stands in {@code bytes} at {@code offset}. */
    public static Hash at(byte[] bytes, int offset) {
        return new Hash(
                (long) LONGS.get(bytes, offset),
                (long) LONGS.get(bytes, offset + 8),
                (long) LONGS.get(bytes, offset + 16),
                (long) LONGS.get(bytes, offset + 24));
    }

    /** Reads {@link #toString()}. */
    public static Hash parse(String base64) {
        var bytes = Strict.base64(base64);
        if (bytes.length != LENGTH) {
            throw new Malformed("a hash has 32 bytes, not " + bytes.length);
        }
        return at(bytes, 0);
    }

    /** Reads {@link #join}: as many hashes as there are in {@code bytes}. */
    public static List<Hash> split(byte[] bytes) {
        if (bytes.length % LENGTH != 0) {
            throw new Malformed("hashes have 32 bytes each, so " + bytes.length + " bytes are not hashes");
        }
        var hashes = new ArrayList<Hash>(bytes.length / LENGTH);
        for (int offset = 0; offset < bytes.length; offset += LENGTH) {
            hashes.add(at(bytes, offset));
        }
        return hashes;
    }

    /** The bytes of all, one after the other. */
    public static byte[] join(List<Hash> hashes) {
        var bytes = new byte[hashes.size() * LENGTH];
        int offset = 0;
        for (var hash : hashes) {
            hash.put(bytes, offset);
            offset += LENGTH;
        }
        return bytes;
    }

    public byte[] bytes() {
        var bytes = new byte[LENGTH];
        put(bytes, 0);
        return bytes;
    }

    /** Base64 with padding, as in proofs and checkpoints. */
    @Override
    public String toString() {
        return Strict.base64(bytes());
    }

    private void put(byte[] bytes, int offset) {
        LONGS.set(bytes, offset, a);
        LONGS.set(bytes, offset + 8, b);
        LONGS.set(bytes, offset + 16, c);
        LONGS.set(bytes, offset + 24, d);
    }

    /** SHA-256, begun. */
    static MessageDigest sha256() {
        try {
            return (MessageDigest) SHA_256.clone();
        } catch (CloneNotSupportedException theJdksOwnCan) {
            throw new AssertionError(theJdksOwnCan);
        }
    }

    /** @param room overwritten */
    private static Hash finish(MessageDigest digest, byte[] room) {
        try {
            digest.digest(room, 0, LENGTH);
        } catch (DigestException thereIsRoom) {
            throw new AssertionError(thereIsRoom);
        }
        return at(room, 0);
    }
}
