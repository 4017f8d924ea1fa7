package io.muster.server.keys;

import com.google.crypto.tink.aead.internal.InsecureNonceAesGcmJce;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A key under which single values are sealed: AES-256-GCM with a random IV of 12 bytes in front and a tag of 16 bytes behind. Safe for
 * 2^32 values. The IV is drawn here: Tink's own Aead looks for another provider of random numbers, with a class that is not there, once in
 * each thread, and each request has a virtual thread of its own.
 *
 * @see <a href="https://nvlpubs.nist.gov/nistpubs/Legacy/SP/nistspecialpublication800-38d.pdf">NIST SP 800-38D, section 8.3</a>
 */
public final class FieldKey {

    /** Bytes of a key. */
    public static final int LENGTH = 32;

    private static final SecureRandom RANDOM = new SecureRandom();

    private static final int IV = InsecureNonceAesGcmJce.IV_SIZE_IN_BYTES;

    private final InsecureNonceAesGcmJce cipher;

    /** @param key 32 bytes */
    public FieldKey(byte[] key) {
        if (key.length != LENGTH) throw new IllegalArgumentException("a key has 32 bytes, not " + key.length);
        try {
            this.cipher = new InsecureNonceAesGcmJce(key);
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
            var iv = new byte[IV];
            RANDOM.nextBytes(iv);
            var sealed = cipher.encrypt(iv, value, IV, place.getBytes(StandardCharsets.UTF_8));
            System.arraycopy(iv, 0, sealed, 0, IV);
            return sealed;
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
        if (sealed.length < IV + InsecureNonceAesGcmJce.TAG_SIZE_IN_BYTES) throw new Forged(null);
        try {
            return cipher.decrypt(Arrays.copyOf(sealed, IV), sealed, IV, place.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException changed) {
            throw new Forged(changed);
        }
    }

    /** A sealed value is not what was sealed. */
    public static final class Forged extends RuntimeException {

        private static final long serialVersionUID = 1;

        Forged(@Nullable Throwable cause) {
            super("a sealed value was changed, or belongs to another place or key", cause);
        }
    }
}
