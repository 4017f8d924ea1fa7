/** The channel {@code email}: its format, its limits, its answers. */
@NullMarked
package io.muster.server.incident.channel.email;

import org.jspecify.annotations.NullMarked;
