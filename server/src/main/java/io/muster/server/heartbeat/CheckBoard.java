package io.muster.server.heartbeat;

import io.muster.server.heartbeat.CheckRows.Narrow;
import io.muster.server.heartbeat.CheckRows.Place;
import io.muster.server.heartbeat.CheckRows.Sort;
import io.muster.server.layout.Run;
import java.sql.ResultSet;
import java.sql.SQLException;
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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
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

    /** The same as {@link Shown#of}, as its ordinal. */
    static final String RANK = """
            case when status = 'down' then 0
                 when max_runtime_seconds is null and last_start + grace_seconds * interval '1 second' <= :now
                      and (excused_until is null or excused_until <= :now) then 0
                 when status = 'paused' then 5
                 when max_runtime_seconds is not null and last_start > coalesce(last_ping, '-infinity')
                      then case when status = 'up' and due_at + (grace_seconds + max_runtime_seconds) * interval '1 second' <= :now
                                     and (excused_until is null or excused_until <= :now) then 0 else 2 end
                 when status = 'up' and start_by_seconds <= grace_seconds and (last_start > last_ping) is not true
                      and due_at + start_by_seconds * interval '1 second' <= :now
                      and (excused_until is null or excused_until <= :now) then 0
                 when status = 'up' and due_at <= :now
                      then case when due_at + grace_seconds * interval '1 second' <= :now
                                     and (excused_until is null or excused_until <= :now) then 0 else 1 end
                 when last_start is not null then 2
                 when status = 'new' then 4
                 else 3
             end
            """;

    /** With index checks_tags. */
    static final String HAS_TAGS = "regexp_split_to_array(btrim(tags), '\\s+') @> cast(:tags as text[])";

    /** From so many checks on, how many are what is counted at most once in {@link #KEPT}. */
    private static final long MANY = 5_000;

    private static final Duration KEPT = Duration.ofSeconds(5);
    private static final int MOST_KEPT = 1_000; // projects

    /**
     * How many checks are shown as what.
     *
     * @param unjudged some are silent for too long, and not stored as down yet
     * @param of when they were counted: {@link System#nanoTime}
     */
    record Look(Map<Shown, Long> counts, boolean unjudged, long of) {
        long all() {
            return counts.values().stream().mapToLong(Long::longValue).sum();
        }

        /** May be older than the page that shows it. */
        boolean isKept() {
            return all() >= MANY;
        }

        private boolean isFresh() {
            return isKept() && System.nanoTime() - of < KEPT.toNanos();
        }
    }

    private final JdbcClient db;
    private final CheckRepository checks;
    private final CheckRows rows;
    private final ConcurrentHashMap<String, Look> looks = new ConcurrentHashMap<>();

    CheckBoard(JdbcClient db, CheckRepository checks, CheckRows rows) {
        this.db = db;
        this.checks = checks;
        this.rows = rows;
    }

    /** How many checks are shown as what; of more than 5,000 checks as it was up to five seconds ago. */
    public Map<Shown, Long> counts(String project, Instant now) {
        return look(project, now).counts;
    }

    /** One scan of the project's checks, which all who ask share for a while where there are many. */
    Look look(String project, Instant now) {
        if (looks.size() >= MOST_KEPT) looks.clear();
        var look = looks.compute(project, (_, last) -> last != null && last.isFresh() ? last : counted(project, now));
        if (!look.isKept()) looks.remove(project, look);
        return look;
    }

    /** Somebody changed checks and wants to see it at once. */
    void lookAgain(String project) {
        looks.remove(project);
    }

    private Look counted(String project, Instant now) {
        var counts = new EnumMap<Shown, Long>(Shown.class);
        var unjudged = new AtomicBoolean();
        var at = System.nanoTime();
        db.sql("select rank, stored_down, count(*) as n from (select status = 'down' as stored_down, " + RANK + """
                         as rank from checks where project = :project) c
                         group by rank, stored_down
                        """)
                .param("project", project)
                .param("now", at(now))
                .query(row -> {
                    var shown = Shown.values()[row.getInt("rank")];
                    counts.merge(shown, row.getLong("n"), Long::sum);
                    if (shown == Shown.DOWN && !row.getBoolean("stored_down")) unjudged.set(true);
                });
        return new Look(counts, unjudged.get(), at);
    }

    /** Of those with the tag, counted now. */
    Map<Shown, Long> tagged(String project, String tag, Instant now) {
        var counts = new EnumMap<Shown, Long>(Shown.class);
        db.sql("select rank, count(*) as n from (select " + RANK + " as rank from checks where project = :project and "
                        + HAS_TAGS + ") c group by rank")
                .param("project", project)
                .param("tags", new String[] {tag})
                .param("now", at(now))
                .query((row, n) -> counts.put(Shown.values()[row.getInt("rank")], row.getLong("n")))
                .list();
        return counts;
    }

    /** Each tag that a check of the project has, in alphabetical order; the first 10,000. */
    List<String> tags(String project) {
        return db.sql("""
                select distinct tag collate "C" as tag
                  from (select distinct tags from checks where project = :project) as written, -- few, where checks are many
                       regexp_split_to_table(btrim(tags), '\\s+') as tag
                 where tag <> ''
                 order by 1
                 limit 10000
                """)
                .param("project", project)
                .query((row, n) -> row.getString("tag"))
                .list();
    }

    /** The worst of all. */
    public List<Check> worst(String project, int limit, Instant now) {
        return page(project, Narrow.NOT, Sort.WORST, null, now, limit).checks();
    }

    /**
     * A page of a list.
     *
     * @param next where the next one begins; null: this is the last
     */
    record Listed(List<Check> checks, @Nullable Place next) {}

    Listed page(String project, Narrow narrow, Sort sort, @Nullable Place after, Instant now, int limit) {
        var found = narrow.isOnlyState() && sort == Sort.WORST
                ? rows.worstFirst(project, narrow.shown(), after, look(project, now), now, limit + 1)
                : rows.sorted(project, narrow, sort, after, now, limit + 1);
        var shown = found.subList(0, Math.min(limit, found.size()));
        var byId = new HashMap<Long, Check>();
        checks.byIds(shown.stream().map(CheckRows.Found::id).toList()).forEach(check -> byId.put(check.id(), check));
        return new Listed(
                shown.stream()
                        .flatMap(each -> Optional.ofNullable(byId.get(each.id())).stream())
                        .toList(),
                found.size() > limit ? shown.getLast().place() : null);
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
