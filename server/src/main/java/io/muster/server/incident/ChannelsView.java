package io.muster.server.incident;

import io.muster.server.layout.State;
import io.muster.server.layout.Table;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Channels and deliveries as their page shows them. */
public record ChannelsView(
        State state,
        String answer,
        Table channels,
        List<Trouble> troubles,
        Table deliveries,
        List<String> kinds,
        List<Row> matrix) {

    /**
     * A channel that does not take what is sent.
     *
     * @param why what it answered
     * @param stopped nothing is sent there any more
     * @param nextTry of what waits; null: nothing does
     */
    public record Trouble(
            String channel,
            String why,
            @Nullable Instant since,
            boolean stopped,
            int tries,
            @Nullable Instant nextTry) {}

    /** Which alert goes where: one kind of alert, and whether each channel hears of it. */
    public record Row(String alert, List<Boolean> heard) {}
}
