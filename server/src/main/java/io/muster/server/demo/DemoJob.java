package io.muster.server.demo;

import java.io.IOException;
import java.sql.SQLException;

/** Something that the SaaS runs again and again, and reports to Muster in its own way. */
interface DemoJob {

    /** As declared in the catalogue. */
    String slug();

    /**
     * One run, with its report.
     *
     * @param uuid what to ping
     */
    void run(String uuid) throws IOException, InterruptedException;

    /** Why a run failed, in one line; the database's own words. */
    static String reason(SQLException failure) {
        return String.valueOf(failure.getMessage()).replaceAll("\\s*\\R\\s*", " ");
    }
}
