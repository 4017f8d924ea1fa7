package io.muster.server.heartbeat;

import static java.util.Objects.requireNonNull;

import io.muster.server.heartbeat.Ping.Target.BySlug;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The table {@code checks}. Rows are always locked in the order of their ids, so that no two transactions wait for each other. */
@Repository
class CheckRepository {

    private static final int BATCH = 1_000;

    /** In the order in which {@link #check} reads them. */
    private static final String COLUMNS = """
            id, job_id, project, uuid, unique_key, badge_key, native, slug, name, tags, description, kind, every_seconds,
            expression, tz, grace_seconds, manual_resume, post_only, start_kw, success_kw, failure_kw, filter_subject,
            filter_body, filter_http_body, filter_default_fail, body_limit, channels, alert_store, alert_region, status,
            status_since, last_ping, last_success, last_start, last_start_rid, last_duration_ms, last_report_failed, pings,
            armed_at, created_at, updated_at, start_by_seconds, max_runtime_seconds, min_runtime_seconds, rows_min, rows_max,
            bytes_min, bytes_max, failures_before_alert, depends_on, excused_until
            """;

    /** In the order in which {@link #locked} reads them: what each ping needs. */
    private static final String HEARD = """
            id, declaration, status, status_since, last_ping, last_success, last_start, last_start_rid, last_duration_ms,
            last_report_failed, pings, armed_at
            """;

    private final JdbcClient db;
    private final JdbcTemplate jdbc;
    private final RunRepository runs;
    private final KnownChecks known = new KnownChecks();

    CheckRepository(JdbcClient db, JdbcTemplate jdbc, RunRepository runs) {
        this.db = db;
        this.runs = runs;
        this.jdbc = jdbc;
    }

    Optional<Check> byJobId(String project, String jobId) {
        return complete(db.sql("select " + COLUMNS + " from checks where project = :project and job_id = :jobId")
                        .param("project", project)
                        .param("jobId", jobId))
                .stream()
                .findFirst();
    }

    Optional<Check> byUuid(UUID uuid) {
        return one("uuid", uuid);
    }

    Optional<Check> byUniqueKey(String key) {
        return one("unique_key", key);
    }

    /** By a column whose values are unique. */
    private Optional<Check> one(String column, Object value) {
        return complete(db.sql("select " + COLUMNS + " from checks where " + column + " = :value")
                        .param("value", value))
                .stream()
                .findFirst();
    }

    List<Check> byJobIds(String project, Collection<String> jobIds) {
        return complete(db.sql("select " + COLUMNS + " from checks where project = :project and job_id = any (:jobIds)")
                .param("project", project)
                .param("jobIds", jobIds.toArray(String[]::new)));
    }

    /** In the order of ids. */
    List<Check> byIds(Collection<Long> ids) {
        return complete(db.sql("select " + COLUMNS + " from checks where id = any (:ids) order by id")
                .param("ids", ids.toArray(Long[]::new)));
    }

    List<Check> page(String project, @Nullable String afterJobId, int limit) {
        return complete(db.sql("select " + COLUMNS + """
                          from checks
                         where project = :project
                           and job_id > :after
                         order by job_id
                         limit :limit
                        """)
                .param("project", project)
                .param("after", afterJobId == null ? "" : afterJobId)
                .param("limit", limit));
    }

    boolean anyWithUuid(Collection<UUID> uuids) {
        return db.sql("select exists (select from checks where uuid = any (:uuids))")
                .param("uuids", uuids.toArray(UUID[]::new))
                .query(Boolean.class)
                .single();
    }

    /** Of one project, in the order of creation; those behind {@code after}. */
    List<Check> behind(long after, String project, int limit) {
        return complete(db.sql("select " + COLUMNS + """
                          from checks
                         where project = :project
                           and id > :after
                         order by id
                         limit :limit
                        """)
                .param("project", project)
                .param("after", after)
                .param("limit", limit));
    }

    Optional<Check> byBadgeKey(UUID key) {
        return one("badge_key", key);
    }

    /** Of one project, in the order of creation; those with this slug and all of these tags. */
    List<Long> idsOf(String project, @Nullable String slug, Collection<String> tags) {
        return db.sql("select id from checks where project = :project"
                        + (slug == null ? "" : " and slug = :slug")
                        + (tags.isEmpty() ? "" : " and " + CheckBoard.HAS_TAGS)
                        + " order by id")
                .param("project", project)
                .param("slug", slug, Types.VARCHAR)
                .param("tags", tags.toArray(String[]::new))
                .query((row, n) -> row.getLong(1))
                .list();
    }

    /** The oldest check of the project that has all that is given. */
    Optional<UUID> like(String project, CompatBody.Like like) {
        var text = new StringBuilder("select uuid from checks where project = :project");
        var values = new HashMap<String, Object>(Map.of("project", project));
        BiConsumer<String, @Nullable Object> must = (column, value) -> {
            if (value == null) return;
            text.append(" and ").append(column).append(" = :").append(column);
            values.put(column, value);
        };
        must.accept("name", like.name());
        must.accept("slug", like.slug());
        must.accept("tags", like.tags());
        must.accept(
                "every_seconds", like.timeout() == null ? null : like.timeout().toSeconds());
        must.accept("grace_seconds", like.grace() == null ? null : like.grace().toSeconds());
        return db.sql(text.append(" order by id limit 1").toString())
                .params(values)
                .query((row, n) -> row.getObject(1, UUID.class))
                .optional();
    }

    long count(String project) {
        return db.sql("select count(*) from checks where project = :project")
                .param("project", project)
                .query(Long.class)
                .single();
    }

    List<Long> idsByUuid(Collection<UUID> uuids) {
        return db.sql("select id from checks where uuid = any (:uuids)")
                .param("uuids", uuids.toArray(UUID[]::new))
                .query((row, n) -> row.getLong(1))
                .list();
    }

    List<Long> idsBySlug(Collection<BySlug> slugs) {
        return db.sql("""
                select id
                  from checks
                 where (project, slug) in (select project, slug from unnest(:projects, :slugs) as named (project, slug))
                """)
                .param("projects", slugs.stream().map(BySlug::project).toArray(String[]::new))
                .param("slugs", slugs.stream().map(BySlug::slug).toArray(String[]::new))
                .query((row, n) -> row.getLong(1))
                .list();
    }

    /** Those that have a check, or several. */
    Set<BySlug> existing(Collection<BySlug> slugs) {
        return db.sql("""
                select project, slug
                  from checks
                 where (project, slug) in (select project, slug from unnest(:projects, :slugs) as named (project, slug))
                """)
                .param("projects", slugs.stream().map(BySlug::project).toArray(String[]::new))
                .param("slugs", slugs.stream().map(BySlug::slug).toArray(String[]::new))
                .query((row, n) -> new BySlug(row.getString("project"), row.getString("slug"), true))
                .set();
    }

    /** Nobody else names, creates or deletes a check of the project until the transaction ends; pings go on. */
    void lockNames(String project) {
        db.sql("select pg_advisory_xact_lock(4001, hashtext(:project))")
                .param("project", project)
                .query((row, n) -> n)
                .list();
    }

    List<Check> lock(Collection<Long> ids) {
        return locked(db.sql("select " + HEARD + " from checks where id = any (:ids) order by id for update")
                .param("ids", ids.toArray(Long[]::new)));
    }

    List<Check> lockByUuid(Collection<UUID> uuids) {
        return locked(db.sql("select " + HEARD + " from checks where uuid = any (:uuids) order by id for update")
                .param("uuids", uuids.toArray(UUID[]::new)));
    }

    /** Those that nobody else has locked: it waits for nothing. */
    List<Check> lockFree(Collection<UUID> uuids) {
        return locked(
                db.sql("select " + HEARD + " from checks where uuid = any (:uuids) order by id for update skip locked")
                        .param("uuids", uuids.toArray(UUID[]::new)));
    }

    List<Check> lockBySlug(String project, Collection<String> slugs) {
        return locked(
                db.sql("select " + HEARD + """
                          from checks
                         where project = :project
                           and slug = any (:slugs)
                         order by id
                           for update
                        """).param("project", project).param("slugs", slugs.toArray(String[]::new)));
    }

    List<Check> lockByJobId(String project, Collection<String> jobIds) {
        return locked(db.sql("select " + HEARD + """
                          from checks
                         where project = :project
                           and job_id = any (:jobIds)
                         order by id
                           for update
                        """)
                .param("project", project)
                .param("jobIds", jobIds.toArray(String[]::new)));
    }

    /** Of those that were declared anew since they were last seen, reads the rest too. */
    private List<Check> locked(JdbcClient.StatementSpec query) {
        record Heard(long id, long declaration, State state) {}
        var heard = query.query((row, n) -> new Heard(row.getLong(1), row.getLong(2), state(row, 3)))
                .list();
        var declared = HashMap.<Long, Check>newHashMap(heard.size());
        var unknown = new HashMap<Long, Long>();
        for (var one : heard) {
            var check = known.get(one.id(), one.declaration());
            if (check == null) unknown.put(one.id(), one.declaration());
            else declared.put(one.id(), check);
        }
        if (!unknown.isEmpty()) {
            for (var check : byIds(unknown.keySet())) {
                known.put(requireNonNull(unknown.get(check.id())), check);
                declared.put(check.id(), check);
            }
        }
        var checks = new ArrayList<Check>(heard.size());
        for (var one : heard) {
            checks.add(requireNonNull(declared.get(one.id()), "a locked row is there")
                    .with(one.state()));
        }
        return runs.complete(checks);
    }

    private List<Check> complete(JdbcClient.StatementSpec query) {
        return runs.complete(query.query(CheckRepository::check).list());
    }

    /** The check as it was last declared, as far as this server remembers. */
    Optional<KnownChecks.Known> known(UUID uuid) {
        return known.get(uuid);
    }

    /** What was last heard of a check, for {@link KnownChecks.Known#isCalm}. */
    void heardOf(UUID uuid, boolean calm) {
        known.heardOf(uuid, calm);
    }

    /** How the next report of a check is moved on by a success, as long as {@code declaration} holds. */
    record Rhythm(long id, long declaration, Schedule schedule, Duration grace) {}

    /**
     * Of those of which a success is thought to be plain. One that this server was not asked about yet is not remembered by this: there may be a
     * million of them. It is to report at fixed intervals, and otherwise as {@link Check#isPlain} has it.
     */
    Map<UUID, Rhythm> rhythms(Collection<UUID> uuids) {
        var rhythms = HashMap.<UUID, Rhythm>newHashMap(uuids.size());
        var strangers = new ArrayList<UUID>(0);
        for (var uuid : uuids) {
            known.get(uuid)
                    .ifPresentOrElse(
                            is -> {
                                var check = is.check();
                                if (is.isPlain()) {
                                    rhythms.put(
                                            uuid,
                                            new Rhythm(check.id(), is.declaration(), check.schedule(), check.grace()));
                                }
                            },
                            () -> strangers.add(uuid));
        }
        if (strangers.isEmpty()) return rhythms;
        db.sql("""
                select uuid, id, declaration, every_seconds, grace_seconds
                  from checks
                 where uuid = any (:uuids)
                   and kind = 'every' and not post_only and not filter_http_body and body_limit is null
                   and start_by_seconds is null and max_runtime_seconds is null and min_runtime_seconds is null
                   and rows_min is null and rows_max is null and bytes_min is null and bytes_max is null
                """).param("uuids", strangers.toArray(UUID[]::new)).query(row -> {
            rhythms.put(
                    row.getObject(1, UUID.class),
                    new Rhythm(
                            row.getLong(2),
                            row.getLong(3),
                            new Schedule.Every(Duration.ofSeconds(row.getLong(4))),
                            Duration.ofSeconds(row.getLong(5))));
        });
        return rhythms;
    }

    /**
     * {@code count} successes of one check that only move its next report on.
     *
     * @param declaration the one by which they are plain
     * @param at when the last of them was heard
     * @param dueAt when the next report is due after that
     * @param downAt when silence turns the check down
     */
    record PlainSuccesses(long id, long declaration, int count, Instant at, Instant dueAt, Instant downAt) {

        PlainSuccesses andOneMore() {
            return new PlainSuccesses(id, declaration, count + 1, at, dueAt, downAt);
        }
    }

    /**
     * Stores what the checks heard without having locked them.
     *
     * @param heard one for each check, in the order of ids
     * @return the number of the last ping of each check; one that was not calm, or is declared anew, is missing and as it was
     */
    Map<Long, Long> hear(List<PlainSuccesses> heard) {
        var numbers = HashMap.<Long, Long>newHashMap(heard.size());
        jdbc.query(
                "select id, n from plain_successes(?, ?, ?, ?, ?, ?)",
                row -> {
                    row.setObject(1, longs(heard, PlainSuccesses::id));
                    row.setObject(2, longs(heard, PlainSuccesses::declaration));
                    row.setObject(
                            3, heard.stream().mapToInt(PlainSuccesses::count).toArray());
                    row.setObject(4, longs(heard, one -> micros(one.at())));
                    row.setObject(5, longs(heard, one -> micros(one.dueAt())));
                    row.setObject(6, longs(heard, one -> micros(one.downAt())));
                },
                row -> {
                    numbers.put(row.getLong(1), row.getLong(2));
                });
        return numbers;
    }

    private static long[] longs(List<PlainSuccesses> heard, ToLongFunction<PlainSuccesses> column) {
        return heard.stream().mapToLong(column).toArray();
    }

    private static long micros(Instant at) {
        return at.getEpochSecond() * 1_000_000 + at.getNano() / 1_000;
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

    /** What was heard; touches no indexed column. Instants go as microseconds, which cost the least on both sides. */
    void update(List<Check> checks) {
        if (checks.isEmpty()) return;
        var columns = new StateColumns(checks);
        jdbc.update("""
                update checks
                   set status = news.status,
                       status_since = timestamptz 'epoch' + news.status_since * interval '1 microsecond',
                       last_ping = timestamptz 'epoch' + news.last_ping * interval '1 microsecond',
                       last_success = timestamptz 'epoch' + news.last_success * interval '1 microsecond',
                       last_start = timestamptz 'epoch' + news.last_start * interval '1 microsecond',
                       last_start_rid = news.last_start_rid,
                       last_duration_ms = news.last_duration_ms,
                       last_report_failed = news.last_report_failed,
                       pings = news.pings,
                       armed_at = timestamptz 'epoch' + news.armed_at * interval '1 microsecond',
                       due_at = timestamptz 'epoch' + news.due_at * interval '1 microsecond'
                  from unnest(?, ?, ?, ?, ?, ?, cast(? as uuid[]), ?, ?, ?, ?, ?)
                    as news (id, status, status_since, last_ping, last_success, last_start, last_start_rid,
                             last_duration_ms, last_report_failed, pings, armed_at, due_at)
                 where checks.id = news.id
                """, columns::set);
    }

    /** What their stored deadlines say from now on; null: none is stored. Touches no indexed column. */
    void rearm(Map<Long, @Nullable Instant> armedAt) {
        if (armedAt.isEmpty()) return;
        db.sql("""
                update checks
                   set armed_at = deadline.at
                  from unnest(:ids, cast(:instants as timestamptz[])) as deadline (check_id, at)
                 where id = check_id
                """)
                .param("ids", armedAt.keySet().toArray(Long[]::new))
                .param(
                        "instants",
                        armedAt.values().stream()
                                .map(at -> at == null ? null : at.toString())
                                .toArray(String[]::new))
                .update();
    }

    /** What an outage took from their grace, they have again. A new declaration, so that no server goes by the old one. */
    void excuse(Map<Long, Instant> until) {
        if (until.isEmpty()) return;
        db.sql("""
                update checks
                   set excused_until = excuse.until, declaration = nextval('checks_declaration')
                  from unnest(:ids, cast(:instants as timestamptz[])) as excuse (check_id, until)
                 where id = check_id
                """)
                .param("ids", until.keySet().toArray(Long[]::new))
                .param(
                        "instants",
                        until.values().stream().map(Instant::toString).toArray(String[]::new))
                .update();
    }

    void delete(Collection<Long> ids) {
        db.sql("delete from checks where id = any (:ids)")
                .param("ids", ids.toArray(Long[]::new))
                .update();
    }

    /** The columns of {@link #update}, as arrays. */
    private record StateColumns(List<Check> checks) {

        private interface Column {
            @Nullable Object of(State state);
        }

        void set(PreparedStatement row) throws SQLException {
            var ids = new Long[checks.size()];
            for (int i = 0; i < ids.length; i++) ids[i] = checks.get(i).id();
            row.setArray(1, row.getConnection().createArrayOf("int8", ids));
            array(row, 2, "text", state -> state.status().word());
            array(row, 3, "int8", state -> micros(state.statusSince()));
            array(row, 4, "int8", state -> micros(state.lastPing()));
            array(row, 5, "int8", state -> micros(state.lastSuccess()));
            array(row, 6, "int8", state -> micros(state.lastStart()));
            array(row, 7, "uuid", State::lastStartRid);
            array(row, 8, "int8", StateColumns::millis);
            array(row, 9, "bool", State::lastReportFailed);
            array(row, 10, "int8", State::pings);
            array(row, 11, "int8", state -> micros(state.armedAt()));
            var due = new @Nullable Long[checks.size()];
            for (int i = 0; i < due.length; i++)
                due[i] = micros(checks.get(i).expectedAt().orElse(null));
            row.setArray(12, row.getConnection().createArrayOf("int8", due));
        }

        private static @Nullable Long millis(State state) {
            var duration = state.lastDuration();
            return duration == null ? null : duration.toMillis();
        }

        private static @Nullable Long micros(@Nullable Instant at) {
            return at == null ? null : CheckRepository.micros(at);
        }

        private void array(PreparedStatement row, int place, String type, Column column) throws SQLException {
            @Nullable Object[] values = switch (type) {
                case "int8" -> new @Nullable Long[checks.size()];
                case "bool" -> new @Nullable Boolean[checks.size()];
                case "uuid" -> new @Nullable UUID[checks.size()];
                default -> new @Nullable String[checks.size()];
            };
            for (int i = 0; i < values.length; i++)
                values[i] = column.of(checks.get(i).state());
            row.setArray(place, row.getConnection().createArrayOf(type, values));
        }
    }

    private static String kind(Schedule schedule) {
        return switch (schedule) {
            case Schedule.Every _ -> "every";
            case Schedule.Cron _ -> "cron";
            case Schedule.OnCalendar _ -> "oncalendar";
        };
    }

    private static Check check(ResultSet row, int n) throws SQLException {
        return new Check(
                row.getLong(1),
                row.getString(2),
                row.getString(3),
                new PingUuid(row.getObject(4, UUID.class)),
                row.getString(5),
                row.getObject(6, UUID.class),
                settings(row),
                state(row, 30),
                instant(row, 51),
                List.of(),
                InARow.NONE,
                row.getObject(40, OffsetDateTime.class).toInstant(),
                row.getObject(41, OffsetDateTime.class).toInstant());
    }

    private static Settings settings(ResultSet row) throws SQLException {
        var hidden = new Settings.Hidden(
                Duration.ofSeconds(row.getLong(13)), row.getString(14), ZoneId.of(row.getString(15)));
        var schedule = switch (row.getString(12)) {
            case "every" -> new Schedule.Every(hidden.period());
            case "cron" -> new Schedule.Cron(hidden.expression(), hidden.tz());
            case "oncalendar" -> new Schedule.OnCalendar(hidden.expression(), hidden.tz());
            case String other -> throw new IllegalStateException("unknown value of checks.kind: " + other);
        };
        var channels = row.getArray(27);
        var upstream = row.getArray(50);
        return new Settings(
                row.getBoolean(7),
                row.getString(8),
                row.getString(9),
                row.getString(10),
                row.getString(11),
                schedule,
                hidden,
                Duration.ofSeconds(row.getLong(16)),
                row.getBoolean(17),
                row.getBoolean(18),
                new Keywords(
                        row.getString(19),
                        row.getString(20),
                        row.getString(21),
                        row.getBoolean(22),
                        row.getBoolean(23),
                        row.getBoolean(24),
                        row.getBoolean(25)),
                row.getObject(26, Integer.class),
                channels == null ? null : List.of((String[]) channels.getArray()),
                row.getString(28),
                row.getString(29),
                bounds(row, 42),
                Objects.requireNonNullElse(row.getObject(49, Integer.class), 1),
                upstream == null ? List.of() : List.of((String[]) upstream.getArray()));
    }

    /** @param first the column of start_by_seconds; the others follow */
    private static Bounds bounds(ResultSet row, int first) throws SQLException {
        var bounds = new Bounds(
                span(row, first),
                span(row, first + 1),
                span(row, first + 2),
                range(row, first + 3),
                range(row, first + 5));
        return bounds.equals(Bounds.NONE) ? Bounds.NONE : bounds;
    }

    private static @Nullable Duration span(ResultSet row, int column) throws SQLException {
        var seconds = row.getObject(column, Long.class);
        return seconds == null ? null : Duration.ofSeconds(seconds);
    }

    private static Bounds.@Nullable Range range(ResultSet row, int first) throws SQLException {
        var min = row.getObject(first, Long.class);
        var max = row.getObject(first + 1, Long.class);
        return min == null && max == null ? null : new Bounds.Range(min, max);
    }

    private static @Nullable Long seconds(@Nullable Duration span) {
        return span == null ? null : span.toSeconds();
    }

    /** @param first the column of the status; the others of the state follow */
    private static State state(ResultSet row, int first) throws SQLException {
        var millis = row.getObject(first + 6, Long.class);
        var since = instant(row, first + 1);
        if (since == null) throw new IllegalStateException("checks.status_since is null");
        return new State(
                Status.of(row.getString(first)),
                since,
                instant(row, first + 2),
                instant(row, first + 3),
                instant(row, first + 4),
                row.getObject(first + 5, UUID.class),
                millis == null ? null : Duration.ofMillis(millis),
                row.getBoolean(first + 7),
                row.getLong(first + 8),
                instant(row, first + 9));
    }

    private static @Nullable Instant instant(ResultSet row, int column) throws SQLException {
        var at = row.getObject(column, OffsetDateTime.class);
        return at == null ? null : at.toInstant();
    }
}
