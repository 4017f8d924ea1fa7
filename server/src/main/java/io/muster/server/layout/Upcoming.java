package io.muster.server.layout;

import java.time.Instant;
import java.util.List;

/**
 * The next times of what is being written, in its own time zone and in that of the reader.
 *
 * @param zone whose clocks {@code there} shows
 * @param problem why there are none; empty: there are
 */
public record Upcoming(String zone, List<Time> times, String problem) {

    /** @param there {@code Sun 29 Mar 03:30:00 +02:00}, with the offset, so that a change of the clocks is seen */
    public record Time(String there, Instant at) {}
}
