package io.muster.server.audit;

import io.muster.server.deadline.DeadlineKind;
import io.muster.server.deadline.Deadlines;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Forgets Idempotency-Keys after eight days: a repeat is promised its first receipt for seven. */
@Component
class RequestMemory implements DeadlineKind {

    static final Duration KEPT = Duration.ofDays(8);

    private static final String NAME = "audit.requests";
    private static final String ALL = "all";
    private static final Duration AGAIN = Duration.ofHours(1);

    /** Rows of one transaction. */
    private static final int BATCH = 5_000;

    private final JdbcClient db;
    private final Deadlines deadlines;

    RequestMemory(JdbcClient db, Deadlines deadlines) {
        this.db = db;
        this.deadlines = deadlines;
    }

    @Override
    public String name() {
        return NAME;
    }

    /** In the transaction of a request that is remembered; only the first of some time writes. */
    void remembers(Instant now) {
        var armed = db.sql("select exists (select from deadline where kind = :kind and key = :key)")
                .param("kind", NAME)
                .param("key", ALL)
                .query(Boolean.class)
                .single();
        if (!armed) deadlines.arm(NAME, Map.of(ALL, now.plus(KEPT)));
    }

    @Override
    public Map<String, Instant> wake(List<String> keys, Instant now) {
        int forgotten = db.sql("""
                delete from audit_request
                 where (caller, key_hash) in (select caller, key_hash from audit_request
                                               where created_at < :before
                                               order by created_at
                                               limit :batch)
                """)
                .param("before", now.minus(KEPT).atOffset(ZoneOffset.UTC))
                .param("batch", BATCH)
                .update();
        boolean more = db.sql("select exists (select from audit_request)")
                .query(Boolean.class)
                .single();
        return forgotten == BATCH ? Map.of(ALL, now) : more ? Map.of(ALL, now.plus(AGAIN)) : Map.of();
    }
}
