package io.muster.server.residency.bucket;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URLEncoder;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A URL's query in RFC 3986's strict form, sorted by name: what signatures are made of. */
final class Query {

    private final TreeMap<String, String> parameters;

    private Query(Map<String, String> parameters) {
        this.parameters = new TreeMap<>(parameters);
    }

    /** One that only has a name, as {@code ?location}. */
    static Query of(String name) {
        return new Query(Map.of(name, ""));
    }

    static Query of(Map<String, String> parameters) {
        return new Query(parameters);
    }

    Map<String, String> parameters() {
        return parameters;
    }

    /** @param more appended as it is; empty: nothing */
    URI of(URI base, String more) {
        var query = parameters.entrySet().stream()
                .map(each -> encoded(each.getKey()) + (each.getValue().isEmpty() ? "" : "=" + encoded(each.getValue())))
                .collect(Collectors.joining("&"));
        var path = base.getRawPath() == null || base.getRawPath().isEmpty() ? "/" : base.getRawPath();
        return URI.create(base.getScheme() + "://" + base.getRawAuthority() + path + "?" + query
                + (more.isEmpty() ? "" : "&" + more));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, UTF_8)
                .replace("+", "%20")
                .replace("*", "%2A")
                .replace("%7E", "~");
    }
}
