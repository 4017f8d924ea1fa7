package io.muster.server.keys;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.subtle.AesGcmJce;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;

/**
 * A key under which single values are sealed: AES-256-GCM with a random IV of 12 bytes in front and a tag of 16 bytes behind. Safe for
 * 2^32 values.
 *
 * @see <a href="https://nvlpubs.nist.gov/nistpubs/Legacy/SP/nistspecialpublication800-38d.pdf">NIST SP 800-38D, section 8.3</a>
 */
public final class FieldKey {

    /** Bytes of a key. */
    public static final int LENGTH = 32;

    private static final SecureRandom RANDOM = new SecureRandom();

    private final Aead aead;

    /** @param key 32 bytes */
    public FieldKey(byte[] key) {
        if (key.length != LENGTH) throw new IllegalArgumentException("a key has 32 bytes, not " + key.length);
        try {
            this.aead = new AesGcmJce(key);
        } catch (GeneralSecurityException absent) {
            throw new IllegalStateException("this JDK has no AES-256-GCM", absent);
        }
    }

    /** 32 random bytes. */
    public static byte[] random() {
        var key = new byte[LENGTH];
        RANDOM.nextBytes(key);
        return key;
    }

    /** @param place where the value belongs: it cannot be opened as that of another place */
    public byte[] seal(byte[] value, String place) {
        try {
            return aead.encrypt(value, place.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException absent) {
            throw new IllegalStateException("this JDK has no AES-256-GCM", absent);
        }
    }

    /**
     * What {@link #seal} was given.
     *
     * @throws Forged if it was changed, sealed for another place or under another key
     */
    public byte[] open(byte[] sealed, String place) {
        try {
            return aead.decrypt(sealed, place.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException changed) {
            throw new Forged(changed);
        }
    }

    /** A sealed value is not what was sealed. */
    public static final class Forged extends RuntimeException {

        private static final long serialVersionUID = 1;

        Forged(Throwable cause) {
            super("a sealed value was changed, or belongs to another place or key", cause);
        }
    }
}
