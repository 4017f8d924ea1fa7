package io.muster.server.access;

import io.muster.server.problem.Refused;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The table {@code account}. */
@Repository
class Accounts {

    private static final Pattern EMAIL = Pattern.compile("[^\\s@\\p{Cntrl}]{1,64}@[^\\s@\\p{Cntrl}]{1,190}");

    record Account(UUID id, String email, String passwordHash) {}

    private final JdbcClient db;

    Accounts(JdbcClient db) {
        this.db = db;
    }

    /** In lower case, without blanks around it. */
    static String email(String text) {
        var email = text.strip().toLowerCase(Locale.ROOT);
        if (!EMAIL.matcher(email).matches()) throw new Refused("email", "must be like you@example.com");
        return email;
    }

    Optional<Account> find(String email) {
        return db.sql("select id, email, password from account where email = :email")
                .param("email", email)
                .query((row, n) ->
                        new Account(row.getObject("id", UUID.class), row.getString("email"), row.getString("password")))
                .optional();
    }

    boolean any() {
        return db.sql("select exists (select from account)")
                .query(Boolean.class)
                .single();
    }

    /** Makes the account, or gives the one that is there this password; returns its id. */
    UUID store(String email, String passwordHash, Instant now) {
        return db.sql("""
                insert into account (email, password, created_at, updated_at)
                values (:email, :password, :now, :now)
                on conflict (email) do update set password = excluded.password, updated_at = excluded.updated_at
                returning id
                """)
                .param("email", email)
                .param("password", passwordHash)
                .param("now", now.atOffset(ZoneOffset.UTC))
                .query(UUID.class)
                .single();
    }
}
