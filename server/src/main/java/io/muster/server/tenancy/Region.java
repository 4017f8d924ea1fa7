package io.muster.server.tenancy;

/**
 * A region of a cloud, or one of the operator's own.
 *
 * @param code as the provider writes it, such as {@code eu-west-1}
 * @param jurisdiction {@code EU}, {@code EEA} (Norway, Iceland, Liechtenstein), {@code UK}, {@code US-GOV}, else the
 *     country
 */
public record Region(
        String code,
        String provider,
        String name,
        String city,
        String country,
        String jurisdiction,
        double lat,
        double lon) {}
