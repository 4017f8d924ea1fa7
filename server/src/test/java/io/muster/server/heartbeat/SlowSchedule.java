package io.muster.server.heartbeat;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/** The times of a schedule by its definition: asks every second of every day. */
final class SlowSchedule {

    /** What becomes of times that clocks skip, and of those that they repeat. */
    enum Clocks {
        /** Skipped ones do not come, repeated ones twice: cron with a star in its minutes or hours. */
        ELAPSED,
        /** Skipped ones come when the clocks have been changed, repeated ones the first time: cron otherwise. */
        WALL,
        /** Skipped ones do not come, repeated ones the first time: OnCalendar. */
        SKIPPING
    }

    /** From the first day to the last one. */
    static TreeSet<Instant> times(
            Clocks clocks,
            Predicate<LocalDate> days,
            IntPredicate secondsOfDay,
            ZoneId zone,
            LocalDate first,
            LocalDate last) {
        var rules = zone.getRules();
        var times = new TreeSet<Instant>();
        var seconds = new int[86_400];
        int count = 0;
        for (int second = 0; second < 86_400; second++) {
            if (secondsOfDay.test(second)) seconds[count++] = second;
        }
        for (var day = first; !day.isAfter(last); day = day.plusDays(1)) {
            if (!days.test(day)) continue;
            for (int i = 0; i < count; i++) {
                var local = day.atStartOfDay().plusSeconds(seconds[i]);
                var offsets = rules.getValidOffsets(local);
                if (offsets.isEmpty()) {
                    if (clocks == Clocks.WALL)
                        times.add(rules.getTransition(local).getInstant());
                    continue;
                }
                times.add(local.toInstant(offsets.getFirst()));
                if (clocks == Clocks.ELAPSED) times.add(local.toInstant(offsets.getLast()));
            }
        }
        return times;
    }

    private SlowSchedule() {}
}
