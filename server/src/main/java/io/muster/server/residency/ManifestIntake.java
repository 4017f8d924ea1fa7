package io.muster.server.residency;

import io.muster.server.residency.Exposure.Step;
import io.muster.server.residency.Replication.TenantProof;
import io.muster.server.residency.ReplicationRepository.Waiting;
import io.muster.server.residency.Residence.Watched;
import io.muster.server.tenancy.Catalogue;
import io.muster.server.tenancy.Place;
import io.muster.server.tenancy.Store;
import io.muster.server.tenancy.Tenant;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Takes in what manifests say of single tenants: after the ping's transaction, in order, a batch at a time. */
@Component
class ManifestIntake {

    private static final Logger log = LoggerFactory.getLogger(ManifestIntake.class);

    private final ReplicationRepository replications;
    private final ExposureRepository exposures;
    private final Residence residence;
    private final Catalogue catalogue;

    ManifestIntake(
            ReplicationRepository replications,
            ExposureRepository exposures,
            Residence residence,
            Catalogue catalogue) {
        this.replications = replications;
        this.exposures = exposures;
        this.residence = residence;
        this.catalogue = catalogue;
    }

    /** @return whether there was anything: then the caller comes again, in another transaction */
    boolean takeIn(Watched job, Store from, List<Watched> jobs, Instant now) {
        var check = job.replication().check();
        var waiting = replications.waiting(check);
        if (waiting.isEmpty()) {
            return false;
        }
        takeIn(job, from, jobs, waiting.get(), now);
        return true;
    }

    private void takeIn(Watched job, Store from, List<Watched> jobs, Waiting waiting, Instant now) {
        var home = catalogue.store(job.replication().to()).map(Store::region).orElse("");
        switch (Manifest.read(waiting.body(), true, home)) {
            case Manifest.Valid valid -> prove(job, from, jobs, waiting, valid.manifest(), now);
            case Manifest.WrongRegion wrong -> accuse(job, waiting, wrong, now);
            case Manifest.None _, Manifest.Missing _, Manifest.Invalid _ ->
                replications.takenIn(waiting.check(), waiting.ping(), 0, true);
        }
    }

    private void prove(Watched job, Store from, List<Watched> jobs, Waiting waiting, Manifest manifest, Instant now) {
        var batch = batch(manifest, waiting);
        var check = waiting.check();
        var known = known(batch, check, waiting);
        var before = replications.proofs(List.of(check), known.keySet()).getOrDefault(check, Map.of());
        var proofs = new TreeMap<String, TenantProof>();
        for (var entry : batch) {
            var tenant = known.get(entry.id());
            if (tenant == null || !job.replication().tenants().covers(tenant)) continue;
            var claim = job.replication().claim(before.get(tenant.id()), waiting.shared(), tenant.createdAt());
            proofs.put(tenant.id(), Replication.listed(claim, manifest.of(entry), waiting.at(), waiting.ping()));
        }
        replications.prove(check, proofs);
        done(waiting, batch.size(), manifest);
        // Those whose own watermark differs from the job's are looked at by themselves from now on.
        residence.arm(from.id(), now(proofs.keySet(), now));
    }

    /** The region that it names is not where its data belongs: of those that may not be there, an exposure at once. */
    private void accuse(Watched job, Waiting waiting, Manifest.WrongRegion wrong, Instant now) {
        var manifest = wrong.manifest();
        var batch = batch(manifest, waiting);
        var known = known(batch, waiting.check(), waiting);
        accuse(job, wrong.region(), List.copyOf(known.values()), waiting.at(), now);
        if (batch.isEmpty() && manifest.complete()) {
            log.warn(
                    "job {} reported region {} for all its tenants", job.check().jobId(), wrong.region());
        }
        done(waiting, batch.size(), manifest);
    }

    private void accuse(Watched job, String region, List<Tenant> tenants, Instant at, Instant now) {
        var to = job.replication().to();
        var ids = tenants.stream().map(Tenant::id).toList();
        var open = exposures.lockOpen(to, ids);
        var places = catalogue.places(tenants, region, now);
        var rules =
                catalogue.rules(tenants.stream().map(Tenant::policy).distinct().toList());
        var steps = new ArrayList<Step>();
        for (var tenant : tenants) {
            var rule = rules.get(tenant.policy());
            if (open.containsKey(tenant.id()) || rule == null) continue;
            if (!(places.get(tenant.id()) instanceof Place.Unlawful)) continue;
            var decideBy = rule.notifyWithin() == null ? null : now.plus(rule.notifyWithin());
            var why = "%s reported that it brought data to %s; %s allows it in no store there"
                    .formatted(job.check().name(), region, tenant.policy());
            steps.add(new Step.Open(
                    new Exposure(
                            0,
                            tenant.id(),
                            tenant.policy(),
                            job.check().id(),
                            to,
                            region,
                            Exposure.State.VIOLATION,
                            Reason.WRONG_REGION,
                            Evidence.REPORTED,
                            null,
                            null,
                            at,
                            at,
                            now,
                            decideBy,
                            null,
                            null,
                            rule.maxDwell()),
                    why));
        }
        residence.store(steps, List.of(job), now);
    }

    private static List<Manifest.Entry> batch(Manifest manifest, Waiting waiting) {
        var all = manifest.tenants();
        var from = Math.min(waiting.takenIn(), all.size());
        return all.subList(from, Math.min(from + Residence.BATCH, all.size()));
    }

    /** Those that the catalogue knows; the others are a finding, never dropped silently. */
    private Map<String, Tenant> known(List<Manifest.Entry> batch, long check, Waiting waiting) {
        var ids = batch.stream().map(Manifest.Entry::id).toList();
        var known = catalogue.tenants(ids);
        var unknown = ids.stream().filter(id -> !known.containsKey(id)).toList();
        replications.unknownTenants(check, unknown, waiting.takenIn() == 0);
        return known;
    }

    private void done(Waiting waiting, int taken, Manifest manifest) {
        var count = waiting.takenIn() + taken;
        replications.takenIn(
                waiting.check(),
                waiting.ping(),
                count,
                count >= manifest.tenants().size());
    }

    private static Map<String, Instant> now(Iterable<String> tenants, Instant now) {
        var all = new HashMap<String, Instant>();
        tenants.forEach(tenant -> all.put(tenant, now));
        return all;
    }
}
