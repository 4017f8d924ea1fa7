package io.muster.server.residency;

import static io.muster.server.layout.Figures.count;

import io.muster.server.heartbeat.Checks;
import io.muster.server.layout.Figures;
import io.muster.server.layout.Word;
import io.muster.server.residency.Exposure.Step;
import io.muster.server.tenancy.Catalogue;
import io.muster.server.tenancy.CatalogueChanged.Change;
import io.muster.server.tenancy.CatalogueChanged.Verb;
import io.muster.server.tenancy.Consequences;
import io.muster.server.tenancy.Place;
import io.muster.server.tenancy.Store;
import io.muster.server.tenancy.Tenant;
import io.muster.server.tenancy.TenantSelector;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Tells a dry run what would follow: the exposures that would open or close at once, by the same arithmetic that opens them,
 * and the promises that a job could not keep.
 */
@Component
class CatalogueConsequences implements Consequences {

    /** Most tenants that are looked at for one dry run of changed tenants, and for each changed policy, store or region. */
    private static final int TENANTS = 1_000;

    private static final int STORES = 60;

    private final Catalogue catalogue;
    private final Residence residence;
    private final ReplicationRepository replications;
    private final ExposureRepository exposures;
    private final Checks checks;
    private final JobNoun jobs;

    CatalogueConsequences(
            Catalogue catalogue,
            Residence residence,
            ReplicationRepository replications,
            ExposureRepository exposures,
            Checks checks,
            JobNoun jobs) {
        this.catalogue = catalogue;
        this.residence = residence;
        this.replications = replications;
        this.exposures = exposures;
        this.checks = checks;
        this.jobs = jobs;
    }

    /** What would become of exposures. @param first why the first of them opens */
    private record Turn(long violations, long risks, long closes, String first) {

        private static final Turn NONE = new Turn(0, 0, 0, "");

        private Turn and(Turn other) {
            return new Turn(
                    violations + other.violations,
                    risks + other.risks,
                    closes + other.closes,
                    first.isEmpty() ? other.first : first);
        }
    }

    @Override
    public List<Follow> of(List<Change> changes, Instant now) {
        var from =
                catalogue
                        .stores(replications.all().stream()
                                .map(Replication::from)
                                .distinct()
                                .toList())
                        .values()
                        .stream()
                        .limit(STORES)
                        .toList();
        var ids = new TreeSet<String>();
        for (var change : changes) {
            if (ids.size() < TENANTS) change.tenant().ifPresent(ids::add);
        }
        var known = catalogue.tenants(ids);
        var turns = turns(known.values(), from, now);
        return changes.stream()
                .map(change -> switch (change.kind()) {
                    case "tenant" -> tenant(change, known.get(change.id()), turns.getOrDefault(change.id(), Turn.NONE));
                    case "transfer" ->
                        told(
                                change.tenant().map(turns::get).orElse(Turn.NONE),
                                change.verb() == Verb.DELETED
                                        ? "Nothing lies where only this record allows it."
                                        : "It counts when applied, until it expires.");
                    case "policy" -> policy(change, from, now);
                    case "store", "region" -> place(change, from, now);
                    case "job" -> job(change, now);
                    case "probe" ->
                        new Follow(
                                Word.ok("Nothing breaks"),
                                change.verb() == Verb.DELETED
                                        ? "Muster looks there no more; what it said grows old."
                                        : "It looks at once.",
                                0);
                    default -> new Follow(Word.ok("Nothing breaks"), "", 0);
                })
                .toList();
    }

    private static Follow told(Turn turn, String otherwise) {
        if (turn.violations > 0) {
            return new Follow(
                    Word.bad("Opens " + count(turn.violations, "exposure")), turn.first, turn.violations + turn.risks);
        }
        if (turn.risks > 0) {
            return new Follow(Word.warn("Puts " + count(turn.risks) + " at risk"), turn.first, turn.risks);
        }
        return new Follow(
                Word.ok("Nothing breaks"),
                turn.closes > 0 ? "Closes " + count(turn.closes, "exposure") + "." : otherwise,
                0);
    }

    private Follow tenant(Change change, @Nullable Tenant tenant, Turn turn) {
        if (tenant == null) return told(turn, "Its open exposures close; history stays.");
        var covering = replications.all().stream()
                .filter(job -> job.tenants().covers(tenant))
                .count();
        var dwell = Optional.ofNullable(
                        catalogue.rules(List.of(tenant.policy())).get(tenant.policy()))
                .map(rules -> Figures.promise(rules.maxDwell()))
                .orElse("");
        var home = catalogue.region(tenant.home());
        var lawful = home.isPresent()
                && catalogue
                                .places(List.of(tenant), tenant.home(), tenant.createdAt())
                                .get(tenant.id())
                        instanceof Place.Lawful;
        if (!lawful) {
            return new Follow(
                    Word.warn("Not at home"),
                    "its policy does not allow " + tenant.home() + ", where it is at home.",
                    0);
        }
        var words = covering == 0
                ? "No job covers it: only what is taken in at home stays in place."
                : count(covering, "job") + (covering == 1 ? " covers" : " cover") + " it.";
        return told(
                turn,
                change.verb() == Verb.CREATED && covering > 0
                        ? words + " Its clock starts when applied: " + dwell + "."
                        : words);
    }

    private Follow policy(Change change, List<Store> from, Instant now) {
        if (change.verb() == Verb.DELETED) return new Follow(Word.ok("Nothing breaks"), "No tenant has it.", 0);
        var tenants = catalogue.tenantsOf(new TenantSelector.OfPolicy(change.id()), null, "", TENANTS);
        var turn = sum(tenants, from, now);
        var whose = count(tenants.size(), "tenant") + (tenants.size() == TENANTS ? " or more" : "") + ". ";
        if (turn.violations + turn.risks > 0) return told(turn, "");
        var broken = new ArrayList<String>();
        var rows = replications.all().stream()
                .filter(job ->
                        !(job.tenants() instanceof TenantSelector.OfPolicy(var other)) || other.equals(change.id()))
                .toList();
        var found = checks.byIds(rows.stream().map(Replication::check).toList());
        for (var row : rows) {
            var check = found.get(row.check());
            if (check == null) continue;
            jobs.warnings(Job.of(check, JobNoun.replicates(row)), now).stream()
                    .filter(warning -> warning.contains(" " + change.id() + " "))
                    .findFirst()
                    .ifPresent(warning -> broken.add(check.title() + " " + warning));
        }
        return broken.isEmpty()
                ? told(turn, tenants.isEmpty() ? "No tenant has it yet." : whose + "All data stays where it may be.")
                : new Follow(Word.warn("Cannot be kept"), whose + broken.getFirst() + ".", 0);
    }

    private Follow place(Change change, List<Store> from, Instant now) {
        if (change.verb() != Verb.UPDATED) {
            return new Follow(
                    Word.ok("Nothing breaks"),
                    change.verb() == Verb.CREATED ? "Its data is watched as soon as a job or a probe is declared." : "",
                    0);
        }
        var concerned = change.kind().equals("store")
                ? from.stream().filter(store -> store.id().equals(change.id())).toList()
                : from.stream()
                        .filter(store -> store.region().equals(change.id()))
                        .toList();
        var turn = Turn.NONE;
        for (var store : concerned) {
            turn = turn.and(sum(catalogue.tenantsOf(store.tenants(), null, "", TENANTS), List.of(store), now));
        }
        return told(turn, "All jobs and probes of it look again.");
    }

    private Follow job(Change change, Instant now) {
        if (!(change.after() instanceof Job job)) {
            return new Follow(Word.ok("Nothing breaks"), "It is watched no more; its ping URL answers 404.", 0);
        }
        var warnings = jobs.warnings(job, now);
        if (!warnings.isEmpty()) return new Follow(Word.warn("Cannot be kept"), warnings.getFirst() + ".", 0);
        return new Follow(
                Word.ok("Nothing breaks"),
                change.verb() == Verb.CREATED
                        ? "It is watched from its first ping on; its ping URL is on its page."
                        : "It is watched by this from its next report on.",
                0);
    }

    private Turn sum(Collection<Tenant> tenants, List<Store> stores, Instant now) {
        return turns(tenants, stores, now).values().stream().reduce(Turn.NONE, Turn::and);
    }

    /** By tenant; those of whom nothing changes are left out. */
    private Map<String, Turn> turns(Collection<Tenant> tenants, List<Store> stores, Instant now) {
        var turns = new HashMap<String, Turn>();
        if (tenants.isEmpty()) return turns;
        var ids = tenants.stream().map(Tenant::id).toList();
        for (var store : stores) {
            var open = exposures.open(store.id(), ids);
            residence
                    .situations(store, residence.watchedReadOnly(store.id()), ids, now)
                    .forEach((tenant, situation) -> turns.merge(
                            tenant,
                            turn(Exposure.next(Optional.ofNullable(open.get(tenant)), situation, now)),
                            Turn::and));
        }
        return turns;
    }

    private static Turn turn(Step step) {
        return switch (step) {
            case Step.Open(var exposure, var why) ->
                exposure.state() == Exposure.State.VIOLATION
                        ? new Turn(1, 0, 0, exposure.tenant() + " in " + exposure.region() + ": " + why)
                        : new Turn(0, 1, 0, exposure.tenant() + " in " + exposure.region() + ": " + why);
            case Step.Close _ -> new Turn(0, 0, 1, "");
            case Step.Stay _, Step.Change _, Step.Recount _ -> Turn.NONE;
        };
    }
}
