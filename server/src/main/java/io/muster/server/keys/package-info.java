/**
 * The root key, what derives from it, sealed literals, and references to secrets that others keep.
 */
@ApplicationModule(allowedDependencies = {"embedded", "problem"})
@NullMarked
package io.muster.server.keys;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
