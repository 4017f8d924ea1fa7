/** The pages that belong to no feature: overview, first run, errors. */
@ApplicationModule(allowedDependencies = {"access", "layout"})
@NullMarked
package io.muster.server.console;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
