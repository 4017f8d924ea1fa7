/**
 * What the operator declares: regions, residency policies, tiers, tenants, stores, transfers; and `apply`.
 */
@ApplicationModule(allowedDependencies = {"access", "keys", "layout", "problem"})
@NullMarked
package io.muster.server.tenancy;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
