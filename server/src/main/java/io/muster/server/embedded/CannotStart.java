package io.muster.server.embedded;

/** The server cannot start; the message is the one line that a person needs: what is wrong and what to do. */
public class CannotStart extends RuntimeException {
    private static final long serialVersionUID = 1;

    public CannotStart(String message) {
        super(message);
    }

    public CannotStart(String message, Throwable cause) {
        super(message, cause);
    }
}
