/**
 * Carries alerts to people, and knows of each whether it arrived.
 */
@ApplicationModule(allowedDependencies = {"access", "audit", "deadline", "keys", "layout", "problem", "tenancy"})
@NullMarked
package io.muster.server.incident;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
