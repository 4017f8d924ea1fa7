package io.muster.server.access;

import io.muster.server.access.AccessEvent.Status;
import io.muster.server.problem.Problem;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Lets people in: by e-mail and password, or by a link, which sets both. */
@Component
class SignIn {

    private static final int WRONG_FOR_ONE_ACCOUNT_FROM_ONE_ADDRESS = 10;
    private static final int WRONG_FOR_ONE_ACCOUNT = 100;
    private static final int WRONG_FROM_ONE_ADDRESS = 100;

    private final Accounts accounts;
    private final Passwords passwords;
    private final Sessions sessions;
    private final SignInLinks links;
    private final AccessRecord record;
    private final TransactionTemplate transaction;
    private final InstantSource clock;
    private final Guesses guesses = new Guesses();

    SignIn(
            Accounts accounts,
            Passwords passwords,
            Sessions sessions,
            SignInLinks links,
            AccessRecord record,
            PlatformTransactionManager transactions,
            InstantSource clock) {
        this.accounts = accounts;
        this.passwords = passwords;
        this.sessions = sessions;
        this.links = links;
        this.record = record;
        this.transaction = new TransactionTemplate(transactions);
        this.clock = clock;
    }

    /** The token of a new session; a problem when e-mail and password do not belong together, or after too many tries. */
    String byPassword(String email, String password, Caller from) {
        var now = clock.instant();
        refuseGuessing(email, from, now);
        var account = accounts.find(email);
        if (!passwords.matches(password, account.map(Accounts.Account::passwordHash))) {
            wrong(email, from, now);
            record.refused("session.refused", "/sign-in", Status.DENIED, from, Map.of("email", email));
            throw new Problem(
                    HttpStatus.FORBIDDEN, "wrong_password", "This e-mail and this password do not belong together.");
        }
        guesses.right(both(email, from));
        var person = account.orElseThrow();
        return open(person.id(), person.email(), from, now, "password");
    }

    /**
     * Uses the link up, makes the account or gives it this password, ends its other sessions, and opens one. Empty if the
     * link cannot be used (any more); then nothing was changed.
     */
    Optional<String> byLink(String token, String email, String password, Caller from) {
        var now = clock.instant();
        refuseGuessing("", from, now);
        if (links.validUntil(token, now).isEmpty()) {
            wrong("", from, now);
            record.refused("session.refused", "/sign-in", Status.DENIED, from, Map.of("by", "link"));
            return Optional.empty();
        }
        var hash = passwords.hash(password); // slow: not while a row is locked
        return Optional.ofNullable(transaction.execute(status -> useLink(token, email, hash, from, now)));
    }

    private @Nullable String useLink(String token, String email, String hash, Caller from, Instant now) {
        if (!links.use(token, now)) return null;
        var known = accounts.find(email).isPresent();
        var id = accounts.store(email, hash, now);
        sessions.closeAll(id);
        record.done(
                known ? "account.password_set" : "account.created",
                "/accounts/" + email,
                person(email, from),
                now,
                Map.of("by", "link"));
        return open(id, email, from, now, "link");
    }

    void out(String token, Caller caller) {
        transaction.executeWithoutResult(status -> {
            sessions.close(token);
            record.done("session.closed", "/sign-out", caller, clock.instant(), Map.of());
        });
    }

    private String open(java.util.UUID account, String email, Caller from, Instant now, String by) {
        return java.util.Objects.requireNonNull(transaction.execute(status -> {
            record.done("session.opened", "/sign-in", person(email, from), now, Map.of("by", by));
            return sessions.open(account, from.ip(), from.userAgent(), now);
        }));
    }

    static Caller person(String email, Caller from) {
        return new Caller(
                Caller.Kind.PERSON, email, true, true, true, Project.DEFAULT, null, from.ip(), from.userAgent());
    }

    private void refuseGuessing(String email, Caller from, Instant now) {
        Optional<Duration> wait = guesses.wait(both(email, from), WRONG_FOR_ONE_ACCOUNT_FROM_ONE_ADDRESS, now)
                .or(() -> email.isEmpty() ? Optional.empty() : guesses.wait(email, WRONG_FOR_ONE_ACCOUNT, now))
                .or(() -> guesses.wait(address(from), WRONG_FROM_ONE_ADDRESS, now));
        if (wait.isPresent()) {
            throw Problem.tooMany(
                    wait.get(),
                    "Too many wrong tries: wait " + wait.get().plusSeconds(59).toMinutes() + " min.");
        }
    }

    private void wrong(String email, Caller from, Instant now) {
        guesses.wrong(both(email, from), now);
        if (!email.isEmpty()) guesses.wrong(email, now);
        guesses.wrong(address(from), now);
    }

    private static String both(String email, Caller from) {
        return email + " " + address(from);
    }

    /** Of an IPv6 address the network, as one caller has all addresses in it. */
    private static String address(Caller from) {
        var ip = String.valueOf(from.ip());
        if (ip.indexOf(':') < 0) return ip;
        var groups = ip.split(":", -1);
        return String.join(":", java.util.Arrays.copyOf(groups, Math.min(4, groups.length)));
    }
}
