package io.muster.server.audit;

import io.muster.merklelog.Checkpoint;
import io.muster.merklelog.Refuted;
import io.muster.merklelog.SignerKey;
import io.muster.merklelog.TlogProof;
import io.muster.server.access.Caller;
import io.muster.server.audit.Opening.Row;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.databind.json.JsonMapper;

/** Proves an event, and verifies an event as a stranger would: from its envelope to the root that the checkpoint's signature covers. */
@Component
class Proofs {

    private final LogFinder finder;
    private final Checkpoints checkpoints;
    private final JsonMapper json;

    Proofs(LogFinder finder, Checkpoints checkpoints, JsonMapper json) {
        this.finder = finder;
        this.checkpoints = checkpoints;
        this.json = json;
    }

    /** The proof of the event that {@link LogFinder#find} finds; found and proven in one transaction. */
    @Transactional
    public TlogProof of(Caller caller, UUID event, @Nullable String tenant) {
        var found = finder.find(caller, event, tenant);
        return checkpoints.proof(found.log(), found.row().sequence());
    }

    ProofView verified(TenantLog log, Row row) {
        var proof = checkpoints.proof(log, row.sequence());
        var leaf = SealedEvent.leaf(row.receivedAt(), SealedEvent.sha256(row.envelope()), row.eventId());
        var keys = checkpoints.keys(log).stream().map(SignerKey::verifier).toList();
        var claimed = Checkpoint.parse(proof.note().text());
        var signedAt = checkpoints.newest(log).map(Checkpoints.Signed::at).orElse(Instant.EPOCH);
        return ProofView.of(
                proof,
                leaf,
                claimed.root().toString(),
                log.origin(),
                signedAt,
                wrong(row, () -> proof.verify(leaf, log.origin(), keys)));
    }

    private interface Check {
        Checkpoint run() throws Refuted;
    }

    /** What does not fit; null: all does. */
    private @Nullable String wrong(Row row, Check check) {
        try {
            var envelope = json.readTree(row.envelope());
            if (!envelope.path("id").asString("").equals(row.eventId().toString())
                    || !envelope.path("recorded_at").asString("").equals(AuditEvent.text(row.receivedAt()))) {
                return "the envelope is of another event";
            }
            check.run();
            return null;
        } catch (Refuted refuted) {
            return refuted.getMessage();
        }
    }
}
