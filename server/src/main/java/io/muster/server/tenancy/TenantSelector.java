package io.muster.server.tenancy;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.muster.server.problem.FieldError;
import io.muster.server.problem.Refused;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Which tenants: {@code "all"}, {@code "policy:<id>"}, or a list of ids. */
public sealed interface TenantSelector {

    record All() implements TenantSelector {}

    /** All that have this policy itself, not one that extends it. */
    record OfPolicy(String policy) implements TenantSelector {}

    /** Ids in order, each once, at most 10,000. */
    record These(List<String> ids) implements TenantSelector {

        private static final int MOST = 10_000;

        public These {
            if (ids.size() > MOST) throw new Refused("", "may name " + MOST + " tenants at most; got " + ids.size());
            ids = List.copyOf(new TreeSet<>(ids));
        }
    }

    TenantSelector ALL = new All();

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static TenantSelector of(@Nullable Object json) {
        return switch (json) {
            case String text when text.equals("all") -> ALL;
            case String text
            when text.startsWith("policy:") && Members.isId(text.substring(7)) -> new OfPolicy(text.substring(7));
            case List<?> list -> new These(ids(list));
            case null, default -> throw new Refused("", "must be \"all\", \"policy:<id>\" or a list of tenant ids");
        };
    }

    private static List<String> ids(List<?> list) {
        var ids = new ArrayList<String>();
        var errors = new ArrayList<FieldError>();
        for (int i = 0; i < list.size(); i++) {
            if (list.get(i) instanceof String id && Members.isId(id)) {
                ids.add(id);
            } else if (errors.size() < 10) {
                errors.add(new FieldError("[" + i + "]", "must be a tenant's id"));
            }
        }
        if (!errors.isEmpty()) throw new Refused(errors);
        return ids;
    }

    @JsonValue
    default Object json() {
        return switch (this) {
            case All _ -> "all";
            case OfPolicy(var policy) -> "policy:" + policy;
            case These(var ids) -> ids;
        };
    }

    default boolean covers(Tenant tenant) {
        return switch (this) {
            case All _ -> true;
            case OfPolicy(var policy) -> tenant.policy().equals(policy);
            case These(var ids) -> Collections.binarySearch(ids, tenant.id()) >= 0;
        };
    }
}
