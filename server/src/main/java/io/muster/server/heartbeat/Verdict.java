package io.muster.server.heartbeat;

/** What a listener says about ping {@code n} of {@code check}: the header {@code Muster-Manifest} of its answer. */
public record Verdict(long check, long n, String manifestHeader) {}
