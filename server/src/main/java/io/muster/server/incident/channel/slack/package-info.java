/** The channel {@code slack}: its format, its limits, its answers. */
@NullMarked
package io.muster.server.incident.channel.slack;

import org.jspecify.annotations.NullMarked;
