package io.muster.server.heartbeat;

import io.muster.server.heartbeat.CheckRepository.PlainSuccesses;
import io.muster.server.heartbeat.Ping.Target.ByUuid;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A batch of what most pings are: successes that only move the next report of their check on. They are stored without a look at
 * the checks before. That the checks are such, and that there are any, is a guess; the database has the last word.
 *
 * @param pings in the order in which they came
 * @param successes of each check
 */
record PlainPings(List<One> pings, List<PlainSuccesses> successes) {

    /** @param before how many pings of the check follow it in the batch */
    record One(Ping ping, UUID uuid, int before) {}

    /** Of a check that nobody asked about yet, true: there may be a million of them, and most are ordinary. */
    static boolean isPlain(Ping ping, CheckRepository checks) {
        return ping.action() == Kind.SUCCESS
                && ping.rid() == null
                && ping.target() instanceof ByUuid(var uuid)
                && checks.known(uuid)
                        .map(known -> known.isCalm() && known.check().isPlain(ping))
                        .orElse(true);
    }

    /** Null if one of the pings is no such, or its check need not report again. */
    static @Nullable PlainPings of(List<Ping> pings, CheckRepository checks) {
        var ones = new ArrayList<One>(pings.size());
        var sums = HashMap.<UUID, PlainSuccesses>newHashMap(pings.size());
        for (var ping : pings.reversed()) {
            if (!(ping.target() instanceof ByUuid(var uuid)) || !isPlain(ping, checks)) return null;
            var later = sums.get(uuid);
            var sum = later == null ? last(uuid, ping, checks) : later;
            if (sum == null) return null;
            ones.add(new One(ping, uuid, sum.count()));
            sums.put(uuid, sum.andOneMore());
        }
        return new PlainPings(ones.reversed(), List.copyOf(sums.values()));
    }

    private static @Nullable PlainSuccesses last(UUID uuid, Ping ping, CheckRepository checks) {
        var known = checks.known(uuid);
        if (known.isEmpty()) return new PlainSuccesses(uuid, 0, ping.at(), null);
        var check = known.get().check();
        var due = check.schedule().dueAfter(ping.at());
        if (due.isEmpty()) return null;
        var next = new PlainSuccesses.Next(
                check.id(), known.get().declaration(), due.get(), due.get().plus(check.grace()));
        return new PlainSuccesses(uuid, 0, ping.at(), next);
    }
}
