package io.muster.server.access;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The table {@code session}: browsers that are signed in, on whichever server they were. */
@Repository
class Sessions {

    static final Duration IDLE = Duration.ofHours(12);
    static final Duration LONGEST = Duration.ofDays(7);
    private static final Duration USE_IS_WRITTEN_EVERY = Duration.ofMinutes(1);
    private static final int FORGOTTEN_AT_ONCE = 100;

    /** Somebody who is signed in. */
    record Person(UUID account, String email) {}

    private record Row(Person person, Instant seenAt, Instant expiresAt) {}

    private final JdbcClient db;

    Sessions(JdbcClient db) {
        this.db = db;
    }

    /** A new session, always with a token of its own; returns the token. */
    String open(UUID account, @Nullable String ip, @Nullable String userAgent, Instant now) {
        var token = Tokens.fresh();
        db.sql("""
                insert into session (id, account, created_at, seen_at, expires_at, ip, user_agent)
                values (:id, :account, :now, :now, :expiresAt, :ip, :userAgent)
                """)
                .param("id", Tokens.hash(token))
                .param("account", account)
                .param("now", now.atOffset(ZoneOffset.UTC))
                .param("expiresAt", now.plus(LONGEST).atOffset(ZoneOffset.UTC))
                .param("ip", ip)
                .param("userAgent", userAgent)
                .update();
        forgetExpired(now);
        return token;
    }

    Optional<Person> find(String token, Instant now) {
        if (!Tokens.mayBeOne(token)) return Optional.empty();
        var id = Tokens.hash(token);
        var found = db.sql("""
                select account.id, email, seen_at, expires_at
                  from session join account on account.id = session.account
                 where session.id = :id
                """)
                .param("id", id)
                .query((row, n) -> new Row(
                        new Person(row.getObject("id", UUID.class), row.getString("email")),
                        row.getObject("seen_at", OffsetDateTime.class).toInstant(),
                        row.getObject("expires_at", OffsetDateTime.class).toInstant()))
                .optional()
                .filter(row -> now.isBefore(row.expiresAt())
                        && now.isBefore(row.seenAt().plus(IDLE)));
        if (found.isPresent() && !now.isBefore(found.get().seenAt().plus(USE_IS_WRITTEN_EVERY))) {
            db.sql("update session set seen_at = :now where id = :id")
                    .param("id", id)
                    .param("now", now.atOffset(ZoneOffset.UTC))
                    .update();
        }
        return found.map(Row::person);
    }

    void close(String token) {
        db.sql("delete from session where id = :id")
                .param("id", Tokens.hash(token))
                .update();
    }

    void closeAll(UUID account) {
        db.sql("delete from session where account = :account")
                .param("account", account)
                .update();
    }

    private void forgetExpired(Instant now) {
        db.sql("delete from session where id in (select id from session where expires_at < :now limit :limit)")
                .param("now", now.atOffset(ZoneOffset.UTC))
                .param("limit", FORGOTTEN_AT_ONCE)
                .update();
    }
}
