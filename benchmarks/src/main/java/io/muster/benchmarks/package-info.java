/** {@code ./muster bench}: measures a real server from outside, started by the launcher as a user starts it. */
@NullMarked
package io.muster.benchmarks;

import org.jspecify.annotations.NullMarked;
