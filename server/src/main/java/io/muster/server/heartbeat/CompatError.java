package io.muster.server.heartbeat;

/** Goes back as {@code {"error": message}}, the shape of the Healthchecks-compatible API. */
final class CompatError extends RuntimeException {

    private static final long serialVersionUID = 1;
    private final int status;

    CompatError(int status, String message) {
        super(message, null, false, false); // an answer, not a fault: no stack trace
        this.status = status;
    }

    static CompatError invalid(String message) {
        return new CompatError(400, "json validation error: " + message);
    }

    int status() {
        return status;
    }
}
