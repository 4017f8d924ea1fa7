package io.muster.server.heartbeat;

import io.muster.server.heartbeat.RunTotals.Totals;
import org.jspecify.annotations.Nullable;

/**
 * What Muster found of a run whose job demands something of it.
 *
 * @param n the ping that ended it, or the start of one that is too long
 * @param trouble why it was taken for a failure; null: it was not
 * @param totals what its manifest told of; null: nothing is expected, or there was none
 */
public record JudgedRun(
        long n, @Nullable Trouble trouble, @Nullable Totals totals) {}
