package io.muster.server.heartbeat;

import io.muster.server.heartbeat.CheckBoard.PingSeen;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiFunction;

/** How long the runs took whose ends stand on a page of pings: from the start with the same run id, or with none too. */
final class RunTimes {

    private static final Duration LONGEST = Duration.ofHours(72);
    private static final int MOST_LOOKED_UP = 10;

    /**
     * By the number of the ping that ended the run.
     *
     * @param page newest first
     * @param before for a ping's number and some run ids: when those were started that had not ended before it
     * @return nothing at all when more than ten starts would have to be looked for on earlier pages
     */
    static Map<Long, Duration> of(
            List<PingSeen> page, BiFunction<Long, List<Optional<UUID>>, Map<Optional<UUID>, Instant>> before) {
        var took = new HashMap<Long, Duration>();
        var starts = new HashMap<Optional<UUID>, Optional<Instant>>(); // empty: ended
        var elsewhere = new ArrayList<PingSeen>();
        for (var ping : page.reversed()) {
            var rid = Optional.ofNullable(ping.rid());
            switch (ping.kind()) {
                case START -> starts.put(rid, Optional.of(ping.at()));
                case SUCCESS, FAIL -> {
                    var start = starts.put(rid, Optional.empty());
                    if (start == null) elsewhere.add(ping);
                    else start.ifPresent(at -> put(took, ping, at));
                }
                case LOG, IGN -> {}
            }
        }
        if (elsewhere.size() > MOST_LOOKED_UP) return Map.of();
        if (!elsewhere.isEmpty()) {
            var rids = elsewhere.stream()
                    .map(ping -> Optional.ofNullable(ping.rid()))
                    .toList();
            var found = before.apply(page.getLast().n(), rids);
            for (var ping : elsewhere) {
                var start = found.get(Optional.ofNullable(ping.rid()));
                if (start != null) put(took, ping, start);
            }
        }
        return took;
    }

    private static void put(Map<Long, Duration> took, PingSeen end, Instant start) {
        var duration = Duration.between(start, end.at());
        if (duration.compareTo(LONGEST) < 0) took.put(end.n(), duration);
    }

    private RunTimes() {}
}
