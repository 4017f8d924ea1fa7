package io.muster.server.console;

import io.muster.server.layout.State;
import io.muster.server.layout.Table;

/** API keys as their page shows them. */
public record KeysView(State state, String answer, Table keys) {}
