package io.muster.server.tenancy;

import io.muster.server.tenancy.Place.Lawful;
import io.muster.server.tenancy.Place.Unlawful;
import io.muster.server.tenancy.Rules.Ruling;
import io.muster.server.tenancy.Rules.Ruling.Allowed;
import io.muster.server.tenancy.Rules.Ruling.Denied;
import io.muster.server.tenancy.Rules.Ruling.OnCondition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * All that the verdict on one tenant in one region hung on, over time. Each list is in the order of writing, and its last
 * entry is in force now, even where the clock was set back in between.
 *
 * @param region code of the region
 * @param tenantSince when the tenant was declared: nothing before counts
 * @param assigned which policy and home the tenant had, and until when; the last until {@link Instant#MAX}
 * @param versions what each policy said, by its id, and since when
 * @param jurisdictions of each region, by its code, and until when; the last until {@link Instant#MAX}
 */
record PlaceHistory(
        String region,
        Instant tenantSince,
        List<Until<Assignment>> assigned,
        Map<String, List<Since<Rules>>> versions,
        Map<String, List<Until<String>>> jurisdictions,
        List<Transfer> transfers,
        Jurisdictions groups) {

    record Assignment(String policy, String home) {}

    record Until<V>(Instant until, V value) {}

    record Since<V>(Instant at, V value) {}

    record Transfer(String from, String to, String mechanism, Instant validFrom, Instant validUntil) {}

    /** Pure. */
    Place at(Instant now) {
        var last = now;
        for (var change : recorded()) {
            if (change.isAfter(last)) last = change; // the clock went back: what was written last stands all the same
        }
        if (lawful(last)) return new Lawful();
        var wantsTransfer = ruling(last) instanceof OnCondition;
        var until = last;
        for (var change : changes(last).descendingSet()) {
            if (lawful(change)) return new Unlawful(until, wantsTransfer);
            until = change;
        }
        return new Unlawful(Instant.MIN, wantsTransfer);
    }

    /** The instants, from the tenant's declaration to {@code last}, at which the verdict may have changed. */
    private TreeSet<Instant> changes(Instant last) {
        var changes = new TreeSet<Instant>();
        changes.add(tenantSince);
        changes.addAll(recorded());
        transfers.forEach(transfer -> changes.add(transfer.validUntil()));
        changes.removeIf(change -> change.isBefore(tenantSince) || change.isAfter(last));
        return changes;
    }

    private List<Instant> recorded() {
        var recorded = new ArrayList<Instant>();
        recorded.add(tenantSince);
        assigned.forEach(one -> recorded.add(one.until()));
        versions.values().forEach(list -> list.forEach(one -> recorded.add(one.at())));
        jurisdictions.values().forEach(list -> list.forEach(one -> recorded.add(one.until())));
        transfers.forEach(transfer -> recorded.add(transfer.validFrom()));
        recorded.removeIf(Instant.MAX::equals);
        return recorded;
    }

    private boolean lawful(Instant at) {
        return switch (ruling(at)) {
            case Allowed _ -> true;
            case Denied _ -> false;
            case OnCondition(var mechanisms) -> {
                var from = jurisdiction(in(assigned, at).home(), at);
                var to = jurisdiction(region, at);
                yield transfers.stream()
                        .anyMatch(transfer -> !transfer.validFrom().isAfter(at)
                                && transfer.validUntil().isAfter(at)
                                && groups.covers(transfer.from(), from)
                                && groups.covers(transfer.to(), to)
                                && (mechanisms.isEmpty() || mechanisms.contains(transfer.mechanism())));
            }
        };
    }

    /** A policy that did not exist yet allowed nothing. */
    private Ruling ruling(Instant at) {
        Ruling ruling = new Denied();
        for (var version : versions.getOrDefault(in(assigned, at).policy(), List.of())) {
            if (version.at().isAfter(at)) break;
            ruling = version.value().ruling(region, jurisdiction(region, at));
        }
        return ruling;
    }

    /** Empty for a region that the catalogue does not know: only {@code *} or its own code rule it. */
    private String jurisdiction(String code, Instant at) {
        var known = jurisdictions.getOrDefault(code, List.of());
        return known.isEmpty() ? "" : in(known, at);
    }

    private static <V> V in(List<Until<V>> values, Instant at) {
        for (var value : values) {
            if (value.until().isAfter(at)) return value.value();
        }
        return values.getLast().value();
    }
}
