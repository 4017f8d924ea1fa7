package io.muster.server.tenancy;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.muster.server.access.Caller;
import io.muster.server.problem.FieldError;
import io.muster.server.problem.Refused;
import io.muster.server.tenancy.ApplyDocument.Item;
import io.muster.server.tenancy.ApplyDocument.Section;
import io.muster.server.tenancy.CatalogueChanged.Change;
import io.muster.server.tenancy.CatalogueChanged.Verb;
import io.muster.server.tenancy.Noun.Declared;
import io.muster.server.tenancy.Noun.Reference;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/** Makes the catalogue what a document says: all of it, or nothing. */
@Component
class Apply {

    private static final Logger log = LoggerFactory.getLogger(Apply.class);

    /** Longer than the largest document takes. */
    private static final Duration WAIT = Duration.ofSeconds(120);

    private final Nouns nouns;
    private final Declarations declarations;
    private final DeclaredSets sets;
    private final DeclarationJson json;
    private final CatalogueLock lock;
    private final ObjectProvider<Consequences> consequences;
    private final InstantSource clock;

    Apply(
            Nouns nouns,
            Declarations declarations,
            DeclaredSets sets,
            DeclarationJson json,
            CatalogueLock lock,
            ObjectProvider<Consequences> consequences,
            InstantSource clock) {
        this.nouns = nouns;
        this.declarations = declarations;
        this.sets = sets;
        this.json = json;
        this.lock = lock;
        this.consequences = consequences;
        this.clock = clock;
    }

    /** A dry run. @param follows what would follow from each change; empty: nobody knows */
    record Rehearsal(Answer answer, List<Change> changes, List<Consequences.Follow> follows) {}

    record Answer(boolean dryRun, List<Line> changes, int unchanged) {}

    /**
     * One change.
     *
     * @param before the members that change, as they were; only of what is updated
     */
    record Line(
            String kind,
            String id,
            String change,
            List<String> fields,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Map<String, @Nullable Object> before,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Map<String, @Nullable Object> after) {}

    /** What is new or different of one noun. */
    private record Plan<T>(
            Section<T> section, LinkedHashMap<String, T> proposed, Map<String, Declared<T>> before, int unchanged) {}

    Answer apply(ApplyDocument document, boolean dryRun, boolean prune, Caller by) {
        return dryRun
                ? lock.rehearse(WAIT, () -> write(document, true, prune, by))
                : lock.write(WAIT, () -> write(document, false, prune, by));
    }

    /** @param first under the lock: refuses by throwing */
    Answer apply(ApplyDocument document, Runnable first, Caller by) {
        return lock.write(WAIT, () -> {
            first.run();
            return write(document, false, false, by);
        });
    }

    /** As a dry run, and asks what would follow. */
    Rehearsal rehearse(ApplyDocument document, boolean prune, Caller by) {
        return lock.rehearse(WAIT, () -> {
            var changes = new ArrayList<Change>();
            var answer = write(document, true, prune, by, changes);
            var above = consequences.getIfAvailable();
            return new Rehearsal(
                    answer, List.copyOf(changes), above == null ? List.of() : above.of(changes, clock.instant()));
        });
    }

    private Answer write(ApplyDocument document, boolean dryRun, boolean prune, Caller by) {
        return write(document, dryRun, prune, by, new ArrayList<>());
    }

    private Answer write(ApplyDocument document, boolean dryRun, boolean prune, Caller by, List<Change> changes) {
        var now = clock.instant();
        checkMentions(document);
        int unchanged = 0;
        for (var noun : nouns.all()) {
            var section = document.section(noun);
            if (section == null || section.items().isEmpty()) continue;
            unchanged += write(section, changes, now);
            if (document.set() != null) remember(document.set(), section);
        }
        if (prune && document.set() != null) {
            for (var noun : nouns.all().reversed()) {
                prune(document.set(), noun, document.section(noun), changes, now);
            }
        }
        if (!dryRun) {
            declarations.publish(changes, by, now);
            log.info(
                    "applied {}by {}: {} created, {} updated, {} deleted, {} unchanged",
                    document.set() == null ? "" : "set " + document.set() + " ",
                    by.name(),
                    count(changes, Verb.CREATED),
                    count(changes, Verb.UPDATED),
                    count(changes, Verb.DELETED),
                    unchanged);
        }
        return new Answer(dryRun, changes.stream().map(this::line).toList(), unchanged);
    }

    /** What is referred to is declared here, or was before. */
    private void checkMentions(ApplyDocument document) {
        var asked = new HashMap<String, Set<String>>();
        for (var reference : document.mentions().keySet()) {
            if (!declares(document, reference)) {
                asked.computeIfAbsent(reference.kind(), _ -> new HashSet<>()).add(reference.id());
            }
        }
        var missing = new HashSet<Reference>();
        asked.forEach((kind, ids) -> {
            var noun = noun(kind);
            for (var some : batches(ids)) {
                var found = noun.find(some, Caller.MUSTER).keySet();
                some.stream().filter(id -> !found.contains(id)).forEach(id -> missing.add(new Reference("", kind, id)));
            }
        });
        if (missing.isEmpty()) return;
        throw new Refused(document.mentions().entrySet().stream()
                .filter(mention -> missing.contains(mention.getKey()))
                .limit(ApplyDocument.MOST_ERRORS)
                .map(mention -> {
                    var reference = mention.getKey();
                    var where = mention.getValue();
                    return new FieldError(
                            where.field(), Declarations.missing(reference).message(), where.line());
                })
                .toList());
    }

    private boolean declares(ApplyDocument document, Reference reference) {
        var section = document.section(noun(reference.kind()));
        return section != null && section.items().containsKey(reference.id());
    }

    private Noun<?> noun(String kind) {
        return nouns.ofKind(kind).orElseThrow(() -> new IllegalStateException("no noun " + kind));
    }

    private <T> int write(Section<T> section, List<Change> changes, Instant now) {
        var plan = plan(section);
        if (plan.proposed().isEmpty()) return plan.unchanged();
        var refused = section.noun().refuse(plan.proposed());
        if (!refused.isEmpty()) {
            var errors = new ArrayList<FieldError>();
            refused.forEach((id, wrong) -> wrong.forEach(one -> errors.add(located(section, id, one))));
            throw new Refused(errors.subList(0, Math.min(errors.size(), ApplyDocument.MOST_ERRORS)));
        }
        for (var ids : batches(plan.proposed().keySet())) {
            var some = new LinkedHashMap<String, T>();
            ids.forEach(id -> some.put(id, plan.proposed().get(id)));
            changes.addAll(declarations.write(section.noun(), some, plan.before(), now));
        }
        return plan.unchanged();
    }

    private <T> Plan<T> plan(Section<T> section) {
        var proposed = new LinkedHashMap<String, T>();
        var before = new HashMap<String, Declared<T>>();
        var errors = new ArrayList<FieldError>();
        int unchanged = 0;
        for (var ids : batches(section.items().keySet())) {
            var found = section.noun().find(ids, Caller.MUSTER);
            for (var id : ids) {
                var old = found.get(id);
                try {
                    var value = section.noun().settle(id, item(section, id).value(), old == null ? null : old.value());
                    if (old != null && old.value().equals(value)) {
                        unchanged++;
                    } else {
                        proposed.put(id, value);
                        if (old != null) before.put(id, old);
                    }
                } catch (Refused refused) {
                    refused.errors().forEach(one -> errors.add(located(section, id, one)));
                }
            }
        }
        if (!errors.isEmpty()) throw new Refused(errors.subList(0, Math.min(errors.size(), ApplyDocument.MOST_ERRORS)));
        return new Plan<>(section, proposed, before, unchanged);
    }

    private static <T> Item<T> item(Section<T> section, String id) {
        return java.util.Objects.requireNonNull(section.items().get(id), id);
    }

    private static FieldError located(Section<?> section, String id, FieldError wrong) {
        var item = item(section, id);
        var path = section.noun().plural() + "[" + item.index() + "]";
        return new FieldError(
                wrong.field().isEmpty() ? path : path + "." + wrong.field(), wrong.message(), item.line());
    }

    private void remember(String set, Section<?> section) {
        for (var ids : batches(section.items().keySet())) {
            sets.add(set, section.noun().kind(), ids);
        }
    }

    /** Deletes what {@code set} declared before, lacks now, and no other set holds. */
    private <T> void prune(String set, Noun<T> noun, @Nullable Section<?> section, List<Change> changes, Instant now) {
        var after = "";
        while (true) {
            var held = sets.ids(set, noun.kind(), after, Noun.BATCH);
            if (held.isEmpty()) return;
            after = held.getLast();
            var lacking = held.stream()
                    .filter(id -> section == null || !section.items().containsKey(id))
                    .toList();
            if (lacking.isEmpty()) continue;
            var gone = noun.find(sets.only(set, noun.kind(), lacking), Caller.MUSTER);
            if (!gone.isEmpty()) {
                var ordered = gone.values().stream()
                        .sorted(java.util.Comparator.comparing(Declared::id))
                        .toList();
                changes.addAll(declarations.delete(noun, ordered, now));
            }
            sets.remove(set, noun.kind(), lacking);
        }
    }

    private Line line(Change change) {
        var before = change.before();
        var after = change.after();
        var updated = change.verb() == Verb.UPDATED;
        return new Line(
                change.kind(),
                change.id(),
                change.verb().word(),
                change.fields(),
                updated && before != null ? json.members(before, change.fields()) : null,
                updated && after != null ? json.members(after, change.fields()) : null);
    }

    private static long count(List<Change> changes, Verb verb) {
        return changes.stream().filter(change -> change.verb() == verb).count();
    }

    private static List<List<String>> batches(Collection<String> ids) {
        var all = List.copyOf(ids);
        var batches = new ArrayList<List<String>>();
        for (int from = 0; from < all.size(); from += Noun.BATCH) {
            batches.add(all.subList(from, Math.min(all.size(), from + Noun.BATCH)));
        }
        return batches;
    }
}
