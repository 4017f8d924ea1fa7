/**
 * Many submissions, one transaction, one answer each; and the quickest way for their rows into a table.
 */
@ApplicationModule(allowedDependencies = {})
@NullMarked
package io.muster.server.groupcommit;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
