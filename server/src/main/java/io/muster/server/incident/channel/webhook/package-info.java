/** The channel {@code webhook}: its format, its limits, its answers. */
@NullMarked
package io.muster.server.incident.channel.webhook;

import org.jspecify.annotations.NullMarked;
