package io.muster.server.audit;

import java.time.Instant;

/**
 * Published in the transaction in which a log was frozen, because the database had lost what the log had promised to hold, and goes on in
 * another epoch.
 *
 * @param lost which places, in words
 */
public record LogReopened(String tenant, int epoch, String lost, Instant at) {}
