package io.muster.server.residency;

import io.muster.server.keys.Cursors;
import io.muster.server.keys.Cursors.Page;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
class ResidencyController {

    private final Whereabouts whereabouts;
    private final Cursors cursors;

    ResidencyController(Whereabouts whereabouts, Cursors cursors) {
        this.whereabouts = whereabouts;
        this.cursors = cursors;
    }

    /** One tenant's data in one store; null where nothing is promised or known. */
    record Item(
            String tenant,
            String store,
            String region,
            String role,
            String verdict,
            @Nullable Long lagSeconds,
            @Nullable Long maxDwellSeconds,
            @Nullable String evidence,
            Instant asOf) {}

    @GetMapping("/api/v1/residency")
    Page<Item> residency(
            @RequestParam(required = false) @Nullable String tenant,
            @RequestParam(required = false) @Nullable String region,
            @RequestParam(defaultValue = "100") int limit,
            @RequestParam(required = false) @Nullable String cursor) {
        var after = cursor == null ? null : cursors.decode("residency", cursor);
        var found = whereabouts.page(tenant, region, after, Cursors.limit(limit));
        return new Page<>(found.items(), found.next() == null ? null : cursors.encode("residency", found.next()));
    }
}
