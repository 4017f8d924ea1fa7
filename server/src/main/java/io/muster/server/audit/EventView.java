package io.muster.server.audit;

import io.muster.server.layout.Word;
import java.time.Instant;
import java.util.List;

/**
 * What the page of one event shows.
 *
 * @param facts who, what, where: each a name and what is so called
 * @param json the event as the API shows it
 * @param path of the event in the API
 * @param query {@code ?tenantId=…}
 */
public record EventView(
        String id,
        String tenant,
        String action,
        Word status,
        Instant at,
        List<Fact> facts,
        boolean erased,
        String json,
        ProofView proof,
        String path,
        String query) {

    public record Fact(String name, String text, boolean mono) {}
}
