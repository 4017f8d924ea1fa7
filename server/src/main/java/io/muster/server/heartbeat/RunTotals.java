package io.muster.server.heartbeat;

import org.jspecify.annotations.Nullable;

/** Reads how much a run copied from the body of its success: told by the module above that knows manifests. Pure. */
public interface RunTotals {

    Said of(byte[] body);

    sealed interface Said {}

    /** Over all tenants; null: it does not say. */
    record Totals(@Nullable Long rows, @Nullable Long bytes) implements Said {}

    /** There is no valid manifest; {@code why}: in plain ASCII, {@code a manifest is required}. */
    record Nothing(String why) implements Said {}
}
