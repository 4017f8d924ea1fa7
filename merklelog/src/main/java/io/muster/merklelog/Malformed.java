package io.muster.merklelog;

/** What was given is not of its format, or not in its one canonical form; the message says where. */
public final class Malformed extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    public Malformed(String message) {
        super(message);
    }
}
