package io.muster.cli;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "ping", description = "Reports a success of a job.", mixinStandardHelpOptions = true)
class Ping implements Callable<Integer> {
    @Option(
            names = "--server",
            description = "Where Muster is; also MUSTER_URL. Default: ${DEFAULT-VALUE}",
            defaultValue = "${env:MUSTER_URL:-http://localhost:8080}")
    URI server;

    @Parameters(paramLabel = "ID", description = "The check's id.")
    String id;

    @Override
    public Integer call() throws IOException {
        var url = server.resolve("/ping/" + id);
        var connection = (HttpURLConnection) url.toURL().openConnection();
        connection.setConnectTimeout(5_000);
        connection.setReadTimeout(10_000);
        try {
            int status = connection.getResponseCode();
            if (status == HttpURLConnection.HTTP_OK) {
                return 0;
            }
            throw new IOException("the server answered " + status + ": is the id right?");
        } catch (java.net.ConnectException refused) {
            throw new IOException("no server answers at " + server + ": start it, or name it with --server", refused);
        }
    }
}
