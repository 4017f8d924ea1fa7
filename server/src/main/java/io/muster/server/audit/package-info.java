/**
 * The audit trail: a log for each tenant, tamper-evident; and what Muster itself did, recorded in the transaction that did it.
 */
@ApplicationModule(
        allowedDependencies = {"access", "deadline", "embedded", "groupcommit", "keys", "layout", "problem", "tenancy"})
@NullMarked
package io.muster.server.audit;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
