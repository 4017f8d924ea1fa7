package io.muster.server.residency;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.residency.Exposure.State;
import io.muster.server.residency.Exposure.Step;
import io.muster.server.residency.Replication.TenantProof;
import io.muster.server.residency.Situation.Mover;
import io.muster.server.tenancy.Place;
import io.muster.server.tenancy.TenantSelector;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random histories, told twice: by the product's code, which keeps a few values and looks only when something was heard or
 * fell due; and by {@link Truth}, which reads the whole history again at every second, as the contract words it.
 */
class ExposureTruthTest {

    private static final int SECONDS = 240;

    /** What can happen, at a whole second. */
    sealed interface Event {
        record Start(int at, int job) implements Event {}

        record Success(int at, int job, @Nullable Report report) implements Event {}

        record Fail(int at, int job) implements Event {}

        record Pause(int at, int job, boolean paused) implements Event {}

        record Probe(int at, Map<Integer, Integer> oldestByTenant) implements Event {}

        record Law(int at, boolean lawful, int dwell) implements Event {}

        int at();
    }

    /** A manifest: null watermarks where it says none; wrong: names another region. */
    record Report(
            @Nullable Integer watermark, boolean complete, Map<Integer, Optional<Integer>> listed, boolean proves) {}

    record History(long seed, int jobs, int tenants, int period, boolean lawful, int dwell, List<Event> events) {}

    static List<Long> seeds() {
        var seeds = new ArrayList<Long>();
        for (long seed = 1; seed <= 4_000; seed += 100) seeds.add(seed);
        return seeds;
    }

    @ParameterizedTest(name = "seeds {0} to {0} + 99")
    @MethodSource("seeds")
    void product_and_truth_tell_the_same_story(long first) {
        for (long seed = first; seed < first + 100; seed++) {
            var history = random(seed);
            assertThat(product(history)).as("seed %d: %s", seed, history).isEqualTo(new Truth(history).story());
        }
    }

    private static History random(long seed) {
        var random = new Random(seed);
        int jobs = random.nextInt(3);
        int tenants = 1 + random.nextInt(3);
        var events = new ArrayList<Event>();
        for (int at = 1; at < SECONDS; at++) {
            if (random.nextInt(6) > 0) continue;
            int job = jobs == 0 ? -1 : random.nextInt(jobs);
            int what = random.nextInt(20);
            if (job >= 0 && what < 3) events.add(new Event.Start(at, job));
            else if (job >= 0 && what < 10) events.add(new Event.Success(at, job, report(random, at, tenants)));
            else if (job >= 0 && what < 13) events.add(new Event.Fail(at, job));
            else if (job >= 0 && what < 14) events.add(new Event.Pause(at, job, random.nextBoolean()));
            else if (what < 18) events.add(new Event.Probe(at, counted(random, at, tenants)));
            else if (what < 19) events.add(new Event.Law(at, random.nextInt(3) == 0, 4 * random.nextInt(15)));
        }
        return new History(
                seed, jobs, tenants, 10 + random.nextInt(30), random.nextInt(5) == 0, 4 * random.nextInt(15), events);
    }

    private static @Nullable Report report(Random random, int at, int tenants) {
        if (random.nextBoolean()) return null;
        var listed = new TreeMap<Integer, Optional<Integer>>();
        for (int tenant = 0; tenant < tenants; tenant++) {
            if (random.nextBoolean()) {
                listed.put(tenant, random.nextBoolean() ? Optional.of(at - 30 + random.nextInt(35)) : Optional.empty());
            }
        }
        var watermark = random.nextInt(3) == 0 ? null : (Integer) (at - 30 + random.nextInt(35));
        return new Report(watermark, random.nextBoolean(), listed, random.nextInt(5) > 0);
    }

    private static Map<Integer, Integer> counted(Random random, int at, int tenants) {
        var oldest = new TreeMap<Integer, Integer>();
        for (int tenant = 0; tenant < tenants; tenant++) {
            if (random.nextInt(3) == 0) oldest.put(tenant, Math.max(0, at - random.nextInt(60)));
        }
        return oldest;
    }

    // ---- the product's code, driven as its shell drives it ----

    private static final class Job {
        Replication row;

        @Nullable Instant lastSuccess;

        @Nullable Instant lastPing;

        @Nullable Instant failedAt;

        @Nullable Instant started;

        boolean paused;
        final Map<Integer, TenantProof> proofs = new HashMap<>();

        Job() {
            row = new Replication(
                    1,
                    "intake",
                    "home",
                    new TenantSelector.All(),
                    null,
                    false,
                    at(0),
                    Proven.since(Watermark.declared(at(0))),
                    null,
                    false,
                    false,
                    null);
        }

        JobState state(int period) {
            var due =
                    paused || lastPing == null ? Optional.<Instant>empty() : Optional.of(lastPing.plusSeconds(period));
            return new JobState(lastSuccess, failedAt, due);
        }
    }

    private static List<String> product(History history) {
        var jobs = new ArrayList<Job>();
        for (int job = 0; job < history.jobs(); job++) jobs.add(new Job());
        var open = new HashMap<Integer, Exposure>();
        var looks = new HashMap<Integer, Instant>();
        var seen = new HashMap<Integer, Seen>();
        var story = new ArrayList<String>();
        boolean lawful = history.lawful();
        int dwell = history.dwell();
        var unlawfulSince = Instant.MIN;
        long ping = 0;
        int next = 0;
        for (int second = 0; second < SECONDS; second++) {
            boolean heard = second == 0;
            while (next < history.events().size() && history.events().get(next).at() == second) {
                heard = true;
                switch (history.events().get(next++)) {
                    case Event.Start start -> jobs.get(start.job()).started = at(second);
                    case Event.Success success -> hear(jobs.get(success.job()), success, ++ping);
                    case Event.Fail fail -> {
                        var job = jobs.get(fail.job());
                        if (job.failedAt == null) job.failedAt = at(second);
                        job.lastPing = at(second);
                        job.started = null;
                        ++ping;
                        job.paused = false;
                    }
                    case Event.Pause pause -> {
                        var job = jobs.get(pause.job());
                        job.paused = pause.paused();
                        job.started = null;
                    }
                    case Event.Probe probe -> {
                        for (int tenant = 0; tenant < history.tenants(); tenant++) {
                            var oldest = probe.oldestByTenant().get(tenant);
                            seen.put(
                                    tenant,
                                    oldest == null
                                            ? new Seen.Empty(at(second), "p")
                                            : new Seen.Rows(at(oldest), 1L, at(second), "p"));
                        }
                    }
                    case Event.Law law -> {
                        if (lawful && !law.lawful()) unlawfulSince = at(second);
                        lawful = law.lawful();
                        dwell = law.dwell();
                    }
                }
            }
            for (int tenant = 0; tenant < history.tenants(); tenant++) {
                var due = looks.get(tenant);
                if (!heard && (due == null || due.isAfter(at(second)))) continue; // nothing to look at
                var situation = situation(history, jobs, tenant, seen, lawful, unlawfulSince, dwell);
                tell(
                        Exposure.next(Optional.ofNullable(open.get(tenant)), situation, at(second)),
                        tenant,
                        second,
                        open,
                        story);
                var look = situation.judge(at(second)).flatMap(Situation.Judged::next);
                if (look.isPresent()) looks.put(tenant, look.get());
                else looks.remove(tenant);
            }
        }
        return story;
    }

    private static void hear(Job job, Event.Success success, long ping) {
        var arrival = at(success.at());
        var verdict = verdict(success.report());
        var before = job.row.proven();
        job.row = job.row.with(job.row.after(arrival, job.started == null ? arrival : job.started, ping, verdict));
        if (verdict instanceof Manifest.Valid valid) {
            for (var entry : valid.manifest().tenants()) {
                int tenant = Integer.parseInt(entry.id());
                var claim = job.row.claim(job.proofs.get(tenant), before, at(0));
                job.proofs.put(
                        tenant, Replication.listed(claim, valid.manifest().of(entry), arrival, ping));
            }
        }
        job.lastSuccess = arrival;
        job.lastPing = arrival;
        job.failedAt = null;
        job.started = null;
        job.paused = false;
    }

    private static Manifest.Verdict verdict(@Nullable Report report) {
        if (report == null) return new Manifest.None();
        var entries = new ArrayList<Manifest.Entry>();
        report.listed()
                .forEach((tenant, mark) -> entries.add(new Manifest.Entry(
                        tenant.toString(),
                        null,
                        null,
                        null,
                        mark.map(ExposureTruthTest::at).orElse(null))));
        var manifest = new Manifest(
                null, report.watermark() == null ? null : at(report.watermark()), report.complete(), entries);
        return report.proves() ? new Manifest.Valid(manifest) : new Manifest.WrongRegion(manifest, "elsewhere");
    }

    private static Situation situation(
            History history,
            List<Job> jobs,
            int tenant,
            Map<Integer, Seen> seen,
            boolean lawful,
            Instant unlawfulSince,
            int dwell) {
        var movers = new ArrayList<Mover>();
        for (int job = 0; job < jobs.size(); job++) {
            var one = jobs.get(job);
            movers.add(new Mover(
                    job,
                    "job-" + job,
                    "job " + job,
                    one.row.claim(one.proofs.get(tenant), one.row.proven(), at(0)),
                    Duration.ofSeconds(dwell),
                    one.state(history.period())));
        }
        return new Situation(
                "t" + tenant,
                "policy",
                "intake",
                "us-east-1",
                null,
                Duration.ofSeconds(dwell),
                lawful ? new Place.Lawful() : new Place.Unlawful(unlawfulSince, false),
                movers,
                seen.getOrDefault(tenant, new Seen.Nothing()));
    }

    private static void tell(Step step, int tenant, int second, Map<Integer, Exposure> open, List<String> story) {
        switch (step) {
            case Step.Stay _ -> {}
            case Step.Recount recount -> open.put(tenant, recount.after());
            case Step.Open opened -> begin(opened, tenant, second, open, story);
            case Step.Change change -> {
                open.put(tenant, change.after());
                if (change.after().state() != change.before().state()) {
                    story.add(second + " tenant " + tenant + " VIOLATION");
                }
            }
            case Step.Close close -> {
                open.remove(tenant);
                story.add(second + " tenant " + tenant + " CLOSED");
                close.again().ifPresent(again -> begin(again, tenant, second, open, story));
            }
        }
    }

    private static void begin(
            Step.Open opened, int tenant, int second, Map<Integer, Exposure> open, List<String> story) {
        assertThat(opened.exposure().openedAt()).isBeforeOrEqualTo(at(second));
        open.put(tenant, opened.exposure());
        story.add(second + " tenant " + tenant + " " + opened.exposure().state());
    }

    // ---- the truth, slowly ----

    /** Reads the history from its beginning at every second, and keeps nothing but what is open. */
    private static final class Truth {
        private final History history;

        Truth(History history) {
            this.history = history;
        }

        private record Open(State state, int openedAt, int oldest, int dwell) {}

        List<String> story() {
            var story = new ArrayList<String>();
            var open = new HashMap<Integer, Open>();
            for (int now = 0; now < SECONDS; now++) {
                for (int tenant = 0; tenant < history.tenants(); tenant++) {
                    look(tenant, now, open, story);
                }
            }
            return story;
        }

        private void look(int tenant, int now, Map<Integer, Open> open, List<String> story) {
            var was = open.get(tenant);
            var law = law(now);
            var state = law.lawful() ? null : state(tenant, now, law.dwell());
            var oldest = oldest(tenant, now);
            if (was != null) {
                if (law.lawful()) {
                    open.remove(tenant);
                    story.add(now + " tenant " + tenant + " CLOSED");
                    return;
                }
                if (state == State.VIOLATION) {
                    if (was.state() == State.AT_RISK) story.add(now + " tenant " + tenant + " VIOLATION");
                    open.put(tenant, new Open(State.VIOLATION, was.openedAt(), oldest, was.dwell()));
                    return;
                }
                boolean stillAtRisk = state == State.AT_RISK && was.state() == State.AT_RISK;
                var proven = proven(tenant, now);
                int reach = was.oldest() >= 0 ? was.oldest() : was.openedAt();
                boolean over = !stillAtRisk
                        && ((proven != null && proven > reach) || (known(tenant, now) && law.dwell() != was.dwell()));
                if (!over) {
                    if (stillAtRisk || oldest >= 0) {
                        open.put(tenant, new Open(was.state(), was.openedAt(), oldest, was.dwell()));
                    }
                    return;
                }
                open.remove(tenant);
                story.add(now + " tenant " + tenant + " CLOSED");
            }
            if (state != null) {
                open.put(tenant, new Open(state, since(tenant, now, law.dwell()), oldest, law.dwell()));
                story.add(now + " tenant " + tenant + " " + state);
            }
        }

        private boolean known(int tenant, int now) {
            return history.jobs() > 0 || oldest(tenant, now) >= 0;
        }

        /** Null: nothing to say. */
        private @Nullable State state(int tenant, int now, int dwell) {
            State worst = null;
            for (int job : movers(tenant, now)) {
                int mark = Math.max(watermark(job, tenant, now), unlawfulSince(now));
                if (now >= mark + dwell) return State.VIOLATION;
                if (riskSince(job, tenant, now, dwell) != null) worst = State.AT_RISK;
            }
            return worst;
        }

        /** When what is so now began. */
        private int since(int tenant, int now, int dwell) {
            int earliest = Integer.MAX_VALUE;
            boolean violation = state(tenant, now, dwell) == State.VIOLATION;
            for (int job : movers(tenant, now)) {
                int mark = Math.max(watermark(job, tenant, now), unlawfulSince(now));
                if (violation) {
                    if (now >= mark + dwell) earliest = Math.min(earliest, mark + dwell);
                } else {
                    var risk = riskSince(job, tenant, now, dwell);
                    if (risk != null) earliest = Math.min(earliest, risk);
                }
            }
            return earliest;
        }

        /** All jobs; -1 stands for the probe alone, where there is no job and it saw rows. */
        private List<Integer> movers(int tenant, int now) {
            var all = new ArrayList<Integer>();
            for (int job = 0; job < history.jobs(); job++) all.add(job);
            if (all.isEmpty() && oldest(tenant, now) >= 0) all.add(-1);
            return all;
        }

        private @Nullable Integer riskSince(int job, int tenant, int now, int dwell) {
            int mark = Math.max(watermark(job, tenant, now), unlawfulSince(now));
            Integer since = null;
            Integer due = null;
            if (job >= 0) {
                Integer lastSuccess = null;
                Integer failed = null;
                Integer lastReport = null;
                boolean paused = false;
                for (var event : until(now)) {
                    switch (event) {
                        case Event.Success success
                        when success.job() == job -> {
                            lastSuccess = success.at();
                            lastReport = success.at();
                            failed = null;
                            paused = false;
                        }
                        case Event.Fail fail
                        when fail.job() == job -> {
                            lastReport = fail.at();
                            if (failed == null) failed = fail.at();
                            paused = false;
                        }
                        case Event.Pause pause when pause.job() == job -> paused = pause.paused();
                        default -> {}
                    }
                }
                due = paused || lastReport == null ? null : (Integer) (lastReport + history.period());
                var probe = lastProbe(now);
                boolean foundEmpty = probe != null
                        && !probe.oldestByTenant().containsKey(tenant)
                        && (lastSuccess == null || probe.at() > lastSuccess);
                if (!foundEmpty) {
                    if (failed != null) since = Math.max(failed, mark);
                    else if (due != null && due <= now) since = Math.max(due, mark);
                }
            }
            int threeQuarters = mark + dwell * 3 / 4;
            boolean reportComesInTime = due != null && due > now && due < mark + dwell;
            if (now >= threeQuarters && !reportComesInTime) {
                since = since == null ? threeQuarters : Math.min(since, threeQuarters);
            }
            return since;
        }

        private int watermark(int job, int tenant, int now) {
            int oldest = oldest(tenant, now);
            if (oldest >= 0) return oldest;
            var probe = lastProbe(now);
            int claim = job < 0 ? 0 : claim(job, tenant, now);
            return probe == null ? claim : Math.max(claim, probe.at());
        }

        /** The best of all that this job ever proved of this tenant. */
        private int claim(int job, int tenant, int now) {
            int best = 0;
            Integer started = null;
            for (var event : until(now)) {
                switch (event) {
                    case Event.Start start when start.job() == job -> started = start.at();
                    case Event.Pause pause when pause.job() == job -> started = null;
                    case Event.Fail fail when fail.job() == job -> started = null;
                    case Event.Success success
                    when success.job() == job -> {
                        var report = success.report();
                        Integer proof = null;
                        if (report == null) {
                            proof = started == null ? (Integer) success.at() : started;
                        } else if (report.proves()) {
                            if (report.listed().containsKey(tenant)) {
                                proof = report.listed().get(tenant).orElse(report.watermark());
                            } else if (report.complete()) {
                                proof = report.watermark();
                            }
                        }
                        if (proof != null) best = Math.max(best, Math.min(proof, success.at()));
                        started = null;
                    }
                    default -> {}
                }
            }
            return best;
        }

        private @Nullable Integer proven(int tenant, int now) {
            Integer least = null;
            for (int job = 0; job < history.jobs(); job++) {
                int mark = watermark(job, tenant, now);
                least = least == null ? mark : Math.min(least, mark);
            }
            if (history.jobs() > 0) return least;
            var probe = lastProbe(now);
            if (probe == null) return null;
            return oldest(tenant, now) >= 0 ? (Integer) oldest(tenant, now) : (Integer) probe.at();
        }

        private int oldest(int tenant, int now) {
            var probe = lastProbe(now);
            return probe == null ? -1 : probe.oldestByTenant().getOrDefault(tenant, -1);
        }

        private Event.@Nullable Probe lastProbe(int now) {
            Event.Probe last = null;
            for (var event : until(now)) {
                if (event instanceof Event.Probe probe) last = probe;
            }
            return last;
        }

        private Event.Law law(int now) {
            var law = new Event.Law(0, history.lawful(), history.dwell());
            for (var event : until(now)) {
                if (event instanceof Event.Law changed) law = changed;
            }
            return law;
        }

        private int unlawfulSince(int now) {
            int since = Integer.MIN_VALUE / 2;
            boolean lawful = history.lawful();
            for (var event : until(now)) {
                if (event instanceof Event.Law law) {
                    if (lawful && !law.lawful()) since = law.at();
                    lawful = law.lawful();
                }
            }
            return since;
        }

        private List<Event> until(int now) {
            return history.events().stream().filter(event -> event.at() <= now).toList();
        }
    }

    private static Instant at(int second) {
        return Instant.parse("2026-03-01T00:00:00Z").plusSeconds(second);
    }
}
