package io.muster.server.keys;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.stereotype.Component;

/** Seals what must be kept but not read by who reads the database: AES-256-GCM under a key derived from the root key. */
@Component
public class Sealer {

    private static final String SEALED = "sealed:";
    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;

    private final SecretKeySpec key;
    private final SecureRandom random = new SecureRandom();
    private final Secrets secrets;

    Sealer(Keys keys, Secrets secrets) {
        this.key = new SecretKeySpec(keys.derive("sealed literals"), "AES");
        this.secrets = secrets;
    }

    /** {@code sealed:} and base64 of nonce and ciphertext; different each time. */
    public String seal(String text) {
        try {
            var nonce = new byte[NONCE];
            random.nextBytes(nonce);
            var cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, nonce));
            var sealed = cipher.doFinal(text.getBytes(StandardCharsets.UTF_8));
            var whole = Arrays.copyOf(nonce, NONCE + sealed.length);
            System.arraycopy(sealed, 0, whole, NONCE, sealed.length);
            return SEALED + Base64.getEncoder().encodeToString(whole);
        } catch (GeneralSecurityException absent) {
            throw new IllegalStateException("this JDK has no AES-256-GCM", absent);
        }
    }

    /** What {@link #seal} was given. A text that it did not make, or that was changed, is our fault or an attack. */
    public String open(String sealed) {
        try {
            if (!sealed.startsWith(SEALED)) throw new IllegalStateException("not sealed");
            var whole = Base64.getDecoder().decode(sealed.substring(SEALED.length()));
            var cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(TAG_BITS, whole, 0, NONCE));
            return new String(cipher.doFinal(whole, NONCE, whole.length - NONCE), StandardCharsets.UTF_8);
        } catch (GeneralSecurityException | IllegalArgumentException forged) {
            throw new IllegalStateException(
                    "a sealed text in the database was changed, or sealed with another key", forged);
        }
    }

    /** How to keep {@code secret} in the database: a reference as it is, a literal sealed. */
    public String store(GivenSecret secret) {
        return secret.literal().map(this::seal).orElseGet(secret::shown);
    }

    /** What {@link #store} was given. */
    public GivenSecret load(String stored) {
        return GivenSecret.of(stored.startsWith(SEALED) ? open(stored) : stored);
    }

    /** The secret itself; empty if it is a reference to one that is not given. */
    public Optional<String> resolve(GivenSecret secret) {
        return secret.literal().or(() -> secret.reference().flatMap(secrets::resolve));
    }
}
