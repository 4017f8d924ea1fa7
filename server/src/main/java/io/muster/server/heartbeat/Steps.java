package io.muster.server.heartbeat;

/** Counts the days that a search for the next time looks at, and ends it: whatever a schedule says, nobody waits for long. */
final class Steps {

    /** More than any search needs: a day of 50 years, or of the months that lack the day until the year 2200. */
    static final int MOST = 40_000;

    private int taken;

    /** Takes one, if there is one left. */
    boolean take() {
        if (taken >= MOST) return false;
        taken++;
        return true;
    }

    int taken() {
        return taken;
    }
}
