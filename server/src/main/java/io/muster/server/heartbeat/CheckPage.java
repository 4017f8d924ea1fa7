package io.muster.server.heartbeat;

import static io.muster.server.heartbeat.CheckWords.due;
import static io.muster.server.heartbeat.CheckWords.expression;
import static io.muster.server.heartbeat.CheckWords.lastWords;
import static io.muster.server.heartbeat.CheckWords.schedule;
import static io.muster.server.layout.Figures.count;
import static io.muster.server.layout.Figures.promise;

import io.muster.server.access.BaseUrl;
import io.muster.server.heartbeat.CheckBoard.PingSeen;
import io.muster.server.heartbeat.CheckBoard.Shown;
import io.muster.server.heartbeat.ChecksView.Route;
import io.muster.server.layout.Figures;
import io.muster.server.layout.Page;
import io.muster.server.layout.Word;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Puts together what the page of one check says. */
@Component
class CheckPage {

    private static final int PINGS = 20;
    private static final int RUNS = 48;
    private static final int RUNS_LISTED = 10;
    private static final int EXPOSURES = 10;
    private static final int NEXT = 5;
    private static final int FLIPS = 8;
    /** Of the last reports, from which the share of good ones is told. */
    private static final int JUDGED = 1_000;

    private final CheckBoard board;
    private final Checks checks;
    private final RunLog log;
    private final RunRepository judged;
    private final ObjectProvider<CheckFacts> above;
    private final FlipRepository flips;
    private final BaseUrl baseUrl;
    private final PingUrls urls;
    private final JsonMapper json;
    private final OutageWords outages;

    CheckPage(
            CheckBoard board,
            Checks checks,
            RunLog log,
            RunRepository judged,
            ObjectProvider<CheckFacts> above,
            FlipRepository flips,
            BaseUrl baseUrl,
            PingUrls urls,
            JsonMapper json,
            OutageWords outages) {
        this.board = board;
        this.checks = checks;
        this.log = log;
        this.judged = judged;
        this.above = above;
        this.flips = flips;
        this.baseUrl = baseUrl;
        this.urls = urls;
        this.json = json;
        this.outages = outages;
    }

    CheckView view(Check check, Page page, @Nullable Long ping, @Nullable Long before, @Nullable Long runsBefore) {
        var now = page.now();
        var as = Shown.of(check, now);
        var facts = Optional.ofNullable(above.getIfAvailable());
        var route = facts.map(each -> each.routes(List.of(check.id())).get(check.id()))
                .orElse(null);
        var exposures = facts.map(each -> each.exposures(check.id(), EXPOSURES)).orElse(List.of());
        var due = due(check, as);
        var heard = board.pings(check.id(), before, PINGS + 1);
        var shownPings = heard.subList(0, Math.min(PINGS, heard.size()));
        var selected = ping == null
                ? shownPings.stream().findFirst()
                : board.pings(check.id(), ping + 1, 1).stream()
                        .filter(each -> each.n() == ping)
                        .findFirst();
        var latest = board.pings(check.id(), null, JUDGED);
        var took = took(latest);
        var rows = rows(check, latest);
        var failures = failuresInARow(latest);
        var mayWrite = page.caller().admin() || page.caller().mayWrite();
        var url = urls.of(check.uuid());
        var settings = new ArrayList<CheckView.Setting>();
        settings.add(
                new CheckView.Setting("Schedule", schedule(check.schedule()) + ", grace " + promise(check.grace())));
        settings.addAll(CheckWords.demands(check));
        facts.ifPresent(each -> settings.addAll(each.settings(check.id())));
        if (!check.dependsOn().isEmpty()) {
            settings.add(new CheckView.Setting("Needs", String.join(", ", check.dependsOn())));
        }
        if (!check.tags().isEmpty()) {
            settings.add(new CheckView.Setting("Tags", String.join(", ", check.tags())));
        }
        settings.add(new CheckView.Setting("Declared", Figures.day(check.createdAt())));
        return new CheckView(
                check.jobId(),
                check.title(),
                CheckWords.word(as),
                as == Shown.NEW ? null : check.statusSince(),
                answer(check, as, failures, exposures, route)
                        + outages.about(check, as, now).map(away -> " " + away).orElse(""),
                failures > 1 ? count(failures) + " failures in a row" : lastWords(check),
                mayWrite ? act(check) : null,
                route,
                check.lastSuccess(),
                lastGood(latest, took, rows),
                due.at(),
                dueSmall(check, due),
                good(latest),
                goodSmall(latest),
                telling(check, as, mayWrite),
                exposures,
                runsWords(latest),
                runsJson(latest, took, rows),
                runs(check, runsBefore, page),
                shownPings.stream()
                        .map(each -> new CheckView.PingRow(
                                each.n(),
                                each.at(),
                                word(each),
                                took.containsKey(each.n()) ? Figures.took(took.get(each.n())) : "",
                                rows.containsKey(each.n()) ? count(rows.get(each.n())) : "",
                                selected.map(one -> one.n() == each.n()).orElse(false)))
                        .toList(),
                heard.size() > PINGS ? shownPings.getLast().n() : null,
                selected.map(each -> selected(check, each)).orElse(null),
                mayWrite ? url : null,
                mayWrite ? urls.failOf(check.uuid()) : null,
                nextRuns(check),
                schedule(check.schedule()),
                expression(check.schedule()),
                settings,
                check.isNative(),
                page.mayChange(),
                badge(check),
                mayWrite ? crontab(check, url) : null,
                flips(check, now));
    }

    private static String answer(
            Check check, Shown as, long failures, List<CheckView.Exposed> exposures, @Nullable Route route) {
        var begin = switch (as) {
            case NEW -> "It waits for its first ping.";
            case PAUSED -> "Nothing is awaited until it is resumed or reports.";
            case UP, RUNNING -> "The last report was a good one.";
            case LATE -> "A report is overdue; its grace runs.";
            case DOWN ->
                check.lastReportFailed()
                        ? failures > 1 ? "The last " + count(failures) + " runs failed." : "The last run failed."
                        : "No report came when it was due.";
        };
        if (route == null || exposures.isEmpty()) return begin;
        var violations = route.violations();
        return violations > 0
                ? begin + " " + count(violations, "tenant") + " of " + route.fromRegion()
                        + (violations == 1 ? " is" : " are") + " exposed."
                : begin + " " + count(route.atRisk(), "tenant") + (route.atRisk() == 1 ? " is" : " are") + " at risk.";
    }

    private CheckView.Telling telling(Check check, Shown as, boolean mayWrite) {
        var held = checks.heldBack(List.of(check.id())).get(check.id());
        var begin = as == Shown.DOWN ? "Not told: " : "If it goes down, nobody is told: ";
        return new CheckView.Telling(
                held == null ? null : begin + CheckWords.held(held),
                checks.snoozes(List.of(check.id())).get(check.id()),
                mayWrite ? "/checks/" + check.jobId() + "/snooze" : null);
    }

    private BadgeLinks badge(Check check) {
        var two = "/b/2/" + check.badgeKey() + ".svg";
        var three = "/b/3/" + check.badgeKey() + ".svg";
        return new BadgeLinks(check.title(), two, three, baseUrl.url(two), baseUrl.url(three));
    }

    /** A line for cron, at the times of the check where these are cron's; the clock of that machine must be in the zone. */
    private static String crontab(Check check, String url) {
        var times = check.schedule() instanceof Schedule.Cron cron ? cron.expression() : "*/15 * * * *";
        return times + "  ./job.sh && curl -fsS -m 10 --retry 5 -o /dev/null " + url;
    }

    private List<CheckView.FlipShown> flips(Check check, Instant now) {
        var newest = flips.page(check.id(), null, FLIPS);
        var away = checks.outages(newest);
        return newest.stream()
                .map(flip -> new CheckView.FlipShown(
                        flip.at(),
                        CheckWords.word(CheckStatus.valueOf(flip.to().name())),
                        why(flip) + noticed(flip, away.get(flip.id()), now)))
                .toList();
    }

    private static String noticed(FlipRow flip, @Nullable Outage away, Instant now) {
        return away == null
                ? ""
                : "; noticed at " + Figures.clock(flip.recordedAt(), now) + " UTC, for " + away.words(now);
    }

    private static String why(FlipRow flip) {
        if (flip.trouble() != null) return "it " + flip.trouble().predicate();
        return switch (flip.reason()) {
            case "success" -> "it reported success";
            case "fail" -> "it reported a failure";
            case "exit_code" -> "it ended with an exit code other than 0";
            case "timeout" -> "it did not report in time";
            case "paused" -> "somebody paused it";
            case "resumed" -> "somebody resumed it";
            default -> flip.reason();
        };
    }

    private static CheckView.@Nullable Act act(Check check) {
        return check.status() == Status.PAUSED
                ? new CheckView.Act("Resume", "player-play", "/checks/" + check.jobId() + "/resume")
                : new CheckView.Act("Pause", "player-pause", "/checks/" + check.jobId() + "/pause");
    }

    private static String dueSmall(Check check, CheckWords.Due due) {
        if (due.at() == null) return due.small();
        var startBy = check.startBy();
        return Figures.minute(due.at()) + " UTC, " + (startBy.isPresent() ? "start by " : "grace to ")
                + Figures.minute(due.at().plus(startBy.orElse(check.grace())));
    }

    private static long failuresInARow(List<PingSeen> newestFirst) {
        return newestFirst.stream()
                .filter(ping -> ping.kind() == Kind.SUCCESS || ping.kind() == Kind.FAIL)
                .takeWhile(ping -> ping.kind() == Kind.FAIL)
                .count();
    }

    /** How long each run took whose start was heard, by the number of its last ping. */
    private static Map<Long, Duration> took(List<PingSeen> newestFirst) {
        var took = new HashMap<Long, Duration>();
        var started = new HashMap<Optional<UUID>, Instant>();
        for (var ping : newestFirst.reversed()) {
            var run = Optional.ofNullable(ping.rid());
            switch (ping.kind()) {
                case START -> started.put(run, ping.at());
                case SUCCESS, FAIL -> {
                    var start = started.remove(run);
                    if (start != null) took.put(ping.n(), Duration.between(start, ping.at()));
                }
                case LOG, IGN -> {}
            }
        }
        return took;
    }

    private static List<PingSeen> reports(List<PingSeen> newestFirst) {
        return newestFirst.stream()
                .filter(ping -> ping.kind() == Kind.SUCCESS || ping.kind() == Kind.FAIL)
                .toList();
    }

    private static String lastGood(List<PingSeen> newestFirst, Map<Long, Duration> took, Map<Long, Long> rows) {
        return newestFirst.stream()
                .filter(ping -> ping.kind() == Kind.SUCCESS)
                .findFirst()
                .map(ping -> {
                    var words = new ArrayList<String>();
                    if (rows.containsKey(ping.n())) words.add(count(rows.get(ping.n()), "row"));
                    if (took.containsKey(ping.n())) words.add("in " + Figures.took(took.get(ping.n())));
                    return words.isEmpty() ? Figures.utc(ping.at()) : String.join(" ", words);
                })
                .orElse("no success yet");
    }

    private static String good(List<PingSeen> newestFirst) {
        var reports = reports(newestFirst);
        if (reports.isEmpty()) return "–";
        return Figures.percent(
                reports.stream().filter(ping -> ping.kind() == Kind.SUCCESS).count(), reports.size());
    }

    private static String goodSmall(List<PingSeen> newestFirst) {
        var reports = reports(newestFirst);
        if (reports.isEmpty()) return "no report yet";
        return count(reports.stream()
                        .filter(ping -> ping.kind() == Kind.SUCCESS)
                        .count()) + " of the last " + count(reports.size(), "report");
    }

    private static String runsWords(List<PingSeen> newestFirst) {
        var runs = reports(newestFirst).stream().limit(RUNS).toList();
        var failed = runs.stream().filter(ping -> ping.kind() == Kind.FAIL).count();
        return "last " + count(runs.size(), "run") + ", " + (failed == 0 ? "all passed" : count(failed) + " failed");
    }

    /** For the chart; empty if there is nothing to draw, as for a job that never says when it starts. */
    private String runsJson(List<PingSeen> newestFirst, Map<Long, Duration> took, Map<Long, Long> rows) {
        var runs = reports(newestFirst).stream().limit(RUNS).toList().reversed();
        if (runs.stream().filter(ping -> took.containsKey(ping.n())).count() < 2) return "";
        var drawn = runs.stream()
                .map(ping -> {
                    var run = new LinkedHashMap<String, Object>();
                    run.put("at", ping.at().toString());
                    run.put("run", ping.n());
                    run.put("s", ping.kind() == Kind.SUCCESS ? "ok" : "bad");
                    var time = took.get(ping.n());
                    run.put("sec", time == null ? null : time.toMillis() / 1000.0);
                    run.put("rows", rows.get(ping.n()));
                    return run;
                })
                .toList();
        return json.writeValueAsString(Map.of("runs", drawn)).replace("<", "\\u003c");
    }

    private static Word word(PingSeen ping) {
        return switch (ping.kind()) {
            case SUCCESS -> Word.ok("Passed");
            case START -> Word.run("Started");
            case FAIL -> Word.bad(ping.exit() == null ? "Failed" : "Failed, exit " + ping.exit());
            case LOG -> Word.mute("Log").with("file-text");
            case IGN -> Word.mute("Ignored").with("ban");
        };
    }

    private CheckView.Selected selected(Check check, PingSeen ping) {
        var bytes = board.body(check.id(), ping.n());
        var body = bytes.map(text -> new String(text, StandardCharsets.UTF_8));
        var cause = ping.kind() != Kind.FAIL
                ? null
                : Optional.ofNullable(
                                judged.judged(check.id(), List.of(ping.n())).get(ping.n()))
                        .map(JudgedRun::trouble)
                        .map(FailureCause::taken)
                        .orElseGet(() -> FailureCause.of(ping.exit(), bytes.orElse(new byte[0])));
        var from = ping.method() + (ping.remoteAddr() == null ? "" : " from " + ping.remoteAddr())
                + (ping.userAgent().isEmpty() ? "" : " · " + ping.userAgent()) + " · " + Figures.bytes(ping.bytes());
        return new CheckView.Selected(ping.n(), word(ping), cause, body.orElse(null), from);
    }

    private Map<Long, Long> rows(Check check, List<PingSeen> newestFirst) {
        var rows = new HashMap<Long, Long>();
        log.totals(
                        check.id(),
                        newestFirst.stream().limit(3L * RUNS).map(PingSeen::n).toList())
                .forEach((n, told) -> {
                    if (told.rows() != null) rows.put(n, told.rows());
                });
        return rows;
    }

    /** Null of a job that neither says when it starts nor demands anything of its runs: the pings say it all. */
    private CheckView.@Nullable Runs runs(Check check, @Nullable Long before, Page page) {
        var found = log.page(check, before, RUNS_LISTED, page.now());
        var says = found.runs().stream().anyMatch(run -> run.startedAt() != null || run.problem() != null);
        if (!says && check.bounds().equals(Bounds.NONE) && before == null) return null;
        var most = check.bounds().maxRuntime();
        return new CheckView.Runs(
                CheckWords.runtimes(check.bounds()),
                found.runs().stream().map(run -> shown(run, most, page.now())).toList(),
                before != null,
                found.next());
    }

    private static CheckView.RunShown shown(RunRow run, @Nullable Duration most, Instant now) {
        boolean running = run.outcome() == RunRow.Outcome.RUNNING;
        var took =
                running && run.startedAt() != null ? Optional.of(Duration.between(run.startedAt(), now)) : run.took();
        var share = most == null
                ? null
                : took.map(time -> (int) Math.clamp(100 * time.toMillis() / most.toMillis(), 0, 100))
                        .orElse(null);
        var told = run.totals();
        return new CheckView.RunShown(
                run.n(),
                CheckWords.word(run),
                run.problem() == null ? null : CheckWords.sentence(run.problem()),
                run.startedAt(),
                run.endedAt(),
                running,
                run.took().map(Figures::took).orElse(null),
                share,
                run.exitStatus(),
                told == null || told.rows() == null ? null : count(told.rows()),
                told == null || told.bytes() == null ? null : Figures.bytes(told.bytes()));
    }

    private static List<CheckView.Next> nextRuns(Check check) {
        var next = new ArrayList<CheckView.Next>();
        var due = check.expectedAt();
        while (due.isPresent() && next.size() < NEXT) {
            next.add(
                    new CheckView.Next(due.get(), due.get().plus(check.startBy().orElse(check.grace()))));
            due = check.schedule().dueAfter(due.get());
        }
        return next;
    }
}
