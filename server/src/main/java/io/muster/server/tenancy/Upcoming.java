package io.muster.server.tenancy;

import java.util.List;

/**
 * The next times of what is being written, in its own time zone and in UTC.
 *
 * @param zone whose clocks {@code there} shows
 * @param problem why there are none; empty: there are
 */
public record Upcoming(String zone, List<Time> times, String problem) {

    /** @param there {@code Sun 29 Mar 03:30 +02:00} */
    public record Time(String there, String utc) {}
}
