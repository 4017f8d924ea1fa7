/** The pages that belong to no feature: home, layout, navigation. */
@ApplicationModule(allowedDependencies = {})
@NullMarked
package io.muster.server.console;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
