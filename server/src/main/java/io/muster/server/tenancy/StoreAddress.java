package io.muster.server.tenancy;

import io.muster.server.problem.Refused;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What the {@code url} of a store may be. A driver's properties can load classes and write files, so of a database's URL
 * only host, port, database and {@code sslmode} pass; and a secret in it would be shown.
 */
final class StoreAddress {

    private static final int LONGEST = 2_000;
    private static final Set<String> OTHERS = Set.of("https", "http", "s3", "gs", "abfss", "wasbs");
    private static final Pattern DATABASE = Pattern.compile("/[A-Za-z0-9_.$~-]{1,63}");
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}]");

    /**
     * How a database is reached.
     *
     * @param schemes the first is the one to name
     * @param sslModes those that its driver knows
     */
    private record Database(List<String> schemes, List<String> sslModes) {}

    private static Optional<Database> database(Store.Kind kind) {
        return switch (kind) {
            case POSTGRESQL ->
                Optional.of(new Database(
                        List.of("postgresql", "postgres"),
                        List.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full")));
            case MYSQL ->
                Optional.of(new Database(
                        List.of("mysql", "mariadb"), List.of("disable", "require", "verify-ca", "verify-full")));
            case SQLSERVER ->
                Optional.of(new Database(List.of("sqlserver"), List.of("disable", "require", "verify-full")));
            case S3, AZURE_BLOB, GCS, OTHER -> Optional.empty();
        };
    }

    static void check(Store.Kind kind, String url) {
        wrong(kind, url).ifPresent(message -> {
            throw new Refused("url", message);
        });
    }

    /** What is wrong, without repeating the URL: it may hold a password. */
    private static Optional<String> wrong(Store.Kind kind, String url) {
        if (url.length() > LONGEST) return Optional.of("may have " + LONGEST + " characters at most");
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException notAUri) {
            return Optional.of("must be a URL such as postgresql://db.internal:5432/intake?sslmode=verify-full");
        }
        var scheme = String.valueOf(uri.getScheme());
        var database = database(kind);
        if (database.isPresent() && !database.get().schemes().contains(scheme)) {
            return Optional.of("must begin with " + database.get().schemes().getFirst() + "://");
        }
        if (database.isEmpty() && !OTHERS.contains(scheme)) {
            return Optional.of("must begin with https://, http://, s3://, gs://, abfss:// or wasbs://");
        }
        if (uri.getRawUserInfo() != null
                || String.valueOf(uri.getRawAuthority()).contains("@")) {
            return Optional.of("may hold no user or password: give references in `user` and `password`");
        }
        if (uri.getHost() == null || !HOST.matcher(uri.getHost()).matches() || uri.getPort() > 65_535) {
            return Optional.of("must name one host, and a port from 1 to 65535 if any");
        }
        if (uri.getRawFragment() != null) return Optional.of("may have no fragment (#)");
        if (database.isEmpty()) {
            return uri.getRawQuery() == null ? Optional.empty() : Optional.of("may have no parameters here");
        }
        if (uri.getRawPath() == null || !DATABASE.matcher(uri.getRawPath()).matches()) {
            return Optional.of("must name one database after the host, of A-Z, a-z, 0-9, _, ., $, ~ and -");
        }
        return uri.getRawQuery() == null
                ? Optional.empty()
                : wrongQuery(database.get().sslModes(), uri.getRawQuery());
    }

    private static Optional<String> wrongQuery(List<String> sslModes, String query) {
        if (!query.startsWith("sslmode=") || query.contains("&") || query.contains(";")) {
            return Optional.of("may have one parameter only, sslmode");
        }
        if (sslModes.contains(query.substring("sslmode=".length()))) return Optional.empty();
        var last = sslModes.size() - 1;
        return Optional.of("must have an sslmode of " + String.join(", ", sslModes.subList(0, last)) + " or "
                + sslModes.get(last));
    }

    private StoreAddress() {}
}
