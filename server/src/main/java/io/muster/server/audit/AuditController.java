package io.muster.server.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.muster.server.access.Access;
import io.muster.server.audit.Opening.Row;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Single events, and their proofs. */
@RestController
class AuditController {

    private final Access access;
    private final IngestFilter ingest;
    private final LogFinder finder;
    private final Opening opening;
    private final Proofs proofs;
    private final ReadingRecord record;

    AuditController(
            Access access,
            IngestFilter ingest,
            LogFinder finder,
            Opening opening,
            Proofs proofs,
            ReadingRecord record) {
        this.access = access;
        this.ingest = ingest;
        this.finder = finder;
        this.opening = opening;
        this.proofs = proofs;
        this.record = record;
    }

    /** For whom {@link IngestFilter} left to Spring's security: people. */
    @PostMapping(IngestFilter.PATH)
    void post(HttpServletRequest request, HttpServletResponse response) throws IOException {
        ingest.serve(request, response, access.caller());
    }

    @GetMapping("/api/v1/audit/events/{eventId}")
    Map<String, @Nullable Object> event(
            @PathVariable String eventId, @RequestParam(required = false) @Nullable String tenantId) {
        var found = find(eventId, tenantId);
        record.read(access.caller(), found.log().tenant(), found.row().eventId());
        return opening.open(found.log(), List.of(found.row())).getFirst().members();
    }

    /** The canonical bytes that were hashed. */
    @GetMapping("/api/v1/audit/events/{eventId}/envelope")
    ResponseEntity<byte[]> envelope(
            @PathVariable String eventId, @RequestParam(required = false) @Nullable String tenantId) {
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_JSON)
                .body(find(eventId, tenantId).row().envelope());
    }

    /** A tlog-proof file. */
    @GetMapping("/api/v1/audit/events/{eventId}/proof")
    ResponseEntity<byte[]> proof(
            @PathVariable String eventId, @RequestParam(required = false) @Nullable String tenantId) {
        return ResponseEntity.ok()
                .contentType(new MediaType("text", "plain", UTF_8))
                .body(proofs.of(access.caller(), LogFinder.id(eventId), tenantId)
                        .bytes());
    }

    record Found(TenantLog log, Row row) {}

    private Found find(String eventId, @Nullable String tenantId) {
        return finder.find(access.caller(), LogFinder.id(eventId), tenantId);
    }
}
