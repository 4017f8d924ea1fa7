package io.muster.server.heartbeat;

import static java.util.Objects.requireNonNull;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * The table {@code checks}, as reports and silence move it on. Rows are always locked in the order of their ids, so that no two
 * transactions wait for each other.
 */
@Repository
class HeardChecks {

    /** In the order in which {@link #locked} reads them: what each ping needs. */
    private static final String HEARD = """
            id, declaration, status, status_since, last_ping, last_success, last_start, last_start_rid, last_duration_ms,
            last_report_failed, pings, armed_at
            """;

    private final JdbcClient db;
    private final JdbcTemplate jdbc;
    private final CheckRepository checks;
    private final RunRepository runs;
    private final KnownChecks known = new KnownChecks();

    HeardChecks(JdbcClient db, JdbcTemplate jdbc, CheckRepository checks, RunRepository runs) {
        this.db = db;
        this.jdbc = jdbc;
        this.checks = checks;
        this.runs = runs;
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

    /** These, and what has one of these slugs: {@link DeclaredChecks#nameJobs} may name it anew. */
    List<Check> lockWithNamesakes(String project, Collection<Long> ids, Collection<String> slugs) {
        return locked(db.sql("select " + HEARD + """
                          from checks
                         where id = any (:ids)
                            or project = :project and slug = any (:slugs) and slug <> ''
                         order by id
                           for update
                        """)
                .param("ids", ids.toArray(Long[]::new))
                .param("project", project)
                .param("slugs", slugs.toArray(String[]::new)));
    }

    /** Of those that were declared anew since they were last seen, reads the rest too. */
    private List<Check> locked(JdbcClient.StatementSpec query) {
        record Heard(long id, long declaration, State state) {}
        var heard = query.query((row, n) -> new Heard(row.getLong(1), row.getLong(2), CheckColumns.state(row, 3)))
                .list();
        var declared = HashMap.<Long, Check>newHashMap(heard.size());
        var unknown = new HashMap<Long, Long>();
        for (var one : heard) {
            var check = known.get(one.id(), one.declaration());
            if (check == null) unknown.put(one.id(), one.declaration());
            else declared.put(one.id(), check);
        }
        if (!unknown.isEmpty()) {
            for (var check : checks.byIds(unknown.keySet())) {
                known.put(requireNonNull(unknown.get(check.id())), check);
                declared.put(check.id(), check);
            }
        }
        var locked = new ArrayList<Check>(heard.size());
        for (var one : heard) {
            locked.add(requireNonNull(declared.get(one.id()), "a locked row is there")
                    .with(one.state()));
        }
        return runs.complete(locked);
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
     * million of them. It is to report at fixed intervals, and otherwise as {@link Settings#isPlain} has it.
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
                select uuid, id, declaration, every_seconds, grace_seconds, body_limit, post_only, filter_http_body,
                       start_by_seconds, max_runtime_seconds, min_runtime_seconds, rows_min, rows_max, bytes_min, bytes_max
                  from checks
                 where uuid = any (:uuids)
                   and kind = 'every'
                """).param("uuids", strangers.toArray(UUID[]::new)).query(row -> {
            var bodyLimit = row.getObject(6, Integer.class);
            if (!Settings.isPlain(bodyLimit, row.getBoolean(7), row.getBoolean(8), CheckColumns.bounds(row, 9))) return;
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
            return at == null ? null : HeardChecks.micros(at);
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
}
