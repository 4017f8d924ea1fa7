package io.muster.server.demo;

import io.muster.server.embedded.DataFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Muster as the SaaS sees it: an address and a key. */
@Component
@ConditionalOnProperty(name = "muster.mode", havingValue = "demo")
class MusterApi {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final JsonMapper json = new JsonMapper();
    private final Environment environment;
    private final DataFolder folder;

    MusterApi(Environment environment, DataFolder folder) {
        this.environment = environment;
        this.folder = folder;
    }

    /** Known once the web server listens. */
    String address() {
        var host = environment.getRequiredProperty("muster.host");
        return "http://" + (host.equals("0.0.0.0") || host.equals("127.0.0.1") ? "localhost" : host) + ":" + port();
    }

    int port() {
        return Integer.parseInt(environment.getRequiredProperty("local.server.port"));
    }

    JsonNode get(String path) throws IOException {
        return json.readTree(accepted(request(path).GET()));
    }

    JsonNode post(String path, String contentType, String body) throws IOException {
        return json.readTree(
                accepted(request(path).POST(BodyPublishers.ofString(body)).header("Content-Type", contentType)));
    }

    /** All items of a list, page by page. */
    List<JsonNode> list(String path) throws IOException {
        var items = new ArrayList<JsonNode>();
        var next = "";
        do {
            var page = get(path + "?limit=1000" + next);
            page.path("items").forEach(items::add);
            next = page.path("next").isString() ? "&cursor=" + page.path("next").asString() : "";
        } while (!next.isEmpty());
        return items;
    }

    private HttpRequest.Builder request(String path) throws IOException {
        return HttpRequest.newBuilder(URI.create(address() + path))
                .header(
                        "X-Api-Key",
                        Files.readString(folder.path().resolve("admin.key")).strip());
    }

    private String accepted(HttpRequest.Builder request) throws IOException {
        var answer = send(request);
        if (answer.statusCode() / 100 != 2) {
            throw new IOException("Muster answered " + answer.statusCode() + ": " + answer.body());
        }
        return answer.body();
    }

    /** As any job would: the id in the path is all the credential there is. */
    void ping(String path, String body) {
        try {
            var answer =
                    send(HttpRequest.newBuilder(URI.create(address() + path)).POST(BodyPublishers.ofString(body)));
            if (answer.statusCode() / 100 != 2) {
                throw new IllegalStateException(
                        "a ping was refused with " + answer.statusCode() + ": " + answer.body());
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException {
        try {
            return http.send(request.timeout(LIMIT).build(), BodyHandlers.ofString());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", interrupted);
        }
    }
}
