package io.muster.server.residency;

import io.muster.server.deadline.Deadlines;
import io.muster.server.heartbeat.CheckListener;
import io.muster.server.heartbeat.ChecksChanged;
import io.muster.server.heartbeat.ChecksChanged.Change;
import io.muster.server.heartbeat.Heard;
import io.muster.server.heartbeat.Kind;
import io.muster.server.heartbeat.RunTotals;
import io.muster.server.heartbeat.Status;
import io.muster.server.heartbeat.Verdict;
import io.muster.server.residency.ReplicationRepository.Told;
import io.muster.server.tenancy.Catalogue;
import io.muster.server.tenancy.Store;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * What pings and silence mean for the jobs that bring data home. In the ping's transaction this writes one row of the
 * job, however many tenants it speaks for; what concerns them is the walk's work, woken when there is any.
 */
@Component
class ReplicationListener implements CheckListener {

    private final ReplicationRepository replications;
    private final JobVersions versions;
    private final ProbeRepository probes;
    private final Catalogue catalogue;
    private final Deadlines deadlines;

    ReplicationListener(
            ReplicationRepository replications,
            JobVersions versions,
            ProbeRepository probes,
            Catalogue catalogue,
            Deadlines deadlines) {
        this.replications = replications;
        this.versions = versions;
        this.probes = probes;
        this.catalogue = catalogue;
        this.deadlines = deadlines;
    }

    @Override
    public List<Verdict> on(ChecksChanged changed) {
        var ids = new ArrayList<Long>();
        for (var change : changed.changes()) {
            var after = change.after();
            if (after != null && change.before() != null && after.isNative()) ids.add(after.id());
        }
        versions.next(edits(changed), changed.now());
        var rows = ids.isEmpty() ? Map.<Long, Replication>of() : replications.lock(ids);
        if (rows.isEmpty()) {
            return List.of();
        }
        var homes = homes(rows);
        var verdicts = new ArrayList<Verdict>();
        var proven = new ArrayList<Replication>();
        var restarted = new HashSet<Long>();
        var edited = new HashSet<Long>();
        var asked = new TreeSet<String>();
        for (var change : changed.changes()) {
            var row = change.after() == null ? null : rows.get(change.after().id());
            if (row == null) continue;
            var after = hear(row, change, homes.get(row.to()), verdicts, restarted);
            if (!after.equals(row)) proven.add(after);
            if (change.heard().stream().anyMatch(heard -> heard.kind() == Kind.SUCCESS)) asked.add(row.from());
            if (needsWalk(row, change)) restarted.add(row.check());
            if (isEdited(change)) edited.add(row.check());
        }
        replications.prove(proven);
        restarted.removeAll(edited);
        wake(restarted, false, changed.now());
        wake(edited, true, changed.now());
        ask(asked, changed.now());
        return verdicts;
    }

    /** Whose declaration changed; one by way of {@link JobNoun} gets its number from there. */
    private static List<Long> edits(ChecksChanged changed) {
        var edits = new ArrayList<Long>();
        for (var change : changed.changes()) {
            if (change.before() != null
                    && change.after() != null
                    && !change.before().updatedAt().equals(change.after().updatedAt())) {
                edits.add(change.after().id());
            }
        }
        return edits;
    }

    /** The regions of the stores to which data goes, by store. */
    private Map<String, String> homes(Map<Long, Replication> rows) {
        var homes = new HashMap<String, String>();
        catalogue
                .stores(rows.values().stream().map(Replication::to).distinct().toList())
                .forEach((id, store) -> homes.put(id, region(store)));
        return homes;
    }

    private static String region(Store store) {
        return store.region();
    }

    private Replication hear(
            Replication row, Change change, @Nullable String home, List<Verdict> verdicts, HashSet<Long> restarted) {
        var after = row;
        for (var heard : change.heard()) {
            if (heard.kind() != Kind.SUCCESS) continue;
            var verdict = Manifest.read(heard.body(), row.manifestRequired(), home == null ? "" : home);
            var before = after.proven();
            after = after.with(after.after(heard.at(), heard.runStartedAt().orElse(heard.at()), heard.n(), verdict));
            var waits = keep(row.check(), heard, verdict, before);
            if (waits) restarted.add(row.check());
            var header = header(verdict, row.to(), home);
            if (header != null) verdicts.add(new Verdict(row.check(), heard.n(), header));
        }
        return after;
    }

    /** @return whether tenants that it names wait to be taken in */
    private boolean keep(long check, Heard heard, Manifest.Verdict verdict, Proven shared) {
        return switch (verdict) {
            case Manifest.None _ -> false;
            case Manifest.Missing _ -> keep(check, heard, "missing", "a manifest is required", null, shared);
            case Manifest.Invalid invalid -> keep(check, heard, "invalid", invalid.reason(), null, shared);
            case Manifest.Valid valid -> keep(check, heard, "valid", null, valid.manifest(), shared);
            case Manifest.WrongRegion wrong ->
                keep(check, heard, "wrong_region", "names " + wrong.region(), wrong.manifest(), shared);
        };
    }

    private boolean keep(
            long check,
            Heard heard,
            String verdict,
            @Nullable String reason,
            @Nullable Manifest manifest,
            Proven shared) {
        var names = manifest == null ? 0 : manifest.tenants().size();
        var totals = manifest == null || names == 0 ? new RunTotals.Totals(null, null) : manifest.totals();
        var told = new Told(
                heard.n(), heard.at(), verdict, reason, sha256(heard.body()), names, totals.rows(), totals.bytes());
        replications.insert(check, told, names > 0 ? heard.body() : null, shared);
        return names > 0;
    }

    private static @Nullable String header(Manifest.Verdict verdict, String to, @Nullable String home) {
        return switch (verdict) {
            case Manifest.None _ -> null;
            case Manifest.Valid _ -> "valid";
            case Manifest.Missing _ -> "invalid; a manifest is required";
            case Manifest.Invalid invalid -> "invalid; " + invalid.reason();
            case Manifest.WrongRegion wrong ->
                "invalid; names region " + wrong.region() + ", but store " + to + " is in " + home;
        };
    }

    /** Bad news, other settings, or good news where something is wrong; an ordinary success only moves things later. */
    private static boolean needsWalk(Replication row, Change change) {
        var before = change.before();
        var after = change.after();
        if (before == null || after == null) return false;
        var worse = change.heard().stream().anyMatch(heard -> heard.kind() == Kind.FAIL)
                || change.flips().stream().anyMatch(flip -> flip.to() == Status.DOWN);
        var success = change.heard().stream().anyMatch(heard -> heard.kind() == Kind.SUCCESS);
        var paused = before.status() != after.status()
                && (after.status() == Status.PAUSED || before.status() == Status.PAUSED);
        var dueEarlier = after.expectedAt()
                .filter(due -> row.looksAt() == null || due.isBefore(row.looksAt()))
                .isPresent();
        return worse || paused || (success && row.troubled()) || (success && dueEarlier);
    }

    private static boolean isEdited(Change change) {
        return change.before() != null
                && change.after() != null
                && !change.before().schedule().equals(change.after().schedule());
    }

    /** Now, in their own transactions. {@code all}: visiting every tenant, for what is expected has changed. */
    private void wake(Iterable<Long> checks, boolean all, Instant now) {
        var keys = new HashMap<String, Instant>();
        var ids = new ArrayList<Long>();
        for (var check : checks) {
            keys.put(Long.toString(check), now);
            ids.add(check);
        }
        if (ids.isEmpty()) return;
        replications.restart(ids, now, all);
        deadlines.arm(JobWalk.NAME, keys);
    }

    /** While a probe last saw rows, a success alone closes nothing: so the probe looks again at once. */
    private void ask(TreeSet<String> stores, Instant now) {
        if (stores.isEmpty()) return;
        var asked = new HashMap<String, Instant>();
        probes.ask(stores, now).forEach(probe -> asked.put(probe, now));
        deadlines.arm(ProbeDeadline.NAME, asked);
    }

    static byte[] sha256(byte[] body) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(body);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible); // every Java has it
        }
    }
}
