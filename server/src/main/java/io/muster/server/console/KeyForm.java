package io.muster.server.console;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An API key as it is asked for.
 *
 * @param days until it expires, as written; 0: never
 * @param problems what is wrong, by the names of fields
 */
public record KeyForm(String name, String may, String tenant, String days, Map<String, String> problems) {

    public @Nullable String problem(String field) {
        return problems.get(field);
    }
}
