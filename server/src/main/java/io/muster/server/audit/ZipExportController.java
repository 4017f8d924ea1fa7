package io.muster.server.audit;

import io.muster.merklelog.SignerKey;
import io.muster.server.access.Access;
import io.muster.server.audit.Opening.Opened;
import io.muster.server.audit.Opening.Row;
import io.muster.server.problem.FieldError;
import io.muster.server.problem.Problem;
import io.muster.server.problem.Refused;
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

/** A tenant's whole log in a zip that proves itself. */
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
            EventRows rows,
            Opening opening,
            JsonMapper json,
            ReadingRecord record,
            InstantSource clock) {
        this.access = access;
        this.finder = finder;
        this.checkpoints = checkpoints;
        this.tiles = tiles;
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
        var others = request.getParameterMap().keySet().stream()
                .filter(name -> !PARAMETERS.contains(name))
                .limit(10)
                .map(name -> new FieldError(
                        Refused.shown(name), "is not a parameter of this: a zip proves the whole log of a tenant"))
                .toList();
        if (!others.isEmpty()) throw new Refused(others);
        var caller = access.caller();
        var log = finder.all(caller, tenantId).stream()
                .filter(one -> epoch == null || one.epoch() == epoch)
                .findFirst()
                .orElseThrow(() -> Problem.notFound("That log has no epoch " + epoch + "."));
        if (!room.tryAcquire()) {
            throw Problem.busy(Duration.ofSeconds(30), "Other exports are being made: try again in half a minute.");
        }
        try {
            var signed = checkpoints.current(log);
            var whole = AuditQuery.of(Map.of("tenantId", new String[] {tenantId}), Set.of(), null, clock.instant());
            record.exported(caller, whole, "zip", signed.size());
            write(log, signed, response);
        } finally {
            room.release();
        }
    }

    private void write(TenantLog log, Checkpoints.Signed signed, HttpServletResponse response) throws IOException {
        var keys = checkpoints.keys(log).stream().map(SignerKey::verifier).toList();
        var now = clock.instant();
        response.setContentType("application/zip");
        response.setHeader("Cache-Control", "no-store");
        response.setHeader("Content-Disposition", "attachment; filename=\"audit-" + log.tenant() + ".zip\"");
        var zip = new ExportZip(response.getOutputStream(), json, log, signed, keys, tiles.reader(log.id()), null, now);
        for (long below = signed.size(); below > 0; below -= BATCH) {
            for (var event : opened(log, rows.between(log.id(), Math.max(0, below - BATCH), below))) {
                zip.add(event);
            }
        }
        zip.finish();
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
