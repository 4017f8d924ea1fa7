package io.muster.server.groupcommit;

import java.sql.SQLException;
import java.util.Set;

/** Tells what the database cannot do now from what it will never do. */
public final class Outage {

    /** Classes of SQLSTATE that speak of the data or of the statement: another batch without the culprit succeeds. */
    private static final Set<String> OF_THE_DATA = Set.of("21", "22", "23", "40", "42", "44", "P0");

    /**
     * Whether a transaction failed (or may have failed, or may have been committed) for a reason that has nothing to do
     * with what it held: no connection, none left, shut down, disk full, or the connection was lost on the way.
     */
    public static boolean is(Throwable failure) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql) {
                var state = sql.getSQLState();
                return state == null || state.length() < 2 || !OF_THE_DATA.contains(state.substring(0, 2));
            }
        }
        return false;
    }

    private Outage() {}
}
