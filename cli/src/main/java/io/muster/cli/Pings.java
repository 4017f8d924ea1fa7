package io.muster.cli;

import java.io.IOException;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Sends reports to a server: one try each, which ends within {@link #LONGEST_TRY} whatever the server does. */
final class Pings {
    private static final int CONNECT_MS = 5_000;
    private static final int READ_MS = 10_000;
    private static final Duration LONGEST_TRY = Duration.ofSeconds(16);
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int LONGEST_RETRY_AFTER = 3600;

    static {
        // the JDK would send a POST again by itself when a connection ends without an answer
        System.setProperty("sun.net.http.retryPost", "false");
    }

    /** What came of one try. */
    sealed interface Answer {
        /**
         * It is stored.
         *
         * @param bodyLimit how many bytes of a body the check takes, if the server says so
         * @param manifest what the server says of the manifest in it
         */
        record Taken(OptionalInt bodyLimit, Optional<String> manifest) implements Answer {}

        /** Another try would end the same. */
        record Refused(String why) implements Answer {}

        /** Perhaps it is stored, probably not. */
        record Away(String why, Duration retryAfter) implements Answer {}
    }

    private final Server server;
    private final Map<Address.Named, URI> found = new HashMap<>(); // guarded by itself

    /** @param server whom to ask for the address of a job by its slug; its key is not looked for otherwise */
    Pings(Server server) {
        this.server = server;
    }

    /** By POST. */
    Answer send(Report report) {
        return send(report, report.body());
    }

    /** With a body by POST, without one by GET. */
    Answer send(Report report, byte @Nullable [] body) {
        var attempt = new FutureTask<>(() -> attempt(report, body));
        Thread.ofPlatform().daemon().name("ping").start(attempt); // not virtual: nothing else needs their scheduler
        try {
            return attempt.get(LONGEST_TRY.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException silent) {
            return away(Server.Away.slow(URI.create(report.to().serverName()), null));
        } catch (ExecutionException failed) {
            throw new IllegalStateException(failed.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return new Answer.Away("interrupted", Duration.ZERO);
        }
    }

    private Answer attempt(Report report, byte @Nullable [] body) {
        try {
            return ping(url(report.to()), report, body);
        } catch (Server.Away away) {
            return away(away);
        } catch (IOException refused) {
            return new Answer.Refused(String.valueOf(refused.getMessage()));
        }
    }

    private static Answer away(Server.Away away) {
        return new Answer.Away(String.valueOf(away.getMessage()), Duration.ZERO);
    }

    private URI url(Address to) throws IOException {
        return switch (to) {
            case Address.PingUrl(var url) -> url;
            case Address.Named named -> {
                synchronized (found) {
                    var known = found.get(named);
                    if (known == null) {
                        known = lookUp(named);
                        found.put(named, known);
                    }
                    yield known;
                }
            }
        };
    }

    /** Not the URL in the answer but the uuid: the job's way to the server may be another than people's. */
    private URI lookUp(Address.Named named) throws IOException {
        var answer = server.at(named.server()).call("GET", "/api/v1/jobs/" + named.slug(), null);
        if (answer.json() instanceof Map<?, ?> job && job.get("uuid") instanceof String uuid) {
            return named.server().resolve("/ping/" + uuid);
        }
        throw new IOException("this API key may not report for " + named.slug()
                + ": give one that may write, the check's uuid, or MUSTER_PING_KEY");
    }

    private static Answer ping(URI url, Report report, byte @Nullable [] body) throws IOException {
        var rid = report.rid() == null ? "" : "?rid=" + report.rid();
        var connection = (HttpURLConnection)
                URI.create(url + report.said() + rid).toURL().openConnection();
        connection.setConnectTimeout(CONNECT_MS);
        connection.setReadTimeout(READ_MS);
        connection.setInstanceFollowRedirects(false);
        connection.setRequestProperty("User-Agent", MusterCli.Version.text().replace(' ', '/'));
        try {
            if (body != null) {
                connection.setRequestMethod("POST");
                connection.setRequestProperty("Content-Type", "text/plain; charset=utf-8");
                connection.setDoOutput(true);
                connection.setFixedLengthStreamingMode(body.length);
                try (var out = connection.getOutputStream()) {
                    out.write(body);
                }
            }
            return answer(connection);
        } catch (ConnectException | UnknownHostException none) {
            throw Server.Away.none(URI.create(report.to().serverName()), none);
        } catch (SocketTimeoutException slow) {
            throw Server.Away.slow(URI.create(report.to().serverName()), slow);
        } catch (IOException broken) {
            throw new Server.Away(
                    "the connection to " + report.to().serverName() + " broke (" + broken.getMessage() + "): try again",
                    broken);
        }
    }

    private static Answer answer(HttpURLConnection connection) throws IOException {
        int status = connection.getResponseCode();
        try (var in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            if (in != null) {
                in.readNBytes(10_000); // so that the connection can be used again
            }
        }
        if (status == HttpURLConnection.HTTP_OK || status == HttpURLConnection.HTTP_CREATED) {
            var limit = connection.getHeaderFieldInt("Ping-Body-Limit", -1);
            return new Answer.Taken(
                    limit < 0 ? OptionalInt.empty() : OptionalInt.of(limit),
                    Optional.ofNullable(connection.getHeaderField("Muster-Manifest")));
        }
        if (status >= 500 || status == TOO_MANY_REQUESTS || status == HttpURLConnection.HTTP_CLIENT_TIMEOUT) {
            int seconds = connection.getHeaderFieldInt("Retry-After", 0);
            return new Answer.Away(
                    reason(status), Duration.ofSeconds(Math.max(0, Math.min(seconds, LONGEST_RETRY_AFTER))));
        }
        return new Answer.Refused(reason(status));
    }

    private static String reason(int status) {
        return switch (status) {
            case HttpURLConnection.HTTP_NOT_FOUND -> "no check has this id: the page of the check shows it";
            case HttpURLConnection.HTTP_CONFLICT -> "several checks have this slug: use the uuid of the one";
            case 301, 302, 303, 307, 308 ->
                "the server answered " + status + ", that it is elsewhere: name its real address with --server";
            default -> "the server answered " + status + ": nothing was recorded";
        };
    }
}
