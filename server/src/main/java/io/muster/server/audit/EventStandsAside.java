package io.muster.server.audit;

import java.time.Instant;

/**
 * Something that Muster did cannot be sealed and waits in clear. Published in the transaction that set it aside, again each time it was
 * tried in vain.
 *
 * @param tenant in whose log it belongs
 * @param event what was done: {@code check.created /checks/nightly}
 * @param at when it was set aside
 */
public record EventStandsAside(String tenant, String event, String why, Instant at) {}
