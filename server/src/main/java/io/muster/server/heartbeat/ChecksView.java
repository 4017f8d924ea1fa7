package io.muster.server.heartbeat;

import io.muster.server.layout.Chip;
import io.muster.server.layout.Run;
import io.muster.server.layout.State;
import io.muster.server.layout.Word;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The list of checks as its page shows it. */
public record ChecksView(
        State state,
        String answer,
        List<Chip> chips,
        CheckFilter filter,
        CheckFacts.Regions regions,
        List<Row> rows,
        String range,
        @Nullable String next,
        boolean first,
        List<View> views,
        boolean keepsViews) {

    /**
     * A list that the reader keeps.
     *
     * @param shown it is the one that is shown
     * @param opens the menu opens it
     */
    public record View(long id, String name, String url, boolean shown, boolean opens) {}

    /**
     * @param due when the next report is due; null if none is awaited
     * @param dueWords before or instead of the instant: {@code late}, {@code starts with first ping}
     */
    public record Row(
            Word status,
            String jobId,
            String name,
            @Nullable Route route,
            String schedule,
            String grace,
            @Nullable Instant lastPing,
            String lastWords,
            @Nullable Instant due,
            State dueState,
            String dueWords,
            String dueSmall,
            List<Run> runs) {}

    /**
     * Where a job brings data, and of whom: told by the module above that knows.
     *
     * @param tenants how many it covers; null if that is not known
     */
    public record Route(
            String fromStore,
            String toStore,
            String fromRegion,
            String toRegion,
            String whose,
            @Nullable Long tenants,
            long atRisk,
            long violations) {}
}
