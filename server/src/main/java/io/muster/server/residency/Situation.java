package io.muster.server.residency;

import io.muster.server.tenancy.Place;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All that decides about one tenant's data in one store, as it is known at one instant.
 *
 * @param policy the tenant's
 * @param notifyWithin how long after becoming aware a person must have decided; null: no clock
 * @param place whether the tenant's data may be there
 * @param jobs those that take the tenant's data out of the store
 * @param seen what the last probes of the store saw of the tenant
 */
record Situation(
        String tenant,
        String policy,
        String store,
        String region,
        @Nullable Duration notifyWithin,
        Duration policyDwell,
        Place place,
        List<Mover> jobs,
        Seen seen) {

    /**
     * A job that takes the tenant's data out of the store.
     *
     * @param claim the tenant's watermark by this job's pings and manifests alone
     * @param maxDwell what this job allows, the policy's or shorter
     */
    record Mover(long check, String job, String name, Watermark claim, Duration maxDwell, JobState state) {}

    /**
     * The verdict of one mover; without any, what probes alone know.
     *
     * @param next when to look again although nothing was heard: of all movers the first
     */
    record Judged(
            Optional<Mover> mover, Watermark watermark, Duration maxDwell, Finding finding, Optional<Instant> next) {

        private static Judged of(Optional<Mover> mover, Watermark watermark, Duration maxDwell, Finding finding) {
            return new Judged(mover, watermark, maxDwell, finding, finding.next());
        }
    }

    /** The verdict that counts: the worst of all movers. Empty when nothing is known, or the place is lawful. */
    Optional<Judged> judge(Instant now) {
        if (!(place instanceof Place.Unlawful unlawful)) {
            return Optional.empty();
        }
        var wantsTransfer = unlawful.wantsTransfer();
        if (jobs.isEmpty()) {
            if (!(seen instanceof Seen.Rows rows)) {
                return Optional.empty();
            }
            var mark = new Watermark(rows.oldest(), Evidence.MEASURED, 0).notBefore(unlawful.since());
            return Optional.of(Judged.of(
                    Optional.empty(),
                    mark,
                    policyDwell,
                    Finding.at(now, mark, policyDwell, Optional.empty(), seen, wantsTransfer)));
        }
        return jobs.stream()
                .map(mover -> {
                    var mark = mover.claim().after(seen).notBefore(unlawful.since());
                    var finding =
                            Finding.at(now, mark, mover.maxDwell(), Optional.of(mover.state()), seen, wantsTransfer);
                    return Judged.of(Optional.of(mover), mark, mover.maxDwell(), finding);
                })
                .reduce(Situation::worse);
    }

    private static Judged worse(Judged a, Judged b) {
        var finding = a.finding().worse(b.finding());
        var counts = finding.equals(a.finding()) ? a : b;
        var next = Stream.of(a.next(), b.next()).flatMap(Optional::stream).min(Instant::compareTo);
        return new Judged(counts.mover(), counts.watermark(), counts.maxDwell(), finding, next);
    }

    /**
     * Up to when all jobs and probes together prove the data gone: the smallest of theirs. Empty when nothing is known;
     * a store that only probes watch, and where they saw nothing, is proven up to the probe's start.
     */
    Optional<Watermark> proven() {
        if (jobs.isEmpty()) {
            return switch (seen) {
                case Seen.Nothing _ -> Optional.empty();
                case Seen.Empty empty -> Optional.of(new Watermark(empty.begun(), Evidence.MEASURED, 0));
                case Seen.Rows rows -> Optional.of(new Watermark(rows.oldest(), Evidence.MEASURED, 0));
            };
        }
        return jobs.stream().map(mover -> mover.claim().after(seen)).reduce((a, b) -> b.at().isBefore(a.at()) ? b : a);
    }

    /** The mover whose claim is the smallest, to name what closed an exposure. */
    Optional<Mover> slowest() {
        return jobs.stream().reduce((a, b) -> b.claim().at().isBefore(a.claim().at()) ? b : a);
    }
}
