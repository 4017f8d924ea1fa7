package io.muster.cli;

import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Where the reports of one check go. */
sealed interface Address {
    /** The check's ping URL, by its uuid or by ping key and slug. Whoever knows it can report: it is never printed. */
    record PingUrl(URI url) implements Address {
        @Override
        public String toString() {
            return url.getScheme() + "://" + url.getAuthority() + "/***";
        }
    }

    /** A job by its slug alone: the server says its ping URL to whoever has an API key. */
    record Named(URI server, String slug) implements Address {}

    /** What a person may say for a check. */
    String ID =
            "A check's uuid, PING-KEY/SLUG, a ping URL, or a job's slug: that with MUSTER_PING_KEY, else it is looked"
                    + " up with the API key.";

    String WHAT_IT_MUST_BE = "must be a check's uuid, a job's slug, PING-KEY/SLUG, or a ping URL";

    Pattern UUID = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
    Pattern SLUG = Pattern.compile("[a-z0-9_-]{1,100}");
    Pattern KEY_AND_SLUG = Pattern.compile("[A-Za-z0-9_-]{1,100}/[a-z0-9_-]{1,100}");
    Pattern URL = Pattern.compile("https?://[A-Za-z0-9.:\\[\\]-]+(/[A-Za-z0-9_.~-]+)+/?");

    /** With the least secret that is there: a slug goes with {@code MUSTER_PING_KEY} if that is set. */
    static Optional<Address> parse(String id, URI server, Map<String, String> environment) {
        if (URL.matcher(id).matches()) {
            return Optional.of(new PingUrl(URI.create(id.replaceFirst("/$", ""))));
        }
        if (UUID.matcher(id).matches() || KEY_AND_SLUG.matcher(id).matches()) {
            return Optional.of(new PingUrl(server.resolve("/ping/" + id)));
        }
        if (!SLUG.matcher(id).matches()) {
            return Optional.empty();
        }
        var pingKey = environment.getOrDefault("MUSTER_PING_KEY", "").strip();
        if (pingKey.isEmpty()) {
            return Optional.of(new Named(server, id));
        }
        var named = pingKey + "/" + id;
        return KEY_AND_SLUG.matcher(named).matches()
                ? Optional.of(new PingUrl(server.resolve("/ping/" + named)))
                : Optional.empty();
    }

    /** One line, from which {@link #ofLine} makes the same address. */
    default String line() {
        return switch (this) {
            case PingUrl(var url) -> url.toString();
            case Named(var server, var slug) -> server.resolve("/") + "#" + slug;
        };
    }

    static Address ofLine(String line) {
        var url = URI.create(line);
        if (url.getHost() == null) {
            throw new IllegalArgumentException("no address");
        }
        var slug = url.getFragment();
        return slug == null ? new PingUrl(url) : new Named(url.resolve("/"), slug);
    }

    /** The server, as people write it. */
    default String serverName() {
        var url = switch (this) {
            case PingUrl(var ping) -> ping;
            case Named(var server, var slug) -> server;
        };
        return url.getScheme() + "://" + url.getAuthority();
    }
}
