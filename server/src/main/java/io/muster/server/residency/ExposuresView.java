package io.muster.server.residency;

import io.muster.server.layout.Chip;
import io.muster.server.layout.State;
import io.muster.server.layout.Word;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The list of exposures as its page shows it. */
public record ExposuresView(
        State state,
        String answer,
        List<Chip> chips,
        Filter filter,
        List<Row> rows,
        String range,
        @Nullable String next) {

    /** What the list is narrowed to; empty: not. */
    public record Filter(String state, String tenant, String region, String job) {
        public boolean narrows() {
            return !tenant.isEmpty() || !region.isEmpty() || !job.isEmpty();
        }
    }

    public record Row(
            long id,
            Word state,
            String reason,
            String tenant,
            String tenantName,
            String tier,
            String store,
            String region,
            String city,
            @Nullable Job job,
            String evidence,
            @Nullable Long rows,
            Instant since,
            @Nullable Instant until,
            @Nullable Instant decideBy,
            boolean decided) {}

    public record Job(String id, String name) {}
}
