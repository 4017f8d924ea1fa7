package io.muster.server.heartbeat;

import io.muster.server.heartbeat.RunRow.Outcome;
import io.muster.server.heartbeat.RunTotals.Totals;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * Puts runs together out of pings: a start, and the first report behind it with the same run id. A page reads a few pings
 * for each of its runs, and at most {@link #REACH} around them, however many the check has.
 */
@Repository
class RunLog {

    /** An end is found among so many pings behind its start. */
    private static final int REACH = 1_000;

    /** Pings that a page reads beyond two for each run. */
    private static final int SLACK = 100;

    private final JdbcClient db;
    private final CheckBoard board;
    private final RunRepository judged;
    private final ObjectProvider<CheckFacts> above;

    RunLog(JdbcClient db, CheckBoard board, RunRepository judged, ObjectProvider<CheckFacts> above) {
        this.db = db;
        this.board = board;
        this.judged = judged;
        this.above = above;
    }

    private record Report(
            long n,
            Instant at,
            Kind kind,
            Optional<UUID> rid,
            @Nullable Integer exit) {}

    /** A run by its pings; one of the two at least. */
    private record Pair(@Nullable Report start, @Nullable Report end) {

        Report last() {
            if (end != null) return end;
            if (start != null) return start;
            throw new IllegalStateException("a run without pings");
        }
    }

    /** Runs whose last ping came before ping {@code before}; null: all. */
    RunPage page(Check check, @Nullable Long before, int limit, Instant now) {
        int most = 2 * limit + SLACK;
        var reports = reports(check.id(), before, most);
        if (reports.isEmpty()) return new RunPage(List.of(), null);
        var pairs = pairs(reports, before == null ? Set.of() : endedLater(check.id(), before, reports));
        long oldest = reports.getLast().n();
        var rows = rows(check, pairs, oldest, now);
        if (rows.size() > limit) {
            return new RunPage(rows.subList(0, limit), rows.get(limit - 1).n());
        }
        return new RunPage(rows, reports.size() == most ? oldest : null);
    }

    /** Pure. {@code endedLater}: of which runs the next ping after these is an end. */
    private static List<Pair> pairs(List<Report> newestFirst, Set<Optional<UUID>> endedLater) {
        var pairs = new ArrayList<Pair>();
        var unstarted = new HashMap<Optional<UUID>, Integer>(); // where the end is whose start is looked for
        var seen = new HashSet<Optional<UUID>>();
        for (var report : newestFirst) {
            switch (report.kind()) {
                case SUCCESS, FAIL -> {
                    unstarted.put(report.rid(), pairs.size());
                    pairs.add(new Pair(null, report));
                    seen.add(report.rid());
                }
                case START -> {
                    var place = unstarted.remove(report.rid());
                    if (place != null) {
                        pairs.set(place, new Pair(report, pairs.get(place).end()));
                    } else if (seen.contains(report.rid()) || !endedLater.contains(report.rid())) {
                        pairs.add(new Pair(report, null));
                    }
                    seen.add(report.rid());
                }
                case LOG, IGN -> {}
            }
        }
        return pairs;
    }

    private List<RunRow> rows(Check check, List<Pair> pairs, long oldest, Instant now) {
        var unstarted = new HashSet<Optional<UUID>>();
        var pings = new HashSet<Long>();
        for (var pair : pairs) {
            if (pair.start() == null) unstarted.add(pair.last().rid());
            else pings.add(pair.start().n());
            pings.add(pair.last().n());
        }
        var starts = unstarted.isEmpty()
                ? Map.<Optional<UUID>, Instant>of()
                : new HashMap<>(board.lastStarts(check.id(), oldest, unstarted));
        var found = judged.judged(check.id(), pings);
        var totals = totals(check.id(), pings, found);
        var rows = new ArrayList<RunRow>();
        for (var pair : pairs.reversed()) {
            var last = pair.last();
            var startedAt = pair.start() == null
                    ? starts.remove(last.rid())
                    : (Instant) pair.start().at();
            var problem = problem(found, last);
            rows.add(new RunRow(
                    last.n(),
                    last.rid().orElse(null),
                    startedAt,
                    pair.end() == null ? null : last.at(),
                    outcome(check, last, now),
                    last.exit(),
                    problem == null && pair.start() != null ? problem(found, pair.start()) : problem,
                    totals.get(last.n())));
        }
        return rows.reversed();
    }

    private static @Nullable Trouble problem(Map<Long, JudgedRun> judged, Report report) {
        var run = judged.get(report.n());
        return run == null ? null : run.trouble();
    }

    private static Outcome outcome(Check check, Report last, Instant now) {
        return switch (last.kind()) {
            case SUCCESS -> Outcome.SUCCESS;
            case FAIL -> Outcome.FAIL;
            case START, LOG, IGN -> isOn(check, last, now) ? Outcome.RUNNING : Outcome.NO_END;
        };
    }

    /** Of a job that bounds no run, one that is not the latest is taken to run for as long as a report has grace. */
    private static boolean isOn(Check check, Report start, Instant now) {
        var known = check.running(now).stream()
                .anyMatch(run -> Optional.ofNullable(run.rid()).equals(start.rid())
                        && run.startedAt().equals(start.at()));
        return known
                || !check.bounds().watchRuns()
                        && check.status() != Status.PAUSED
                        && now.isBefore(start.at().plus(check.grace()));
    }

    /** How much was told by the manifests of these pings. */
    Map<Long, Totals> totals(long check, Collection<Long> pings) {
        return totals(check, pings, judged.judged(check, pings));
    }

    private Map<Long, Totals> totals(long check, Collection<Long> pings, Map<Long, JudgedRun> judged) {
        var facts = above.getIfAvailable();
        var totals = new HashMap<Long, Totals>(facts == null ? Map.of() : facts.totals(check, pings));
        judged.forEach((n, run) -> {
            if (run.totals() != null) totals.put(n, run.totals());
        });
        return totals;
    }

    private List<Report> reports(long check, @Nullable Long before, int most) {
        return db.sql("""
                select n, at, kind, rid, exit_status
                  from ping
                 where check_id = :check
                   and n < :before
                 order by n desc
                 limit :most
                """)
                .param("check", check)
                .param("before", before == null ? Long.MAX_VALUE : before)
                .param("most", most)
                .query((row, n) -> new Report(
                        row.getLong("n"),
                        row.getObject("at", OffsetDateTime.class).toInstant(),
                        Kind.valueOf(row.getString("kind").toUpperCase(Locale.ROOT)),
                        Optional.ofNullable(row.getObject("rid", UUID.class)),
                        row.getObject("exit_status", Integer.class)))
                .list();
    }

    /** Of the runs that these start: those of which the first ping from {@code from} on is an end. */
    private Set<Optional<UUID>> endedLater(long check, long from, List<Report> reports) {
        var rids = new HashSet<Optional<UUID>>();
        reports.stream().filter(report -> report.kind() == Kind.START).forEach(report -> rids.add(report.rid()));
        var ended = new HashSet<Optional<UUID>>();
        if (rids.isEmpty()) return ended;
        db.sql("""
                select distinct on (rid) rid, kind
                  from (select n, rid, kind
                          from ping
                         where check_id = :check
                           and n >= :from
                         order by n
                         limit :reach) as later
                 where kind in ('success', 'fail', 'start')
                   and (rid = any (:rids) or (rid is null and :none))
                 order by rid, n
                """)
                .param("check", check)
                .param("from", from)
                .param("reach", REACH)
                .param("rids", rids.stream().flatMap(Optional::stream).toArray(UUID[]::new))
                .param("none", rids.contains(Optional.<UUID>empty()))
                .query(row -> {
                    if (!"start".equals(row.getString("kind"))) {
                        ended.add(Optional.ofNullable(row.getObject("rid", UUID.class)));
                    }
                });
        return ended;
    }
}
