package io.muster.server.heartbeat;

import io.muster.server.keys.Cursors;
import io.muster.server.keys.Cursors.Page;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** When Muster itself was away. */
@RestController
class OutageController {

    private static final String LIST = "outages";

    private final OutageRepository outages;
    private final Cursors cursors;

    OutageController(OutageRepository outages, Cursors cursors) {
        this.outages = outages;
        this.cursors = cursors;
    }

    record Answer(Outage.Kind kind, Instant beganAt, Instant endedAt) {}

    /** Newest first. */
    @GetMapping("/api/v1/outages")
    Page<Answer> list(
            @RequestParam(defaultValue = "100") int limit, @RequestParam(required = false) @Nullable String cursor) {
        var before = cursor == null ? null : (Long) Long.parseLong(cursors.decode(LIST, cursor));
        var found = outages.page(before, Cursors.limit(limit) + 1);
        return cursors.page(LIST, found, limit, row -> Long.toString(row.id())).map(OutageController::answer);
    }

    private static Answer answer(OutageRepository.Row row) {
        return new Answer(
                row.outage().kind(), row.outage().beganAt(), row.outage().endedAt());
    }
}
