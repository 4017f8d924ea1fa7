package io.muster.cli;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a server says of itself.
 *
 * @param wrong why it is not well, in its own words; empty too if it does not tell this caller
 * @param version only to the admin's key
 * @param clock to the second
 */
record Health(boolean up, List<String> wrong, Optional<String> version, Optional<Instant> clock) {

    /** Answers also while the server has no database. */
    static Health of(Server server, Duration limit) throws IOException {
        var answer = server.get("/actuator/health", limit);
        if (!(Json.parseOr(answer.body(), null) instanceof Map<?, ?> health)
                || !(health.get("status") instanceof String status)) {
            throw new IOException("what answers at " + server.url + " is no Muster: name it with --server");
        }
        var wrong = new ArrayList<String>();
        var version = Optional.<String>empty();
        if (health.get("components") instanceof Map<?, ?> components) {
            for (var component : components.entrySet()) {
                if (!(component.getValue() instanceof Map<?, ?> told)) {
                    continue;
                }
                var details = told.get("details") instanceof Map<?, ?> some ? some : Map.of();
                if (!"UP".equals(told.get("status"))) {
                    wrong.add(component.getKey() + ": "
                            + (details.get("reason") == null ? told.get("status") : details.get("reason")));
                }
                if (component.getKey().equals("version") && details.get("version") instanceof String text) {
                    version = Optional.of(text);
                }
            }
        }
        var clock = answer.dated() == 0 ? Optional.<Instant>empty() : Optional.of(Instant.ofEpochMilli(answer.dated()));
        return new Health(status.equals("UP"), wrong, version, clock);
    }
}
