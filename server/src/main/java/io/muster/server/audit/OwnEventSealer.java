package io.muster.server.audit;

import static java.util.Objects.requireNonNull;

import io.muster.server.audit.Append.Outcome;
import io.muster.server.audit.AuditLog.Pending;
import io.muster.server.audit.Sealing.ToSeal;
import io.muster.server.deadline.Aside;
import io.muster.server.groupcommit.Outage;
import io.muster.server.keys.Keys;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Seals what Muster itself did into the logs of the tenants concerned: in the order in which it was done, and each once, however many
 * servers there are. What is sealed and what waited are one transaction, so whatever is killed, neither is lost nor doubled.
 */
@Component
class OwnEventSealer {

    private static final Logger log = LoggerFactory.getLogger(OwnEventSealer.class);

    /** Events of one transaction. */
    private static final int MOST = 1_000;

    private static final int MOST_TRIES = 5;

    /** How long an event stands aside that could not be sealed so often, for those behind it must not wait for ever. */
    private static final Duration ASIDE = Duration.ofHours(1);

    /** How often to look for what another server recorded and did not seal. */
    private static final Duration OTHERS_EVERY = Duration.ofSeconds(5);

    /** What says so. */
    static final String SERVICE = "muster";

    /** The largest integer up to which doubles, and so JSON's readers, hold all. */
    private static final long EXACT = 1L << 53;

    private final AuditLog audit;
    private final Sealing sealing;
    private final Logs logs;
    private final Sequencer sequencer;
    private final ApplicationEventPublisher events;
    private final TransactionTemplate transaction;
    private final InstantSource clock;
    private final byte[] idKey;

    /** How often an event could not be sealed, by its id: of few, for the first of them stops the others. */
    private final Map<Long, Integer> failures = new ConcurrentHashMap<>();

    private final Aside aside = new Aside("own-events");

    // of the thread that seals
    private volatile long looked = System.nanoTime() - OTHERS_EVERY.toNanos();
    private String trouble = "";

    OwnEventSealer(
            AuditLog audit,
            Sealing sealing,
            Logs logs,
            Sequencer sequencer,
            ApplicationEventPublisher events,
            PlatformTransactionManager transactions,
            InstantSource clock,
            Keys keys) {
        this.clock = clock;
        this.audit = audit;
        this.sealing = sealing;
        this.logs = logs;
        this.sequencer = sequencer;
        this.events = events;
        this.transaction = new TransactionTemplate(transactions);
        this.idKey = keys.derive("own event ids");
    }

    /** Asks the database only when something was recorded here, or now and then. */
    @Scheduled(fixedDelay = 250)
    void look() {
        if (audit.hasNews() || System.nanoTime() - looked > OTHERS_EVERY.toNanos()) aside.begin(this::sealOrSayWhyNot);
    }

    private void sealOrSayWhyNot() {
        looked = System.nanoTime();
        audit.noNews();
        try {
            sealAll();
            trouble = "";
        } catch (RuntimeException failure) {
            var why = String.valueOf(
                    NestedExceptionUtils.getMostSpecificCause(failure).getMessage());
            if (!why.equals(trouble)) log.warn("what Muster did is recorded, and waits to be sealed: {}", why, failure);
            trouble = why;
        }
    }

    /** Until nothing is left that can be sealed now; how many events that were. */
    int sealAll() {
        int all = 0;
        for (int next = sealNext(); next > 0; next = sealNext()) all += next;
        return all;
    }

    private int sealNext() {
        var pending = audit.pending(MOST, clock.instant());
        if (pending.isEmpty()) return 0;
        try {
            return seal(pending);
        } catch (RuntimeException failure) {
            if (Outage.is(failure)) throw failure;
            return sealOneByOne(pending);
        }
    }

    /** In their order: the first that cannot be sealed stops those behind it, until it stands aside. */
    private int sealOneByOne(List<Pending> pending) {
        int all = 0;
        for (var one : pending) {
            try {
                int sealed = seal(List.of(one));
                if (sealed == 0) return all; // somebody else is at it
                all += sealed;
                failures.remove(one.id());
            } catch (RuntimeException failure) {
                if (Outage.is(failure) || failures.merge(one.id(), 1, Integer::sum) < MOST_TRIES) throw failure;
                failures.remove(one.id());
                setAside(one, failure);
                log.error(
                        "what Muster did, {} {} of {}, cannot be sealed and stands aside for an hour, those behind it go on; it is kept"
                                + " in clear, in row {} of own_event: this is a fault of Muster, please report it",
                        one.action(),
                        one.resource(),
                        one.tenant(),
                        one.id(),
                        failure);
            }
        }
        return all;
    }

    private void setAside(Pending one, RuntimeException failure) {
        var why = String.valueOf(failure);
        var now = clock.instant();
        transaction.executeWithoutResult(_ -> {
            audit.setAside(one, now.plus(ASIDE), why);
            events.publishEvent(new EventStandsAside(one.tenant(), one.action() + " " + one.resource(), why, now));
        });
    }

    /** All of them, in one transaction; 0: not now. */
    private int seal(List<Pending> pending) {
        var events = pending.stream().map(this::event).toList();
        var toSeal = events.stream().map(event -> new ToSeal(event, true)).toList();
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            var sealed = sealing.seal(toSeal);
            switch (requireNonNull(transaction.execute(turn -> {
                var done = store(pending, sealed);
                if (!(done instanceof Done.Sealed)) turn.setRollbackOnly();
                return done;
            }))) {
                case Done.Sealed _ -> {
                    return pending.size();
                }
                case Done.ByAnother _ -> {
                    return 0;
                }
                case Done.OutOfDate _ -> events.forEach(event -> logs.forget(event.tenantId()));
            }
        }
        return 0; // somebody is erasing many; the next look tries again
    }

    /** What became of a batch. */
    private sealed interface Done {
        record Sealed() implements Done {}

        record ByAnother() implements Done {}

        record OutOfDate() implements Done {}
    }

    private Done store(List<Pending> pending, List<SealedEvent> sealed) {
        if (!audit.isMineToSeal()) return new Done.ByAnother();
        return switch (sequencer.store(List.of(new Append(sealed, null))).getFirst()) {
            case Outcome.Stored(var places) -> {
                var since = places.stream()
                        .map(Append.Place::receivedAt)
                        .min(Comparator.naturalOrder())
                        .orElseThrow();
                var ids = sealed.stream().map(SealedEvent::eventId).toList();
                yield audit.remove(pending, ids, since) == pending.size() ? new Done.Sealed() : new Done.ByAnother();
            }
            case Outcome.SealAnew() -> new Done.OutOfDate();
            case Outcome.OtherBody() -> throw new IllegalStateException("own events have no key");
        };
    }

    private AuditEvent event(Pending own) {
        var details = audit.details(own);
        boolean named = own.byKind().equals("PERSON") || own.byKind().equals("KEY");
        return new AuditEvent(
                own.tenant(),
                id(own),
                named ? own.byName() : null,
                own.action(),
                own.at().truncatedTo(ChronoUnit.MILLIS),
                own.resource(),
                AuditEvent.Outcome.valueOf(own.status()),
                own.ip(),
                own.userAgent(),
                SERVICE,
                null,
                null,
                own.subject(),
                List.of(),
                details.isEmpty() ? null : canonicalMembers(details));
    }

    /** The same each time, so that an event cannot be on record twice. */
    private UUID id(Pending own) {
        return Keys.uuid(idKey, own.id() + "\n" + own.recordedAt());
    }

    private static Map<String, @Nullable Object> canonicalMembers(Map<?, ?> members) {
        var canonical = new LinkedHashMap<String, @Nullable Object>();
        members.forEach((name, value) -> canonical.put(String.valueOf(name), canonical(value)));
        return canonical;
    }

    /** Numbers that canonical JSON would change become text. */
    private static @Nullable Object canonical(@Nullable Object value) {
        return switch (value) {
            case Map<?, ?> members -> canonicalMembers(members);
            case List<?> items -> {
                var canonical = new ArrayList<@Nullable Object>(items.size());
                items.forEach(item -> canonical.add(canonical(item)));
                yield canonical;
            }
            case Integer number -> number;
            case Long number when number <= EXACT && number >= -EXACT -> number;
            case Double number when Double.isFinite(number) -> number;
            case Number number -> number.toString();
            case null, default -> value;
        };
    }
}
