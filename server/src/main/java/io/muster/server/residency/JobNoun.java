package io.muster.server.residency;

import io.muster.server.access.Access;
import io.muster.server.access.Caller;
import io.muster.server.heartbeat.Check;
import io.muster.server.heartbeat.Checks;
import io.muster.server.heartbeat.Dependencies;
import io.muster.server.heartbeat.NextTimes;
import io.muster.server.heartbeat.PingUrls;
import io.muster.server.heartbeat.Schedule;
import io.muster.server.layout.Upcoming;
import io.muster.server.problem.FieldError;
import io.muster.server.problem.Refused;
import io.muster.server.residency.Job.Replicates;
import io.muster.server.tenancy.Catalogue;
import io.muster.server.tenancy.FormField;
import io.muster.server.tenancy.Noun;
import io.muster.server.tenancy.Rules;
import io.muster.server.tenancy.Store;
import io.muster.server.tenancy.TenantSelector;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Jobs as they are declared: a check of {@code heartbeat}, and what it brings home. */
@Component
class JobNoun implements Noun<Job> {

    private final Checks checks;
    private final ReplicationRepository replications;
    private final JobVersions versions;
    private final ExposureRepository exposures;
    private final CatalogueListener listener;
    private final Catalogue catalogue;
    private final Access access;
    private final PingUrls pings;
    private final InstantSource clock;

    JobNoun(
            Checks checks,
            ReplicationRepository replications,
            JobVersions versions,
            ExposureRepository exposures,
            CatalogueListener listener,
            Catalogue catalogue,
            Access access,
            PingUrls pings,
            InstantSource clock) {
        this.checks = checks;
        this.replications = replications;
        this.versions = versions;
        this.exposures = exposures;
        this.listener = listener;
        this.catalogue = catalogue;
        this.access = access;
        this.pings = pings;
        this.clock = clock;
    }

    @Override
    public String kind() {
        return "job";
    }

    @Override
    public String plural() {
        return "jobs";
    }

    @Override
    public Class<Job> type() {
        return Job.class;
    }

    @Override
    public Optional<Upcoming> upcoming(Map<String, String> written, Instant now) {
        return NextTimes.of(
                written.getOrDefault("every", ""),
                written.getOrDefault("cron", ""),
                written.getOrDefault("oncalendar", ""),
                written.getOrDefault("tz", ""),
                now);
    }

    @Override
    public List<FormField> form() {
        return List.of(
                FormField.text("name", "Name").must().example("Users intake to EU"),
                FormField.code("every", "Every")
                        .example("PT15M")
                        .hint("or one of the two below")
                        .beside(),
                FormField.code("grace", "Grace").example("PT5M").hint("left out: 1 h"),
                FormField.code("cron", "Cron").example("*/15 * * * *").beside(),
                FormField.of(FormField.Input.LONG, "oncalendar", "OnCalendar").example("*-*-* 02:00"),
                FormField.code("tz", "Time zone").example("Europe/Berlin").hint("of Cron and OnCalendar"),
                FormField.of(FormField.Input.LIST, "tags", "Tags").example("eu, users"),
                FormField.code("start_by", "Must start within")
                        .example("PT5M")
                        .hint("of the expected time; at most the grace")
                        .beside(),
                FormField.of(FormField.Input.NUMBER, "failures_before_alert", "Failures before an alert")
                        .example("1")
                        .hint("in a row, or missed; left out: 1"),
                FormField.code("min_runtime", "Runs at least")
                        .example("PT10S")
                        .hint("a success sooner is a failure")
                        .beside(),
                FormField.code("max_runtime", "Runs at most").example("PT2H").hint("from its start ping"),
                FormField.of(FormField.Input.NUMBER, "expects.rows.min", "Rows, at least")
                        .hint("by the manifest, all tenants together")
                        .beside(),
                FormField.of(FormField.Input.NUMBER, "expects.rows.max", "Rows, at most"),
                FormField.of(FormField.Input.NUMBER, "expects.bytes.min", "Bytes, at least")
                        .beside(),
                FormField.of(FormField.Input.NUMBER, "expects.bytes.max", "Bytes, at most"),
                FormField.of(FormField.Input.LIST, "depends_on", "Needs")
                        .example("database-backup")
                        .hint("jobs: while one is down, nobody is told that this one is"),
                FormField.reference("replicates.from", "Brings data from", "store")
                        .beside(),
                FormField.reference("replicates.to", "To", "store").hint("empty: it moves no tenant’s data"),
                FormField.of(FormField.Input.SELECTOR, "replicates.tenants", "Whose")
                        .example("all")
                        .hint("all, policy:<id>, or ids with commas"),
                FormField.code("replicates.max_dwell", "Own dwell limit")
                        .example("PT10M")
                        .hint("only shorter than the policy’s")
                        .beside(),
                FormField.choice("replicates.manifest", "Manifest", List.of("optional", "required")));
    }

    @Override
    public int order() {
        return 70;
    }

    @Override
    public void checkId(String id) {
        if (!id.matches("[0-9a-f]{40}")) Noun.super.checkId(id); // a check of the compatible API, by its unique key
    }

    @Override
    public Job settle(String id, Job sent, @Nullable Job before) {
        if (before == null) return sent;
        if (sent.uuid() != null && !sent.uuid().equals(before.uuid())) {
            throw new Refused("uuid", "can be chosen at creation only, and never changes");
        }
        return sent.with(before.uuid());
    }

    @Override
    public List<Reference> references(Job job) {
        var references = new ArrayList<Reference>();
        job.needs().forEach(needed -> references.add(new Reference("depends_on", kind(), needed)));
        var replicates = job.replicates();
        if (replicates == null) return references;
        references.add(new Reference("replicates.from", "store", replicates.from()));
        references.add(new Reference("replicates.to", "store", replicates.to()));
        if (replicates.selector() instanceof TenantSelector.OfPolicy(var policy)) {
            references.add(new Reference("replicates.tenants", "policy", policy));
        }
        return references;
    }

    /** What only the check's own declaration refuses, such as a start that may be later than the report. */
    @Override
    public Map<String, List<FieldError>> refuse(Map<String, Job> proposed) {
        var wrong = new HashMap<String, List<FieldError>>();
        proposed.forEach((id, job) -> {
            try {
                job.declaration(null);
            } catch (Refused refused) {
                wrong.put(id, refused.errors());
            }
        });
        cycle(proposed)
                .ifPresent(cycle -> wrong.putIfAbsent(
                        cycle.stream().filter(proposed::containsKey).findFirst().orElseThrow(),
                        List.of(new FieldError(
                                "depends_on", "must not lead back to the job itself; got " + shown(cycle)))));
        return wrong;
    }

    /** One that all of these would be part of, or lead to. */
    private Optional<List<String>> cycle(Map<String, Job> proposed) {
        var needed = proposed.values().stream()
                .flatMap(job -> job.needs().stream())
                .distinct()
                .toList();
        if (needed.isEmpty()) return Optional.empty();
        var needs = new HashMap<>(checks.dependencies(access.caller().project(), needed));
        proposed.forEach((id, job) -> needs.put(id, job.needs()));
        return Dependencies.cycle(proposed.keySet(), needs);
    }

    private static String shown(List<String> cycle) {
        return Refused.shown(String.join(", ", cycle));
    }

    @Override
    public Map<String, Declared<Job>> find(Collection<String> ids, Caller caller) {
        if (caller.tenant() != null) return Map.of(); // a job is the operator's, and speaks of many tenants
        var found = new LinkedHashMap<String, Declared<Job>>();
        declared(checks.find(caller.project(), ids).values()).forEach(job -> found.put(job.id(), job));
        return found;
    }

    @Override
    public List<Declared<Job>> page(@Nullable String afterId, int limit, Caller caller) {
        if (caller.tenant() != null) return List.of();
        return declared(checks.page(caller.project(), afterId, limit));
    }

    /** Checks of the compatible API. */
    @Override
    public Set<String> undeclared(List<Declared<Job>> things, Caller caller) {
        var ids = things.stream().map(Declared::id).toList();
        return checks.find(caller.project(), ids).values().stream()
                .filter(check -> !check.isNative())
                .map(Check::jobId)
                .collect(Collectors.toSet());
    }

    private List<Declared<Job>> declared(Collection<Check> found) {
        var ids = found.stream().map(Check::id).toList();
        var rows = replications.find(ids);
        var numbers = versions.of(ids);
        var jobs = new ArrayList<Declared<Job>>();
        for (var check : found) {
            var row = rows.get(check.id());
            var number = numbers.get(check.id());
            jobs.add(new Declared<>(
                    check.jobId(),
                    Job.of(check, row == null ? null : replicates(row)),
                    number == null ? 1 : number.version(),
                    check.createdAt(),
                    number == null || number.updatedAt().isBefore(check.updatedAt())
                            ? check.updatedAt()
                            : number.updatedAt()));
        }
        return jobs;
    }

    static Replicates replicates(Replication row) {
        return new Replicates(
                row.from(), row.to(), row.tenants(), row.maxDwell(), row.manifestRequired() ? "required" : "optional");
    }

    @Override
    public void insert(List<Declared<Job>> news) {
        declare(news);
    }

    @Override
    public void update(List<Edit<Job>> edits) {
        declare(edits.stream().map(Edit::after).toList());
    }

    private void declare(List<Declared<Job>> jobs) {
        var now = jobs.getFirst().updatedAt();
        var regions = regions(jobs);
        var declarations = new TreeMap<String, io.muster.server.heartbeat.Declaration>();
        for (var job : jobs) {
            var replicates = job.value().replicates();
            declarations.put(
                    job.id(), job.value().declaration(replicates == null ? null : regions.get(replicates.from())));
        }
        var stored = new HashMap<String, Check>();
        checks.declare(access.caller().project(), declarations)
                .forEach(one -> stored.put(one.check().jobId(), one.check()));
        var moving = new ArrayList<Long>();
        var still = new ArrayList<Long>();
        for (var job : jobs) {
            var check = stored.get(job.id());
            if (check == null) throw new IllegalStateException("job " + job.id() + " was not stored");
            versions.set(check.id(), job.version(), now);
            var replicates = job.value().replicates();
            if (replicates == null) {
                still.add(check.id());
                continue;
            }
            moving.add(check.id());
            replications.declare(new Replication(
                    check.id(),
                    replicates.from(),
                    replicates.to(),
                    replicates.selector(),
                    replicates.maxDwell(),
                    replicates.required(),
                    now,
                    Proven.since(Watermark.declared(now)),
                    null,
                    false,
                    false,
                    null));
        }
        replications.delete(still);
        listener.walk(moving, now);
    }

    private Map<String, String> regions(List<Declared<Job>> jobs) {
        var ids = new ArrayList<String>();
        for (var job : jobs) {
            if (job.value().replicates() != null)
                ids.add(job.value().replicates().from());
        }
        var regions = new HashMap<String, String>();
        catalogue.stores(ids).forEach((id, store) -> regions.put(id, store.region()));
        return regions;
    }

    @Override
    public void delete(List<Declared<Job>> gone, Instant now) {
        checks.delete(access.caller().project(), gone.stream().map(Declared::id).toList());
    }

    @Override
    public List<Use> uses(String kind, Collection<String> ids, int limit) {
        var uses = new ArrayList<Use>();
        if (kind.equals(kind())) {
            checks.dependingOn(access.caller().project(), ids, limit)
                    .forEach(job -> uses.add(new Use(kind(), job.jobId(), job.needs())));
        }
        if (!kind.equals("store") && !kind.equals("policy")) return uses;
        var rows = replications.all();
        var found = new HashMap<Long, String>();
        for (var row : rows) {
            if (kind.equals("store")) {
                if (ids.contains(row.from())) found.put(row.check(), row.from());
                else if (ids.contains(row.to())) found.put(row.check(), row.to());
            } else if (row.tenants() instanceof TenantSelector.OfPolicy(var policy) && ids.contains(policy)) {
                found.put(row.check(), policy);
            }
            if (found.size() >= limit) break;
        }
        checks.byIds(found.keySet())
                .forEach((id, check) -> uses.add(new Use(kind(), check.jobId(), String.valueOf(found.get(id)))));
        return uses;
    }

    @Override
    public Job shownTo(Caller caller, Job job) {
        return caller.mayWrite() ? job : job.with(null);
    }

    /** A run that is on. */
    record Running(@Nullable UUID rid, Instant startedAt) {}

    @Override
    public Map<String, Map<String, @Nullable Object>> extras(List<Declared<Job>> jobs, Caller caller) {
        var now = clock.instant();
        var found =
                checks.find(caller.project(), jobs.stream().map(Declared::id).toList());
        var ids = found.values().stream().map(Check::id).toList();
        var counts = exposures.openOf(ids);
        var unknown = replications.unknownTenants(ids);
        var failures = checks.lastFailures(ids);
        var snoozes = checks.snoozes(ids);
        var heldBack = checks.heldBack(ids);
        var extras = new HashMap<String, Map<String, @Nullable Object>>();
        for (var job : jobs) {
            var check = found.get(job.id());
            if (check == null) continue;
            var more = new LinkedHashMap<String, @Nullable Object>();
            if (caller.mayWrite()) {
                more.put("ping_url", pings.of(check.uuid()));
                more.put("fail_url", pings.failOf(check.uuid()));
            } else {
                more.put("unique_key", check.uniqueKey());
            }
            more.put("status", check.at(now).word());
            more.put("started", check.isStarted());
            more.put(
                    "running",
                    check.running(now).stream()
                            .map(run -> new Running(run.rid(), run.startedAt()))
                            .toList());
            more.put("last_ping", check.lastPing());
            more.put("next_due", check.expectedAt().orElse(null));
            more.put("snooze", snoozes.get(check.id()));
            more.put("held_back", heldBack.get(check.id()));
            more.put("last_failure", failures.get(check.id()));
            more.put("exposures", counts.getOrDefault(check.id(), new ExposureRepository.Counts(0, 0)));
            more.put("warnings", warnings(job.value(), now));
            more.put("unknown_tenants", unknown.getOrDefault(check.id(), List.of()));
            extras.put(job.id(), more);
        }
        return extras;
    }

    /** Promises that this job cannot keep, however well it runs. */
    List<String> warnings(Job job, Instant now) {
        var replicates = job.replicates();
        if (replicates == null) return List.of();
        var store = catalogue.store(replicates.from());
        var region = store.map(Store::region).flatMap(catalogue::region);
        var period = period(job.schedule(), now);
        if (region.isEmpty() || period.isEmpty()) return List.of();
        var warnings = new ArrayList<String>();
        for (var rules :
                catalogue.rules(catalogue.policiesOf(replicates.selector())).values()) {
            if (rules.ruling(region.get().code(), region.get().jurisdiction()) instanceof Rules.Ruling.Allowed)
                continue;
            var own = replicates.maxDwell();
            var allowed = own != null && own.compareTo(rules.maxDwell()) < 0 ? own : rules.maxDwell();
            if (period.get().compareTo(allowed) > 0) {
                warnings.add("runs every %s, but %s allows %s in %s: cannot be kept"
                        .formatted(
                                iso(period.get()),
                                rules.policy(),
                                iso(allowed),
                                region.get().code()));
            }
        }
        return warnings;
    }

    /** The time between two reports; of a calendar, between the next two. */
    private static Optional<Duration> period(Schedule schedule, Instant now) {
        return schedule.dueAfter(now)
                .flatMap(first -> schedule.dueAfter(first).map(next -> Duration.between(first, next)));
    }

    /** {@code P1D} rather than {@code PT24H}. */
    private static String iso(Duration length) {
        return length.toSeconds() > 0 && length.toSeconds() % 86_400 == 0
                ? "P" + length.toDays() + "D"
                : length.toString();
    }
}
