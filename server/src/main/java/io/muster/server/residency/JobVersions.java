package io.muster.server.residency;

import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The table {@code job_version}: how often a job's declaration changed; without a row it never did. */
@Repository
class JobVersions {

    record Number(long version, Instant updatedAt) {}

    private final JdbcClient db;

    JobVersions(JdbcClient db) {
        this.db = db;
    }

    Map<Long, Number> of(Collection<Long> checks) {
        var numbers = new HashMap<Long, Number>();
        db.sql("select check_id, version, updated_at from job_version where check_id = any (:checks)")
                .param("checks", Row.ids(checks))
                .query((row, n) -> numbers.put(
                        row.getLong("check_id"),
                        new Number(row.getLong("version"), Objects.requireNonNull(Row.instant(row, "updated_at")))))
                .list();
        return numbers;
    }

    void set(long check, long version, Instant now) {
        db.sql("""
                insert into job_version (check_id, version, updated_at)
                values (:check, :version, cast(:now as timestamptz))
                    on conflict (check_id) do update
                   set version = excluded.version, updated_at = excluded.updated_at
                """)
                .param("check", check)
                .param("version", version)
                .param("now", now.toString())
                .update();
    }

    /** The compatible API changed these. */
    void next(Collection<Long> checks, Instant now) {
        if (checks.isEmpty()) return;
        db.sql("""
                insert into job_version (check_id, version, updated_at)
                select check_id, 2, cast(:now as timestamptz)
                  from unnest(cast(:checks as bigint[])) as edited (check_id)
                    on conflict (check_id) do update
                   set version = job_version.version + 1, updated_at = excluded.updated_at
                """)
                .param("checks", Row.ids(checks))
                .param("now", now.toString())
                .update();
    }
}
