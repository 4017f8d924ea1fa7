/**
 * What Muster itself did, recorded in the transaction that did it.
 */
@ApplicationModule(allowedDependencies = {"access", "tenancy"})
@NullMarked
package io.muster.server.audit;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
