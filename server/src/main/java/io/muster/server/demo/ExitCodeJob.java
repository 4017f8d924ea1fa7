package io.muster.server.demo;

import java.sql.SQLException;

/** Reports as a wrapped command does: its start, its exit code, and the last that it printed. */
record ExitCodeJob(String slug, Table table, String region, Saas saas, MusterApi muster) implements DemoJob {
    @Override
    public void run(String uuid) {
        muster.ping("/ping/" + uuid + "/start", "");
        try {
            var home = saas.bringHome(table, region);
            muster.ping(
                    "/ping/" + uuid + "/0",
                    "%s: %d rows of %d tenants brought to %s%n"
                            .formatted(slug, home.rows(), home.tenants().size(), region));
        } catch (SQLException failure) {
            muster.ping("/ping/" + uuid + "/2", slug + ": cannot write to " + region + ": " + DemoJob.reason(failure));
        }
    }
}
