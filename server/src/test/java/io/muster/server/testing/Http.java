package io.muster.server.testing;

import io.muster.server.embedded.DataFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Calls the server under test over real HTTP: as the admin, or with another key or none. */
@Component
public class Http {
    /** What came back. */
    public record Answer(int status, String body, HttpResponse<byte[]> response) {
        private static final JsonMapper JSON = new JsonMapper();

        public JsonNode json() {
            return JSON.readTree(body);
        }

        public String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }
    }

    /** The address of a proxy that the server under test trusts. */
    public static final String PROXY = "127.0.0.2";

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final HttpClient proxy = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .localAddress(InetAddress.ofLiteral(PROXY))
            .build();
    private final Environment environment;
    private final DataFolder folder;

    Http(Environment environment, DataFolder folder) {
        this.environment = environment;
        this.folder = folder;
    }

    public String base() {
        return "http://localhost:" + environment.getRequiredProperty("local.server.port");
    }

    /** The line of {@code admin.key}. */
    public String adminKey() {
        try {
            return Files.readString(folder.path().resolve("admin.key")).strip();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    public Answer get(String path) {
        return send("GET", path, null);
    }

    public Answer put(String path, String json) {
        return send("PUT", path, json);
    }

    public Answer post(String path, String json) {
        return send("POST", path, json);
    }

    /** As a page's form sends it. */
    public Answer form(String path, String body) {
        return send(request("POST", path, body)
                .setHeader("Content-Type", "application/x-www-form-urlencoded")
                .header("X-Api-Key", adminKey()));
    }

    public Answer delete(String path) {
        return send("DELETE", path, null);
    }

    /** As the admin. */
    public Answer send(String method, String path, String body) {
        return send(request(method, path, body).header("X-Api-Key", adminKey()));
    }

    /** Without a credential; add headers as needed. */
    public HttpRequest.Builder request(String method, String path, String body) {
        return HttpRequest.newBuilder(URI.create(base() + path))
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .header("Content-Type", "application/json");
    }

    public Answer send(HttpRequest.Builder request) {
        return send(http, request);
    }

    /** As from a proxy that is trusted: add what it says of the caller. */
    public Answer sendThroughProxy(HttpRequest.Builder request) {
        return send(proxy, request);
    }

    private static Answer send(HttpClient client, HttpRequest.Builder request) {
        try {
            var response = client.send(request.build(), BodyHandlers.ofByteArray());
            return new Answer(
                    response.statusCode(),
                    new String(response.body(), java.nio.charset.StandardCharsets.UTF_8),
                    response);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }
}
