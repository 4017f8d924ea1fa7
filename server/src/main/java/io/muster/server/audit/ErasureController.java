package io.muster.server.audit;

import io.muster.server.access.Access;
import io.muster.server.problem.FieldError;
import io.muster.server.problem.Refused;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

@RestController
class ErasureController {

    private final Access access;
    private final LogFinder finder;
    private final Erasures erasures;

    ErasureController(Access access, LogFinder finder, Erasures erasures) {
        this.access = access;
        this.finder = finder;
        this.erasures = erasures;
    }

    /** As in the contract. */
    @JsonNaming(PropertyNamingStrategies.LowerCamelCaseStrategy.class)
    record Request(
            @Nullable String tenantId,
            @Nullable Subject subject,
            @Nullable String reason) {

        @JsonNaming(PropertyNamingStrategies.LowerCamelCaseStrategy.class)
        record Subject(@Nullable String userId, @Nullable String subjectId) {}

        /** Whom to erase: by either word it is the same person. */
        String person() {
            var errors = new ArrayList<FieldError>();
            if (tenantId == null) errors.add(new FieldError("tenantId", "is missing"));
            var person = subject == null ? null : subject.userId() != null ? subject.userId() : subject.subjectId();
            boolean both = subject != null && subject.userId() != null && subject.subjectId() != null;
            if (person == null || person.isBlank() || person.length() > 500 || both) {
                errors.add(new FieldError("subject", "must name one person, by userId or by subjectId"));
            }
            if (reason == null || reason.isBlank() || reason.length() > 2_000) {
                errors.add(new FieldError("reason", "must have 1 to 2000 characters: it goes on record"));
            }
            if (!errors.isEmpty() || person == null) throw new Refused(errors);
            return person;
        }
    }

    @JsonNaming(PropertyNamingStrategies.LowerCamelCaseStrategy.class)
    record Answer(String id, Map<String, Long> erased, Instant at, String eventId) {}

    @PostMapping("/api/v1/audit/erasures")
    Answer erase(@RequestBody Request request) {
        var person = request.person();
        var tenant = String.valueOf(request.tenantId());
        finder.newest(access.caller(), tenant);
        var erased = erasures.erase(tenant, person, String.valueOf(request.reason()), access.caller());
        return new Answer(
                erased.id(), erased.erased(), erased.at(), erased.eventId().toString());
    }
}
