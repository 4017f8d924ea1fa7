package io.muster.server.tenancy;

import io.muster.server.access.Caller;
import io.muster.server.layout.Upcoming;
import io.muster.server.problem.FieldError;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A kind of thing that the operator declares, one by one at {@code /api/v1/<path>/<id>} or many at once by {@code apply}.
 * Whoever has such a thing implements this as a bean; the rest (JSON, ETag, equality, references, order, sets, audit) is
 * done for all of them alike.
 *
 * <p>All methods run in one transaction. Those that write hold the catalogue's lock, so nothing changes in between; they
 * get lists of at most {@link #BATCH}, in the order of ids, and do each with a fixed number of statements.
 *
 * @param <T> a record with the JSON members of the body, none more; its constructor refuses what is wrong, and puts
 *     defaults for what was left out, so that equal declarations are {@code equals}
 */
public interface Noun<T> {

    int BATCH = 2_000;

    /** What it is called in answers: {@code alert_channel}. */
    String kind();

    /** Its member in an {@code apply} document: {@code alert_channels}. */
    String plural();

    /** Its place under {@code /api/v1/}: {@code alert-channels}. */
    default String path() {
        return plural().replace('_', '-');
    }

    Class<T> type();

    /** Smaller is written earlier and deleted later. Tenancy uses 10 to 60; take more than what you refer to. */
    int order();

    /** Refuses ids that cannot be ({@code Refused}), or may not be ({@code Problem}). */
    default void checkId(String id) {
        Members.checkId(id);
    }

    /**
     * What to store, given what was sent and what is: puts back secrets that were sent as {@code "***"}, refuses to change
     * what never changes. Not for references, and reads nothing.
     */
    default T settle(String id, T sent, @Nullable T before) {
        return sent;
    }

    /** What {@code value} refers to by id; each must exist when all is done. */
    default List<Reference> references(T value) {
        return List.of();
    }

    /**
     * What is wrong with any of these in the light of all others, by id: a cycle, a name that is taken. All that one
     * request declares at once; nouns of smaller order are written already.
     */
    default Map<String, List<FieldError>> refuse(Map<String, T> proposed) {
        return Map.of();
    }

    /** Those of {@code ids} that exist and that {@code caller} may see. */
    Map<String, Declared<T>> find(Collection<String> ids, Caller caller);

    /** In the order of ids, from behind {@code afterId}: those that {@code caller} may see. */
    List<Declared<T>> page(@Nullable String afterId, int limit, Caller caller);

    void insert(List<Declared<T>> news);

    void update(List<Edit<T>> edits);

    void delete(List<Declared<T>> gone, Instant now);

    /** At most {@code limit} things of this noun that refer to one of {@code ids} of another (or this) {@code kind}. */
    default List<Use> uses(String kind, Collection<String> ids, int limit) {
        return List.of();
    }

    /** What {@code caller} sees of it; secrets hide themselves. */
    default T shownTo(Caller caller, T value) {
        return value;
    }

    /** Members that answers have beside those of the body, by id; each value anything that becomes JSON. */
    default Map<String, Map<String, @Nullable Object>> extras(List<Declared<T>> things, Caller caller) {
        return Map.of();
    }

    /** Those of {@code things} that nobody declared: Muster brings them along, or they were made in another way. */
    default Set<String> undeclared(List<Declared<T>> things, Caller caller) {
        return Set.of();
    }

    /** What a form asks for, to declare one; empty: there is no form. */
    default List<FormField> form() {
        return List.of();
    }

    /** When that which is being written would happen, however incomplete the rest is; empty: it has no times, or none yet. */
    default Optional<Upcoming> upcoming(Map<String, String> written, Instant now) {
        return Optional.empty();
    }

    /** {@code value} as it is stored. The version goes up by one with each change. */
    record Declared<T>(String id, T value, long version, Instant createdAt, Instant updatedAt) {}

    /** A change of one thing; {@code after.updatedAt()} is now. */
    record Edit<T>(Declared<T> before, Declared<T> after) {}

    /** {@code field} of a body names a {@code kind} with this {@code id}. */
    record Reference(String field, String kind, String id) {}

    /** The thing {@code kind} {@code id} refers to {@code used}. */
    record Use(String kind, String id, String used) {}
}
