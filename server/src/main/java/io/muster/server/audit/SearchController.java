package io.muster.server.audit;

import io.muster.server.access.Access;
import io.muster.server.audit.AuditSearch.Position;
import io.muster.server.audit.Opening.Opened;
import io.muster.server.keys.Cursors;
import io.muster.server.problem.Refused;
import jakarta.servlet.http.HttpServletRequest;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Searches of a tenant's trail. */
@RestController
class SearchController {

    private static final int USUAL = 50;

    private final Access access;
    private final AuditSearch search;
    private final Cursors cursors;
    private final InstantSource clock;

    SearchController(Access access, AuditSearch search, Cursors cursors, InstantSource clock) {
        this.access = access;
        this.search = search;
        this.cursors = cursors;
        this.clock = clock;
    }

    /** @param next where the next page begins; null: there is nothing more */
    record Answer(
            List<Map<String, @Nullable Object>> items,
            @Nullable String next,
            Range range) {}

    /** The time that was searched. */
    record Range(String from, String to) {}

    @GetMapping("/api/v1/audit")
    Answer search(HttpServletRequest request) {
        var caller = access.caller();
        var query =
                AuditQuery.of(request.getParameterMap(), Set.of("cursor", "limit"), caller.tenant(), clock.instant());
        var list = "audit " + query.tenant();
        int limit = limit(request.getParameter("limit"));
        var cursor = request.getParameter("cursor");
        var after = cursor == null ? null : Position.parse(cursors.decode(list, cursor));
        var found = search.read(caller, query, after, limit);
        return new Answer(
                found.events().stream().map(Opened::members).toList(),
                found.next() == null ? null : cursors.encode(list, found.next().toString()),
                new Range(
                        AuditEvent.text(query.range().from()),
                        AuditEvent.text(query.range().to())));
    }

    private static int limit(@Nullable String sent) {
        try {
            return sent == null ? USUAL : Cursors.limit(Integer.parseInt(sent));
        } catch (NumberFormatException none) {
            throw new Refused("limit", "must be a number from 1 to 1000; got " + Refused.shown(sent));
        }
    }
}
