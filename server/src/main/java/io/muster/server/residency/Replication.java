package io.muster.server.residency;

import io.muster.server.tenancy.TenantSelector;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a job brings home, and up to when all of it has come.
 *
 * @param maxDwell shorter than the policy's; null: the policy's counts
 * @param declaredAt the job's watermark begins there
 * @param proven what its pings prove for all its tenants together
 * @param walkAfter the last tenant that the walk has visited; null: it begins at the first
 * @param troubled an exposure is open, or the last walk found one due: then each good report is worth a walk
 * @param looksAt for when the job's deadline is armed; null: it is not
 */
record Replication(
        long check,
        String from,
        String to,
        TenantSelector tenants,
        @Nullable Duration maxDwell,
        boolean manifestRequired,
        Instant declaredAt,
        Proven proven,
        @Nullable String walkAfter,
        boolean walkExposures,
        boolean troubled,
        @Nullable Instant looksAt) {

    /** What this job allows a tenant whose policy allows {@code policyDwell}. */
    Duration allowed(Duration policyDwell) {
        return maxDwell != null && maxDwell.compareTo(policyDwell) < 0 ? maxDwell : policyDwell;
    }

    /**
     * A tenant's watermark by this job alone.
     *
     * @param own what manifests said of this tenant, if any did
     * @param tenantDeclared a tenant begins with the instant it was declared
     */
    Watermark claim(@Nullable TenantProof own, Proven shared, Instant tenantDeclared) {
        var begun = Watermark.declared(tenantDeclared.isAfter(declaredAt) ? tenantDeclared : declaredAt);
        return own == null ? begun.or(shared.top()) : shared.after(own.listedIn(), begun.or(own.mark()));
    }

    /**
     * What manifests said of one tenant.
     *
     * @param listedIn the last ping that named it: the job's own watermark counts for it only if a later ping moved that
     */
    record TenantProof(Watermark mark, long listedIn) {}

    Replication with(Proven other) {
        return new Replication(
                check,
                from,
                to,
                tenants,
                maxDwell,
                manifestRequired,
                declaredAt,
                other,
                walkAfter,
                walkExposures,
                troubled,
                looksAt);
    }

    /** The job's own watermark after a good report. */
    Proven after(Instant arrival, Instant runStarted, long ping, Manifest.Verdict verdict) {
        return switch (verdict) {
            case Manifest.None _ -> proven.with(new Watermark(runStarted, Evidence.INFERRED, ping));
            case Manifest.Valid valid ->
                valid.manifest()
                        .forAll()
                        .map(at -> proven.with(new Watermark(earlier(at, arrival), Evidence.REPORTED, ping)))
                        .orElse(proven);
            case Manifest.Missing _, Manifest.Invalid _, Manifest.WrongRegion _ -> proven;
        };
    }

    /** What a manifest that names a tenant proves of it; one in the future counts as the ping's arrival. */
    static TenantProof listed(Watermark before, @Nullable Instant named, Instant arrival, long ping) {
        var mark = named == null ? before : before.or(new Watermark(earlier(named, arrival), Evidence.REPORTED, ping));
        return new TenantProof(mark, ping);
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }
}
