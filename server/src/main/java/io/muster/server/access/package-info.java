/**
 * Who is calling, and may they do this: API keys, accounts, sessions, projects.
 */
@ApplicationModule(allowedDependencies = {"embedded", "keys", "problem"})
@NullMarked
package io.muster.server.access;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
