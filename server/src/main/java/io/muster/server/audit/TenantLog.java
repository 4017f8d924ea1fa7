package io.muster.server.audit;

import io.muster.server.keys.FieldKey;
import io.muster.server.keys.Keys;
import java.util.Arrays;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A tenant's log, with the keys under which its events are sealed.
 *
 * @param id also its slot
 * @param epoch from 1; another after a rollback
 * @param seal stands for the keys of its persons: once somebody was erased it is another, and this is out of date
 * @param people those whose keys were needed, by their name; the empty name is nobody's
 */
record TenantLog(
        int id,
        String tenant,
        int epoch,
        String origin,
        UUID seal,
        FieldKey tenantKey,
        byte[] lookupKey,
        Map<String, Person> people) {

    /** Whom an event without user and subject is sealed for. */
    static final String NOBODY = "";

    /** Persons of one log whose keys are remembered. */
    private static final int MOST = 100_000;

    /** Traits of one person that are remembered. */
    private static final int MOST_TRAITS = 64;

    /**
     * Somebody in one tenant's log.
     *
     * @param ref random: what events carry
     * @param traits references of addresses and agents that this person came with, by {@link Trait}
     */
    record Person(UUID ref, FieldKey key, Map<Trait, Long> traits) {
        static Person of(UUID ref, byte[] key) {
            return new Person(ref, new FieldKey(key), new ConcurrentHashMap<>());
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Person person && ref.equals(person.ref);
        }

        @Override
        public int hashCode() {
            return ref.hashCode();
        }

        void remember(Trait trait, long ref) {
            if (traits.size() >= MOST_TRAITS) traits.clear();
            traits.put(trait, ref);
        }
    }

    /** @param kind what it is: stored, so never renumbered */
    record Trait(short kind, String value) {
        static final short IP = 1;
        static final short AGENT = 2;
    }

    static TenantLog of(int id, String tenant, int epoch, String origin, UUID seal, byte[] tenantKey) {
        return new TenantLog(
                id,
                tenant,
                epoch,
                origin,
                seal,
                new FieldKey(tenantKey),
                Keys.hmac(tenantKey, "lookup"),
                new ConcurrentHashMap<>());
    }

    /** By this a name is found in the database, and by nobody who has not the key. */
    byte[] lookup(String kind, String value) {
        return Arrays.copyOf(Keys.hmac(lookupKey, kind + "\n" + value), 16);
    }

    void remember(String name, Person person) {
        if (people.size() >= MOST) people.clear();
        people.put(name, person);
    }

    /** Where a person's wrapped key belongs. */
    String keyPlace(UUID ref) {
        return id + "|" + ref;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TenantLog log && id == log.id && seal.equals(log.seal);
    }

    @Override
    public int hashCode() {
        return id;
    }
}
