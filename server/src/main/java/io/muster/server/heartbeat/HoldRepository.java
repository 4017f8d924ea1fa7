package io.muster.server.heartbeat;

import static java.util.Objects.requireNonNull;

import io.muster.server.heartbeat.Hold.Because;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The tables {@code snooze} and {@code held_back}, and who depends on whom. Whoever writes holds the lock of the check. */
@Repository
class HoldRepository {

    /** A job waits for another through so many at most. */
    static final int MOST_STEPS = 20;

    /** @param told whether people had been told that it is down before that was held back */
    record Held(long check, Hold hold, boolean told) {}

    /** A job by its name. */
    record Name(String project, String jobId) {}

    private final JdbcClient db;

    HoldRepository(JdbcClient db) {
        this.db = db;
    }

    /** What speaks now for not telling that these are down, by check: a snooze, else a window, else the nearest job that is down. */
    Map<Long, Hold> reasons(Collection<Long> checks, Instant now) {
        var reasons = new HashMap<Long, Hold>();
        if (checks.isEmpty()) return reasons;
        db.sql("""
                with recursive above (root, project, job_id, steps) as (
                    select checks.id, checks.project, upstream, 1
                      from checks, unnest(checks.depends_on) as upstream
                     where checks.id = any (:checks)
                     union
                    select above.root, above.project, upstream, above.steps + 1
                      from above
                      join checks on checks.project = above.project and checks.job_id = above.job_id,
                           unnest(checks.depends_on) as upstream
                     where above.steps < :steps
                ), reason (check_id, rank, because, what, until) as (
                    select check_id, 0, 'snooze', by_name, until
                      from snooze
                     where check_id = any (:checks)
                       and until > :now
                     union all
                    select checks.id, 1, 'maintenance', maintenance_window.id, maintenance_window.ends_at
                      from maintenance_window
                      join checks on checks.id = any (:checks)
                       and (jobs_all or checks.job_id = any (job_ids)
                            or job_tags && regexp_split_to_array(btrim(checks.tags), '\\s+'))
                     where maintenance_window.ends_at > :now
                       and maintenance_window.starts_at <= :now
                     union all
                    select above.root, 1 + above.steps, 'waits_for', checks.job_id, null
                      from above
                      join checks on checks.project = above.project and checks.job_id = above.job_id
                     where checks.status = 'down'
                       and checks.id <> above.root
                       and not exists (select from failures_in_a_row where check_id = checks.id and not told) -- else nobody would hear of either
                )
                select distinct on (check_id) check_id, because, what, until
                  from reason
                 order by check_id, rank, until desc, what
                """)
                .param("checks", checks.toArray(Long[]::new))
                .param("steps", MOST_STEPS)
                .param("now", now.atOffset(ZoneOffset.UTC))
                .query(row -> {
                    reasons.put(row.getLong("check_id"), hold(row));
                });
        return reasons;
    }

    /** Those of the checks of which people are not told, though they are down. */
    Map<Long, Held> held(Collection<Long> checks) {
        var held = new HashMap<Long, Held>();
        db.sql("select check_id, because, what, until, told from held_back where check_id = any (:checks)")
                .param("checks", checks.toArray(Long[]::new))
                .query(row -> {
                    long check = row.getLong("check_id");
                    held.put(check, new Held(check, hold(row), row.getBoolean("told")));
                });
        return held;
    }

    void hold(Collection<Held> held) {
        if (held.isEmpty()) return;
        db.sql("""
                insert into held_back (check_id, because, what, until, told)
                select check_id, because, what, until, told
                  from unnest(:checks, :because, :whats, cast(:untils as timestamptz[]), :told)
                    as news (check_id, because, what, until, told)
                    on conflict (check_id) do update
                   set because = excluded.because, what = excluded.what, until = excluded.until, told = excluded.told
                """)
                .param("checks", held.stream().map(Held::check).toArray(Long[]::new))
                .param(
                        "because",
                        held.stream().map(one -> one.hold().because().word()).toArray(String[]::new))
                .param("whats", held.stream().map(one -> one.hold().what()).toArray(String[]::new))
                .param(
                        "untils",
                        held.stream().map(one -> text(one.hold().until())).toArray(String[]::new))
                .param("told", held.stream().map(Held::told).toArray(Boolean[]::new))
                .update();
    }

    void release(Collection<Long> checks) {
        if (checks.isEmpty()) return;
        db.sql("delete from held_back where check_id = any (:checks)")
                .param("checks", checks.toArray(Long[]::new))
                .update();
    }

    /** Checks that are held back for a maintenance window. */
    List<Long> heldFor(String window) {
        return db.sql(
                        "select check_id from held_back where because = 'maintenance' and what = :window order by check_id")
                .param("window", window)
                .query((row, n) -> row.getLong(1))
                .list();
    }

    // ---- who depends on whom

    /** Those of {@code names} on which some job depends. */
    List<Name> withDependents(Collection<Name> names) {
        return db.sql("""
                select project, job_id
                  from unnest(:projects, :jobs) as asked (project, job_id)
                 where exists (select from checks
                                where checks.depends_on @> array[cast(asked.job_id as text)] and checks.project = asked.project)
                """)
                .param("projects", names.stream().map(Name::project).toArray(String[]::new))
                .param("jobs", names.stream().map(Name::jobId).toArray(String[]::new))
                .query((row, n) -> new Name(row.getString("project"), row.getString("job_id")))
                .list();
    }

    /** All that wait for this job, directly or through others, in the order of ids; those behind {@code after}. */
    List<Long> dependents(Name name, long after, int limit) {
        return db.sql("""
                with recursive below (id, job_id, steps) as (
                    select id, job_id, 1
                      from checks
                     where depends_on @> array[cast(:job as text)]
                       and project = :project
                     union
                    select checks.id, checks.job_id, below.steps + 1
                      from below
                      join checks on checks.depends_on @> array[below.job_id] and checks.project = :project
                     where below.steps < :steps
                )
                select distinct id
                  from below
                 where id > :after
                 order by id
                 limit :limit
                """)
                .param("job", name.jobId())
                .param("project", name.project())
                .param("steps", MOST_STEPS)
                .param("after", after)
                .param("limit", limit)
                .query((row, n) -> row.getLong("id"))
                .list();
    }

    /** Jobs of the project that depend on one of {@code jobs} themselves, and on which: the first {@code limit}. */
    List<Checks.Dependent> dependingOn(String project, Collection<String> jobs, int limit) {
        return db.sql("""
                select checks.job_id, asked.job_id as needs
                  from unnest(:jobs) as asked (job_id)
                  join checks on checks.depends_on @> array[cast(asked.job_id as text)] and checks.project = :project
                 order by checks.job_id
                 limit :limit
                """)
                .param("project", project)
                .param("jobs", jobs.toArray(String[]::new))
                .param("limit", limit)
                .query((row, n) -> new Checks.Dependent(row.getString("job_id"), row.getString("needs")))
                .list();
    }

    /** What these jobs, and those that they wait for, depend on. */
    Map<String, List<String>> dependencies(String project, Collection<String> jobs) {
        var found = new HashMap<String, List<String>>();
        db.sql("""
                with recursive above (job_id, steps) as (
                    select cast(job_id as text) collate "C", 0 from unnest(:jobs) as asked (job_id)
                     union
                    select upstream, above.steps + 1
                      from above
                      join checks on checks.project = :project and checks.job_id = above.job_id,
                           unnest(checks.depends_on) as upstream
                     where above.steps < :steps
                )
                select checks.job_id, checks.depends_on
                  from checks
                 where checks.project = :project
                   and checks.job_id in (select job_id from above)
                   and checks.depends_on is not null
                """)
                .param("project", project)
                .param("jobs", jobs.toArray(String[]::new))
                .param("steps", MOST_STEPS)
                .query(row -> {
                    found.put(row.getString("job_id"), List.of((String[])
                            row.getArray("depends_on").getArray()));
                });
        return found;
    }

    // ---- snoozes

    Map<Long, Snooze> snoozes(Collection<Long> checks, Instant now) {
        var snoozes = new HashMap<Long, Snooze>();
        db.sql(
                        "select check_id, until, reason, by_name, at from snooze where check_id = any (:checks) and until > :now")
                .param("checks", checks.toArray(Long[]::new))
                .param("now", now.atOffset(ZoneOffset.UTC))
                .query(row -> {
                    long check = row.getLong("check_id");
                    snoozes.put(
                            check,
                            new Snooze(
                                    check,
                                    requireNonNull(instant(row, "until")),
                                    row.getString("reason"),
                                    row.getString("by_name"),
                                    requireNonNull(instant(row, "at"))));
                });
        return snoozes;
    }

    void snooze(Snooze snooze) {
        db.sql("""
                insert into snooze (check_id, until, reason, by_name, at)
                values (:check, :until, :reason, :by, :at)
                    on conflict (check_id) do update
                   set until = excluded.until, reason = excluded.reason, by_name = excluded.by_name, at = excluded.at
                """)
                .param("check", snooze.check())
                .param("until", snooze.until().atOffset(ZoneOffset.UTC))
                .param("reason", snooze.reason())
                .param("by", snooze.by())
                .param("at", snooze.at().atOffset(ZoneOffset.UTC))
                .update();
    }

    /** Of these, the snoozes that end by {@code end} at the latest. Answers how many. */
    int unsnooze(Collection<Long> checks, Instant end) {
        return db.sql("delete from snooze where check_id = any (:checks) and until <= :end")
                .param("checks", checks.toArray(Long[]::new))
                .param("end", end.atOffset(ZoneOffset.UTC))
                .update();
    }

    private static Hold hold(ResultSet row) throws SQLException {
        return new Hold(Because.of(row.getString("because")), row.getString("what"), instant(row, "until"));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        var at = row.getObject(column, OffsetDateTime.class);
        return at == null ? null : at.toInstant();
    }

    private static @Nullable String text(@Nullable Instant at) {
        return at == null ? null : at.toString();
    }
}
