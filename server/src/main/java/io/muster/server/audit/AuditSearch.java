package io.muster.server.audit;

import io.muster.server.access.Caller;
import io.muster.server.audit.AuditEvent.Outcome;
import io.muster.server.audit.AuditQuery.Term;
import io.muster.server.audit.EventPlaces.Span;
import io.muster.server.audit.Opening.Opened;
import io.muster.server.audit.TenantLog.Trait;
import io.muster.server.problem.Problem;
import io.muster.server.problem.Refused;
import io.muster.server.tenancy.Catalogue;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Finds events of a tenant, newest first. */
@Component
class AuditSearch {

    /** References of one address or agent that are looked up in the index; of more, the events themselves are compared. */
    private static final int MOST_REFS = 1_000;

    /** A page may end before it is full: after this time, or with so many bytes. */
    private static final Duration LONGEST = Duration.ofSeconds(2);

    private static final int MOST_TENANTS = 200;
    private static final int MOST_BYTES = 8 << 20;

    private final Catalogue catalogue;
    private final Logs logs;
    private final EventPlaces places;
    private final TileWords words;
    private final Opening opening;
    private final ReadingRecord record;
    private final InstantSource clock;

    AuditSearch(
            Catalogue catalogue,
            Logs logs,
            EventPlaces places,
            TileWords words,
            Opening opening,
            ReadingRecord record,
            InstantSource clock) {
        this.catalogue = catalogue;
        this.logs = logs;
        this.places = places;
        this.words = words;
        this.opening = opening;
        this.record = record;
        this.clock = clock;
    }

    /** Before which event of which epoch a page begins. */
    record Position(int epoch, long place) {
        @Override
        public String toString() {
            return epoch + ":" + place;
        }

        static Position parse(String text) {
            int colon = text.indexOf(':');
            return new Position(Integer.parseInt(text.substring(0, colon)), Long.parseLong(text.substring(colon + 1)));
        }
    }

    /** @param first the log in which the first event is; null if there is none. @param next null if there is nothing more */
    record Found(
            List<Opened> events,
            @Nullable TenantLog first,
            @Nullable Position next) {}

    /** All logs of the tenant, the newest epoch first; none if nothing was ever recorded. A tenant whom the caller may not read is unknown. */
    List<TenantLog> logs(Caller caller, String tenant) {
        var found = caller.mayRead(tenant) ? logs.logs(tenant) : List.<TenantLog>of();
        if (found.isEmpty() && !(caller.mayRead(tenant) && known(tenant))) {
            throw Problem.notFound("There is no tenant " + Refused.shown(tenant) + ".");
        }
        return found;
    }

    /** Whose logs there are, as far as the caller may see, what was written to last first; 200 at most. */
    List<String> tenants() {
        return places.tenants(MOST_TENANTS);
    }

    /** Whether what fits can be told without opening events. */
    boolean isCountable(List<TenantLog> all, AuditQuery query) {
        return query.occurred() == null
                && traits(query).stream()
                        .allMatch(trait -> all.stream()
                                .allMatch(log ->
                                        logs.refs(log, trait, MOST_REFS + 1).size() <= MOST_REFS));
    }

    private boolean known(String tenant) {
        return tenant.equals(OwnEvent.PLATFORM) || catalogue.knows(tenant);
    }

    /** One page, and on record who read it: in one transaction. A tenant whom the caller may not read is unknown. */
    @Transactional
    public Found read(Caller caller, AuditQuery query, @Nullable Position after, int limit) {
        return read(caller, logs(caller, query.tenant()), query, after, limit);
    }

    /** The same, of these logs of the tenant. */
    @Transactional
    public Found read(Caller caller, List<TenantLog> all, AuditQuery query, @Nullable Position after, int limit) {
        var found = page(all, query, after, limit);
        record.searched(caller, query, found.events().size(), after != null);
        return found;
    }

    /** One page. It may have fewer than {@code limit}, or none, and yet a next one, where much had to be read to find little. */
    private Found page(List<TenantLog> all, AuditQuery query, @Nullable Position after, int limit) {
        long begun = System.nanoTime();
        var found = new ArrayList<Opened>();
        TenantLog first = null;
        long bytes = 0;
        for (var log : all) {
            if (after != null && log.epoch() > after.epoch()) continue;
            long below = after != null && log.epoch() == after.epoch() ? after.place() : Long.MAX_VALUE;
            var walk = walk(log, query, below);
            while (walk.isPresent() && !walk.get().ended()) {
                for (var event : walk.get().next(limit + 1 - found.size())) {
                    if (found.size() == limit || bytes > MOST_BYTES) {
                        return new Found(
                                found,
                                first,
                                new Position(log.epoch(), event.row().sequence() + 1));
                    }
                    if (first == null) first = log;
                    found.add(event);
                    bytes += event.row().envelope().length;
                }
                if (System.nanoTime() - begun > LONGEST.toNanos() && !walk.get().ended()) {
                    return new Found(
                            found, first, new Position(log.epoch(), walk.get().below()));
                }
            }
        }
        return new Found(found, first, null);
    }

    /** Empty if nothing in this log can fit: nobody has that name there, or no more. */
    Optional<EventWalk> walk(TenantLog log, AuditQuery query, long below) {
        var span = span(log, query);
        if (span.size() == 0) return Optional.empty();
        var filters = filters(log, query, span);
        if (filters.isEmpty()) return Optional.empty();
        return Optional.of(new EventWalk(places, words, opening, log, query, filters, span, below));
    }

    /** The part of a log that the query's time covers. */
    Span span(TenantLog log, AuditQuery query) {
        var range = query.range();
        return places.span(log.id(), range.from(), range.to().isBefore(clock.instant()) ? range.to() : null);
    }

    /** In which ways an event can fit; none: nobody has that name or address here, or no more. */
    private List<EventFilter> filters(TenantLog log, AuditQuery query, Span span) {
        var words = new ArrayList<Lexemes>();
        UUID user = null;
        if (query.user() != null) {
            user = logs.person(log, query.user()).orElse(null);
            if (user == null) return List.of();
        }
        UUID subject = null;
        if (query.subject() != null) {
            subject = logs.person(log, query.subject()).orElse(null);
            if (subject == null) return List.of();
        }
        for (var word : query.words()) words.add(new Lexemes.One(Words.word(log.id(), word)));
        if (query.resource() != null) {
            var text = query.resource().text();
            words.add(
                    query.resource().prefix()
                            ? new Lexemes.Beginning(log.id(), text)
                            : new Lexemes.One(Words.resource(log.id(), text)));
        }
        if (query.service() != null) words.add(new Lexemes.One(Words.service(log.id(), query.service())));
        for (var trait : traits(query)) {
            var refs = logs.refs(log, trait, MOST_REFS + 1);
            if (refs.isEmpty()) return List.of();
            if (refs.size() > MOST_REFS) continue;
            words.add(new Lexemes.AnyOf(refs.stream()
                    .map(ref -> trait.kind() == Trait.IP ? Words.ip(ref) : Words.agent(ref))
                    .toList()));
        }
        var patterns = query.actions().stream().map(Term::pattern).toList();
        if (user == null && subject != null) { // whose events are about themselves unless they say otherwise
            var about = new ArrayList<>(words);
            about.add(new Lexemes.One(Words.subject(subject)));
            return List.of(
                    new EventFilter(subject, subject, null, patterns, query.status(), words),
                    new EventFilter(null, subject, null, patterns, query.status(), about));
        }
        var actions = user == null && words.isEmpty() ? actions(query, span) : null;
        if (actions != null && actions.isEmpty()) return List.of();
        if (user == null && actions == null && query.status() != null && query.status() != Outcome.SUCCESS) {
            words.add(new Lexemes.One(Words.outcome(log.id(), query.status())));
        }
        return List.of(new EventFilter(user, subject, actions, patterns, query.status(), words));
    }

    private static List<Trait> traits(AuditQuery query) {
        var traits = new ArrayList<Trait>(2);
        if (query.ip() != null) traits.add(new Trait(Trait.IP, query.ip()));
        if (query.userAgent() != null) traits.add(new Trait(Trait.AGENT, query.userAgent()));
        return traits;
    }

    /** What the query's actions stand for in this log; null if that is all, or too many. */
    private @Nullable List<String> actions(AuditQuery query, Span span) {
        if (query.actions().isEmpty()) return null;
        var actions = new LinkedHashSet<String>();
        for (var term : query.actions()) {
            if (term.prefix()) {
                actions.addAll(places.actions(span, term.text(), EventPlaces.MOST_ACTIONS + 1));
            } else {
                actions.add(term.text());
            }
            if (actions.size() > EventPlaces.MOST_ACTIONS) return null;
        }
        return List.copyOf(actions);
    }
}
