package io.muster.merklelog;

/** What was claimed does not follow from what was shown for it; the message says which claim. */
public class Refuted extends Exception {
    private static final long serialVersionUID = 1;

    public Refuted(String message) {
        super(message);
    }
}
