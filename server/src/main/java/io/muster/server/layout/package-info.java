/** What all pages share: the frame around them, states and their words, times and figures, live updates. */
@ApplicationModule(allowedDependencies = {"access"})
@NullMarked
package io.muster.server.layout;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
