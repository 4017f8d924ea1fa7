/** What all channels share: what is said, to whom, and the guard on calls that leave the house. One folder a channel. */
@NullMarked
package io.muster.server.incident.channel;

import org.jspecify.annotations.NullMarked;
