package io.muster.server.residency;

import io.muster.server.deadline.DeadlineKind;
import io.muster.server.residency.Residence.Watched;
import io.muster.server.tenancy.Catalogue;
import io.muster.server.tenancy.Region;
import io.muster.server.tenancy.Rules;
import io.muster.server.tenancy.Store;
import io.muster.server.tenancy.Tenant;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Looks at a job's tenants when the job may no longer keep its promise to them, or keeps it again. Each wake-up is one
 * transaction of at most {@link Residence#BATCH} tenants; where it stands is in the job's row, so any node goes on.
 *
 * <p>While all is well this judges each policy once for all its tenants, and visits none.
 */
@Component
class JobWalk implements DeadlineKind {

    static final String NAME = "job_walk";

    /** In front of a cursor: every tenant is visited, for what is allowed has changed. */
    private static final String ALL = "*";

    /** In front of a cursor: the walk is at those of whom probes saw rows, whom a job that fails puts at risk. */
    private static final String ROWS = "~";

    private final Residence residence;
    private final ReplicationRepository replications;
    private final ProbeRepository probes;
    private final ExposureRepository exposures;
    private final Catalogue catalogue;
    private final ManifestIntake intake;

    JobWalk(
            Residence residence,
            ReplicationRepository replications,
            ProbeRepository probes,
            ExposureRepository exposures,
            Catalogue catalogue,
            ManifestIntake intake) {
        this.residence = residence;
        this.replications = replications;
        this.probes = probes;
        this.exposures = exposures;
        this.catalogue = catalogue;
        this.intake = intake;
    }

    @Override
    public String name() {
        return NAME;
    }

    /** One job a transaction, for each may mean a thousand tenants. */
    @Override
    public int batch() {
        return 1;
    }

    @Override
    public Map<String, Instant> wake(List<String> keys, Instant now) {
        var again = new HashMap<String, Instant>();
        for (var key : keys) {
            wake(Long.parseLong(key), now).ifPresent(at -> again.put(key, at));
        }
        return again;
    }

    private Optional<Instant> wake(long check, Instant now) {
        var from = Optional.ofNullable(replications.find(List.of(check)).get(check))
                .flatMap(row -> catalogue.store(row.from()));
        if (from.isEmpty()) {
            return Optional.empty();
        }
        var jobs = residence.watched(from.get().id());
        var job =
                jobs.stream().filter(one -> one.replication().check() == check).findFirst();
        if (job.isEmpty()) {
            return Optional.empty(); // it was deleted, or now takes data out of another store: then that armed it anew
        }
        if (intake.takeIn(job.get(), from.get(), jobs, now)) {
            return Optional.of(now);
        }
        return step(job.get(), from.get(), jobs, now);
    }

    private Optional<Instant> step(Watched job, Store from, List<Watched> jobs, Instant now) {
        var row = job.replication();
        var cursor = row.walkAfter() == null ? "" : row.walkAfter();
        var all = cursor.startsWith(ALL);
        var after = all ? cursor.substring(1) : cursor;
        var visitsExposures = row.walkExposures() || (row.walkAfter() == null && row.troubled());
        if (visitsExposures) {
            var tenants = exposures.openTenants(from.id(), after, Residence.BATCH);
            residence.arm(from.id(), residence.look(from, jobs, tenants, now));
            var full = tenants.size() == Residence.BATCH;
            replications.walked(
                    row.check(), (all ? ALL : "") + (full ? tenants.getLast() : ""), full, row.troubled(), now);
            return Optional.of(now);
        }
        if (after.startsWith(ROWS)) {
            return visitRows(job, from, jobs, after.substring(1), now);
        }
        return visitTenants(job, from, jobs, all, after, now);
    }

    private Optional<Instant> visitRows(Watched job, Store from, List<Watched> jobs, String after, Instant now) {
        var tenants = probes.tenantsWithRows(from.id(), after, Residence.BATCH);
        residence.arm(from.id(), residence.look(from, jobs, tenants, now));
        if (tenants.size() < Residence.BATCH) {
            return rest(job, from, findings(job, from, policies(job), now));
        }
        replications.walked(
                job.replication().check(),
                ROWS + tenants.getLast(),
                false,
                job.replication().troubled(),
                now);
        return Optional.of(now);
    }

    /** Policy by policy, in order; of one whose promise is kept no tenant is visited. */
    private Optional<Instant> visitTenants(
            Watched job, Store from, List<Watched> jobs, boolean all, String after, Instant now) {
        var row = job.replication();
        var slash = after.indexOf('/');
        var atPolicy = slash < 0 ? "" : after.substring(0, slash);
        var policies = policies(job);
        var findings = findings(job, from, policies, now);
        for (var policy : policies) {
            if (policy.compareTo(atPolicy) < 0 || (!all && !(isDue(findings.get(policy))))) {
                continue;
            }
            var behind = policy.equals(atPolicy) ? after.substring(slash + 1) : null;
            var tenants = ids(catalogue.tenantsOf(row.tenants(), policy, behind, Residence.BATCH));
            if (tenants.isEmpty()) {
                continue;
            }
            residence.arm(from.id(), residence.look(from, jobs, tenants, now));
            replications.walked(
                    row.check(), (all ? ALL : "") + policy + "/" + tenants.getLast(), false, row.troubled(), now);
            return Optional.of(now);
        }
        var broken = Residence.state(job.check()).brokenSince(now).isPresent();
        if (broken && !all && probes.empty(from.id()) instanceof Seen.Empty) {
            replications.walked(row.check(), ROWS, false, row.troubled(), now);
            return Optional.of(now);
        }
        return rest(job, from, findings);
    }

    /** The walk is over: when the next one begins although nothing is heard. */
    private Optional<Instant> rest(Watched job, Store from, Map<String, Finding> findings) {
        var troubled =
                exposures.anyOpen(from.id()) || findings.values().stream().anyMatch(JobWalk::isDue);
        var look = findings.values().stream()
                .flatMap(finding -> finding.next().stream())
                .min(Instant::compareTo);
        replications.walked(job.replication().check(), null, false, troubled, look.orElse(null));
        return look;
    }

    private List<String> policies(Watched job) {
        return catalogue.policiesOf(job.replication().tenants()).stream()
                .sorted()
                .toList();
    }

    private static boolean isDue(@Nullable Finding finding) {
        return finding instanceof Finding.AtRisk || finding instanceof Finding.Violation;
    }

    /** Of each policy that may forbid the place, the finding for a tenant of which nothing particular is known. */
    private Map<String, Finding> findings(Watched job, Store from, List<String> policies, Instant now) {
        var findings = new HashMap<String, Finding>();
        var seen = probes.empty(from.id());
        var region = catalogue.region(from.region());
        catalogue.rules(policies).forEach((policy, rules) -> {
            if (region.isPresent() && isAllowed(rules, region.get())) return;
            var mover = Residence.mover(job, job.shared().top(), rules.maxDwell());
            findings.put(
                    policy,
                    Finding.at(
                            now, mover.claim().after(seen), mover.maxDwell(), Optional.of(mover.state()), seen, false));
        });
        return findings;
    }

    private static boolean isAllowed(Rules rules, Region region) {
        return rules.ruling(region.code(), region.jurisdiction()) instanceof Rules.Ruling.Allowed;
    }

    private static List<String> ids(List<Tenant> tenants) {
        var ids = new ArrayList<String>();
        tenants.forEach(tenant -> ids.add(tenant.id()));
        return ids;
    }
}
