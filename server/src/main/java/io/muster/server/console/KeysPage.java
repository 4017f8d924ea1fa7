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
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
    private static final Duration SOON = Duration.ofDays(14);
    private static final Duration LONG_UNUSED = Duration.ofDays(90);

    private final Pages pages;
    private final KeyRing keys;

    KeysPage(Pages pages, KeyRing keys) {
        this.pages = pages;
        this.keys = keys;
    }

    @GetMapping("/keys")
    ModelAndView list() {
        return show(null);
    }

    @PostMapping("/keys")
    ModelAndView make(
            @RequestParam(defaultValue = "") String name,
            @RequestParam(defaultValue = "read") String may,
            @RequestParam(defaultValue = "") String tenant,
            @RequestParam(defaultValue = "90") int days) {
        var page = pages.page("API keys", Nav.KEYS);
        var expires = days <= 0 ? null : page.now().plus(Duration.ofDays(Math.min(days, 3_650)));
        return show(keys.make(name, may, tenant.isBlank() ? null : tenant.strip(), expires));
    }

    @PostMapping("/keys/{id}/delete")
    String delete(@PathVariable String id) {
        keys.delete(id);
        return "redirect:/keys";
    }

    private ModelAndView show(KeyRing.@Nullable Shown made) {
        var page = pages.page("API keys", Nav.KEYS);
        var all = keys.all(MOST).stream()
                .sorted((a, b) -> word(a, page).state().compareTo(word(b, page).state()))
                .toList();
        var attention = all.stream()
                .filter(key -> word(key, page).state() == State.WARN)
                .count();
        var view = new KeysView(
                attention > 0 ? State.WARN : State.OK,
                count(all.size(), "key")
                        + (all.size() == 1 ? " works" : " work")
                        + (attention == 0
                                ? ". None needs attention."
                                : ", " + count(attention) + " of them need attention."),
                table(all, page),
                made == null ? null : made.key(),
                made == null ? null : made.name());
        return pages.show(page, "console/keys", Map.of("keys", view));
    }

    private static Word word(KeyRing.Shown key, Page page) {
        var expires = key.expiresAt();
        var used = key.lastUsedAt();
        if (expires != null && !expires.isAfter(page.now()))
            return Word.mute("Expired").with("clock-off");
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
                                        "/keys/" + key.id() + "/delete", "Revoke", "Revoke key " + key.name()))))
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
