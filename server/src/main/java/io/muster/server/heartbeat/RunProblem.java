package io.muster.server.heartbeat;

/** A run that Muster took for a failure; {@code n}: the ping that ended it, or the start of one that is too long. */
public record RunProblem(long n, Trouble trouble) {}
