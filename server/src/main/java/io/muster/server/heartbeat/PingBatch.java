package io.muster.server.heartbeat;

import static java.util.Objects.requireNonNull;

import io.muster.server.groupcommit.GroupCommit;
import io.muster.server.heartbeat.ChecksChanged.Change;
import io.muster.server.heartbeat.Ping.Target.BySlug;
import io.muster.server.heartbeat.Ping.Target.ByUuid;
import io.muster.server.heartbeat.PingAnswer.Ambiguous;
import io.muster.server.heartbeat.PingAnswer.Dropped;
import io.muster.server.heartbeat.PingAnswer.NoSuchCheck;
import io.muster.server.heartbeat.PingAnswer.Recorded;
import io.muster.server.incident.Channels;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.TransactionTemplate;

/** Stores a batch of pings in one transaction: an acknowledged ping is a committed one. */
@Component
class PingBatch implements GroupCommit.Batch<Ping, PingAnswer> {

    /** A database that neither answers nor ends the connection must not hold the committer: nobody waits any more. */
    private static final int LONGEST_SILENCE_MS = 3_000;

    /** What is kept of a body that is read further, for its manifest. */
    static final int KEPT_OF_LONG_BODIES = 10_000;

    private final CheckRepository checks;
    private final DeclaredChecks declared;
    private final HeardChecks heard;
    private final CheckChanges changes;
    private final Channels channels;
    private final DataSource database;
    private final InstantSource clock;
    private final PingProperties settings;
    private final TransactionTemplate transaction;
    private final Hearing hearing;
    private final CheckLimit limit;
    private final PingRate rate;
    private final RunTotals totals;

    PingBatch(
            CheckRepository checks,
            DeclaredChecks declared,
            HeardChecks heard,
            CheckChanges changes,
            Channels channels,
            DataSource database,
            InstantSource clock,
            PingProperties settings,
            PlatformTransactionManager transactions,
            Hearing hearing,
            CheckLimit limit,
            PingRate rate,
            ObjectProvider<RunTotals> totals) {
        this.checks = checks;
        this.declared = declared;
        this.heard = heard;
        this.changes = changes;
        this.channels = channels;
        this.database = database;
        this.clock = clock;
        this.settings = settings;
        this.transaction = new TransactionTemplate(transactions);
        this.hearing = hearing;
        this.limit = limit;
        this.rate = rate;
        this.totals = body -> totals.getObject().of(body);
    }

    @Override
    public List<PingAnswer> commit(List<Ping> pings) {
        try {
            boolean plain = settings.perMinute() == 0 // else each is counted, below
                    && pings.stream().allMatch(ping -> PlainPings.isPlain(ping, heard));
            if (plain) {
                var answers = transaction.execute(status -> storePlain(pings, status));
                if (answers != null) return answers;
            }
            return transaction.execute(_ -> store(pings));
        } catch (DataAccessResourceFailureException | TransactionException away) {
            hearing.refused(away);
            throw away;
        }
    }

    /** Null, and nothing is stored: others have locked one of the checks of which the guess was wrong. */
    private @Nullable List<PingAnswer> storePlain(List<Ping> pings, TransactionStatus status) {
        limitSilence();
        var plain = PlainPings.of(pings, heard.rhythms(PlainPings.uuids(pings)));
        var numbers = heard.hear(plain.successes());
        var rows = new PingCopy();
        var others = new ArrayList<Ping>(0);
        var answers = new ArrayList<@Nullable PingAnswer>(pings.size());
        for (var one : plain.pings()) {
            var behind =
                    one.behind().filter(sum -> numbers.containsKey(sum.id())).orElse(null);
            if (behind == null) {
                others.add(one.ping());
                answers.add(null);
            } else {
                var ping = one.ping().cut(read(null));
                long n = requireNonNull(numbers.get(behind.id())) - behind.count();
                rows.add(behind.id(), ping, Heard.plainSuccess(n, ping), kept(null));
                answers.add(new Recorded(n, false, null, null));
            }
        }
        if (!numbers.isEmpty()) copy(rows);
        if (!others.isEmpty()) {
            var locked = lockAtOnce(others);
            if (locked == null) {
                status.setRollbackOnly();
                return null;
            }
            var theirs = store(others, locked, new Created(new HashSet<>()), clock.instant())
                    .iterator();
            answers.replaceAll(answer -> answer == null ? theirs.next() : answer);
        }
        return answers.stream().map(answer -> requireNonNull(answer)).toList();
    }

    /** Null: one is locked. Who holds locks already, as here, must not wait for more: somebody may wait for those. */
    private @Nullable Map<Ping.Target, Found> lockAtOnce(List<Ping> pings) {
        var uuids = PlainPings.uuids(pings);
        var found = new HashMap<Ping.Target, Found>();
        for (var check : heard.lockFree(uuids)) {
            uuids.remove(check.uuid().value());
            found.put(new ByUuid(check.uuid().value()), new One(check));
        }
        return !uuids.isEmpty() && checks.anyWithUuid(uuids) ? null : found;
    }

    private List<PingAnswer> store(List<Ping> pings) {
        limitSilence();
        var now = clock.instant();
        var created = provision(pings, now);
        return store(pings, lock(pings), created, now);
    }

    private List<PingAnswer> store(List<Ping> pings, Map<Ping.Target, Found> found, Created created, Instant now) {
        var stories = new TreeMap<Long, Story>(); // of each check; in the order of their locks
        var rows = new PingCopy();
        var answers = new ArrayList<PingAnswer>(pings.size());
        for (var ping : pings) {
            switch (found.get(ping.target())) {
                case null -> answers.add(new NoSuchCheck());
                case Several _ -> answers.add(new Ambiguous());
                case One(var check) -> {
                    var story = stories.get(check.id());
                    if (rate.drops(story == null ? check : story.after, ping)) {
                        answers.add(new Dropped());
                        continue;
                    }
                    if (story == null) {
                        story = new Story(check);
                        stories.put(check.id(), story);
                    }
                    var row = story.hear(ping.cut(read(check.bodyLimit())), totals);
                    rows.add(check.id(), ping, row, kept(check.bodyLimit()));
                    answers.add(new Recorded(row.n(), created.remove(check.id()), check.bodyLimit(), null));
                }
            }
        }
        if (!stories.isEmpty()) {
            stories.values().forEach(story -> heard.heardOf(story.after.uuid().value(), story.after.isCalm()));
            copy(rows);
            var changed = stories.values().stream().map(Story::change).toList();
            var verdicts = new ArrayList<>(changes.store(changed, now));
            changed.forEach(change -> addHeaders(verdicts, change));
            if (!verdicts.isEmpty()) addVerdicts(verdicts, pings, found, answers);
        }
        return List.copyOf(answers);
    }

    /** What was found under a target. */
    private sealed interface Found {}

    private record One(Check check) implements Found {}

    private record Several() implements Found {}

    /** What one check hears in this batch. */
    private static final class Story {

        private final Check before;
        private Check after;
        private final List<Heard> heard = new ArrayList<>(1);
        private final List<Flip> flips = new ArrayList<>(0);
        private final List<News> news = new ArrayList<>(0);
        private final List<JudgedRun> judged = new ArrayList<>(0);

        Story(Check before) {
            this.before = before;
            this.after = before;
        }

        Heard hear(Ping ping, RunTotals totals) {
            var step = after.after(ping, totals);
            after = step.after();
            var one = step.heard().orElseThrow();
            heard.add(one);
            step.flip().ifPresent(flips::add);
            step.news().ifPresent(news::add);
            step.judged().ifPresent(judged::add);
            return one;
        }

        Change change() {
            return new Change(before, after, heard, flips, news, judged);
        }
    }

    private Map<Ping.Target, Found> lock(List<Ping> pings) {
        var uuids = new LinkedHashSet<UUID>();
        var slugs = new LinkedHashSet<BySlug>();
        for (var ping : pings) {
            switch (ping.target()) {
                case ByUuid(var uuid) -> uuids.add(uuid);
                case BySlug slug -> slugs.add(slug);
            }
        }
        var found = new HashMap<Ping.Target, Found>();
        var locked = slugs.isEmpty() ? heard.lockByUuid(uuids) : heard.lock(ids(uuids, slugs));
        for (var check : locked) {
            found.put(new ByUuid(check.uuid().value()), new One(check));
            for (var create : List.of(true, false)) {
                var target = new BySlug(check.project(), check.slug(), create);
                if (slugs.contains(target)) {
                    found.merge(target, new One(check), (_, _) -> new Several());
                }
            }
        }
        return found;
    }

    private Set<Long> ids(Set<UUID> uuids, Set<BySlug> slugs) {
        var ids = new HashSet<>(checks.idsByUuid(uuids));
        ids.addAll(checks.idsBySlug(slugs));
        return ids;
    }

    /** Makes the checks that {@code create=1} asks for and that do not exist. Nobody else makes one meanwhile. */
    private Created provision(List<Ping> pings, Instant now) {
        var wanted = new LinkedHashSet<BySlug>();
        for (var ping : pings) {
            if (ping.target() instanceof BySlug slug && slug.create()) wanted.add(slug);
        }
        var created = new Created(new HashSet<>());
        if (wanted.isEmpty()) return created;
        wanted.removeAll(checks.existing(wanted));
        var byProject = new TreeMap<String, Set<BySlug>>();
        wanted.forEach(slug -> byProject
                .computeIfAbsent(slug.project(), _ -> new LinkedHashSet<>())
                .add(slug));
        byProject.forEach((project, slugs) -> {
            declared.lockNames(project);
            slugs.removeAll(checks.existing(slugs));
            var all = channels.compatible().stream()
                    .map(Channels.Compatible::name)
                    .toList();
            var unborn = new LinkedHashMap<String, Check>();
            slugs.stream().limit(limit.roomForPings(project)).forEach(slug -> {
                var settings = Settings.fresh(slug.slug(), slug.slug()).withChannels(all);
                unborn.put(slug.slug(), DeclaredChecks.unborn(project, UUID.randomUUID(), settings, now));
            });
            declared.insert(unborn.values());
            declared.nameJobs(project, unborn.keySet());
            created.ids().addAll(checks.idsBySlug(slugs));
        });
        return created;
    }

    /** The checks that were made for a ping of this batch; the first ping of each is told so. */
    private record Created(Set<Long> ids) {

        boolean remove(long id) {
            return ids.remove(id);
        }
    }

    /** Of runs that copied too much or too little. */
    private static void addHeaders(List<Verdict> verdicts, Change change) {
        for (var run : change.judged()) {
            var header = run.trouble() == null ? null : run.trouble().manifestHeader();
            if (header != null) verdicts.add(new Verdict(change.now().id(), run.n(), header));
        }
    }

    private static void addVerdicts(
            List<Verdict> verdicts, List<Ping> pings, Map<Ping.Target, Found> found, List<PingAnswer> answers) {
        record Key(long check, long n) {}
        var headers = new HashMap<Key, String>();
        verdicts.forEach(verdict -> headers.put(new Key(verdict.check(), verdict.n()), verdict.manifestHeader()));
        for (int i = 0; i < answers.size(); i++) {
            if (answers.get(i) instanceof Recorded one && found.get(pings.get(i).target()) instanceof One(var check)) {
                var header = headers.get(new Key(check.id(), one.n()));
                answers.set(i, new Recorded(one.n(), one.created(), one.bodyLimit(), header));
            }
        }
    }

    private int read(@Nullable Integer own) {
        if (own != null) return own;
        var limit = settings.limit();
        return limit == null ? PingProperties.READ_LIMIT : limit;
    }

    private int kept(@Nullable Integer own) {
        return own == null ? read(null) : KEPT_OF_LONG_BODIES;
    }

    private void copy(PingCopy rows) {
        var connection = DataSourceUtils.getConnection(database);
        try {
            rows.send(connection);
        } finally {
            DataSourceUtils.releaseConnection(connection, database);
        }
    }

    /** Until the pool has the connection back. */
    private void limitSilence() {
        var connection = DataSourceUtils.getConnection(database);
        try {
            connection.setNetworkTimeout(Runnable::run, LONGEST_SILENCE_MS);
        } catch (SQLException failure) {
            throw new DataAccessResourceFailureException("the connection is gone", failure);
        } finally {
            DataSourceUtils.releaseConnection(connection, database);
        }
    }
}
