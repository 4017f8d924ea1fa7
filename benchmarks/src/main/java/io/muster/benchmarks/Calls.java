package io.muster.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Arrays;
import java.util.function.Supplier;

/** One caller of a server, as its administrator: one request after the other. */
record Calls(Server server, HttpClient http) {

    /** @throws IOException the answer is not 200 */
    String get(String path) throws IOException, InterruptedException {
        return answer(path, request(path).build());
    }

    /** @throws IOException the answer is not 200 */
    String post(String path, String type, String body) throws IOException, InterruptedException {
        return answer(
                path,
                request(path)
                        .header("Content-Type", type)
                        .POST(BodyPublishers.ofString(body))
                        .build());
    }

    /** What this part of {@code measured} calls takes at most, in milliseconds, once the server is warm. */
    double millis(double part, int warmUps, int measured, Supplier<String> paths)
            throws IOException, InterruptedException {
        for (int i = 0; i < warmUps; i++) get(paths.get());
        var nanos = new long[measured];
        for (int i = 0; i < measured; i++) {
            var path = paths.get();
            long begun = System.nanoTime();
            get(path);
            nanos[i] = System.nanoTime() - begun;
        }
        Arrays.sort(nanos);
        return nanos[(int) Math.round(measured * part) - 1] / 1e6;
    }

    private HttpRequest.Builder request(String path) throws IOException {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + path))
                .header("X-Api-Key", server.adminKey());
    }

    private String answer(String path, HttpRequest request) throws IOException, InterruptedException {
        var answer = http.send(request, BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException(path + " answered " + answer.statusCode() + ": " + answer.body());
        }
        return answer.body();
    }
}
