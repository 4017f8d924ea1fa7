/**
 * What goes back to a caller who was refused: problem details of RFC 9457.
 */
@ApplicationModule(allowedDependencies = {})
@NullMarked
package io.muster.server.problem;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
