package io.muster.server.heartbeat;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Who waits for whom. Pure. */
public final class Dependencies {

    private record Step(String job, Iterator<String> needs) {}

    /** The first cycle on the ways up from {@code jobs}, as {@code a, b, a}; each job is visited once. */
    public static Optional<List<String>> cycle(Collection<String> jobs, Map<String, List<String>> needs) {
        var done = new HashSet<String>();
        for (var job : jobs) {
            var way = new LinkedHashSet<String>();
            var steps = new ArrayDeque<Step>();
            enter(job, needs, way, steps, done);
            while (!steps.isEmpty()) {
                var step = steps.peek();
                if (!step.needs().hasNext()) {
                    way.remove(step.job());
                    done.add(step.job());
                    steps.pop();
                    continue;
                }
                var next = step.needs().next();
                if (way.contains(next)) {
                    var cycle =
                            way.stream().dropWhile(each -> !each.equals(next)).toList();
                    return Optional.of(
                            Stream.concat(cycle.stream(), Stream.of(next)).toList());
                }
                enter(next, needs, way, steps, done);
            }
        }
        return Optional.empty();
    }

    private static void enter(
            String job,
            Map<String, List<String>> needs,
            LinkedHashSet<String> way,
            ArrayDeque<Step> steps,
            HashSet<String> done) {
        if (done.contains(job)) return;
        way.add(job);
        steps.push(new Step(job, needs.getOrDefault(job, List.of()).iterator()));
    }

    private Dependencies() {}
}
