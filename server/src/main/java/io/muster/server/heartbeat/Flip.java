package io.muster.server.heartbeat;

import java.time.Instant;

/**
 * A change of a check's stored status.
 *
 * @param at the ping's or the deadline's instant, which may be before it is recorded
 * @param reason success, fail, exit_code, timeout, paused or resumed
 */
public record Flip(long check, Instant at, Status from, Status to, String reason) {}
