package io.muster.server.tenancy;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which members of a declaration differ, by their names in JSON: also those that JSON hides, such as secrets. */
final class Differences {

    static List<String> between(Object before, Object after) {
        var fields = new ArrayList<String>();
        for (var component : before.getClass().getRecordComponents()) {
            if (!Objects.equals(value(component, before), value(component, after))) fields.add(name(component));
        }
        return List.copyOf(fields);
    }

    /** The names of all members, in their order. */
    static Set<String> names(Class<?> type) {
        var names = new LinkedHashSet<String>();
        for (var component : type.getRecordComponents()) {
            names.add(name(component));
        }
        return Collections.unmodifiableSet(names);
    }

    private static @Nullable Object value(RecordComponent component, Object of) {
        try {
            var accessor = component.getAccessor();
            accessor.setAccessible(true);
            return accessor.invoke(of);
        } catch (ReflectiveOperationException failure) {
            throw new IllegalStateException(component.toString(), failure);
        }
    }

    private static String name(RecordComponent component) {
        var given = component.getAccessor().getAnnotation(JsonProperty.class);
        return given != null
                ? given.value()
                : component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }

    private Differences() {}
}
