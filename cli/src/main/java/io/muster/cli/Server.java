package io.muster.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which server a command talks to, and as whom: a mixin for every command that calls the API. */
class Server {
    private static final int CONNECT_MS = 5_000;
    private static final int TRIES = 5;
    private static final int MOST_SECONDS_BETWEEN_TRIES = 30;
    private static final int LARGEST_REASON = 1 << 16;

    @Option(
            names = "--server",
            paramLabel = "URL",
            description = "Where Muster is; also MUSTER_URL. Default: ${DEFAULT-VALUE}",
            defaultValue = "${env:MUSTER_URL:-http://localhost:8080}")
    URI url;

    @Option(
            names = "--key-file",
            paramLabel = "FILE",
            description = "A file with the API key; else MUSTER_KEY (the key), else admin.key of MUSTER_DATA, ./data,"
                    + " ./data/demo.")
    @Nullable Path keyFile;

    @Spec(Spec.Target.MIXEE)
    CommandSpec command;

    Map<String, String> environment = System.getenv();

    /** No answer, or one that says that there may be another later; all else that fails stays so. */
    static final class Away extends IOException {
        private static final long serialVersionUID = 1;

        Away(String message, @Nullable Throwable cause) {
            super(message, cause);
        }

        static Away none(URI url, IOException cause) {
            return new Away("no server answers at " + url + ": start it, or name it with --server", cause);
        }

        static Away slow(URI url, @Nullable IOException cause) {
            return new Away("the server at " + url + " did not answer in time: try again", cause);
        }
    }

    /**
     * What a server answered.
     *
     * @param dated by its clock, to the second, in milliseconds since 1970; 0 if it did not say
     */
    record Answer(int status, String body, long dated) {
        /** Maps, lists, texts, numbers ({@code BigDecimal}), booleans and null. */
        @Nullable Object json() {
            return Json.parse(body);
        }
    }

    /** The server's no, with its reason. */
    static final class No extends IOException {
        private static final long serialVersionUID = 1;

        final int status;

        No(int status, String message) {
            super(message);
            this.status = status;
        }
    }

    /** Of the check that the command names. */
    Address address(String id) {
        return Address.parse(id, url, environment)
                .orElseThrow(() -> new ParameterException(command.commandLine(), "ID " + Address.WHAT_IT_MUST_BE));
    }

    /** The same key for another address. */
    Server at(URI other) {
        var same = new Server();
        same.url = other;
        same.keyFile = keyFile;
        same.environment = environment;
        return same;
    }

    /**
     * Calls the API with the key, and waits up to {@code limit} for the answer. What the server refuses is an exception
     * with its reason in one line; so the answer's status is from 200 to 299.
     */
    Answer call(String method, String path, String contentType, byte @Nullable [] body, Duration limit)
            throws IOException {
        var answer = ask(method, path, contentType, body, limit, key());
        if (answer.status() / 100 == 2) {
            return answer;
        }
        var why = reason(answer.status(), answer.body());
        throw answer.status() >= 500 ? new Away(why, null) : new IOException(why);
    }

    /** For what everybody may read, and some more of: whatever the status, and with a key if there is one. */
    Answer get(String path, Duration limit) throws IOException {
        @Nullable String key = null;
        try {
            key = key();
        } catch (IOException none) {
            // then as anybody
        }
        return ask("GET", path, "", null, limit, key);
    }

    /**
     * What is at {@code path}, with the key: to be read within a bound and closed. If the server asks to come again later, that is done,
     * a few times.
     *
     * @throws No if it refuses
     */
    InputStream open(String path, Duration limit) throws IOException {
        for (int tries = 1; ; tries++) {
            var connection = connect("GET", path, limit, key());
            try {
                int status = connection.getResponseCode();
                if (status == 200) {
                    return connection.getInputStream();
                }
                var body = "";
                try (var in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
                    body = in == null ? "" : new String(in.readNBytes(LARGEST_REASON), StandardCharsets.UTF_8);
                }
                if (tries == TRIES || status != 429 && status != 503) {
                    throw new No(status, reason(status, body));
                }
                TimeUnit.SECONDS.sleep(
                        Math.clamp(connection.getHeaderFieldInt("Retry-After", 1), 1, MOST_SECONDS_BETWEEN_TRIES));
            } catch (ConnectException | UnknownHostException none) {
                throw Away.none(url, none);
            } catch (SocketTimeoutException slow) {
                throw Away.slow(url, slow);
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
                throw new IOException("it was interrupted", ended);
            }
        }
    }

    private HttpURLConnection connect(String method, String path, Duration limit, @Nullable String key)
            throws IOException {
        var connection = (HttpURLConnection) url.resolve(path).toURL().openConnection();
        connection.setRequestMethod(method);
        connection.setConnectTimeout(CONNECT_MS);
        connection.setReadTimeout((int) limit.toMillis());
        connection.setInstanceFollowRedirects(false);
        if (key != null) {
            connection.setRequestProperty("Authorization", "Bearer " + key);
        }
        return connection;
    }

    private Answer ask(
            String method,
            String path,
            String contentType,
            byte @Nullable [] body,
            Duration limit,
            @Nullable String key)
            throws IOException {
        var connection = connect(method, path, limit, key);
        connection.setRequestProperty("Accept", "application/json");
        try {
            if (body != null) {
                connection.setRequestProperty("Content-Type", contentType);
                connection.setDoOutput(true);
                connection.setFixedLengthStreamingMode(body.length);
                try (var out = connection.getOutputStream()) {
                    out.write(body);
                }
            }
            int status = connection.getResponseCode();
            try (var in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
                var text = in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
                return new Answer(status, text, connection.getDate());
            }
        } catch (ConnectException | UnknownHostException none) {
            throw Away.none(url, none);
        } catch (SocketTimeoutException slow) {
            throw Away.slow(url, slow);
        }
    }

    /** As {@link #call}, with a JSON body or none, and half a minute. */
    Answer call(String method, String path, @Nullable String json) throws IOException {
        return call(
                method,
                path,
                "application/json",
                json == null ? null : json.getBytes(StandardCharsets.UTF_8),
                Duration.ofSeconds(30));
    }

    /** The detail of a problem; the errors of its members behind it, the line first where it is known. */
    private static String reason(int status, String body) {
        if (Json.parseOr(body, null) instanceof Map<?, ?> problem && problem.get("detail") instanceof String detail) {
            var errors = problem.get("errors") instanceof List<?> list ? list : List.of();
            if (errors.isEmpty()) {
                return detail;
            }
            var told = errors.stream()
                    .limit(10)
                    .filter(Map.class::isInstance)
                    .map(error -> one((Map<?, ?>) error))
                    .toList();
            var more = errors.size() > told.size() ? "; and " + (errors.size() - told.size()) + " more" : "";
            return String.join("; ", told) + more;
        }
        return "the server answered " + status;
    }

    private static String one(Map<?, ?> error) {
        var line = error.get("line") == null ? "" : "line " + error.get("line") + ": ";
        var field = Objects.requireNonNullElse(error.get("field"), "").toString();
        return line + (field + " " + error.get("message")).strip();
    }

    private String key() throws IOException {
        if (keyFile != null) {
            return read(keyFile);
        }
        var given = environment.get("MUSTER_KEY");
        if (given != null && !given.isBlank()) {
            return given.strip();
        }
        var data = environment.getOrDefault("MUSTER_DATA", "data");
        var places =
                Stream.of(data, data + "/demo", "data", "data/demo").distinct().toList();
        for (var place : places) {
            var file = Path.of(place, "admin.key");
            if (Files.exists(file)) {
                return read(file);
            }
        }
        throw new IOException(
                "found no admin.key in " + String.join(", ", places) + ": give a key with --key-file or MUSTER_KEY");
    }

    private static String read(Path file) throws IOException {
        try {
            return Files.readString(file).strip();
        } catch (NoSuchFileException absent) {
            throw new IOException("there is no file " + file + ": give another with --key-file", absent);
        } catch (IOException unreadable) {
            throw new IOException("cannot read " + file + ": run this as the user who owns it", unreadable);
        }
    }
}
