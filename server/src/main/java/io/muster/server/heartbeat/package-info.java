/**
 * Decides whether each job reports on time, and whether people are told now.
 *
 * <p>In: pings over HTTP, and deadlines. Out: flips, alerts, own events, and {@link ChecksChanged} for those above.
 */
@ApplicationModule(
        allowedDependencies = {
            "access",
            "audit",
            "deadline",
            "embedded",
            "groupcommit",
            "incident",
            "keys",
            "layout",
            "problem",
            "tenancy"
        })
@NullMarked
package io.muster.server.heartbeat;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
