package io.muster.server.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;

/** Secrets that a browser holds and the database knows only by their SHA-256: with 256 random bits that is enough. */
final class Tokens {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int LONGEST = 100;

    static String fresh() {
        var bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    static boolean mayBeOne(String text) {
        return !text.isEmpty() && text.length() <= LONGEST;
    }

    static byte[] hash(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(UTF_8));
        } catch (NoSuchAlgorithmException absent) {
            throw new IllegalStateException(absent);
        }
    }

    private Tokens() {}
}
