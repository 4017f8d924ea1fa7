package io.muster.server.access;

import io.muster.server.keys.Keys;
import jakarta.servlet.http.HttpServletRequest;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The table {@code api_key}, and who a key belongs to. */
@Repository
public class ApiKeys {

    static final Pattern FORM = Pattern.compile("ms[wr]_[A-Za-z0-9]{28}");
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private static final Duration USE_IS_WRITTEN_EVERY = Duration.ofMinutes(1);
    private static final Duration USE_IS_ON_RECORD_EVERY = Duration.ofDays(1);

    /** What a key may do. */
    enum May {
        ADMIN,
        WRITE,
        READ
    }

    /** A key without its secret part. */
    record ApiKey(
            String id,
            String name,
            May may,
            String project,
            @Nullable String tenant,
            String prefix,
            Instant createdAt,
            String createdBy,
            @Nullable Instant expiresAt,
            @Nullable Instant lastUsedAt) {}

    /** What was found a moment ago; {@code until} as {@link System#nanoTime} counts. */
    private record Quick(Caller caller, @Nullable Instant expiresAt, long until) {}

    private static final long QUICK = 1_000_000_000;
    private static final int MOST_QUICK = 10_000;

    private record Candidate(ApiKey key, byte[] hmac) {}

    private final JdbcClient db;
    private final InstantSource clock;
    private final Access access;
    private final AccessRecord record;
    private final TransactionTemplate transaction;
    private final byte[] hmacKey;
    private final byte[] quickKey = new byte[32];
    private final Map<String, Quick> quick = new ConcurrentHashMap<>();
    private final SecureRandom random = new SecureRandom();

    ApiKeys(
            JdbcClient db,
            InstantSource clock,
            Access access,
            AccessRecord record,
            PlatformTransactionManager transactions,
            Keys keys) {
        this.db = db;
        this.clock = clock;
        this.access = access;
        this.record = record;
        this.transaction = new TransactionTemplate(transactions);
        this.hmacKey = keys.derive("api keys");
        random.nextBytes(quickKey);
    }

    /** The key that a request brings: as {@code X-Api-Key}, else as bearer. */
    public static Optional<String> sent(HttpServletRequest request) {
        return Optional.ofNullable(request.getHeader("X-Api-Key")).or(() -> bearer(request));
    }

    /** The key in {@code Authorization: Bearer KEY}. */
    public static Optional<String> bearer(HttpServletRequest request) {
        return Optional.ofNullable(request.getHeader("Authorization"))
                .filter(sent -> sent.regionMatches(true, 0, "Bearer ", 0, 7))
                .map(sent -> sent.substring(7).strip());
    }

    /**
     * Whose key this is; empty if it is unknown or has expired. From the caller of the request that this thread serves
     * it takes where the call came from.
     */
    public Optional<Caller> find(String key) {
        var from = access.caller();
        return find(key, from.ip(), from.userAgent());
    }

    /**
     * The same, for who asks thousands of times a second: another server's word that a key is deleted may be a second late.
     */
    public Optional<Caller> findQuickly(String key, @Nullable String ip, @Nullable String userAgent) {
        long now = System.nanoTime();
        var digest = HexFormat.of().formatHex(Keys.hmac(quickKey, key)); // keys themselves are nowhere kept
        var known = quick.get(digest);
        if (known != null && now - known.until() < 0 && isAlive(known.expiresAt())) {
            return Optional.of(known.caller().from(ip, userAgent));
        }
        var found = find(key, ip, userAgent);
        if (quick.size() >= MOST_QUICK) quick.clear();
        found.flatMap(caller -> byId(caller.name()).map(its -> new Quick(caller, its.expiresAt(), now + QUICK)))
                .ifPresentOrElse(its -> quick.put(digest, its), () -> quick.remove(digest));
        return found;
    }

    private boolean isAlive(@Nullable Instant expiresAt) {
        return expiresAt == null || clock.instant().isBefore(expiresAt);
    }

    Optional<Caller> find(String key, @Nullable String ip, @Nullable String userAgent) {
        var now = clock.instant();
        var found = match(key).filter(each -> each.expiresAt() == null || now.isBefore(each.expiresAt()));
        if (found.isEmpty()) return Optional.empty();
        var caller = new Caller(
                Caller.Kind.KEY,
                found.get().id(),
                found.get().may() == May.ADMIN,
                found.get().may() != May.READ && found.get().tenant() == null,
                found.get().may() != May.READ,
                found.get().project(),
                found.get().tenant(),
                ip,
                userAgent);
        used(found.get(), caller, now);
        return Optional.of(caller);
    }

    /** The key that this is, expired or not. */
    Optional<ApiKey> match(String key) {
        if (!FORM.matcher(key).matches()) return Optional.empty();
        var hmac = Keys.hmac(hmacKey, key);
        return candidates(prefix(key)).stream()
                .filter(candidate -> MessageDigest.isEqual(hmac, candidate.hmac()))
                .map(Candidate::key)
                .findFirst();
    }

    private List<Candidate> candidates(String prefix) {
        return db.sql("""
                select id, name, may, project, tenant, prefix, created_at, created_by, expires_at, last_used_at, hmac
                  from api_key
                 where prefix = :prefix
                """)
                .param("prefix", prefix)
                .query((row, n) -> new Candidate(apiKey(row, n), row.getBytes("hmac")))
                .list();
    }

    /** At most one write a minute; on record at most once a day, so that it shows who still uses a key. */
    private void used(ApiKey key, Caller by, Instant now) {
        var before = key.lastUsedAt();
        if (before != null && now.isBefore(before.plus(USE_IS_WRITTEN_EVERY))) return;
        transaction.executeWithoutResult(status -> {
            db.sql("update api_key set last_used_at = :now where id = :id")
                    .param("id", key.id())
                    .param("now", now.atOffset(ZoneOffset.UTC))
                    .update();
            if (before == null || !now.isBefore(before.plus(USE_IS_ON_RECORD_EVERY))) {
                record.done("key.used", "/keys/" + key.id(), by, now, Map.of("name", key.name()));
            }
        });
    }

    Optional<ApiKey> byId(String id) {
        return db.sql("""
                select id, name, may, project, tenant, prefix, created_at, created_by, expires_at, last_used_at
                  from api_key
                 where id = :id
                """).param("id", id).query(ApiKeys::apiKey).optional();
    }

    List<ApiKey> page(@Nullable String afterId, int limit) {
        return db.sql("""
                select id, name, may, project, tenant, prefix, created_at, created_by, expires_at, last_used_at
                  from api_key
                 where id > :after
                 order by id
                 limit :limit
                """)
                .param("after", afterId == null ? "" : afterId)
                .param("limit", limit)
                .query(ApiKeys::apiKey)
                .list();
    }

    /** Stores {@code key} as {@code as}, whose prefix is replaced by the key's own; one with the same id is replaced. */
    void store(ApiKey as, String key) {
        db.sql("""
                insert into api_key (id, name, may, project, tenant, prefix, hmac, created_at, created_by, expires_at)
                values (:id, :name, :may, :project, :tenant, :prefix, :hmac, :createdAt, :createdBy, :expiresAt)
                on conflict (id) do update
                   set prefix = excluded.prefix, hmac = excluded.hmac, created_at = excluded.created_at, last_used_at = null
                """)
                .param("id", as.id())
                .param("name", as.name())
                .param("may", as.may().name().toLowerCase(Locale.ROOT))
                .param("project", as.project())
                .param("tenant", as.tenant())
                .param("prefix", prefix(key))
                .param("hmac", Keys.hmac(hmacKey, key))
                .param("createdAt", as.createdAt().atOffset(ZoneOffset.UTC))
                .param("createdBy", as.createdBy())
                .param(
                        "expiresAt",
                        as.expiresAt() == null ? null : as.expiresAt().atOffset(ZoneOffset.UTC))
                .update();
    }

    boolean delete(String id) {
        quick.clear();
        return db.sql("delete from api_key where id = :id").param("id", id).update() == 1;
    }

    /** A new key: {@code msw_} or {@code msr_} and 28 random characters, which are 166 bits. */
    String fresh(May may) {
        var key = new StringBuilder(may == May.READ ? "msr_" : "msw_");
        random.ints(28, 0, ALPHABET.length()).forEach(n -> key.append(ALPHABET.charAt(n)));
        return key.toString();
    }

    static String prefix(String key) {
        return key.substring(4, 12);
    }

    private static ApiKey apiKey(ResultSet row, int n) throws SQLException {
        return new ApiKey(
                row.getString("id"),
                row.getString("name"),
                May.valueOf(row.getString("may").toUpperCase(Locale.ROOT)),
                row.getString("project"),
                row.getString("tenant"),
                row.getString("prefix"),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                row.getString("created_by"),
                instant(row, "expires_at"),
                instant(row, "last_used_at"));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        var at = row.getObject(column, OffsetDateTime.class);
        return at == null ? null : at.toInstant();
    }
}
