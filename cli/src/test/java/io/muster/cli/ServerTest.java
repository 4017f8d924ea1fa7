package io.muster.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerTest {
    @TempDir
    Path folder;

    private final List<String> seen = new ArrayList<>();
    private final Server server = new Server();
    private HttpServer http;
    private int status = 200;
    private String body = "{}";

    @BeforeEach
    void start() throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.createContext("/", exchange -> {
            seen.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getFirst("Authorization"));
            var bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        http.start();
        server.url = URI.create("http://127.0.0.1:" + http.getAddress().getPort());
        server.environment = Map.of("MUSTER_DATA", folder.toString());
    }

    @AfterEach
    void stop() {
        http.stop(0);
    }

    @Test
    void the_key_is_that_of_the_option_then_of_the_environment_then_of_the_data_folder() throws IOException {
        Files.createDirectories(folder.resolve("demo"));
        Files.writeString(folder.resolve("demo/admin.key"), "from-demo\n");
        server.call("GET", "/x", null);
        Files.writeString(folder.resolve("admin.key"), "from-data\n");
        server.call("GET", "/x", null);
        server.environment = Map.of("MUSTER_DATA", folder.toString(), "MUSTER_KEY", "from-environment");
        server.call("GET", "/x", null);
        server.keyFile = Files.writeString(folder.resolve("my.key"), "from-option\n");
        server.call("GET", "/x", null);
        assertEquals(
                List.of(
                        "GET /x Bearer from-demo",
                        "GET /x Bearer from-data",
                        "GET /x Bearer from-environment",
                        "GET /x Bearer from-option"),
                seen);
    }

    @Test
    void what_the_server_refuses_is_one_line_that_says_where_and_why() {
        server.environment = Map.of("MUSTER_KEY", "k");
        assertRefused(403, "{\"detail\":\"This needs the admin's key.\"}", "This needs the admin's key.");
        assertRefused(422, """
                {"detail":"2 errors","errors":[{"field":"tier","message":"is unknown","line":12},
                                               {"field":"home","message":"is missing"}]}""", "line 12: tier is unknown; home is missing");
        assertRefused(502, "<html>", "the server answered 502");
    }

    @Test
    void without_any_key_the_error_says_where_it_was_looked_for() {
        var failure = assertThrows(IOException.class, () -> server.call("GET", "/x", null));
        assertEquals(
                "found no admin.key in " + folder + ", " + folder
                        + "/demo, data, data/demo: give a key with --key-file or MUSTER_KEY",
                failure.getMessage());
    }

    private void assertRefused(int status, String body, String message) {
        this.status = status;
        this.body = body;
        var failure = assertThrows(IOException.class, () -> server.call("POST", "/x", "{}"));
        assertEquals(message, failure.getMessage());
    }
}
