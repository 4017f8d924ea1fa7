package io.muster.server.heartbeat;

import io.muster.server.heartbeat.HeardChecks.PlainSuccesses;
import io.muster.server.heartbeat.HeardChecks.Rhythm;
import io.muster.server.heartbeat.Ping.Target.ByUuid;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A batch of what most pings are: successes that only move the next report of their check on. They are stored without a lock on
 * the checks before. That the checks are such, and that there are any, is a guess; the database has the last word.
 *
 * @param pings in the order in which they came
 * @param successes of each check, in the order of ids; a check of which nothing like that is known has none
 */
record PlainPings(List<One> pings, List<PlainSuccesses> successes) {

    /** @param behind the successes of the check that follow it in the batch; empty: it goes the long way */
    record One(Ping ping, Optional<PlainSuccesses> behind) {}

    /** Of a check that nobody asked about yet, true: there may be a million of them, and most are ordinary. */
    static boolean isPlain(Ping ping, HeardChecks checks) {
        return ping.action() == Kind.SUCCESS
                && ping.rid() == null
                && ping.target() instanceof ByUuid(var uuid)
                && checks.known(uuid).map(KnownChecks.Known::isPlain).orElse(true);
    }

    static PlainPings of(List<Ping> pings, Map<UUID, Rhythm> rhythms) {
        var ones = new ArrayList<One>(pings.size());
        var sums = HashMap.<UUID, Optional<PlainSuccesses>>newHashMap(rhythms.size());
        for (var ping : pings.reversed()) {
            var uuid = uuid(ping);
            var sum = sums.computeIfAbsent(uuid, _ -> none(rhythms.get(uuid), ping.at()));
            ones.add(new One(ping, sum));
            sums.put(uuid, sum.map(PlainSuccesses::andOneMore));
        }
        var successes = sums.values().stream()
                .flatMap(Optional::stream)
                .sorted(Comparator.comparing(PlainSuccesses::id))
                .toList();
        return new PlainPings(ones.reversed(), successes);
    }

    private static UUID uuid(Ping ping) {
        if (ping.target() instanceof ByUuid(var uuid)) return uuid;
        throw new IllegalArgumentException("a ping by slug is never plain");
    }

    static Set<UUID> uuids(List<Ping> pings) {
        return pings.stream().map(PlainPings::uuid).collect(Collectors.toSet());
    }

    /** Before the first of the check is counted, which is its last; empty: it need not report after that. */
    private static Optional<PlainSuccesses> none(@Nullable Rhythm rhythm, Instant last) {
        if (rhythm == null) return Optional.empty();
        return rhythm.schedule()
                .dueAfter(last)
                .map(due ->
                        new PlainSuccesses(rhythm.id(), rhythm.declaration(), 0, last, due, due.plus(rhythm.grace())));
    }
}
