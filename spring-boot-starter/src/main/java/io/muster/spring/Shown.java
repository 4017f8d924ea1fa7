package io.muster.spring;

import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalAmount;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What an audit event shows of a value of the application: what it is, if that is plain, else only of what type. */
final class Shown {
    private static final int DEEPEST = 8;
    private static final int MOST_ITEMS = 1000;

    private Shown() {}

    static @Nullable Object of(@Nullable Object value) {
        return of(value, DEEPEST);
    }

    private static boolean isPlain(Object value) {
        return value instanceof CharSequence
                || value instanceof Number
                || value instanceof Boolean
                || value instanceof Character
                || value instanceof Enum<?>
                || value instanceof UUID
                || value instanceof TemporalAccessor
                || value instanceof TemporalAmount;
    }

    private static @Nullable Object of(@Nullable Object value, int levels) {
        return switch (value) {
            case null -> null;
            case Object plain when isPlain(plain) -> plain;
            case Map<?, ?> members
            when levels > 0 -> {
                var shown = new LinkedHashMap<String, @Nullable Object>();
                for (var member : members.entrySet()) {
                    if (shown.size() == MOST_ITEMS) break;
                    shown.put(String.valueOf(member.getKey()), of(member.getValue(), levels - 1));
                }
                yield shown;
            }
            case Collection<?> items
            when levels > 0 -> {
                var shown = new ArrayList<@Nullable Object>();
                for (var item : items) {
                    if (shown.size() == MOST_ITEMS) break;
                    shown.add(of(item, levels - 1));
                }
                yield shown;
            }
            default -> "(" + value.getClass().getTypeName() + ")";
        };
    }
}
