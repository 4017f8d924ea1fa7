package io.muster.server.residency;

import io.muster.server.problem.Refused;
import org.jspecify.annotations.Nullable;

/**
 * Under which keys a probe looks. {@code {tenant}} stands for a whole segment: {@code intake/{tenant}/}.
 *
 * @param head what all keys begin with; empty: the whole bucket
 * @param tail what follows the tenant, from the slash on; null: the keys do not say whose an object is
 */
record Prefix(String head, @Nullable String tail) {

    private static final String TENANT = "{tenant}";
    private static final int LONGEST = 900;

    static Prefix of(String text) {
        if (text.length() > LONGEST) {
            throw new Refused("prefix", "must be at most " + LONGEST + " characters; got " + text.length());
        }
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new Refused("prefix", "must not hold control characters");
        }
        var at = text.indexOf(TENANT);
        var head = at < 0 ? text : text.substring(0, at);
        var tail = at < 0 ? "" : text.substring(at + TENANT.length());
        if ((head + tail).matches("(?s).*[{}].*")) {
            throw new Refused("prefix", "may hold {tenant} once, and no other brace");
        }
        if (at < 0) return new Prefix(head, null);
        if (!(head.isEmpty() || head.endsWith("/")) || !tail.startsWith("/")) {
            throw new Refused("prefix", "must have {tenant} as a whole segment, as in intake/{tenant}/");
        }
        return new Prefix(head, tail);
    }

    /** Whose an object is. */
    sealed interface Owner {

        record Tenant(String id) implements Owner {}

        /** It lies beside what is looked at. */
        record Outside() implements Owner {}

        /** It lies within, and its key names nobody. */
        record Nobody() implements Owner {}
    }

    /** @param key begins with {@link #head} */
    Owner owner(String key) {
        if (tail == null) return new Owner.Nobody();
        var rest = key.substring(head.length());
        var slash = rest.indexOf('/');
        if (slash <= 0) return tail.equals("/") ? new Owner.Nobody() : new Owner.Outside();
        return rest.startsWith(tail, slash) ? new Owner.Tenant(rest.substring(0, slash)) : new Owner.Outside();
    }
}
