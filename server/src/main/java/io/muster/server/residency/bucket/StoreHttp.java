package io.muster.server.residency.bucket;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * GET requests to a store that the operator declared, so to private addresses too. No redirect is followed: the signature
 * would go along. No certificate error is forgiven; time and answer are bounded. Made for one look: a server that has no
 * bucket to look into never loads the client.
 */
final class StoreHttp implements AutoCloseable {

    /** A page of 1,000 objects with the longest keys has about 4 MB. */
    static final long LONGEST_ANSWER = 8 << 20;

    private static final Duration CONNECT = Duration.ofSeconds(5);

    private final HttpClient client = HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT)
            .build();
    private final Duration patience;
    private final long begun = System.nanoTime();

    /** @param patience for all requests together */
    StoreHttp(Duration patience) {
        this.patience = patience;
    }

    record Answer(int status, HttpHeaders headers, byte[] body) {

        String header(String name) {
            return headers.firstValue(name).orElse("");
        }
    }

    Answer get(URI uri, Map<String, String> headers) throws IOException {
        var left = patience.toNanos() - (System.nanoTime() - begun);
        var request = HttpRequest.newBuilder(uri).GET();
        headers.forEach(request::header);
        var exchange =
                client.sendAsync(request.build(), BodyHandlers.limiting(BodyHandlers.ofByteArray(), LONGEST_ANSWER));
        try {
            HttpResponse<byte[]> answer = exchange.get(Math.max(1, left), TimeUnit.NANOSECONDS);
            return new Answer(answer.statusCode(), answer.headers(), answer.body());
        } catch (TimeoutException slow) {
            exchange.cancel(true);
            throw new IOException("no whole answer within " + patience.toSeconds() + " s", slow);
        } catch (InterruptedException stopping) {
            exchange.cancel(true);
            Thread.currentThread().interrupt();
            throw new IOException("the server is stopping", stopping);
        } catch (ExecutionException failure) {
            throw new IOException(unreachable(uri, failure.getCause() == null ? failure : failure.getCause()), failure);
        }
    }

    /** Names only host and port of the URL: its query may hold a signature. */
    private static String unreachable(URI uri, Throwable cause) {
        var text = cause.getMessage();
        return "no answer from " + uri.getRawAuthority() + ": "
                + cause.getClass().getSimpleName() + (text == null || text.contains("?") ? "" : ", " + text);
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
