package io.muster.server.access;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The table {@code sign_in_link}: links that let somebody make an account, or set a password anew, once. */
@Repository
class SignInLinks {

    static final Duration VALID = Duration.ofHours(24);
    private static final int KEPT = 100;

    /** A link as it is given out, this once. */
    record SignInLink(String url, Instant expiresAt) {}

    private final JdbcClient db;
    private final BaseUrl baseUrl;

    SignInLinks(JdbcClient db, BaseUrl baseUrl) {
        this.db = db;
        this.baseUrl = baseUrl;
    }

    boolean any() {
        return db.sql("select exists (select from sign_in_link)")
                .query(Boolean.class)
                .single();
    }

    SignInLink make(Caller by, Instant now) {
        var token = Tokens.fresh();
        var expiresAt = now.plus(VALID);
        db.sql("insert into sign_in_link (id, made_at, made_by, expires_at) values (:id, :now, :by, :expiresAt)")
                .param("id", Tokens.hash(token))
                .param("now", now.atOffset(ZoneOffset.UTC))
                .param("by", by.name())
                .param("expiresAt", expiresAt.atOffset(ZoneOffset.UTC))
                .update();
        db.sql("""
                delete from sign_in_link
                 where id in (select id from sign_in_link order by made_at desc offset :kept)
                """).param("kept", KEPT).update();
        return new SignInLink(baseUrl.url("/sign-in?token=" + token), expiresAt);
    }

    /** Until when the link may be used; empty if it never could, cannot any more or was used. Changes nothing. */
    Optional<Instant> validUntil(String token, Instant now) {
        if (!Tokens.mayBeOne(token)) return Optional.empty();
        return db.sql("select expires_at from sign_in_link where id = :id and used_at is null and expires_at > :now")
                .param("id", Tokens.hash(token))
                .param("now", now.atOffset(ZoneOffset.UTC))
                .query(OffsetDateTime.class)
                .optional()
                .map(OffsetDateTime::toInstant);
    }

    /** When it was used; empty if it was not, or is unknown. */
    Optional<Instant> usedAt(String token) {
        if (!Tokens.mayBeOne(token)) return Optional.empty();
        return db.sql("select used_at from sign_in_link where id = :id and used_at is not null")
                .param("id", Tokens.hash(token))
                .query(OffsetDateTime.class)
                .optional()
                .map(OffsetDateTime::toInstant);
    }

    /** Whether this use is the one that counts. */
    boolean use(String token, Instant now) {
        return db.sql("""
                update sign_in_link
                   set used_at = :now
                 where id = :id and used_at is null and expires_at > :now
                """)
                        .param("id", Tokens.hash(token))
                        .param("now", now.atOffset(ZoneOffset.UTC))
                        .update()
                == 1;
    }
}
