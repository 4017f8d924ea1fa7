package io.muster.server.access;

import io.muster.server.problem.Problem;
import io.muster.server.problem.Refused;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.security.crypto.password.Pbkdf2PasswordEncoder;
import org.springframework.security.crypto.password.Pbkdf2PasswordEncoder.SecretKeyFactoryAlgorithm;
import org.springframework.stereotype.Component;

/**
 * Hashes passwords slowly, a few at a time, so that guessing is expensive for who guesses and not for everybody else.
 * PBKDF2-HMAC-SHA-512 with 210,000 rounds is what OWASP asks for, takes pass phrases of any length (bcrypt cuts them at
 * 72 bytes), and needs no further library (scrypt and Argon2 would need Bouncy Castle).
 */
@Component
class Passwords {

    static final int SHORTEST = 12;
    private static final int LONGEST = 1_000;
    private static final Pattern STORED = Pattern.compile("\\{pbkdf2-sha512}([0-9]{1,9})\\$([0-9a-f]{160})");
    private static final String NO_PASSWORDS_HASH = "0".repeat(160);
    private static final Duration WAIT = Duration.ofSeconds(3);

    private final int rounds;
    private final Semaphore running =
            new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors() / 2));

    Passwords(@Value("${muster.password-rounds:210000}") int rounds) {
        this.rounds = rounds;
    }

    /** Refuses what is too short to keep anybody out; no other rule makes passwords better. */
    static String checked(String password) {
        long length = password.codePoints().count();
        if (length < SHORTEST || length > LONGEST) {
            throw new Refused("password", "must have " + SHORTEST + " to 1,000 characters; got " + length);
        }
        return password;
    }

    /** The rounds stand in it, so that they can become more. */
    String hash(String password) {
        return "{pbkdf2-sha512}" + rounds + "$" + slowly(() -> encoder(rounds).encode(password));
    }

    /** Takes as long for an account that does not exist. */
    boolean matches(String password, Optional<String> hash) {
        if (password.length() > 2 * LONGEST) return false;
        var stored = hash.map(STORED::matcher).filter(Matcher::matches);
        var its = stored.map(parts -> Integer.parseInt(parts.group(1))).orElse(rounds);
        boolean same = slowly(() -> encoder(its)
                .matches(password, stored.map(parts -> parts.group(2)).orElse(NO_PASSWORDS_HASH)));
        return same && stored.isPresent();
    }

    private static Pbkdf2PasswordEncoder encoder(int rounds) {
        return new Pbkdf2PasswordEncoder("", 16, rounds, SecretKeyFactoryAlgorithm.PBKDF2WithHmacSHA512);
    }

    private <T> T slowly(Supplier<T> work) {
        try {
            if (!running.tryAcquire(WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw Problem.busy(WAIT, "Many people sign in at this moment: try again.");
            }
            try {
                return work.get();
            } finally {
                running.release();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw Problem.busy(WAIT, "Muster is stopping: try again.");
        }
    }
}
