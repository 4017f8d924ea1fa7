package io.muster.server.residency;

import io.muster.server.access.Access;
import io.muster.server.audit.AuditLog;
import io.muster.server.audit.OwnEvent;
import io.muster.server.problem.FieldError;
import io.muster.server.problem.Problem;
import io.muster.server.problem.Refused;
import io.muster.server.residency.Exposure.ClosedBy;
import io.muster.server.residency.Exposure.State;
import io.muster.server.residency.Exposure.Step;
import io.muster.server.residency.ExposureRepository.Decision;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** What people do with exposures: close one by attestation, and decide whether authorities are told. */
@Component
class Exposures {

    private final ExposureRepository exposures;
    private final Residence residence;
    private final AuditLog audit;
    private final Access access;
    private final InstantSource clock;

    Exposures(ExposureRepository exposures, Residence residence, AuditLog audit, Access access, InstantSource clock) {
        this.exposures = exposures;
        this.residence = residence;
        this.audit = audit;
        this.access = access;
        this.clock = clock;
    }

    /** Why a person says that it is over. */
    record Attestation(@Nullable String document, @Nullable String reason) {
        Attestation {
            var errors = new ArrayList<FieldError>();
            text(errors, "document", document);
            text(errors, "reason", reason);
            if (!errors.isEmpty()) throw new Refused(errors);
        }
    }

    /** Whether authorities are told, and why. */
    record Verdict(
            @Nullable Boolean notify_,
            @Nullable String authority,
            @Nullable String document,
            @Nullable String reason) {
        @com.fasterxml.jackson.annotation.JsonCreator
        static Verdict of(
                @com.fasterxml.jackson.annotation.JsonProperty("notify") @Nullable Boolean tells,
                @com.fasterxml.jackson.annotation.JsonProperty("authority") @Nullable String authority,
                @com.fasterxml.jackson.annotation.JsonProperty("document") @Nullable String document,
                @com.fasterxml.jackson.annotation.JsonProperty("reason") @Nullable String reason) {
            return new Verdict(tells, authority, document, reason);
        }

        Verdict {
            var errors = new ArrayList<FieldError>();
            if (notify_ == null) errors.add(new FieldError("notify", "must be true or false"));
            if (authority != null) text(errors, "authority", authority);
            text(errors, "document", document);
            text(errors, "reason", reason);
            if (!errors.isEmpty()) throw new Refused(errors);
        }
    }

    private static void text(List<FieldError> errors, String field, @Nullable String value) {
        if (value == null || value.isBlank()) {
            errors.add(new FieldError(field, "is missing"));
        } else if (value.length() > 2_000 || value.chars().anyMatch(c -> c < 0x20 && c != '\n' && c != '\t')) {
            errors.add(new FieldError(field, "must have 1 to 2000 characters without control characters"));
        }
    }

    /** Those that the caller may see. */
    Optional<Exposure> find(long id) {
        var tenant = access.caller().tenant();
        return exposures
                .find(id)
                .filter(found -> tenant == null || found.tenant().equals(tenant));
    }

    @Transactional
    public Exposure close(long id, Attestation attestation) {
        var exposure = open(id);
        if (exposure.evidence() == Evidence.MEASURED) {
            throw Problem.conflict("A probe measured this exposure, so only a probe that sees no such row closes it.");
        }
        var now = clock.instant();
        var document = String.valueOf(attestation.document());
        var by = access.caller().name();
        residence.store(
                List.of(new Step.Close(
                        exposure,
                        new ClosedBy(ClosedBy.Kind.ATTESTATION, document),
                        by + " attests that it is over: " + attestation.reason(),
                        Optional.empty())),
                List.of(),
                now);
        var details = new LinkedHashMap<String, Object>();
        details.put("document", document);
        details.put("reason", String.valueOf(attestation.reason()));
        record(exposure, "exposure.attested", details);
        return exposures.find(id).orElseThrow();
    }

    @Transactional
    public Decision decide(long id, Verdict verdict) {
        var exposure = exposures.lock(id).orElseThrow(() -> none(id));
        if (exposure.awareAt() == null) {
            throw Problem.conflict("This exposure is no violation, so there is nothing to decide yet.");
        }
        var decision = new Decision(
                clock.instant(),
                access.caller().name(),
                Boolean.TRUE.equals(verdict.notify_()),
                verdict.authority(),
                String.valueOf(verdict.document()),
                String.valueOf(verdict.reason()));
        exposures.decide(exposure, decision);
        var details = new LinkedHashMap<String, Object>();
        details.put("notify", decision.notifies());
        if (decision.authority() != null) details.put("authority", decision.authority());
        details.put("document", decision.document());
        details.put("reason", decision.reason());
        record(exposure, "exposure.decided", details);
        return decision;
    }

    private Exposure open(long id) {
        var exposure = exposures.lock(id).orElseThrow(() -> none(id));
        if (exposure.state() == State.CLOSED) {
            throw Problem.conflict("This exposure is closed already.");
        }
        return exposure;
    }

    private void record(Exposure exposure, String action, LinkedHashMap<String, Object> details) {
        audit.record(List.of(new OwnEvent(
                exposure.tenant(),
                action,
                "/exposures/" + exposure.id(),
                OwnEvent.Status.SUCCESS,
                clock.instant(),
                access.caller(),
                details)));
    }

    static Problem none(Object id) {
        return Problem.notFound("There is no exposure " + id + ".");
    }
}
