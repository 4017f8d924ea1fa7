/** Muster's server: each package below is a module with one job; see docs/architecture.md. */
@NullMarked
package io.muster.server;

import org.jspecify.annotations.NullMarked;
