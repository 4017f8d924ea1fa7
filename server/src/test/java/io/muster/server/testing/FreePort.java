package io.muster.server.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** Ports on which a test may listen later. */
public final class FreePort {

    /** Where {@code MUSTER_SMTP_URL} of the server under test leads; nobody listens unless a test does. */
    public static final int SMTP = any();

    public static int any() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private FreePort() {}
}
