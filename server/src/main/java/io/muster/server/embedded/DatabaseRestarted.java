package io.muster.server.embedded;

/** Published when the embedded PostgreSQL had ended by itself and is back, on the thread that watches it: return at once. */
public record DatabaseRestarted() {}
