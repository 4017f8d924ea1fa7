/**
 * {@code ./muster demo}: a small SaaS beside Muster, with real databases in three regions and real replication jobs. It
 * uses Muster as its customers do: over HTTP alone, and with databases that Muster knows from its catalogue.
 *
 * <p>In: a fresh or an older data folder. Out: declarations, pings, and one job that breaks.
 */
@ApplicationModule(allowedDependencies = {"embedded", "problem"})
@NullMarked
package io.muster.server.demo;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
