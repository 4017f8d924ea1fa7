package io.muster.server.heartbeat;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the module above knows of checks, for the pages about them: where their jobs bring whose data. */
public interface CheckFacts {

    /** Of those that replicate. */
    Map<Long, ChecksView.Route> routes(Collection<Long> checks);

    /** Regions out of which jobs bring data, and those into which they do. */
    Regions regions();

    record Regions(List<String> from, List<String> to) {}

    /** Those that bring data between two regions; null: any region. At most 10,000. */
    List<Long> between(@Nullable String from, @Nullable String to);

    /** Those with an open exposure. At most 10,000. */
    List<Long> exposed();

    /** The open exposures of a job, worst first. */
    List<CheckView.Exposed> exposures(long check, int limit);

    /** How many tenants are in violation, and how many at risk, because of any job. Counting may stop at 1,000. */
    Exposures exposures();

    record Exposures(long violations, long atRisk) {}

    /** What the manifests of these pings told of. */
    Map<Long, RunTotals.Totals> totals(long check, Collection<Long> pings);

    /** More that was declared of the job. */
    List<CheckView.Setting> settings(long check);
}
