package io.muster.server.heartbeat;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;

import io.muster.server.access.Access;
import io.muster.server.audit.AuditLog;
import io.muster.server.audit.OwnEvent;
import io.muster.server.deadline.Deadlines;
import io.muster.server.heartbeat.ChecksChanged.Change;
import io.muster.server.problem.Refused;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** What jobs and other modules ask of checks. A job id is a check's slug, or its unique key: see {@link Check#jobId}. */
@Component
public class Checks {

    private static final Duration LONGEST_SNOOZE = Duration.ofDays(30);

    private final CheckRepository checks;
    private final DeclaredChecks declared;
    private final HeardChecks heard;
    private final FlipRepository flips;
    private final OutageRepository outages;
    private final DeletedChecks deleted;
    private final CheckChanges changes;
    private final FailureRepository failures;
    private final RunLog runs;
    private final HoldRepository holds;
    private final JobAlerts alerts;
    private final Deadlines deadlines;
    private final AuditLog audit;
    private final Access access;
    private final InstantSource clock;

    Checks(
            CheckRepository checks,
            DeclaredChecks declared,
            HeardChecks heard,
            FlipRepository flips,
            OutageRepository outages,
            DeletedChecks deleted,
            CheckChanges changes,
            FailureRepository failures,
            RunLog runs,
            HoldRepository holds,
            JobAlerts alerts,
            Deadlines deadlines,
            AuditLog audit,
            Access access,
            InstantSource clock) {
        this.checks = checks;
        this.declared = declared;
        this.heard = heard;
        this.flips = flips;
        this.outages = outages;
        this.deleted = deleted;
        this.changes = changes;
        this.failures = failures;
        this.runs = runs;
        this.holds = holds;
        this.alerts = alerts;
        this.deadlines = deadlines;
        this.audit = audit;
        this.access = access;
        this.clock = clock;
    }

    public Optional<Check> find(String project, String jobId) {
        return checks.byJobId(project, jobId);
    }

    /** By job id; those that do not exist are left out. */
    public Map<String, Check> find(String project, Collection<String> jobIds) {
        return checks.byJobIds(project, jobIds).stream().collect(toMap(Check::jobId, Function.identity()));
    }

    public Map<Long, Check> byIds(Collection<Long> ids) {
        return checks.byIds(ids).stream().collect(toMap(Check::id, Function.identity()));
    }

    /** In the order of job ids. */
    public List<Check> page(String project, @Nullable String afterJobId, int limit) {
        return checks.page(project, afterJobId, limit);
    }

    /** Newest first, those before flip {@code before}. */
    public List<FlipRow> flips(long check, @Nullable Long before, int limit) {
        return flips.page(check, before, limit);
    }

    /** Of each flip that was noticed late because Muster itself was away: in which outage; by the flip's id. */
    public Map<Long, Outage> outages(Collection<FlipRow> flips) {
        return outages.whyLate(flips);
    }

    /** Of each instant in which Muster itself was away: in which outage. */
    public Map<Instant, Outage> outagesAt(Collection<Instant> instants) {
        return instants.isEmpty() ? Map.of() : outages.around(instants);
    }

    /** Runs whose last ping came before ping {@code before}; null: all. */
    public RunPage runs(Check check, @Nullable Long before, int limit) {
        return runs.page(check, before, limit, clock.instant());
    }

    /** The last failure of each, and its cause; of those that had one among their last 100 pings. */
    public Map<Long, Failure> lastFailures(Collection<Long> ids) {
        return failures.last(ids);
    }

    /** Of each that is or would be held back from being told as down: why. */
    public Map<Long, Hold> heldBack(Collection<Long> ids) {
        return alerts.heldBack(List.copyOf(ids), clock.instant());
    }

    /** Of those that are snoozed. */
    public Map<Long, Snooze> snoozes(Collection<Long> ids) {
        return holds.snoozes(ids, clock.instant());
    }

    /** What these jobs, and those that they wait for, depend on. */
    public Map<String, List<String>> dependencies(String project, Collection<String> jobIds) {
        return holds.dependencies(project, jobIds);
    }

    /** A job, and one that it depends on. */
    public record Dependent(String jobId, String needs) {}

    /** Jobs that depend on one of these; the first {@code limit}. */
    public List<Dependent> dependingOn(String project, Collection<String> jobIds, int limit) {
        return holds.dependingOn(project, jobIds, limit);
    }

    /**
     * Until then nobody is told that it is down; empty: there is no such job. A later one replaces it.
     *
     * @param until within 30 days
     */
    @Transactional
    public Optional<Snooze> snooze(String project, String jobId, Instant until, String reason) {
        var now = clock.instant();
        Texts.require("reason", reason, 0, 500);
        if (!until.isAfter(now) || until.isAfter(now.plus(LONGEST_SNOOZE))) {
            throw new Refused("until", "must be later than now, and within 30 days; got " + until);
        }
        return heard.lockByJobId(project, List.of(jobId)).stream().findFirst().map(check -> {
            var snooze = new Snooze(check.id(), until, reason, access.caller().name(), now);
            holds.snooze(snooze);
            audit.record(List.of(event(check, "check.snoozed", now, Map.of("until", until.toString()))));
            settle(check, now, Map.of(Long.toString(check.id()), until));
            return snooze;
        });
    }

    /** One of {@link #snooze(String, String, Instant, String)}, from now on. */
    @Transactional
    public Optional<Snooze> snooze(String project, String jobId, Duration length, String reason) {
        if (length.compareTo(Duration.ZERO) <= 0 || length.compareTo(LONGEST_SNOOZE) > 0) {
            throw new Refused("for", "must be more than PT0S and at most P30D; got " + length);
        }
        return snooze(project, jobId, clock.instant().plus(length), reason);
    }

    /** Nothing happens to one that is not snoozed; false: there is no such job. */
    @Transactional
    public boolean endSnooze(String project, String jobId) {
        var now = clock.instant();
        var found = heard.lockByJobId(project, List.of(jobId));
        for (var check : found) {
            if (holds.unsnooze(List.of(check.id()), Instant.parse("9999-01-01T00:00:00Z")) == 0) continue;
            audit.record(List.of(event(check, "check.snooze_ended", now, Map.of())));
            settle(check, now, Map.of());
        }
        return !found.isEmpty();
    }

    private void settle(Check locked, Instant now, Map<String, Instant> ends) {
        var again = new HashMap<>(ends);
        again.putAll(alerts.settle(List.of(locked), now));
        deadlines.arm(HeldBackDeadline.NAME, again);
    }

    private OwnEvent event(Check check, String action, Instant now, Map<String, String> details) {
        return new OwnEvent(
                OwnEvent.PLATFORM,
                action,
                "/jobs/" + check.jobId(),
                OwnEvent.Status.SUCCESS,
                now,
                access.caller(),
                details);
    }

    /** One of {@link #declare(String, Map)}. */
    @Transactional
    public Check declare(String project, String slug, Declaration declaration) {
        return declare(project, Map.of(slug, declaration)).getFirst().check();
    }

    /** A check after its declaration: new, changed, or as it was. */
    public record Declared(Check check, boolean isNew, boolean isChanged) {}

    /**
     * Creates each check, or gives the one with its slug what is declared; what was heard of it stays. A check that the
     * compatible API made under the slug is adopted.
     */
    @Transactional
    public List<Declared> declare(String project, Map<String, Declaration> bySlug) {
        var now = clock.instant();
        declared.lockNames(project);
        var found = heard.lockBySlug(project, bySlug.keySet()).stream().collect(groupingBy(Check::slug));
        var unborn = new LinkedHashMap<String, Check>();
        var changed = new ArrayList<Change>();
        var same = new ArrayList<Check>();
        bySlug.forEach((slug, job) -> {
            requireId(slug);
            var before = adoptable(slug, found.getOrDefault(slug, List.of()));
            if (before == null) {
                var uuid = job.uuid() == null ? UUID.randomUUID() : job.uuid();
                var settings = Settings.fresh(slug, job.name()).declared(slug, job);
                unborn.put(slug, DeclaredChecks.unborn(project, uuid, settings.withChannels(null), now));
                return;
            }
            if (job.uuid() != null && !job.uuid().equals(before.uuid().value())) {
                throw new Refused("uuid", "of " + slug + " can be chosen at its creation only");
            }
            var after = before.with(before.settings().declared(slug, job), now);
            if (after.equals(before)) {
                same.add(before);
            } else {
                changed.add(new Change(before, after, List.of(), List.of()));
            }
        });
        requireFree(unborn.values());
        declared.insert(unborn.values());
        declared.redefine(changed.stream().map(Change::after).toList());
        declared.nameJobs(project, bySlug.keySet());

        var stored = heard.lockBySlug(project, bySlug.keySet()).stream()
                .filter(check -> check.settings().isNative())
                .collect(toMap(Check::slug, Function.identity()));
        var told = Stream.concat(
                        unborn.keySet().stream().map(slug -> new Change(null, stored.get(slug), List.of(), List.of())),
                        changed.stream()
                                .map(change -> redeclared(
                                        change,
                                        requireNonNull(stored.get(change.now().slug())),
                                        now)))
                .sorted((a, b) -> Long.compare(a.now().id(), b.now().id()))
                .toList();
        changes.store(told, now);
        var differing = new HashSet<>(
                changed.stream().map(change -> change.now().slug()).toList());
        return bySlug.keySet().stream()
                .map(slug -> new Declared(
                        requireNonNull(stored.get(slug)), unborn.containsKey(slug), differing.contains(slug)))
                .toList();
    }

    /** Of failures in a row that nobody was told of, people are told now if the new declaration counts fewer. */
    private static Change redeclared(Change change, Check stored, Instant now) {
        var before = requireNonNull(change.before());
        var after = stored.with(change.now().openRuns(), change.now().inARow());
        var news = News.of(before, after, now, News.DECLARED, null, 0);
        return new Change(before, after, List.of(), List.of(), news.stream().toList(), List.of());
    }

    private static @Nullable Check adoptable(String slug, List<Check> found) {
        var job = found.stream().filter(check -> check.settings().isNative()).findFirst();
        if (job.isPresent()) return job.get();
        if (found.size() > 1) {
            throw new Refused("id", "names " + found.size() + " checks: give each of them another slug first");
        }
        return found.isEmpty() ? null : found.getFirst();
    }

    private static void requireId(String slug) {
        if (!slug.matches("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")) {
            throw new Refused("id", "must be 1 to 63 of a-z, 0-9 and inner '-'; got " + slug);
        }
        if (slug.matches("[0-9a-f]{40}")) {
            throw new Refused("id", "must not look like the unique key of a check; got " + slug);
        }
    }

    private void requireFree(Collection<Check> unborn) {
        var uuids = unborn.stream().map(check -> check.uuid().value()).toList();
        if (new HashSet<>(uuids).size() < uuids.size() || checks.anyWithUuid(uuids)) {
            throw new Refused("uuid", "is that of another check");
        }
    }

    /** With all that was heard; unknown ones are left out. */
    @Transactional
    public void delete(String project, Collection<String> jobIds) {
        declared.lockNames(project);
        var going = checks.byJobIds(project, jobIds);
        var ids = going.stream().map(Check::id).collect(toSet());
        var namesakes = heard.lockWithNamesakes(
                project, ids, going.stream().map(Check::slug).collect(toSet()));
        delete(namesakes.stream().filter(check -> ids.contains(check.id())).toList(), clock.instant());
    }

    /**
     * Those who listen go first: what they keep about a check may refer to it.
     *
     * @param locked with their namesakes, which may be named anew
     */
    void delete(List<Check> locked, Instant now) {
        if (locked.isEmpty()) return;
        changes.store(
                locked.stream()
                        .map(check -> new Change(check, null, List.of(), List.of()))
                        .toList(),
                now);
        declared.delete(locked.stream().map(Check::id).toList());
        deleted.forget(locked, now);
        locked.stream()
                .collect(groupingBy(Check::project))
                .forEach((project, gone) -> declared.nameJobs(
                        project, gone.stream().map(Check::slug).toList()));
    }

    /** Nothing happens to one that is paused. */
    @Transactional
    public Optional<Check> pause(String project, String jobId) {
        return heard.lockByJobId(project, List.of(jobId)).stream()
                .findFirst()
                .map(check -> pause(check, clock.instant()));
    }

    Check pause(Check locked, Instant now) {
        if (locked.status() == Status.PAUSED) return locked;
        var flip = new Flip(locked.id(), now, locked.status(), Status.PAUSED, "paused");
        var after = locked.paused(now);
        changes.store(List.of(new Change(locked, after, List.of(), List.of(flip))), now);
        return after;
    }

    /** As if nothing had been heard yet. Refused unless the check is paused. */
    @Transactional
    public Optional<Check> resume(String project, String jobId) {
        return heard.lockByJobId(project, List.of(jobId)).stream()
                .findFirst()
                .map(check -> resume(check, clock.instant()));
    }

    Check resume(Check locked, Instant now) {
        if (locked.status() != Status.PAUSED) throw new Refused("status", "must be paused to be resumed");
        var flip = new Flip(locked.id(), now, Status.PAUSED, Status.NEW, "resumed");
        var after = locked.resumed(now);
        changes.store(List.of(new Change(locked, after, List.of(), List.of(flip))), now);
        return after;
    }

    /** Those that are not paused, or those that are: all in one transaction. Returns how many. Unknown ones are left out. */
    @Transactional
    public int pauseOrResume(String project, Collection<String> jobIds, boolean pause) {
        var now = clock.instant();
        var changed = heard.lockByJobId(project, jobIds).stream()
                .filter(check -> (check.status() == Status.PAUSED) != pause)
                .map(check -> {
                    var flip = pause
                            ? new Flip(check.id(), now, check.status(), Status.PAUSED, "paused")
                            : new Flip(check.id(), now, Status.PAUSED, Status.NEW, "resumed");
                    var after = pause ? check.paused(now) : check.resumed(now);
                    return new Change(check, after, List.of(), List.of(flip));
                })
                .toList();
        changes.store(changed, now);
        return changed.size();
    }
}
