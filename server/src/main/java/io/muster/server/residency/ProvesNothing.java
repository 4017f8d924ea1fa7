package io.muster.server.residency;

/** A look that ended without an answer that counts; the message says why, to people. */
final class ProvesNothing extends Exception {

    private static final long serialVersionUID = 1;

    ProvesNothing(String why) {
        super(why);
    }
}
