/**
 * Decides whether each tenant's data is where it may be: jobs, manifests, probes, exposures.
 */
@ApplicationModule(
        allowedDependencies = {
            "access",
            "audit",
            "deadline",
            "embedded",
            "heartbeat",
            "incident",
            "keys",
            "layout",
            "problem",
            "tenancy"
        })
@NullMarked
package io.muster.server.residency;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
