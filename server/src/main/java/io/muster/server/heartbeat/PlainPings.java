package io.muster.server.heartbeat;

import io.muster.server.heartbeat.CheckRepository.PlainSuccesses;
import io.muster.server.heartbeat.KnownChecks.Known;
import io.muster.server.heartbeat.Ping.Target.ByUuid;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A batch of successes of calm checks: what most batches are. They are stored without a look at the checks before, since each
 * only moves the next report of its check on. Whether the checks are calm is a guess; the database has the last word.
 *
 * @param pings in the order in which they came
 * @param successes of each check, in the order of ids
 */
record PlainPings(List<One> pings, List<PlainSuccesses> successes) {

    /** @param before how many pings of the check follow it in the batch */
    record One(Ping ping, Known known, int before) {}

    static boolean isPlain(Ping ping, CheckRepository checks) {
        return known(ping, checks) != null;
    }

    private static @Nullable Known known(Ping ping, CheckRepository checks) {
        if (!(ping.target() instanceof ByUuid(var uuid))) return null;
        var known = checks.calm(uuid);
        return known != null && known.check().isPlain(ping) ? known : null;
    }

    /** Null if one of the pings is no such, or its check need not report again. */
    static @Nullable PlainPings of(List<Ping> pings, CheckRepository checks) {
        var ones = new ArrayList<One>(pings.size());
        var sums = new TreeMap<Long, PlainSuccesses>();
        for (var ping : pings.reversed()) {
            var known = known(ping, checks);
            if (known == null) return null;
            var check = known.check();
            var sum = sums.get(check.id());
            if (sum == null) {
                var due = check.schedule().dueAfter(ping.at());
                if (due.isEmpty()) return null;
                var downAt = due.get().plus(check.grace());
                sum = new PlainSuccesses(check.id(), known.declaration(), 0, ping.at(), due.get(), downAt);
            }
            ones.add(new One(ping, known, sum.count()));
            sums.put(
                    check.id(),
                    new PlainSuccesses(
                            sum.id(), sum.declaration(), sum.count() + 1, sum.at(), sum.dueAt(), sum.downAt()));
        }
        return new PlainPings(ones.reversed(), List.copyOf(sums.values()));
    }

    /** Of the checks that are not among {@code ids}. */
    Set<UUID> uuidsBut(Set<Long> ids) {
        return pings.stream()
                .map(one -> one.known().check())
                .filter(check -> !ids.contains(check.id()))
                .map(check -> check.uuid().value())
                .collect(Collectors.toSet());
    }
}
