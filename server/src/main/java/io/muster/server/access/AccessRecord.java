package io.muster.server.access;

import io.muster.server.access.AccessEvent.Status;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/** Puts on record what happens at the gate. */
@Component
class AccessRecord {

    private static final Logger log = LoggerFactory.getLogger(AccessRecord.class);
    private static final int REFUSALS_A_MINUTE = 60;

    private final ApplicationEventPublisher events;
    private final TransactionTemplate transaction;
    private final InstantSource clock;

    private Instant minute = Instant.EPOCH; // with the two below: guarded by this
    private int refusals;
    private int unrecorded;

    AccessRecord(ApplicationEventPublisher events, PlatformTransactionManager transactions, InstantSource clock) {
        this.events = events;
        this.transaction = new TransactionTemplate(transactions);
        this.transaction.setPropagationBehavior(TransactionTemplate.PROPAGATION_REQUIRES_NEW);
        this.clock = clock;
    }

    /** In the caller's transaction. */
    void done(String action, String resource, Caller by, Instant at, Map<String, ?> details) {
        events.publishEvent(new AccessEvent(action, resource, Status.SUCCESS, at, by, details));
    }

    /**
     * In a transaction of its own, as what was refused has none. At most 60 a minute: who knocks without end must not fill
     * the disk; the next one that is recorded says how many were not. A refusal stands, even if it cannot be recorded.
     */
    void refused(String action, String resource, Status status, Caller by, Map<String, ?> details) {
        var at = clock.instant();
        var told = new HashMap<String, Object>(details);
        if (!counted(at, told)) return;
        try {
            transaction.executeWithoutResult(
                    done -> events.publishEvent(new AccessEvent(action, resource, status, at, by, told)));
        } catch (DataAccessException | TransactionException away) {
            log.warn("{} {} by {} could not be recorded: {}", action, resource, by.name(), away.getMessage());
        }
    }

    private synchronized boolean counted(Instant at, Map<String, Object> details) {
        if (Duration.between(minute, at).abs().compareTo(Duration.ofMinutes(1)) >= 0) {
            minute = at;
            refusals = 0;
        }
        if (refusals >= REFUSALS_A_MINUTE) {
            unrecorded++;
            return false;
        }
        refusals++;
        if (unrecorded > 0) details.put("not_recorded_before", unrecorded);
        unrecorded = 0;
        return true;
    }
}
