package io.muster.server.tenancy;

import io.muster.server.layout.Word;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the module above knows of what is declared, for the catalogue's page: does it hold? */
public interface Standing {

    /** Where each tenant's data is; those of whom nothing bad is known are left out. */
    Map<String, Word> tenants(Collection<String> ids);

    /** Tenants with data where it may not be, or about to; the worst first. */
    List<String> worst(int limit);

    /** How many tenants are in violation, how many at risk. */
    Counts counts();

    record Counts(long violations, long atRisk) {}

    /** Who looks at each store; those that nobody looks at are left out. */
    Map<String, Look> stores(Collection<String> ids);

    /** @param words {@code intake-us-users, every 1 min} */
    record Look(Word word, String words, @Nullable Instant at) {}
}
