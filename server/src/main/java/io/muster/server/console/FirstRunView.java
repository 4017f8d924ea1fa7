package io.muster.server.console;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How far a new installation is on its way to the first watched job.
 *
 * @param job the first job, if one is declared
 * @param baseUrl where this server is reached
 */
public record FirstRunView(
        boolean declared,
        boolean reported,
        boolean probed,
        String declaredWords,
        @Nullable String job,
        @Nullable String jobName,
        @Nullable String pingUrl,
        @Nullable Instant waitsSince,
        String baseUrl,
        long regions,
        long presets,
        long channels) {

    public int done() {
        return (declared ? 1 : 0) + (reported ? 1 : 0) + (probed ? 1 : 0);
    }
}
