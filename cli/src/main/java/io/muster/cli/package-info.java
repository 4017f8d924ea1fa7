/** The commands that talk to a server: small, without Spring, ready in a fraction of a second. */
@NullMarked
package io.muster.cli;

import org.jspecify.annotations.NullMarked;
