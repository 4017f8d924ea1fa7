package io.muster.server.heartbeat;

import io.muster.server.heartbeat.ChecksChanged.Change;
import io.muster.server.heartbeat.RunTotals.Totals;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.ParameterizedPreparedStatementSetter;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * The tables {@code open_run}, {@code failures_in_a_row} and {@code judged_run}: what is kept of a check only where its
 * declaration asks for it. A check's lock guards its rows here; of all other checks nothing is read and nothing written.
 */
@Repository
class RunRepository {

    private static final int BATCH = 1_000;

    private final JdbcClient db;
    private final JdbcTemplate jdbc;

    RunRepository(JdbcClient db, JdbcTemplate jdbc) {
        this.db = db;
        this.jdbc = jdbc;
    }

    /** The same checks, those that need it with their open runs and failures in a row. */
    List<Check> complete(List<Check> checks) {
        var watched = ids(checks, true);
        var counted = ids(checks, false);
        if (watched.length == 0 && counted.length == 0) return checks;
        var runs = runs(watched);
        var failures = failures(counted);
        return checks.stream()
                .map(check -> check.with(
                        runs.getOrDefault(check.id(), List.of()), failures.getOrDefault(check.id(), InARow.NONE)))
                .toList();
    }

    private static Long[] ids(List<Check> checks, boolean watched) {
        var ids = new ArrayList<Long>();
        for (var check : checks) {
            if (watched ? check.bounds().watchRuns() : check.failuresBeforeAlert() > 1) ids.add(check.id());
        }
        return ids.toArray(Long[]::new);
    }

    private Map<Long, List<OpenRun>> runs(Long[] checks) {
        var runs = new HashMap<Long, List<OpenRun>>();
        if (checks.length == 0) return runs;
        db.sql("""
                select check_id, n, rid, started_at
                  from open_run
                 where check_id = any (:checks)
                 order by check_id, n
                """).param("checks", checks).query(row -> {
            runs.computeIfAbsent(row.getLong("check_id"), _ -> new ArrayList<>())
                    .add(new OpenRun(row.getLong("n"), row.getObject("rid", UUID.class), at(row, "started_at")));
        });
        return runs;
    }

    private Map<Long, InARow> failures(Long[] checks) {
        var failures = new HashMap<Long, InARow>();
        if (checks.length == 0) return failures;
        db.sql("select check_id, failures, told, missed_at from failures_in_a_row where check_id = any (:checks)")
                .param("checks", checks)
                .query(row -> {
                    failures.put(
                            row.getLong("check_id"),
                            new InARow(
                                    row.getInt("failures"),
                                    row.getBoolean("told"),
                                    row.getObject("missed_at") == null ? null : at(row, "missed_at")));
                });
        return failures;
    }

    /** What was found of the runs that these pings ended, or started; of those of which something is demanded. */
    Map<Long, JudgedRun> judged(long check, Collection<Long> pings) {
        var judged = new HashMap<Long, JudgedRun>();
        if (pings.isEmpty()) return judged;
        db.sql("select n, problem, why, rows, bytes from judged_run where check_id = :check and n = any (:pings)")
                .param("check", check)
                .param("pings", pings.toArray(Long[]::new))
                .query(row -> {
                    var rows = row.getObject("rows", Long.class);
                    var bytes = row.getObject("bytes", Long.class);
                    judged.put(
                            row.getLong("n"),
                            new JudgedRun(
                                    row.getLong("n"),
                                    Trouble.of(row.getString("problem"), row.getString("why")),
                                    rows == null && bytes == null ? null : new Totals(rows, bytes)));
                });
        return judged;
    }

    /** What differs after {@code changes}. */
    void store(List<Change> changes) {
        record Opened(long check, OpenRun run) {}
        record Judged(long check, JudgedRun run) {}
        var opened = new ArrayList<Opened>();
        var ended = new ArrayList<Opened>();
        var counted = new ArrayList<Check>();
        var judged = new ArrayList<Judged>();
        for (var change : changes) {
            var before = change.before();
            var after = change.after();
            if (before == null || after == null) continue;
            if (!before.openRuns().equals(after.openRuns())) {
                var were = new HashSet<>(before.openRuns());
                var are = new HashSet<>(after.openRuns());
                before.openRuns().stream()
                        .filter(run -> !are.contains(run))
                        .forEach(run -> ended.add(new Opened(after.id(), run)));
                after.openRuns().stream()
                        .filter(run -> !were.contains(run))
                        .forEach(run -> opened.add(new Opened(after.id(), run)));
            }
            if (!before.inARow().equals(after.inARow())) counted.add(after);
            change.judged().forEach(run -> judged.add(new Judged(after.id(), run)));
        }
        batch("delete from open_run where check_id = ? and n = ?", ended, (row, one) -> {
            row.setLong(1, one.check());
            row.setLong(2, one.run().n());
        });
        batch("insert into open_run (check_id, n, rid, started_at) values (?, ?, ?, ?)", opened, (row, one) -> {
            row.setLong(1, one.check());
            row.setLong(2, one.run().n());
            row.setObject(3, one.run().rid());
            row.setObject(4, utc(one.run().startedAt()));
        });
        batch("""
                insert into judged_run (check_id, n, problem, why, rows, bytes)
                values (?, ?, ?, ?, ?, ?)
                    on conflict do nothing
                """, judged, (row, one) -> {
            var trouble = one.run().trouble();
            var totals = one.run().totals();
            row.setLong(1, one.check());
            row.setLong(2, one.run().n());
            row.setString(3, trouble == null ? null : trouble.problem().word());
            row.setString(4, trouble == null ? null : trouble.why());
            row.setObject(5, totals == null ? null : totals.rows(), Types.BIGINT);
            row.setObject(6, totals == null ? null : totals.bytes(), Types.BIGINT);
        });
        count(counted);
    }

    private void count(List<Check> counted) {
        var none = counted.stream()
                .filter(check -> check.inARow().failures() == 0)
                .map(Check::id)
                .toArray(Long[]::new);
        if (none.length > 0) {
            db.sql("delete from failures_in_a_row where check_id = any (:checks)")
                    .param("checks", none)
                    .update();
        }
        var some =
                counted.stream().filter(check -> check.inARow().failures() > 0).toList();
        batch("""
                insert into failures_in_a_row (check_id, failures, told, missed_at)
                values (?, ?, ?, ?)
                    on conflict (check_id) do update
                   set failures = excluded.failures, told = excluded.told, missed_at = excluded.missed_at
                """, some, (row, check) -> {
            row.setLong(1, check.id());
            row.setInt(2, check.inARow().failures());
            row.setBoolean(3, check.inARow().told());
            row.setObject(4, utc(check.inARow().missedAt()));
        });
    }

    private <T> void batch(String sql, Collection<T> rows, ParameterizedPreparedStatementSetter<T> setter) {
        if (!rows.isEmpty()) jdbc.batchUpdate(sql, rows, BATCH, setter);
    }

    private static Instant at(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static @Nullable OffsetDateTime utc(@Nullable Instant at) {
        return at == null ? null : at.atOffset(ZoneOffset.UTC);
    }
}
