package io.muster.cli;

import java.io.IOException;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** One report of a job. Whoever knows the id may report, so no key is looked for. */
@Command(
        name = "ping",
        description = "Reports that a job was done; or what the option says.",
        mixinStandardHelpOptions = true)
class Ping implements Callable<Integer> {
    private static final int CONNECT_MS = 5_000;
    private static final int READ_MS = 10_000;

    @Option(
            names = "--server",
            paramLabel = "URL",
            description = "Where Muster is; also MUSTER_URL. Default: ${DEFAULT-VALUE}",
            defaultValue = "${env:MUSTER_URL:-http://localhost:8080}")
    URI server;

    @ArgGroup
    What what = new What();

    static class What {
        @Option(names = "--start", description = "The job begins.")
        boolean start;

        @Option(names = "--fail", description = "The job failed.")
        boolean fail;

        @Option(names = "--log", description = "Only a note: changes no state.")
        boolean log;

        @Option(
                names = "--exit-code",
                paramLabel = "N",
                description = "The job ended with N: 0 is done, 1 to 255 failed.")
        @Nullable Integer exitCode;

        String path() {
            if (exitCode != null) return "/" + exitCode;
            return start ? "/start" : fail ? "/fail" : log ? "/log" : "";
        }
    }

    @Option(
            names = {"-m", "--message"},
            paramLabel = "TEXT",
            description = "Kept with the report; - reads standard input.")
    @Nullable String message;

    @Parameters(paramLabel = "ID", description = "The check's uuid, or PING-KEY/SLUG.")
    String id;

    @Spec
    CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (what.exitCode != null && (what.exitCode < 0 || what.exitCode > 255)) {
            throw new ParameterException(spec.commandLine(), "--exit-code must be from 0 to 255; got " + what.exitCode);
        }
        if (!id.matches("[A-Za-z0-9_-]+(/[a-z0-9_-]+)?")) {
            throw new ParameterException(spec.commandLine(), "ID must be a check's uuid, or PING-KEY/SLUG");
        }
        var connection = (HttpURLConnection)
                server.resolve("/ping/" + id + what.path()).toURL().openConnection();
        connection.setConnectTimeout(CONNECT_MS);
        connection.setReadTimeout(READ_MS);
        connection.setInstanceFollowRedirects(false);
        try {
            if (message != null) {
                send(
                        connection,
                        message.equals("-") ? System.in.readAllBytes() : message.getBytes(StandardCharsets.UTF_8));
            }
            int status = connection.getResponseCode();
            if (status == HttpURLConnection.HTTP_OK) {
                return 0;
            }
            throw new IOException(reason(status));
        } catch (ConnectException | UnknownHostException none) {
            throw new IOException("no server answers at " + server + ": start it, or name it with --server", none);
        } catch (SocketTimeoutException slow) {
            throw new IOException("the server at " + server + " did not answer in time: try again", slow);
        }
    }

    private static String reason(int status) {
        return switch (status) {
            case HttpURLConnection.HTTP_NOT_FOUND -> "no check has this id: the page of the check shows it";
            case HttpURLConnection.HTTP_CONFLICT -> "several checks have this slug: use the uuid of the one";
            default -> "the server answered " + status + ": nothing was recorded";
        };
    }

    private static void send(HttpURLConnection connection, byte[] body) throws IOException {
        connection.setRequestMethod("POST");
        connection.setRequestProperty("Content-Type", "text/plain; charset=utf-8");
        connection.setDoOutput(true);
        connection.setFixedLengthStreamingMode(body.length);
        try (var out = connection.getOutputStream()) {
            out.write(body);
        }
    }
}
