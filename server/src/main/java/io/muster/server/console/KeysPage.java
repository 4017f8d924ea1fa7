package io.muster.server.console;

import static io.muster.server.layout.Figures.count;

import io.muster.server.access.KeyRing;
import io.muster.server.layout.Nav;
import io.muster.server.layout.Page;
import io.muster.server.layout.Pages;
import io.muster.server.layout.State;
import io.muster.server.layout.Table;
import io.muster.server.layout.Table.Cell;
import io.muster.server.layout.Table.Column;
import io.muster.server.layout.Word;
import io.muster.server.problem.Refused;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/** The page about API keys: who can act without signing in? */
@Controller
class KeysPage {

    private static final int MOST = 200;
    private static final int MOST_DAYS = 3_650;
    private static final Pattern DAYS = Pattern.compile("[0-9]{1,4}");
    private static final Duration SOON = Duration.ofDays(14);
    private static final Duration LONG_UNUSED = Duration.ofDays(90);

    private final Pages pages;
    private final KeyRing keys;

    KeysPage(Pages pages, KeyRing keys) {
        this.pages = pages;
        this.keys = keys;
    }

    @GetMapping("/keys/new")
    ModelAndView form() {
        return show(new KeyForm("", "write", "", "90", Map.of()));
    }

    /** Shows the key, this once; or the form again, with what is wrong. */
    @PostMapping("/keys")
    ModelAndView make(
            @RequestParam(defaultValue = "") String name,
            @RequestParam(defaultValue = "read") String may,
            @RequestParam(defaultValue = "") String tenant,
            @RequestParam(defaultValue = "90") String days,
            HttpServletResponse response) {
        var page = page();
        try {
            var made = keys.make(name, may, tenant.isBlank() ? null : tenant.strip(), expires(days, page.now()));
            response.setHeader("Cache-Control", "no-store");
            return pages.show(page, "console/key-made", Map.of("made", made));
        } catch (Refused refused) {
            response.setStatus(HttpServletResponse.SC_UNPROCESSABLE_CONTENT);
            var problems = new LinkedHashMap<String, String>();
            refused.errors().forEach(error -> problems.putIfAbsent(error.field(), error.message()));
            return show(new KeyForm(name, may, tenant, days, problems));
        }
    }

    /** Null, which is never, only where that is what was chosen. */
    private static @Nullable Instant expires(String days, Instant now) {
        int chosen = DAYS.matcher(days).matches() ? Integer.parseInt(days) : -1;
        if (chosen < 0 || chosen > MOST_DAYS) {
            throw new Refused("days", "must be 1 to " + MOST_DAYS + ", or 0 for never; got " + Refused.shown(days));
        }
        return chosen == 0 ? null : now.plus(Duration.ofDays(chosen));
    }

    private ModelAndView show(KeyForm form) {
        return pages.show(page(), "console/key-new", Map.of("form", form));
    }

    /** Asks once more, and says what that means. */
    @GetMapping("/keys/{id}/delete")
    ModelAndView askToDelete(@PathVariable String id) {
        return pages.show(page(), "console/key-revoke", Map.of("key", keys.find(id)));
    }

    @PostMapping("/keys/{id}/delete")
    String delete(@PathVariable String id) {
        keys.delete(id);
        return "redirect:/keys";
    }

    private Page page() {
        return pages.page("API keys", Nav.KEYS);
    }

    @GetMapping("/keys")
    ModelAndView list() {
        var page = page();
        var found = keys.all(MOST + 1);
        var all = found.stream()
                .limit(MOST)
                .sorted((a, b) -> word(a, page).state().compareTo(word(b, page).state()))
                .toList();
        var attention = all.stream()
                .filter(key -> word(key, page).state() == State.WARN)
                .count();
        var work = all.stream().filter(key -> !isExpired(key, page)).count();
        var view = new KeysView(
                attention > 0 ? State.WARN : State.OK,
                (found.size() > MOST ? count(work) + " of the first " + MOST + " keys" : count(work, "key"))
                        + (work == 1 ? " works" : " work")
                        + (attention == 0
                                ? ". None needs attention."
                                : ", " + count(attention) + " of them need" + (attention == 1 ? "s" : "")
                                        + " attention."),
                table(all, page));
        return pages.show(page, "console/keys", Map.of("keys", view));
    }

    private static boolean isExpired(KeyRing.Shown key, Page page) {
        return key.expiresAt() != null && !key.expiresAt().isAfter(page.now());
    }

    private static Word word(KeyRing.Shown key, Page page) {
        var expires = key.expiresAt();
        var used = key.lastUsedAt();
        if (isExpired(key, page)) return Word.mute("Expired").with("clock-off");
        if (expires != null && expires.isBefore(page.now().plus(SOON))) return Word.warn("Attention");
        if (used != null && used.isBefore(page.now().minus(LONG_UNUSED))) return Word.warn("Attention");
        return used == null ? Word.mute("New") : Word.ok("Healthy");
    }

    private static Table table(List<KeyRing.Shown> all, Page page) {
        var rows = all.stream()
                .map(key -> List.of(
                        Cell.pill(word(key, page)),
                        Cell.text(key.name(), key.prefix() + "…"),
                        Cell.text(key.may()),
                        Cell.text(key.tenant() == null ? "all" : key.tenant()),
                        Cell.at(key.expiresAt(), "never"),
                        Cell.at(key.lastUsedAt(), "never"),
                        key.may().equals("admin")
                                ? Cell.text("")
                                : Cell.button(new Table.Button(
                                        "/keys/" + key.id() + "/delete", "Revoke", "Revoke key " + key.name(), false))))
                .toList();
        return new Table(
                "Keys",
                List.of(
                        new Column("State"),
                        new Column("Key"),
                        new Column("May"),
                        new Column("Tenant"),
                        new Column("Expires"),
                        new Column("Last use"),
                        new Column("", true)),
                rows);
    }
}
