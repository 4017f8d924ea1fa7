/**
 * Many submissions, one transaction, one answer each.
 */
@ApplicationModule(allowedDependencies = {})
@NullMarked
package io.muster.server.groupcommit;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
