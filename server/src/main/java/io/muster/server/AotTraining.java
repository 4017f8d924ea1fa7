package io.muster.server;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.springframework.context.ConfigurableApplicationContext;

/** What the JDK should remember for the next start ({@code -XX:AOTCacheOutput}): a start, and a few typical requests. */
class AotTraining {
    static void visit(ConfigurableApplicationContext context) {
        var port = context.getEnvironment().getRequiredProperty("local.server.port");
        try (var http = HttpClient.newHttpClient()) {
            for (var page : List.of("/actuator/health/readiness", "/", "/not-here")) {
                http.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + page))
                                .build(),
                        BodyHandlers.discarding());
            }
        } catch (IOException failure) {
            throw new IllegalStateException("training failed", failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private AotTraining() {}
}
