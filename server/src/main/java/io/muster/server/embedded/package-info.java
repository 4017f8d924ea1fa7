/**
 * Owns the data folder, and runs a PostgreSQL of our own in it when no other is configured.
 *
 * <p>In: a folder. Out: where the database is and with which roles; whether it can be used right now.
 */
@ApplicationModule(allowedDependencies = {})
@NullMarked
package io.muster.server.embedded;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
