package io.muster.server.incident;

import io.muster.server.layout.State;
import io.muster.server.layout.Table;
import java.util.List;

/** Channels and deliveries as their page shows them. */
public record ChannelsView(
        State state, String answer, Table channels, Table deliveries, List<String> kinds, List<Row> matrix) {

    /** Which alert goes where: one kind of alert, and whether each channel hears of it. */
    public record Row(String alert, List<Boolean> heard) {}
}
