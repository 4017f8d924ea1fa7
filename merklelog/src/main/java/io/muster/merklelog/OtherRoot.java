package io.muster.merklelog;

/** What was shown of a log leads to another root than was claimed: something in it is not what was signed, and this does not say what. */
public final class OtherRoot extends Refuted {
    private static final long serialVersionUID = 1;

    public OtherRoot(String message) {
        super(message);
    }
}
