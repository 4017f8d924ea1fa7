package io.muster.server.residency;

import io.muster.server.audit.AuditLog;
import io.muster.server.audit.OwnEvent;
import io.muster.server.deadline.Deadlines;
import io.muster.server.residency.Exposure.ClosedBy;
import io.muster.server.residency.Exposure.Step;
import io.muster.server.tenancy.Catalogue;
import io.muster.server.tenancy.Store;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.task.TaskExecutor;
import org.springframework.stereotype.Component;
import org.springframework.transaction.event.TransactionalEventListener;
import org.springframework.transaction.support.TransactionOperations;

/** Looks, outside any transaction of ours, and stores what was seen. */
@Component
class ProbeRunner {

    private static final Logger log = LoggerFactory.getLogger(ProbeRunner.class);

    /** Most looks at once on this node; others wait. */
    private static final int AT_ONCE = 16;

    private final Semaphore places = new Semaphore(AT_ONCE);
    private final ProbeRepository probes;
    private final ExposureRepository exposures;
    private final Residence residence;
    private final Catalogue catalogue;
    private final DatabaseLook databases;
    private final BucketLook buckets;
    private final Deadlines deadlines;
    private final AuditLog audit;
    private final TaskExecutor background;
    private final TransactionOperations transaction;
    private final InstantSource clock;

    ProbeRunner(
            ProbeRepository probes,
            ExposureRepository exposures,
            Residence residence,
            Catalogue catalogue,
            DatabaseLook databases,
            BucketLook buckets,
            Deadlines deadlines,
            AuditLog audit,
            TaskExecutor background,
            TransactionOperations transaction,
            InstantSource clock) {
        this.probes = probes;
        this.exposures = exposures;
        this.residence = residence;
        this.catalogue = catalogue;
        this.databases = databases;
        this.buckets = buckets;
        this.deadlines = deadlines;
        this.audit = audit;
        this.background = background;
        this.transaction = transaction;
        this.clock = clock;
    }

    /** What came of a look. */
    sealed interface Result {

        /** It saw this; instants in the future count as its start. */
        record Saw(Instant begun, double seconds, Sight sight) implements Result {}

        /** It proves nothing. */
        record Failed(Instant begun, double seconds, String why) implements Result {}
    }

    /** After the commit, for this is a {@code TransactionalEventListener}. */
    @TransactionalEventListener
    void on(ProbeDeadline.Due due) {
        background.execute(() -> {
            places.acquireUninterruptibly();
            try {
                run(due.id(), due.probe());
            } finally {
                places.release();
            }
        });
    }

    /** Looks now, and answers what was seen, after it is stored. */
    Result run(String id, Probe probe) {
        var store = catalogue.store(probe.store());
        var begun = clock.instant();
        long started = System.nanoTime();
        var result = store.isEmpty()
                ? new Result.Failed(begun, 0, "store " + probe.store() + " is no longer declared")
                : look(probe, store.get(), begun, started);
        transaction.executeWithoutResult(_ -> {
            var stored = probes.lock(List.of(id)).get(id);
            if (stored != null && stored.probe().equals(probe)) { // else it looks elsewhere by now
                store(id, stored, result);
            }
        });
        return result;
    }

    private Result look(Probe probe, Store store, Instant begun, long started) {
        try {
            var sight = switch (store.kind()) {
                case POSTGRESQL -> databases.look(probe, store, Dialect.POSTGRESQL, begun);
                case MYSQL -> databases.look(probe, store, Dialect.MYSQL, begun);
                case SQLSERVER -> databases.look(probe, store, Dialect.SQLSERVER, begun);
                case S3, AZURE_BLOB -> buckets.look(probe, store, begun);
                case GCS, OTHER ->
                    throw new ProvesNothing("store " + store.id() + " is of kind "
                            + store.kind().word() + ", into which Muster cannot look");
            };
            return new Result.Saw(begun, seconds(started), sight);
        } catch (ProvesNothing | SQLException | IOException | IllegalArgumentException failure) {
            return new Result.Failed(begun, seconds(started), oneLine(failure));
        }
    }

    private void store(String id, ProbeRepository.Stored stored, Result result) {
        var probe = stored.probe();
        switch (result) {
            case Result.Saw saw -> {
                if (stored.looked().begunAt() != null
                        && !saw.begun().isAfter(stored.looked().begunAt())) {
                    return; // a later look was quicker
                }
                var concerned = new HashSet<>(probes.saw(id, probe.store(), saw.begun(), saw.seconds(), saw.sight()));
                saw.sight().counts().forEach(count -> concerned.add(count.tenant()));
                String after = null;
                List<String> open;
                do {
                    open = exposures.openTenants(probe.store(), after, Residence.BATCH);
                    concerned.addAll(open);
                    after = open.isEmpty() ? null : open.getLast();
                } while (open.size() == Residence.BATCH);
                var now = clock.instant();
                var looks = new HashMap<String, Instant>();
                concerned.forEach(tenant -> looks.put(tenant, now));
                residence.arm(probe.store(), looks);
                closeWrongRegion(id, probe.store(), now);
                if (stored.looked().failure() != null) {
                    audit.record(List.of(event(id, "probe.recovered", saw.begun(), Map.of("store", probe.store()))));
                    log.info("probe {} of store {} looks again", id, probe.store());
                }
            }
            case Result.Failed failed -> {
                probes.failed(id, failed.begun(), failed.seconds(), failed.why());
                if (stored.looked().failure() == null) {
                    audit.record(List.of(event(
                            id, "probe.failed", failed.begun(), Map.of("store", probe.store(), "why", failed.why()))));
                    log.warn("probe {} of store {} proves nothing: {}", id, probe.store(), failed.why());
                }
            }
        }
    }

    /** A probe of a store in a region where a job wrongly brought data closes that, for tenants without rows there. */
    private void closeWrongRegion(String id, String storeId, Instant now) {
        var region = catalogue.store(storeId).map(Store::region);
        if (region.isEmpty()) return;
        var steps = new ArrayList<Step>();
        for (var exposure : exposures.openWrongRegion(region.get(), storeId, Residence.BATCH)) {
            steps.add(new Step.Close(
                    exposure,
                    new ClosedBy(ClosedBy.Kind.PROBE, id),
                    "probe " + id + " of store " + storeId + " sees no row of " + exposure.tenant() + " in "
                            + region.get(),
                    java.util.Optional.empty()));
        }
        residence.store(steps, List.of(), now);
    }

    private static OwnEvent event(String id, String action, Instant at, Map<String, String> details) {
        return OwnEvent.of(OwnEvent.PLATFORM, action, "/probes/" + id, at, details);
    }

    private static double seconds(long started) {
        return (System.nanoTime() - started) / 1e9;
    }

    private static String oneLine(Exception failure) {
        var text = failure instanceof SQLException sql && sql.getSQLState() != null
                ? failure.getMessage() + " (SQLSTATE " + sql.getSQLState() + ")"
                : String.valueOf(failure.getMessage());
        var line = text.replaceAll("\\s*\\R\\s*", " ");
        return line.length() > 500 ? line.substring(0, 500) : line;
    }
}
