package io.muster.server.residency;

import java.time.Instant;

/**
 * The instant before which, as last proven, nothing of a tenant remains in a store unlawfully.
 *
 * @param ping the number of the ping that proved it; 0 if none did: then it is when job or tenant was declared
 */
record Watermark(Instant at, Evidence evidence, long ping) {

    /** A proof only ever moves it later; one that says less is kept as information elsewhere. */
    Watermark or(Watermark other) {
        return other.at.isAfter(at) ? other : this;
    }

    /** What the tenants of a job begin with: nothing is known of the time before it was declared. */
    static Watermark declared(Instant at) {
        return new Watermark(at, Evidence.INFERRED, 0);
    }

    /**
     * This claim of a job, after what the last probe of the store saw. The probe wins, in both directions: while it saw
     * rows of the tenant, no ping moves the watermark beyond the oldest of them; where it saw none, everything before
     * its start is gone, whatever was claimed.
     */
    Watermark after(Seen seen) {
        return switch (seen) {
            case Seen.Nothing _ -> this;
            case Seen.Empty empty ->
                at.isAfter(empty.begun()) ? this : new Watermark(empty.begun(), Evidence.MEASURED, ping);
            case Seen.Rows rows -> new Watermark(rows.oldest(), Evidence.MEASURED, ping);
        };
    }

    /** A place that became unlawful later: what was there before was lawful until then. */
    Watermark notBefore(Instant unlawfulSince) {
        return at.isAfter(unlawfulSince) ? this : new Watermark(unlawfulSince, evidence, ping);
    }
}
