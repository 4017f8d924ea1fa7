package io.muster.server.residency;

import io.muster.server.keys.SecretRef;
import io.muster.server.keys.Secrets;
import io.muster.server.residency.ProbeRepository.Count;
import io.muster.server.residency.bucket.Bucket;
import io.muster.server.residency.bucket.Bucket.Said;
import io.muster.server.tenancy.Catalogue;
import io.muster.server.tenancy.Store;
import io.muster.server.tenancy.TenantSelector.These;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Looks into a bucket: lists what lies under a prefix, and asks in which region the bucket is. */
@Component
class BucketLook {

    private final Catalogue catalogue;
    private final Secrets secrets;
    private final InstantSource clock;

    BucketLook(Catalogue catalogue, Secrets secrets, InstantSource clock) {
        this.catalogue = catalogue;
        this.secrets = secrets;
        this.clock = clock;
    }

    Sight look(Probe probe, Store store, Instant begun) throws ProvesNothing, IOException {
        if (probe.prefix() == null) {
            throw new ProvesNothing("store " + store.id() + " is a bucket: give `prefix` in place of `sql`");
        }
        if (store.url() == null) {
            throw new ProvesNothing("store " + store.id() + " has no url of a bucket in which to look");
        }
        try (var bucket = open(store, store.url(), probe.timeout())) {
            var remarks = new ArrayList<String>();
            place(store, bucket.region(), remarks);
            var tally = new Tally(Prefix.of(probe.prefix()), begun, probe.olderThan());
            bucket.list(tally.prefix.head(), tally);
            remarks.addAll(bucket.remarks());
            var counts = tally.nobodys == null ? List.copyOf(tally.counts.values()) : suspects(store, tally.nobodys);
            return new Sight(counts, tally.rows, tally.bytes, remarks);
        }
    }

    private Bucket open(Store store, String url, Duration patience) throws ProvesNothing, IOException {
        var login = new Bucket.Login(secret(store.user()), secret(store.password()));
        return store.kind() == Store.Kind.S3
                ? Bucket.s3(URI.create(url), login, store.region(), patience, clock)
                : Bucket.azure(URI.create(url), login, patience, clock);
    }

    private @Nullable String secret(@Nullable SecretRef reference) throws ProvesNothing {
        if (reference == null) return null;
        var found = secrets.resolve(reference);
        if (found.isEmpty()) throw new ProvesNothing(secrets.missing(reference));
        return found.get();
    }

    /** A bucket that is elsewhere than its store is declared: whatever is in it proves nothing of the declared place. */
    private void place(Store store, Said said, List<String> remarks) throws ProvesNothing {
        switch (said) {
            case Said.Nothing() ->
                remarks.add("the bucket does not say in which region it is: " + store.region() + " is only declared");
            case Said.Named(var region, var sure) -> {
                if (region.equals(store.region())) return;
                var shown = region.replaceAll("[^A-Za-z0-9_-]", "?");
                if (sure || catalogue.region(region).isPresent()) {
                    throw new ProvesNothing("wrong region: the bucket is in " + shown + ", and store " + store.id()
                            + " is declared in " + store.region());
                }
                remarks.add("the bucket calls its region " + shown + ", which is none of the catalogue: "
                        + store.region() + " is only declared");
            }
        }
    }

    /**
     * Whose the objects are, where keys do not say: the one tenant's whose store it is; else each of the store's tenants
     * may be concerned, and how many of the objects are whose nobody knows.
     */
    private List<Count> suspects(Store store, Count nobodys) throws ProvesNothing {
        if (store.tenants() instanceof These(var ids) && ids.size() == 1) {
            return List.of(new Count(ids.getFirst(), nobodys.rows(), nobodys.bytes(), nobodys.oldest()));
        }
        var tenants = catalogue.tenantsOf(store.tenants(), null, null, Probe.MOST_ROWS + 1);
        if (tenants.size() > Probe.MOST_ROWS) {
            throw new ProvesNothing("store " + store.id() + " has more than " + Probe.MOST_ROWS
                    + " tenants: give a prefix with {tenant}");
        }
        return tenants.stream()
                .map(tenant -> new Count(tenant.id(), null, null, nobodys.oldest()))
                .toList();
    }

    /** Counts what is listed, by tenant. */
    private static final class Tally implements Bucket.Visitor {

        private final Prefix prefix;
        private final Instant begun;
        private final @Nullable Instant until;
        private final Map<String, Count> counts = new HashMap<>();
        private @Nullable Count nobodys;
        private int listed;
        private long rows;
        private long bytes;

        Tally(Prefix prefix, Instant begun, @Nullable Duration olderThan) {
            this.prefix = prefix;
            this.begun = begun;
            this.until = olderThan == null ? null : begun.minus(olderThan);
        }

        @Override
        public void visit(Bucket.Entry entry) throws IOException {
            if (++listed > Probe.MOST_ROWS) {
                throw new IOException("more than " + Probe.MOST_ROWS + " objects: give a longer prefix");
            }
            if (!entry.key().startsWith(prefix.head())) {
                throw new IOException("the list has objects of another prefix than was asked for");
            }
            var isFolder = entry.bytes() == 0 && entry.key().endsWith("/");
            if (isFolder || (until != null && entry.modified().isAfter(until))) return;
            var at = entry.modified().isAfter(begun) ? begun : entry.modified();
            switch (prefix.owner(entry.key())) {
                case Prefix.Owner.Outside() -> {}
                case Prefix.Owner.Tenant(var id) -> {
                    counted(entry);
                    counts.merge(id, new Count(id, 1L, entry.bytes(), at), Count::and);
                }
                case Prefix.Owner.Nobody() -> {
                    if (prefix.tail() != null) {
                        throw new IOException("an object lies where its key names no tenant");
                    }
                    counted(entry);
                    var one = new Count("", 1L, entry.bytes(), at);
                    nobodys = nobodys == null ? one : nobodys.and(one);
                }
            }
        }

        private void counted(Bucket.Entry entry) {
            rows++;
            bytes += entry.bytes();
        }
    }
}
