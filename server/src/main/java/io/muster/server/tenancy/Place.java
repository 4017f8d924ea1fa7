package io.muster.server.tenancy;

import java.time.Instant;

/** Whether a tenant's data may be in a region. */
public sealed interface Place {

    record Lawful() implements Place {}

    /**
     * @param since the latest instant at which it turned from lawful to unlawful; {@link Instant#MIN} if it never was
     *     lawful
     * @param wantsTransfer a transfer record would make it lawful
     */
    record Unlawful(Instant since, boolean wantsTransfer) implements Place {}
}
