/** The pages that belong to no feature: overview, first run, search. Reads only. */
@ApplicationModule(
        allowedDependencies = {"access", "heartbeat", "incident", "layout", "problem", "residency", "tenancy"})
@NullMarked
package io.muster.server.console;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
