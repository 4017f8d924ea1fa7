package io.muster.server.layout;

import gg.jte.Content;
import io.muster.server.access.Caller;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What every page needs besides its own matter.
 *
 * @param now the instant that all of the page speaks of; the browser counts on from it
 * @param csrf what a form sends back as {@code _csrf}, so that no other site can send it; empty for who came by a key
 */
public record Page(
        String title,
        @Nullable Nav active,
        Map<Nav, NavCount.Count> counts,
        Caller caller,
        Instant now,
        String csrf,
        Assets assets,
        String version) {

    public List<Nav> nav() {
        return List.of(Nav.values());
    }

    public NavCount.@Nullable Count count(Nav nav) {
        return counts.get(nav);
    }

    public boolean somethingIsBad() {
        return counts.values().stream().anyMatch(count -> count.state() == State.BAD);
    }

    public boolean signedIn() {
        return caller.kind() == Caller.Kind.PERSON;
    }

    /** May declare, close, decide. */
    public boolean mayChange() {
        return caller.admin();
    }

    /** {@code SL} for sre-lead@acme.example. */
    public String initials() {
        var words = caller.name().split("@", 2)[0].split("[^\\p{L}\\p{N}]+");
        var initials = new StringBuilder();
        for (var word : words) {
            if (!word.isEmpty() && initials.length() < 2) initials.append(Character.toUpperCase(word.charAt(0)));
        }
        return initials.toString();
    }

    public String who() {
        return caller.name().split("@", 2)[0];
    }

    public String role() {
        if (caller.admin()) return "Admin";
        var tenant = caller.tenant();
        return (caller.mayWrite() ? "Writes " : "Reads ") + (tenant == null ? caller.project() : tenant);
    }

    /** {@code 37 s ago}, {@code in 12 min 53 s}. */
    public Content ago(Instant at) {
        return new Moment(at, now, Moment.Form.REL);
    }

    /** {@code 51 min}: how long since, or until. */
    public Content lasting(Instant at) {
        return new Moment(at, now, Moment.Form.FOR);
    }

    /** {@code 14:31:09}. */
    public Content clock(Instant at) {
        return new Moment(at, now, Moment.Form.CLOCK);
    }

    /** {@code Sun 29 Mar 03:30:00}, on the reader's own clocks. */
    public Content here(Instant at) {
        return new Moment(at, now, Moment.Form.HERE);
    }

    public Duration since(Instant at) {
        return Duration.between(at, now);
    }
}
