package io.muster.server.tenancy;

import io.muster.server.layout.Word;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the module above knows of what is declared, for the catalogue's page: does it hold? */
public interface Standing {

    /** Where the data of each is. */
    Map<String, Stay> tenants(Collection<Tenant> tenants);

    /**
     * How a tenant's data is.
     *
     * @param lag the age of the oldest data that is not proven home; null: none has to go home, or nothing is known
     * @param allowed how old it may become
     * @param words instead of the lag, why there is none
     */
    record Stay(Word word, @Nullable Duration lag, @Nullable Duration allowed, String words) {}

    /** Tenants with data where it may not be, or about to; the worst first. @param state only of this; empty: of both */
    List<String> worst(String state, int limit);

    /** How many tenants are in violation, at risk, and without fresh proof; how many jobs cannot keep a promise. */
    Counts counts();

    record Counts(long violations, long atRisk, long unknown) {}

    /** Who looks at each store; those that nobody looks at are left out. */
    Map<String, Look> stores(Collection<String> ids);

    /** @param words {@code intake-us-users, every 1 min} @param probe which can be asked to look now; null: none */
    record Look(
            Word word,
            String words,
            @Nullable Instant at,
            @Nullable String probe) {}

    /** How a policy is kept. */
    Kept policy(String id);

    /**
     * How a policy is kept.
     *
     * @param inRegions where something is open, by the code of the region
     * @param worst tenants with something open, the worst first
     * @param jobs that take data of its tenants anywhere
     */
    record Kept(Counts counts, Map<String, Counts> inRegions, List<Exposed> worst, List<Keeper> jobs) {}

    /** @param now {@code 1,204 rows in Virginia, 51 min} */
    record Exposed(Word state, String href, String name, String tier, String now) {}

    /** @param can whether it can keep the dwell limit, in words */
    record Keeper(String href, String name, String from, String to, String can, Word check) {}
}
