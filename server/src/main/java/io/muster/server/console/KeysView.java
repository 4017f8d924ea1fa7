package io.muster.server.console;

import io.muster.server.layout.State;
import io.muster.server.layout.Table;
import org.jspecify.annotations.Nullable;

/**
 * API keys as their page shows them.
 *
 * @param made the key that was made just now, shown this once
 */
public record KeysView(
        State state,
        String answer,
        Table keys,
        @Nullable String made,
        @Nullable String madeName) {}
