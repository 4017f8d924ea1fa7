package io.muster.server.heartbeat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The table {@code checks}, as people write it: what is declared of a check, and under which name it is known. */
@Repository
class DeclaredChecks {

    private static final int BATCH = 1_000;

    private final JdbcClient db;
    private final JdbcTemplate jdbc;

    DeclaredChecks(JdbcClient db, JdbcTemplate jdbc) {
        this.db = db;
        this.jdbc = jdbc;
    }

    /** A check that is not stored yet: it gets its id from {@link #insert}, and its job id from {@link #nameJobs}. */
    static Check unborn(String project, UUID uuid, Settings settings, Instant now) {
        var key = uniqueKey(uuid);
        return new Check(
                0,
                key,
                project,
                new PingUuid(uuid),
                key,
                UUID.randomUUID(),
                settings,
                State.fresh(now),
                null,
                List.of(),
                InARow.NONE,
                now,
                now);
    }

    /** 40 hex digits: SHA-1 of the first 16 hex digits of the uuid. */
    static String uniqueKey(UUID uuid) {
        try {
            var half = uuid.toString().replace("-", "").substring(0, 16);
            var sha1 = MessageDigest.getInstance("SHA-1").digest(half.getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().formatHex(sha1);
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }

    /** Nobody else names, creates or deletes a check of the project until the transaction ends; pings go on. */
    void lockNames(String project) {
        db.sql("select pg_advisory_xact_lock(4001, hashtext(:project))")
                .param("project", project)
                .query((row, n) -> n)
                .list();
    }

    void insert(Collection<Check> unborn) {
        jdbc.batchUpdate("""
                insert into checks (native, slug, name, tags, description, kind, every_seconds, expression, tz,
                        grace_seconds, manual_resume, post_only, start_kw, success_kw, failure_kw, filter_subject,
                        filter_body, filter_http_body, filter_default_fail, body_limit, channels, alert_store,
                        alert_region, start_by_seconds, max_runtime_seconds, min_runtime_seconds, rows_min, rows_max,
                        bytes_min, bytes_max, failures_before_alert, depends_on, updated_at, project, uuid, unique_key,
                        job_id, badge_key, created_at, status_since, status)
                values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                        ?, ?, ?, ?)
                """, unborn, BATCH, (row, check) -> {
            int next = settings(row, check);
            row.setString(next++, check.project());
            row.setObject(next++, check.uuid().value());
            row.setString(next++, check.uniqueKey());
            row.setString(next++, check.jobId());
            row.setObject(next++, check.badgeKey());
            row.setObject(next++, check.createdAt().atOffset(ZoneOffset.UTC));
            row.setObject(next++, check.statusSince().atOffset(ZoneOffset.UTC));
            row.setString(next, check.status().word());
        });
    }

    /** What was declared, and when the next report is due by it; leaves what was heard. */
    void redefine(Collection<Check> checks) {
        jdbc.batchUpdate("""
                update checks
                   set native = ?, slug = ?, name = ?, tags = ?, description = ?, kind = ?, every_seconds = ?,
                       expression = ?, tz = ?, grace_seconds = ?, manual_resume = ?, post_only = ?, start_kw = ?,
                       success_kw = ?, failure_kw = ?, filter_subject = ?, filter_body = ?, filter_http_body = ?,
                       filter_default_fail = ?, body_limit = ?, channels = ?, alert_store = ?, alert_region = ?,
                       start_by_seconds = ?, max_runtime_seconds = ?, min_runtime_seconds = ?, rows_min = ?,
                       rows_max = ?, bytes_min = ?, bytes_max = ?, failures_before_alert = ?, depends_on = ?,
                       updated_at = ?, declaration = nextval('checks_declaration'), due_at = ?
                 where id = ?
                """, checks, BATCH, (row, check) -> {
            int next = settings(row, check);
            row.setObject(
                    next++,
                    check.expectedAt().map(at -> at.atOffset(ZoneOffset.UTC)).orElse(null),
                    Types.TIMESTAMP_WITH_TIMEZONE);
            row.setLong(next, check.id());
        });
    }

    private static int settings(PreparedStatement row, Check check) throws SQLException {
        var is = check.settings();
        int n = 1;
        row.setBoolean(n++, is.isNative());
        row.setString(n++, is.slug());
        row.setString(n++, is.name());
        row.setString(n++, is.tags());
        row.setString(n++, is.description());
        row.setString(n++, kind(is.schedule()));
        row.setLong(n++, is.hidden().period().toSeconds());
        row.setString(n++, is.hidden().expression());
        row.setString(n++, is.hidden().tz().getId());
        row.setLong(n++, is.grace().toSeconds());
        row.setBoolean(n++, is.manualResume());
        row.setBoolean(n++, is.postOnly());
        row.setString(n++, is.keywords().start());
        row.setString(n++, is.keywords().success());
        row.setString(n++, is.keywords().failure());
        row.setBoolean(n++, is.keywords().subject());
        row.setBoolean(n++, is.keywords().body());
        row.setBoolean(n++, is.keywords().httpBody());
        row.setBoolean(n++, is.keywords().defaultFail());
        row.setObject(n++, is.bodyLimit(), Types.INTEGER);
        var channels = is.channels();
        row.setArray(n++, channels == null ? null : row.getConnection().createArrayOf("text", channels.toArray()));
        row.setString(n++, is.alertStore());
        row.setString(n++, is.alertRegion());
        var bounds = is.bounds();
        row.setObject(n++, seconds(bounds.startBy()), Types.BIGINT);
        row.setObject(n++, seconds(bounds.maxRuntime()), Types.BIGINT);
        row.setObject(n++, seconds(bounds.minRuntime()), Types.BIGINT);
        for (var range : Arrays.asList(bounds.rows(), bounds.bytes())) {
            row.setObject(n++, range == null ? null : range.min(), Types.BIGINT);
            row.setObject(n++, range == null ? null : range.max(), Types.BIGINT);
        }
        row.setObject(n++, is.failuresBeforeAlert() == 1 ? null : is.failuresBeforeAlert(), Types.INTEGER);
        var upstream = is.dependsOn();
        row.setArray(n++, upstream.isEmpty() ? null : row.getConnection().createArrayOf("text", upstream.toArray()));
        row.setObject(n++, check.updatedAt().atOffset(ZoneOffset.UTC));
        return n;
    }

    private static String kind(Schedule schedule) {
        return switch (schedule) {
            case Schedule.Every _ -> "every";
            case Schedule.Cron _ -> "cron";
            case Schedule.OnCalendar _ -> "oncalendar";
        };
    }

    private static @Nullable Long seconds(@Nullable Duration span) {
        return span == null ? null : span.toSeconds();
    }

    /**
     * After checks with these slugs came, went or were declared: a job's id is its slug; so is another check's, where the
     * slug can be an id and no other check of the project has it; all others go by their unique key.
     */
    void nameJobs(String project, Collection<String> slugs) {
        db.sql("""
                update checks
                   set job_id = named.job_id, declaration = nextval('checks_declaration')
                  from (select id,
                               case when native
                                      or slug ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' and slug !~ '^[0-9a-f]{40}$'
                                         and count(*) over (partition by slug) = 1
                                    then slug
                                    else unique_key end as job_id
                          from checks
                         where project = :project
                           and slug = any (:slugs)) as named
                 where checks.id = named.id
                   and checks.job_id <> named.job_id
                """)
                .param("project", project)
                .param("slugs", slugs.toArray(String[]::new))
                .update();
    }

    void delete(Collection<Long> ids) {
        db.sql("delete from checks where id = any (:ids)")
                .param("ids", ids.toArray(Long[]::new))
                .update();
    }
}
