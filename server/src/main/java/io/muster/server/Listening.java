package io.muster.server;

import io.muster.server.embedded.CannotStart;
import io.muster.server.embedded.ReadFirst;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Where the server listens; Spring takes any number.
 *
 * @param port 0: any that is free
 */
@ReadFirst
@ConfigurationProperties("muster")
record Listening(int port) {

    Listening {
        if (port < 0 || port > 65_535) throw new CannotStart("MUSTER_PORT must be 0 to 65535; got " + port);
    }
}
