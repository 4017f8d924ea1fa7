package io.muster.server.audit;

import io.muster.merklelog.SignerKey;
import io.muster.server.access.Access;
import io.muster.server.audit.Opening.Opened;
import io.muster.server.audit.Opening.Row;
import io.muster.server.problem.Problem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** A tenant's whole log, or what of it fits a search, in a zip that proves itself. */
@RestController
class ZipExportController {

    private static final Logger LOG = LoggerFactory.getLogger(ZipExportController.class);

    /** At the same time: each holds some 20 MB. */
    private static final int AT_ONCE = 4;

    /** Events read and opened at a time; one has up to 256 KiB. */
    private static final int BATCH = 100;

    private static final Set<String> PARAMETERS = Set.of("tenantId", "format", "epoch");

    private final Access access;
    private final LogFinder finder;
    private final Checkpoints checkpoints;
    private final LogTiles tiles;
    private final AuditSearch search;
    private final EventRows rows;
    private final Opening opening;
    private final JsonMapper json;
    private final ReadingRecord record;
    private final InstantSource clock;
    private final Semaphore room = new Semaphore(AT_ONCE);

    ZipExportController(
            Access access,
            LogFinder finder,
            Checkpoints checkpoints,
            LogTiles tiles,
            AuditSearch search,
            EventRows rows,
            Opening opening,
            JsonMapper json,
            ReadingRecord record,
            InstantSource clock) {
        this.access = access;
        this.finder = finder;
        this.checkpoints = checkpoints;
        this.tiles = tiles;
        this.search = search;
        this.rows = rows;
        this.opening = opening;
        this.json = json;
        this.record = record;
        this.clock = clock;
    }

    /** Up to the checkpoint of now. */
    @GetMapping(path = "/api/v1/audit/export", params = "format=zip")
    void export(
            @RequestParam String tenantId,
            @RequestParam(required = false) @Nullable Integer epoch,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        var caller = access.caller();
        boolean whole = PARAMETERS.containsAll(request.getParameterMap().keySet());
        var query =
                AuditQuery.of(request.getParameterMap(), Set.of("format", "epoch"), caller.tenant(), clock.instant());
        var log = finder.all(caller, tenantId).stream()
                .filter(one -> epoch == null || one.epoch() == epoch)
                .findFirst()
                .orElseThrow(() -> Problem.notFound("That log has no epoch " + epoch + "."));
        if (!room.tryAcquire()) {
            throw Problem.busy(Duration.ofSeconds(30), "Other exports are being made: try again in half a minute.");
        }
        try {
            var signed = checkpoints.current(log);
            long atMost = whole ? signed.size() : search.span(log, query).size();
            record.exported(caller, query, "zip", atMost);
            response.setHeader(ExportController.AT_MOST, Long.toString(atMost));
            write(log, signed, whole ? null : query, response);
        } finally {
            room.release();
        }
    }

    /** @param query null: the whole log */
    private void write(
            TenantLog log, Checkpoints.Signed signed, @Nullable AuditQuery query, HttpServletResponse response)
            throws IOException {
        var keys = checkpoints.keys(log).stream().map(SignerKey::verifier).toList();
        var now = clock.instant();
        response.setContentType("application/zip");
        response.setHeader("Cache-Control", "no-store");
        response.setHeader("Content-Disposition", "attachment; filename=\"audit-" + log.tenant() + ".zip\"");
        var zip = new ExportZip(
                response.getOutputStream(),
                json,
                log,
                signed,
                keys,
                tiles.reader(log.id()),
                query == null ? null : filter(query),
                now);
        if (query != null) {
            var walk = search.walk(log, query, signed.size());
            while (walk.isPresent() && !walk.get().ended()) {
                for (var event : walk.get().next(BATCH)) zip.add(event);
            }
        } else {
            for (long below = signed.size(); below > 0; below -= BATCH) {
                for (var event : opened(log, rows.between(log.id(), Math.max(0, below - BATCH), below))) {
                    zip.add(event);
                }
            }
        }
        zip.finish();
    }

    /** What was asked for, with the time that it covers. */
    private static Map<String, Object> filter(AuditQuery query) {
        var filter = new LinkedHashMap<String, Object>(query.asked());
        filter.put("receivedFrom", AuditEvent.text(query.range().from()));
        filter.put("receivedTo", AuditEvent.text(query.range().to()));
        return filter;
    }

    /** One that cannot be opened was changed: its envelope goes out all the same, so that whoever verifies is told which it is. */
    private List<Opened> opened(TenantLog log, List<Row> batch) {
        try {
            return opening.open(log, batch);
        } catch (RuntimeException changed) {
            if (batch.size() > 1) {
                return batch.stream()
                        .flatMap(row -> opened(log, List.of(row)).stream())
                        .toList();
            }
            var row = batch.getFirst();
            LOG.error("event {} of {} cannot be opened: {}", row.eventId(), log.origin(), changed.getMessage());
            var members = new LinkedHashMap<String, @Nullable Object>();
            members.put("eventId", row.eventId().toString());
            members.put("sequence", row.sequence());
            members.put("tenantId", log.tenant());
            return List.of(new Opened(row, members, null));
        }
    }
}
