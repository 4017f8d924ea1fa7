package io.muster.server.heartbeat;

import io.muster.server.layout.Run;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Reads checks as pages show them: worst first, and with their last runs. */
@Repository
public class CheckBoard {

    /** What a check is shown as, worst first; the order of the list. */
    public enum Shown {
        DOWN,
        LATE,
        RUNNING,
        UP,
        NEW,
        PAUSED;

        static Shown of(Check check, Instant now) {
            return switch (check.at(now)) {
                case PAUSED -> PAUSED;
                case DOWN -> DOWN;
                case GRACE -> LATE;
                case NEW -> check.isStarted() ? RUNNING : NEW;
                case UP -> check.isStarted() ? RUNNING : UP;
            };
        }
    }

    /** Where a page ends: the rank and id of its last check. */
    record Place(int rank, String jobId) {}

    /** @param among only these; null: all */
    record Narrow(@Nullable Shown shown, String q, @Nullable Collection<Long> among) {}

    /** More than these in a page are never looked at for whether they are late by a calendar. */
    private static final int MOST_CANDIDATES = 1_000;

    /** The same as {@link Shown#of}; for schedules that only Java can read, {@code late} names those that are. */
    private static final String RANK = """
            case when status = 'paused' then 5
                 when status = 'down' or last_start + grace_seconds * interval '1 second' <= :now then 0
                 when status = 'up' and kind = 'every'
                      and last_ping + (every_seconds + grace_seconds) * interval '1 second' <= :now then 0
                 when status = 'up' and kind = 'every' and last_ping + every_seconds * interval '1 second' <= :now then 1
                 when id = any (:late) then 1
                 when last_start is not null then 2
                 when status = 'new' then 4
                 else 3
             end
            """;

    private final JdbcClient db;
    private final CheckRepository checks;

    CheckBoard(JdbcClient db, CheckRepository checks) {
        this.db = db;
        this.checks = checks;
    }

    /** How many checks are shown as what. One scan of the project's checks. */
    public Map<Shown, Long> counts(String project, Instant now) {
        return counts(project, null, now);
    }

    /** Of those with the tag; null: of all. */
    Map<Shown, Long> counts(String project, @Nullable String tag, Instant now) {
        var counts = new EnumMap<Shown, Long>(Shown.class);
        db.sql("select rank, count(*) as n from (select " + RANK + """
                         as rank
                          from checks
                         where project = :project
                           and (cast(:tag as text) is null
                                or regexp_split_to_array(btrim(tags), '\\s+') @> array[cast(:tag as text)])) c
                         group by rank
                        """)
                .param("project", project)
                .param("tag", tag, Types.VARCHAR)
                .param("now", at(now))
                .param("late", late(project, now))
                .query((row, n) -> counts.put(Shown.values()[row.getInt("rank")], row.getLong("n")))
                .list();
        return counts;
    }

    /** Each tag that a check of the project has, in alphabetical order; the first 10,000. */
    List<String> tags(String project) {
        return db.sql("""
                select distinct tag collate "C" as tag
                  from checks, regexp_split_to_table(btrim(tags), '\\s+') as tag
                 where project = :project
                   and tag <> ''
                 order by 1
                 limit 10000
                """)
                .param("project", project)
                .query((row, n) -> row.getString("tag"))
                .list();
    }

    /** The worst of all. */
    public List<Check> worst(String project, int limit, Instant now) {
        return worst(project, new Narrow(null, "", null), null, now, limit);
    }

    /** Worst first, then by job id. */
    List<Check> worst(String project, Narrow narrow, @Nullable Place after, Instant now, int limit) {
        var ids = db.sql("select id from (select id, job_id, name, slug, " + RANK + """
                         as rank from checks where project = :project) c
                         where (cast(:only as integer) is null or rank = :only)
                           and (:q = '' or job_id ilike :pattern or name ilike :pattern or slug ilike :pattern)
                           and (cast(:among as bigint[]) is null or id = any (:among))
                           and (rank, job_id) > (:afterRank, :afterId)
                         order by rank, job_id
                         limit :limit
                        """)
                .param("project", project)
                .param("now", at(now))
                .param("late", late(project, now))
                .param("only", narrow.shown == null ? null : narrow.shown.ordinal(), Types.INTEGER)
                .param("q", narrow.q)
                .param(
                        "pattern",
                        "%" + narrow.q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%")
                .param("among", narrow.among == null ? null : narrow.among.toArray(Long[]::new), Types.ARRAY)
                .param("afterRank", after == null ? -1 : after.rank)
                .param("afterId", after == null ? "" : after.jobId)
                .param("limit", limit)
                .query((row, n) -> row.getLong("id"))
                .list();
        var byId = new HashMap<Long, Check>();
        checks.byIds(ids).forEach(check -> byId.put(check.id(), check));
        return ids.stream()
                .flatMap(id -> Optional.ofNullable(byId.get(id)).stream())
                .toList();
    }

    /** The late ones among those with a calendar; the stored deadline is at or before the true one. */
    private Long[] late(String project, Instant now) {
        var candidates = db.sql("""
                select id
                  from checks
                 where project = :project
                   and status = 'up'
                   and kind <> 'every'
                   and armed_at - grace_seconds * interval '1 second' <= :now
                 order by armed_at
                 limit :most
                """)
                .param("project", project)
                .param("now", at(now))
                .param("most", MOST_CANDIDATES)
                .query((row, n) -> row.getLong("id"))
                .list();
        return checks.byIds(candidates).stream()
                .filter(check -> check.at(now) == CheckStatus.GRACE)
                .map(Check::id)
                .toArray(Long[]::new);
    }

    /** One report, or a deadline that passed without any. */
    private record Report(
            Instant at, @Nullable Kind kind, @Nullable UUID rid) {}

    /** The last runs of each check, oldest first. */
    Map<Long, List<Run>> runs(Collection<Check> shown) {
        var ids = shown.stream().map(Check::id).toArray(Long[]::new);
        var reports = new HashMap<Long, List<Report>>();
        db.sql("""
                select wanted.id, heard.at, heard.kind, heard.rid
                  from unnest(:ids) as wanted (id)
                 cross join lateral (select n, at, kind, rid
                                       from ping
                                      where check_id = wanted.id
                                        and kind in ('success', 'fail', 'start')
                                      order by n desc
                                      limit 70) as heard
                union all
                select wanted.id, missed.at, null, null
                  from unnest(:ids) as wanted (id)
                 cross join lateral (select at
                                       from flip
                                      where check_id = wanted.id
                                        and reason = 'timeout'
                                      order by flip.id desc
                                      limit 30) as missed
                order by 1, 2, 3 nulls first
                """)
                .param("ids", ids)
                .query((row, n) -> reports.computeIfAbsent(row.getLong("id"), _ -> new ArrayList<>())
                        .add(new Report(instant(row, "at"), kind(row), row.getObject("rid", UUID.class))))
                .list();
        var runs = new HashMap<Long, List<Run>>();
        for (var check : shown) {
            runs.put(check.id(), runs(reports.getOrDefault(check.id(), List.of()), check.isStarted()));
        }
        return runs;
    }

    private static List<Run> runs(List<Report> reports, boolean running) {
        var runs = new ArrayList<Run>();
        var started = new HashMap<Optional<UUID>, Instant>();
        for (var report : reports) {
            if (report.kind == null) {
                runs.add(new Run(Run.Kind.MISSED, -1));
            } else if (report.kind == Kind.START) {
                started.put(Optional.ofNullable(report.rid), report.at);
            } else {
                var start = started.remove(Optional.ofNullable(report.rid));
                var seconds =
                        start == null ? -1 : Duration.between(start, report.at).toMillis() / 1000.0;
                runs.add(new Run(report.kind == Kind.SUCCESS ? Run.Kind.OK : Run.Kind.BAD, seconds));
            }
        }
        if (running) runs.add(new Run(Run.Kind.RUN, -1));
        return runs.subList(Math.max(0, runs.size() - Run.SHOWN), runs.size());
    }

    /** A stored ping without its body. */
    record PingSeen(
            long n,
            Instant at,
            Kind kind,
            String scheme,
            String method,
            String userAgent,
            @Nullable String remoteAddr,
            @Nullable UUID rid,
            @Nullable Integer exit,
            int bytes) {}

    /** Newest first, those before ping {@code before}. */
    List<PingSeen> pings(long check, @Nullable Long before, int limit) {
        return db.sql("""
                select n, at, kind, scheme, method, user_agent, remote_addr, rid, exit_status, coalesce(octet_length(body), 0) as bytes
                  from ping
                 where check_id = :check
                   and n < :before
                 order by n desc
                 limit :limit
                """)
                .param("check", check)
                .param("before", before == null ? Long.MAX_VALUE : before)
                .param("limit", limit)
                .query((row, n) -> new PingSeen(
                        row.getLong("n"),
                        instant(row, "at"),
                        Kind.valueOf(row.getString("kind").toUpperCase(Locale.ROOT)),
                        row.getString("scheme"),
                        row.getString("method"),
                        row.getString("user_agent"),
                        row.getString("remote_addr"),
                        row.getObject("rid", UUID.class),
                        row.getObject("exit_status", Integer.class),
                        row.getInt("bytes")))
                .list();
    }

    /** Which runs were on when ping {@code before} came, and since when; as far as its thousand predecessors tell. */
    Map<Optional<UUID>, Instant> lastStarts(long check, long before, Collection<Optional<UUID>> rids) {
        var starts = new HashMap<Optional<UUID>, Instant>();
        db.sql("""
                select distinct on (rid) rid, kind, at
                  from (select n, rid, kind, at
                          from ping
                         where check_id = :check
                           and n < :before
                         order by n desc
                         limit 1000) as earlier
                 where kind in ('success', 'fail', 'start')
                   and (rid = any (:rids) or (rid is null and :none))
                 order by rid, n desc
                """)
                .param("check", check)
                .param("before", before)
                .param("rids", rids.stream().flatMap(Optional::stream).toArray(UUID[]::new))
                .param("none", rids.contains(Optional.<UUID>empty()))
                .query(row -> {
                    if (kind(row) == Kind.START) {
                        starts.put(Optional.ofNullable(row.getObject("rid", UUID.class)), instant(row, "at"));
                    }
                });
        return starts;
    }

    /** A success or failure. */
    public record Reported(long n, Instant at, boolean good) {}

    /** The newest reports of a check. */
    public List<Reported> reports(long check, int limit) {
        return pings(check, null, limit).stream()
                .filter(ping -> ping.kind() == Kind.SUCCESS || ping.kind() == Kind.FAIL)
                .map(ping -> new Reported(ping.n(), ping.at(), ping.kind() == Kind.SUCCESS))
                .toList();
    }

    Optional<byte[]> body(long check, long n) {
        return db.sql("select body from ping where check_id = :check and n = :n and body is not null")
                .param("check", check)
                .param("n", n)
                .query((row, i) -> row.getBytes("body"))
                .optional();
    }

    /** Flips of all checks of a project since then, newest first. */
    public List<Happened> flipsSince(String project, Instant since, int limit) {
        return db.sql("""
                select flip.at, flip.from_status, flip.to_status, flip.reason, checks.job_id, checks.name
                  from flip
                  join checks on checks.id = flip.check_id
                 where flip.id > (select coalesce(max(id), 0) - 5000 from flip) -- however many there ever were
                   and flip.at >= :since
                   and checks.project = :project
                 order by flip.id desc
                 limit :limit
                """)
                .param("since", at(since))
                .param("project", project)
                .param("limit", limit)
                .query((row, n) -> new Happened(
                        instant(row, "at"),
                        row.getString("job_id"),
                        row.getString("name"),
                        Status.of(row.getString("from_status")),
                        Status.of(row.getString("to_status")),
                        row.getString("reason")))
                .list();
    }

    /** A check that changed its status. */
    public record Happened(Instant at, String jobId, String name, Status from, Status to, String reason) {}

    private static @Nullable Kind kind(ResultSet row) throws SQLException {
        var word = row.getString("kind");
        return word == null ? null : Kind.valueOf(word.toUpperCase(Locale.ROOT));
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static OffsetDateTime at(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC);
    }
}
