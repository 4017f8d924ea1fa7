package io.muster.client;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Sends batches to a server. */
final class Connection implements AutoCloseable {
    /** Of an answer: a thousand receipts have a third of it. */
    private static final int LARGEST_ANSWER = 1 << 20;

    private final HttpClient http;
    private final URI events;
    private final Supplier<String> key;
    private final Duration timeout;

    Connection(URI server, Supplier<String> key, Duration timeout) {
        var base = server.toString();
        this.events = URI.create((base.endsWith("/") ? base : base + "/") + "api/v1/audit/events");
        this.key = key;
        this.timeout = timeout;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(timeout)
                .build();
    }

    /** @throws InterruptedException if the sender is being closed; then nobody knows whether the batch was recorded */
    Answer send(List<byte[]> batch) throws InterruptedException {
        HttpRequest request;
        try {
            request = HttpRequest.newBuilder(events)
                    .header("Content-Type", "application/json")
                    .header("Authorization", "Bearer " + key.get().strip())
                    .POST(BodyPublishers.ofByteArray(array(batch)))
                    .build();
        } catch (RuntimeException noKey) {
            return new Answer.Later(
                    "the key cannot be read: " + noKey.getClass().getSimpleName()); // its message may hold the key
        }
        var said = new Body();
        var exchange = http.sendAsync(request, head -> BodySubscribers.ofByteArrayConsumer(said));
        try {
            var answer = exchange.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            return Answer.of(
                    answer.statusCode(),
                    answer.headers().firstValue("Retry-After").orElse(""),
                    said.text(),
                    batch.size(),
                    InstantSource.system().instant());
        } catch (TimeoutException silent) {
            return new Answer.Later("the server did not answer within " + timeout);
        } catch (ExecutionException failure) {
            var cause = failure.getCause() == null ? failure : failure.getCause();
            return new Answer.Later(cause.getClass().getSimpleName()
                    + (cause.getMessage() == null ? " without a message" : ": " + cause.getMessage()));
        } finally {
            exchange.cancel(true);
        }
    }

    private static byte[] array(List<byte[]> batch) {
        var body = new ByteArrayOutputStream(
                batch.stream().mapToInt(event -> event.length + 1).sum() + 1);
        byte before = '[';
        for (var event : batch) {
            body.write(before);
            body.writeBytes(event);
            before = ',';
        }
        body.write(']');
        return body.toByteArray();
    }

    /** Keeps no more than an answer may have; the rest is let go, and what is left is then no JSON. */
    private static final class Body implements Consumer<Optional<byte[]>> {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(); // guarded by itself

        @Override
        public void accept(Optional<byte[]> more) {
            synchronized (bytes) {
                more.filter(some -> bytes.size() + some.length <= LARGEST_ANSWER)
                        .ifPresent(bytes::writeBytes);
            }
        }

        String text() {
            synchronized (bytes) {
                return bytes.toString(StandardCharsets.UTF_8);
            }
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
