package io.muster.server.heartbeat;

import java.time.Instant;

/** A flip as it is stored. */
public record FlipRow(long id, Instant at, Instant recordedAt, Status from, Status to, String reason) {}
