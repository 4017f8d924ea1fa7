/**
 * What goes back to a caller who was refused: problem details of RFC 9457, and the pages that explain their types.
 *
 * <p>Also refuses, for everybody, what no feature should see: broken text, bodies beyond their limit.
 */
@ApplicationModule(allowedDependencies = {})
@NullMarked
package io.muster.server.problem;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
