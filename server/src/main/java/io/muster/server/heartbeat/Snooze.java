package io.muster.server.heartbeat;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Instant;

/**
 * Somebody's wish not to hear that a job is down.
 *
 * @param by an account's e-mail, or the id of an API key
 */
public record Snooze(@JsonIgnore long check, Instant until, String reason, String by, Instant at) {}
