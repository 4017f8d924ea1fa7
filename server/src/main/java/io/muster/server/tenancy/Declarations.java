package io.muster.server.tenancy;

import io.muster.server.access.Access;
import io.muster.server.access.Caller;
import io.muster.server.problem.FieldError;
import io.muster.server.problem.Problem;
import io.muster.server.problem.Refused;
import io.muster.server.tenancy.CatalogueChanged.Change;
import io.muster.server.tenancy.CatalogueChanged.Verb;
import io.muster.server.tenancy.Noun.Declared;
import io.muster.server.tenancy.Noun.Edit;
import io.muster.server.tenancy.Noun.Reference;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Component;

/** Writes declarations of every noun: one by one, or by the batch for {@code apply}. */
@Component
class Declarations {

    private static final Logger log = LoggerFactory.getLogger(Declarations.class);
    private static final int USES_SHOWN = 101;

    private final Nouns nouns;
    private final CatalogueLock lock;
    private final DeclaredSets sets;
    private final Access access;
    private final InstantSource clock;
    private final ApplicationEventPublisher events;

    Declarations(
            Nouns nouns,
            CatalogueLock lock,
            DeclaredSets sets,
            Access access,
            InstantSource clock,
            ApplicationEventPublisher events) {
        this.nouns = nouns;
        this.lock = lock;
        this.sets = sets;
        this.access = access;
        this.clock = clock;
        this.events = events;
    }

    /** What became of one declaration. */
    record Put<T>(Declared<T> declared, boolean created) {}

    /**
     * Creates, replaces or leaves equal.
     *
     * @param value the body, given what is there
     */
    <T> Put<T> put(Noun<T> noun, String id, Precondition precondition, Function<@Nullable Declared<T>, T> value) {
        noun.checkId(id);
        var by = access.caller();
        return lock.write(() -> {
            var now = clock.instant();
            var before = noun.find(List.of(id), by).get(id);
            precondition.check(before);
            var sent = value.apply(before);
            var settled = noun.settle(id, sent, before == null ? null : before.value());
            var proposed = Map.of(id, settled);
            if (before == null || !settled.equals(before.value())) refuseIfWrong(noun, proposed);
            var changes = write(noun, proposed, before == null ? Map.of() : Map.of(id, before), now);
            publish(changes, by, now);
            changes.forEach(change ->
                    log.info("{} {} {} by {}", change.kind(), id, change.verb().word(), by.name()));
            var after = noun.find(List.of(id), by).get(id);
            if (after == null)
                throw new IllegalStateException(noun.kind() + " " + id + " was written and is not there");
            return new Put<>(after, before == null);
        });
    }

    <T> void delete(Noun<T> noun, String id, Precondition precondition) {
        var by = access.caller();
        lock.write(() -> {
            var now = clock.instant();
            var before = noun.find(List.of(id), by).get(id);
            if (before == null) throw notFound(noun, id);
            precondition.check(before);
            var changes = delete(noun, List.of(before), now);
            publish(changes, by, now);
            log.info("{} {} deleted by {}", noun.kind(), id, by.name());
            return true;
        });
    }

    static Problem notFound(Noun<?> noun, String id) {
        return Problem.notFound("There is no " + noun.kind().replace('_', ' ') + " " + Refused.shown(id) + ".");
    }

    private <T> void refuseIfWrong(Noun<T> noun, Map<String, T> proposed) {
        var errors = new ArrayList<FieldError>();
        proposed.forEach((id, value) -> {
            for (var reference : noun.references(value)) {
                var itself =
                        reference.kind().equals(noun.kind()) && reference.id().equals(id);
                if (!itself && !exists(reference)) errors.add(missing(reference));
            }
        });
        noun.refuse(proposed).values().forEach(errors::addAll);
        if (!errors.isEmpty()) throw new Refused(errors);
    }

    static FieldError missing(Reference reference) {
        return new FieldError(
                reference.field(), "must be a " + reference.kind() + "; there is no " + Refused.shown(reference.id()));
    }

    private boolean exists(Reference reference) {
        return !nouns.ofKind(reference.kind())
                .orElseThrow(() -> new IllegalStateException("no noun " + reference.kind()))
                .find(List.of(reference.id()), Caller.MUSTER)
                .isEmpty();
    }

    /**
     * Writes what is new or differs; nothing was refused.
     *
     * @param before those of {@code proposed} that exist
     */
    <T> List<Change> write(Noun<T> noun, Map<String, T> proposed, Map<String, Declared<T>> before, Instant now) {
        var news = new ArrayList<Declared<T>>();
        var edits = new ArrayList<Edit<T>>();
        var changes = new ArrayList<Change>();
        new TreeMap<>(proposed).forEach((id, value) -> {
            var old = before.get(id);
            if (old == null) {
                news.add(new Declared<>(id, value, 1, now, now));
                changes.add(new Change(noun.kind(), id, Verb.CREATED, List.of(), null, value));
            } else if (!value.equals(old.value())) {
                edits.add(new Edit<>(old, new Declared<>(id, value, old.version() + 1, old.createdAt(), now)));
                changes.add(new Change(
                        noun.kind(), id, Verb.UPDATED, Differences.between(old.value(), value), old.value(), value));
            }
        });
        if (!news.isEmpty()) noun.insert(news);
        if (!edits.isEmpty()) noun.update(edits);
        return changes;
    }

    /** 409 if anything, but what is deleted with it, refers to any of them. */
    <T> List<Change> delete(Noun<T> noun, List<Declared<T>> gone, Instant now) {
        var ids = gone.stream().map(Declared::id).collect(Collectors.toCollection(LinkedHashSet::new));
        var uses = new ArrayList<String>();
        for (var other : nouns.all()) {
            for (var use : other.uses(noun.kind(), ids, USES_SHOWN)) {
                if (!use.kind().equals(noun.kind()) || !ids.contains(use.id())) uses.add(other.path() + "/" + use.id());
            }
        }
        if (!uses.isEmpty()) {
            throw Problem.inUse(
                    (ids.size() == 1
                                    ? noun.kind() + " " + ids.getFirst() + " is"
                                    : "Some of " + ids.size() + " " + noun.plural() + " to delete are")
                            + " in use: change or delete what refers to it first, see `used_by`.",
                    uses.stream().sorted().toList());
        }
        noun.delete(gone, now);
        sets.forget(noun.kind(), ids);
        return gone.stream()
                .map(one -> new Change(noun.kind(), one.id(), Verb.DELETED, List.of(), one.value(), null))
                .toList();
    }

    void publish(List<Change> changes, Caller by, Instant now) {
        for (int from = 0; from < changes.size(); from += CatalogueChanged.MOST) {
            var some = changes.subList(from, Math.min(changes.size(), from + CatalogueChanged.MOST));
            events.publishEvent(new CatalogueChanged(List.copyOf(some), by, now));
        }
    }
}
