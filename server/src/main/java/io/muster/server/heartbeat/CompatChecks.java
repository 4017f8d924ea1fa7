package io.muster.server.heartbeat;

import io.muster.server.access.Caller;
import io.muster.server.audit.AuditLog;
import io.muster.server.audit.OwnEvent;
import io.muster.server.heartbeat.ChecksChanged.Change;
import io.muster.server.incident.Channels;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** What the Healthchecks-compatible API does to checks, one transaction each. */
@Component
class CompatChecks {

    private final CheckRepository repository;
    private final DeclaredChecks declared;
    private final HeardChecks heard;
    private final Checks checks;
    private final CheckChanges changes;
    private final Channels channels;
    private final AuditLog audit;
    private final InstantSource clock;
    private final CheckLimit limit;

    CompatChecks(
            CheckRepository repository,
            DeclaredChecks declared,
            HeardChecks heard,
            Checks checks,
            CheckChanges changes,
            Channels channels,
            AuditLog audit,
            InstantSource clock,
            CheckLimit limit) {
        this.repository = repository;
        this.declared = declared;
        this.heard = heard;
        this.checks = checks;
        this.changes = changes;
        this.channels = channels;
        this.audit = audit;
        this.clock = clock;
        this.limit = limit;
    }

    /** @param created rather than matched by {@code unique} */
    record Upserted(Check check, boolean created) {}

    @Transactional
    Upserted upsert(CompatBody body, boolean slugFollowsName, Caller by) {
        var now = clock.instant();
        var project = by.project();
        declared.lockNames(project);
        var like = body.like().flatMap(wanted -> repository.like(project, wanted));
        if (like.isPresent()) {
            return new Upserted(change(like.get(), body, slugFollowsName, "", by, now), false);
        }
        if (limit.isReached(project)) throw new CompatError(403, "the project is at its limit of checks");
        var settings = body.applyTo(Settings.fresh("", ""), slugFollowsName, chosen(body.channels()));
        var unborn = DeclaredChecks.unborn(project, UUID.randomUUID(), settings, now);
        declared.insert(List.of(unborn));
        declared.nameJobs(project, List.of(settings.slug()));
        var check = repository.byUuid(unborn.uuid().value()).orElseThrow();
        changes.store(List.of(new Change(null, check, List.of(), List.of())), now);
        record("check.created", check, by, now);
        return new Upserted(check, true);
    }

    @Transactional
    Check update(UUID uuid, CompatBody body, boolean slugFollowsName, Caller by) {
        declared.lockNames(by.project());
        return change(uuid, body, slugFollowsName, "", by, clock.instant());
    }

    /** By a form. @param version {@link #version} that it shows: 409 if there is another by now; empty: any */
    @Transactional
    Check edit(UUID uuid, CompatBody body, String version, Caller by) {
        declared.lockNames(by.project());
        return change(uuid, body, false, version, by, clock.instant());
    }

    /** Another one after each change of its settings. */
    static String version(Check check) {
        return check.updatedAt().toString();
    }

    /** While the names of the project are locked, so what was declared stays as it is read. */
    private Check change(UUID uuid, CompatBody body, boolean slugFollowsName, String version, Caller by, Instant now) {
        var known = find(uuid);
        if (!version.isEmpty() && !version.equals(version(known))) throw new CompatError(409, "changed meanwhile");
        var settings = body.applyTo(known.settings(), slugFollowsName, chosen(body.channels()));
        var before = lock(known, settings.slug());
        var after = before.with(settings, now);
        if (after.equals(before)) return before;
        declared.redefine(List.of(after));
        declared.nameJobs(before.project(), new LinkedHashSet<>(List.of(before.slug(), after.slug())));
        var named = repository.byUuid(before.uuid().value()).orElseThrow();
        changes.store(List.of(new Change(before, named, List.of(), List.of())), now);
        record("check.updated", named, by, now);
        return named;
    }

    @Transactional
    Check delete(UUID uuid, Caller by) {
        var now = clock.instant();
        declared.lockNames(by.project());
        var check = lock(find(uuid), "");
        checks.delete(List.of(check), now);
        record("check.deleted", check, by, now);
        return check;
    }

    @Transactional
    Check pause(UUID uuid) {
        return checks.pause(lock(uuid), clock.instant());
    }

    @Transactional
    Check resume(UUID uuid) {
        var check = lock(uuid);
        if (check.status() != Status.PAUSED) throw new CompatError(409, "check is not paused");
        return checks.resume(check, clock.instant());
    }

    private Check find(UUID uuid) {
        return repository.byUuid(uuid).orElseThrow(() -> new CompatError(404, "not found"));
    }

    /** With those that its old slug or its new one concerns. */
    private Check lock(Check known, String newSlug) {
        return heard.lockWithNamesakes(known.project(), List.of(known.id()), List.of(known.slug(), newSlug)).stream()
                .filter(check -> check.id() == known.id())
                .findFirst()
                .orElseThrow(() -> new CompatError(404, "not found"));
    }

    private Check lock(UUID uuid) {
        return heard.lockByUuid(List.of(uuid)).stream()
                .findFirst()
                .orElseThrow(() -> new CompatError(404, "not found"));
    }

    private void record(String action, Check check, Caller by, Instant now) {
        audit.record(List.of(new OwnEvent(
                OwnEvent.PLATFORM,
                action,
                "/jobs/" + check.jobId(),
                OwnEvent.Status.SUCCESS,
                now,
                by,
                Map.of("name", check.name(), "schedule", schedule(check.schedule())))));
    }

    private static String schedule(Schedule schedule) {
        return switch (schedule) {
            case Schedule.Every(var period) -> period.toString();
            case Schedule.Cron(var expression, var tz) -> expression + " " + tz;
            case Schedule.OnCalendar(var expression, var tz) -> expression + " " + tz;
        };
    }

    /** Names of the channels that {@code identifiers} lists by id or name; null: nothing was said of them. */
    private @Nullable List<String> chosen(@Nullable String identifiers) {
        if (identifiers == null) return null;
        if (identifiers.isEmpty()) return List.of();
        var all = channels.compatible();
        if (identifiers.equals("*"))
            return all.stream().map(Channels.Compatible::name).toList();
        var names = new TreeSet<String>();
        for (var identifier : identifiers.split(",", -1)) {
            if (identifier.isEmpty()) throw new CompatError(400, "empty channel identifier");
            var found = all.stream()
                    .filter(channel -> channel.uuid().toString().equals(identifier)
                            || channel.name().equals(identifier))
                    .toList();
            if (found.isEmpty()) throw new CompatError(400, "invalid channel identifier: " + identifier);
            if (found.size() > 1) throw new CompatError(400, "non-unique channel identifier: " + identifier);
            names.add(found.getFirst().name());
        }
        return new ArrayList<>(names);
    }

    /** The ids of the channels that hear of each check, in order. */
    ChannelIds channelIds() {
        return new ChannelIds(channels.compatible());
    }

    record ChannelIds(List<Channels.Compatible> all) {

        List<String> of(Check check) {
            return hearing(check)
                    .map(channel -> channel.uuid().toString())
                    .sorted()
                    .toList();
        }

        List<String> namesOf(Check check) {
            return hearing(check).map(Channels.Compatible::name).toList();
        }

        private Stream<Channels.Compatible> hearing(Check check) {
            var names = check.channels();
            return all.stream()
                    .filter(channel -> names == null
                            ? channel.selects(check.jobId(), check.tags())
                            : names.contains(channel.name()));
        }
    }
}
