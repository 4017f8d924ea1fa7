package io.muster.server.residency;

import io.muster.server.deadline.Deadlines;
import io.muster.server.tenancy.Catalogue;
import io.muster.server.tenancy.CatalogueChanged;
import io.muster.server.tenancy.Tenant;
import io.muster.server.tenancy.Transfers;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * What is declared decides what is lawful: whatever a change of the catalogue concerns is looked at again, as due work
 * outside the transaction of the change.
 */
@Component
class CatalogueListener {

    /** Up to so many changed tenants are looked at one by one; more, and the walks of their jobs visit all. */
    private static final int ONE_BY_ONE = 1_000;

    private final ReplicationRepository replications;
    private final ProbeRepository probes;
    private final ExposureRepository exposures;
    private final Residence residence;
    private final Catalogue catalogue;
    private final Transfers transfers;
    private final Deadlines deadlines;

    CatalogueListener(
            ReplicationRepository replications,
            ProbeRepository probes,
            ExposureRepository exposures,
            Residence residence,
            Catalogue catalogue,
            Transfers transfers,
            Deadlines deadlines) {
        this.replications = replications;
        this.probes = probes;
        this.exposures = exposures;
        this.residence = residence;
        this.catalogue = catalogue;
        this.transfers = transfers;
        this.deadlines = deadlines;
    }

    @EventListener
    void on(CatalogueChanged changed) {
        var tenants = new HashSet<String>();
        var records = new ArrayList<String>();
        var everything = false;
        for (var change : changed.changes()) {
            switch (change.kind()) {
                case "policy", "region", "store" -> everything |= change.verb() != CatalogueChanged.Verb.CREATED;
                case "tenant" -> tenants.add(change.id());
                case "transfer" -> records.add(change.id());
                default -> {}
            }
        }
        transfers(records, tenants, changed.now());
        if (everything || tenants.size() > ONE_BY_ONE) {
            everything(changed.now());
        } else if (!tenants.isEmpty()) {
            oneByOne(tenants, changed.now());
        }
    }

    /** What they make lawful ends by itself when they expire. */
    private void transfers(List<String> ids, Set<String> tenants, Instant now) {
        if (ids.isEmpty()) return;
        tenants.addAll(transfers.tenantsOf(ids));
        var expiries = new HashMap<String, Instant>();
        transfers.expiries(ids).forEach((id, expiry) -> {
            if (expiry.at().isAfter(now)) expiries.put(id, expiry.at());
        });
        deadlines.arm(TransferExpiry.NAME, expiries);
    }

    /** All jobs visit all their tenants, and all probes look again. */
    private void everything(Instant now) {
        var jobs = replications.all().stream().map(Replication::check).toList();
        walk(jobs, now);
        var looks = new HashMap<String, Instant>();
        probes.ids().forEach(id -> looks.put(id, now));
        deadlines.arm(ProbeDeadline.NAME, looks);
    }

    void walk(List<Long> checks, Instant now) {
        if (checks.isEmpty()) return;
        replications.restart(checks, now, true);
        var keys = new HashMap<String, Instant>();
        checks.forEach(check -> keys.put(Long.toString(check), now));
        deadlines.arm(JobWalk.NAME, keys);
    }

    /** In every store out of which a job takes their data, and where anything of theirs is open. */
    void oneByOne(Set<String> ids, Instant now) {
        var known = catalogue.tenants(ids);
        var rows = replications.all();
        var looks = new HashMap<String, Map<String, Instant>>();
        for (var id : new TreeSet<>(ids)) {
            for (var store : stores(id, known.get(id), rows)) {
                looks.computeIfAbsent(store, _ -> new HashMap<>()).put(id, now);
            }
        }
        looks.forEach(residence::arm);
    }

    private Set<String> stores(String id, @Nullable Tenant tenant, List<Replication> rows) {
        var stores = new TreeSet<String>(exposures.openStores(id));
        if (tenant != null) {
            var covering = new ArrayList<String>();
            for (var row : rows) {
                if (row.tenants().covers(tenant)) covering.add(row.from());
            }
            stores.addAll(covering);
            stores.addAll(probes.storesWith(id));
        }
        return stores;
    }
}
