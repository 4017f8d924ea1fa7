package io.muster.server.audit;

import static java.util.Objects.requireNonNull;

import io.muster.server.access.Caller;
import io.muster.server.audit.Append.Outcome;
import io.muster.server.audit.Sealing.ToSeal;
import io.muster.server.problem.Problem;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Erases a person from a tenant's logs: the keys are destroyed, and with them all that was sealed for that person, in every epoch. No event
 * is touched, so each proof and receipt still holds.
 */
@Component
class Erasures {

    private static final int MOST_TRIES = 5;

    /** @param eventId of the record of it, in which the person is erased too */
    record Erased(String id, Map<String, Long> erased, Instant at, UUID eventId) {}

    private final JdbcClient db;
    private final Logs logs;
    private final Sealing sealing;
    private final Sequencer sequencer;
    private final OwnEventSealer own;
    private final AuditLog audit;
    private final InstantSource clock;
    private final TransactionTemplate transaction;

    Erasures(
            JdbcClient db,
            Logs logs,
            Sealing sealing,
            Sequencer sequencer,
            OwnEventSealer own,
            AuditLog audit,
            InstantSource clock,
            PlatformTransactionManager transactions) {
        this.db = db;
        this.logs = logs;
        this.sealing = sealing;
        this.sequencer = sequencer;
        this.own = own;
        this.audit = audit;
        this.clock = clock;
        this.transaction = new TransactionTemplate(transactions);
    }

    /** @param person as user and as subject of events */
    Erased erase(String tenant, String person, String reason, Caller by) {
        var id = UUID.randomUUID();
        own.sealAll(); // what still waits may name the person, in clear
        if (audit.isAside(tenant, person)) {
            throw Problem.busy(
                    Duration.ofMinutes(10),
                    "Something that this person did in Muster, or that is about this person, cannot be sealed yet, and would stay in clear:"
                            + " see audit in /actuator/health.");
        }
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            var erased = Optional.ofNullable(once(tenant, person, reason, by, id));
            logs.forget(tenant);
            if (erased.isPresent()) return erased.get();
        }
        throw Problem.busy(Duration.ofSeconds(1), "Others are being erased: try again.");
    }

    /** Null: somebody else was erased meanwhile. */
    private @Nullable Erased once(String tenant, String person, String reason, Caller by, UUID id) {
        var now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        var record = event(tenant, id, "audit.erased", person, null, now, by);
        var why = event(tenant, id, "audit.erasure_reason", null, Map.of("reason", reason), now, by);
        // sealed under the keys that are about to go, so that the record of the erasure is covered by it
        var sealed = sealing.seal(List.of(new ToSeal(record, false), new ToSeal(why, false)));
        return transaction.execute(_ -> {
            long events = 0;
            var epochs = logs.logs(tenant);
            for (var log : epochs) {
                lock(log);
                events += logs.person(log, person).map(ref -> events(log, ref)).orElse(0L);
            }
            var stored = sequencer.store(List.of(new Append(sealed, null))).getFirst();
            if (!(stored instanceof Outcome.Stored)) return null;
            for (var log : epochs) destroy(log, person);
            return new Erased(id.toString(), Map.of("events", events), now, record.eventId());
        });
    }

    private void lock(TenantLog log) {
        db.sql("select size from audit_head where log_id = :log for update")
                .param("log", log.id())
                .query(Long.class)
                .single();
    }

    private long events(TenantLog log, UUID ref) {
        return requireNonNull(db.sql("select audit_events_of(:log, :ref)")
                .param("log", log.id())
                .param("ref", ref)
                .query(Long.class)
                .single());
    }

    private void destroy(TenantLog log, String person) {
        db.sql("delete from sealed.audit_person where log_id = :log and lookup = :lookup")
                .param("log", log.id())
                .param("lookup", log.lookup("person", person))
                .update();
        db.sql("update audit_head set seal = gen_random_uuid() where log_id = :log")
                .param("log", log.id())
                .update();
    }

    private static AuditEvent event(
            String tenant,
            UUID erasure,
            String action,
            @Nullable String person,
            @Nullable Map<String, @Nullable Object> details,
            Instant now,
            Caller by) {
        return new AuditEvent(
                tenant,
                UUID.randomUUID(),
                by.name(),
                action,
                now,
                "/audit/erasures/" + erasure,
                AuditEvent.Outcome.SUCCESS,
                by.ip(),
                by.userAgent(),
                "muster",
                null,
                null,
                person,
                List.of(),
                details);
    }
}
