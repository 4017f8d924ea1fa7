package io.muster.server.tenancy;

import static io.muster.server.layout.Figures.count;

import io.muster.server.access.Caller;
import io.muster.server.layout.Figures;
import io.muster.server.layout.Nav;
import io.muster.server.layout.Page;
import io.muster.server.layout.Pages;
import io.muster.server.layout.State;
import io.muster.server.layout.Upcoming;
import io.muster.server.layout.Word;
import io.muster.server.problem.FieldError;
import io.muster.server.problem.Problem;
import io.muster.server.problem.Refused;
import io.muster.server.tenancy.CatalogueChanged.Change;
import io.muster.server.tenancy.CatalogueChanged.Verb;
import io.muster.server.tenancy.Consequences.Follow;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/**
 * Declaring by hand: one thing by a form, or many by a document, with a dry run. A form is nothing but a way to write a
 * document of one object: both go where {@code /api/v1/apply} goes.
 */
@Controller
class DeclarePages {

    private static final int SHOWN = 200;

    private final Pages pages;
    private final DeclareForms forms;
    private final Documents documents;
    private final DeclarationJson json;
    private final Declarations declarations;
    private final DeclaredYaml declared;

    DeclarePages(
            Pages pages,
            DeclareForms forms,
            Documents documents,
            DeclarationJson json,
            Declarations declarations,
            DeclaredYaml declared) {
        this.pages = pages;
        this.forms = forms;
        this.documents = documents;
        this.json = json;
        this.declarations = declarations;
        this.declared = declared;
    }

    // ---- one, by a form

    @GetMapping("/catalogue/declare")
    ModelAndView form(@RequestParam(defaultValue = "tenant") String kind, @RequestParam(defaultValue = "") String id) {
        var page = page();
        var noun = forms.noun(kind);
        var edits = !id.isEmpty();
        var version = edits ? forms.version(noun, id, page.caller()) : 0;
        var written = edits ? forms.written(noun, id, page.caller()) : Map.<String, String>of();
        var side = edits
                ? side(noun, id, true, written, page)
                : new DeclareView.Side(
                        forms.document(noun, id, false, written, page.caller()),
                        api(noun, id),
                        List.of(),
                        List.of(),
                        null);
        return show(page, noun, id, edits, version, written, Map.of(), side);
    }

    /** What stands beside the form, while it is written. */
    @PostMapping("/catalogue/declare/preview")
    ModelAndView preview(
            @RequestParam("noun") String kind, // "kind" is a member of some
            @RequestParam(defaultValue = "") String id,
            @RequestParam(defaultValue = "false") boolean edits,
            @RequestParam Map<String, String> written) {
        var page = page();
        var noun = forms.noun(kind);
        return new ModelAndView(
                "tenancy/declare-side", Map.of("side", side(noun, id, edits, written, page), "page", page));
    }

    @PostMapping("/catalogue/declare")
    ModelAndView declare(
            @RequestParam("noun") String kind, // "kind" is a member of some
            @RequestParam(defaultValue = "") String id,
            @RequestParam(defaultValue = "false") boolean edits,
            @RequestParam(defaultValue = "0") long version,
            @RequestParam(defaultValue = "") String step,
            @RequestParam Map<String, String> written,
            HttpServletResponse response) {
        var page = page();
        var noun = forms.noun(kind);
        var text = forms.document(noun, id, edits, written, page.caller());
        try {
            refuseTwice(noun, id, edits, page.caller());
            if (step.equals("dry-run")) {
                return showDocument(page, text, false, documents.rehearse(tokens(text), false, page.caller()));
            }
            documents.apply(
                    tokens(text), () -> refuseLate(noun, id, edits ? version : 0, page.caller()), page.caller());
        } catch (Refused refused) {
            response.setStatus(HttpServletResponse.SC_UNPROCESSABLE_CONTENT);
            var side = new DeclareView.Side(text, api(noun, id), List.of(), List.of(), upcoming(noun, written, page));
            return show(page, noun, id, edits, version, written, forms.problems(noun, refused), side);
        } catch (TooLate changed) {
            response.setStatus(HttpServletResponse.SC_CONFLICT);
            var side = new DeclareView.Side(text, api(noun, id), List.of(), List.of(), upcoming(noun, written, page));
            var problems = forms.changed(noun, id, written, page.caller());
            return show(page, noun, id, true, changed.now, written, problems, side);
        }
        return new ModelAndView("redirect:" + after(kind, noun.plural(), id.strip()));
    }

    /** Asks once more, and says what that means. */
    @GetMapping("/catalogue/delete")
    ModelAndView askToDelete(@RequestParam String kind, @RequestParam String id) {
        var page = page();
        var noun = forms.noun(kind);
        if (!forms.exists(noun, id, page.caller())) throw Declarations.notFound(noun, id);
        return pages.show(
                page, "tenancy/delete", Map.of("gone", new DeleteView(kind, kind.replace('_', ' '), id, List.of(), 0)));
    }

    /** What is in use stays, and the page says what uses it. */
    @PostMapping("/catalogue/delete")
    ModelAndView delete(@RequestParam("noun") String kind, @RequestParam String id, HttpServletResponse response) {
        var page = page();
        var noun = forms.noun(kind);
        try {
            declarations.delete(noun, id, new Precondition(null, null));
        } catch (Problem problem) {
            var members = problem.detail().getProperties();
            if (members == null || !(members.get("used_by") instanceof List<?> usedBy)) throw problem;
            response.setStatus(HttpServletResponse.SC_CONFLICT);
            var names = usedBy.stream().map(String::valueOf).toList();
            var total = members.get("used_by_total") instanceof Integer all ? all : names.size();
            var view = new DeleteView(kind, kind.replace('_', ' '), id, names, total);
            return pages.show(page, "tenancy/delete", Map.of("gone", view));
        }
        return new ModelAndView("redirect:"
                + switch (kind) {
                    case "job" -> "/checks?state=";
                    case "alert_channel" -> "/channels";
                    case "probe" -> "/catalogue?kind=stores";
                    default -> "/catalogue?kind=" + noun.plural();
                });
    }

    /** Of what a form shows there is another version {@code now}. */
    private static final class TooLate extends RuntimeException {

        private static final long serialVersionUID = 1;
        private final long now;

        TooLate(long now) {
            super(null, null, false, false); // an answer, not a fault: no stack trace
            this.now = now;
        }
    }

    /** @param version that was shown; 0: none */
    private void refuseLate(Noun<?> noun, String id, long version, Caller by) {
        if (version == 0) return;
        var now = forms.version(noun, id, by);
        if (now != version) throw new TooLate(now);
    }

    /** A new one must not replace one that is there. */
    private void refuseTwice(Noun<?> noun, String id, boolean edits, Caller by) {
        if (!edits && forms.exists(noun, id.strip(), by)) {
            throw new Refused(
                    noun.plural() + "[0].id", "is declared already: take another, or edit what is there from its list");
        }
    }

    private static String after(String kind, String plural, String id) {
        return switch (kind) {
            case "job" -> "/checks/" + id;
            case "policy" -> "/policies/" + id;
            case "alert_channel" -> "/channels";
            case "tenant", "store" -> "/catalogue?kind=" + plural + "&q=" + id;
            case "probe" -> "/catalogue?kind=stores";
            default -> "/catalogue?kind=" + plural;
        };
    }

    private static @Nullable Upcoming upcoming(Noun<?> noun, Map<String, String> written, Page page) {
        return noun.upcoming(written, page.now()).orElse(null);
    }

    private DeclareView.Side side(Noun<?> noun, String id, boolean edits, Map<String, String> written, Page page) {
        var by = page.caller();
        var upcoming = upcoming(noun, written, page);
        var text = forms.document(noun, id, edits, written, by);
        try {
            refuseTwice(noun, id, edits, by);
            return new DeclareView.Side(
                    text,
                    api(noun, id),
                    documents.rehearse(tokens(text), false, by).follows(),
                    List.of(),
                    upcoming);
        } catch (Refused refused) {
            var labels = new LinkedHashMap<String, String>();
            noun.form().forEach(field -> labels.put(field.name(), field.label()));
            labels.put("id", "Id");
            var problems = forms.problems(noun, refused).entrySet().stream()
                    .map(each -> (labels.getOrDefault(each.getKey(), "") + " " + each.getValue()).strip())
                    .limit(5)
                    .toList();
            return new DeclareView.Side(text, api(noun, id), List.of(), problems, upcoming);
        }
    }

    private static String api(Noun<?> noun, String id) {
        return "PUT /api/v1/" + noun.path() + "/" + (id.isBlank() ? "<id>" : id.strip());
    }

    private ModelAndView show(
            Page page,
            Noun<?> noun,
            String id,
            boolean edits,
            long version,
            Map<String, String> written,
            Map<String, String> problems,
            DeclareView.Side side) {
        var fields = new ArrayList<DeclareView.Field>();
        var half = false;
        for (var field : noun.form()) {
            fields.add(new DeclareView.Field(
                    field,
                    written.getOrDefault(field.name(), ""),
                    problems.get(field.name()),
                    forms.choices(field, page.caller()),
                    half || field.half()));
            half = field.half();
        }
        var kinds = new LinkedHashMap<String, String>();
        forms.all().forEach(each -> kinds.put(each.kind(), name(each.kind())));
        var view = new DeclareView(
                noun.kind(),
                noun.kind().replace('_', ' '),
                edits,
                id,
                version,
                problems.get("id"),
                fields,
                problems.getOrDefault("", ""),
                side,
                kinds);
        return pages.show(page, "tenancy/declare", Map.of("declare", view));
    }

    // ---- many, by a document

    @GetMapping("/catalogue/declared.yaml")
    void download(HttpServletResponse response) throws IOException {
        response.setContentType("application/yaml;charset=UTF-8");
        response.setHeader("Content-Disposition", "attachment; filename=\"declared.yaml\"");
        response.setHeader("Cache-Control", "no-store");
        var out = new OutputStreamWriter(response.getOutputStream(), StandardCharsets.UTF_8);
        declared.write(out, pages.caller());
        out.close(); // only where all was read: a document that ends early would look whole
    }

    @GetMapping("/catalogue/apply")
    ModelAndView document() {
        return pages.show(page(), "tenancy/dry-run", Map.of("run", new DryRunView("", false, null, List.of())));
    }

    @PostMapping("/catalogue/apply")
    ModelAndView apply(
            @RequestParam(defaultValue = "") String document,
            @RequestParam(defaultValue = "false") boolean prune,
            @RequestParam(defaultValue = "") String step,
            HttpServletResponse response) {
        var page = page();
        var text = document.replace("\r\n", "\n");
        try {
            if (step.equals("apply")) {
                documents.apply(tokens(text), false, prune, page.caller());
                return new ModelAndView("redirect:/catalogue");
            }
            return showDocument(page, text, prune, documents.rehearse(tokens(text), prune, page.caller()));
        } catch (Refused refused) {
            response.setStatus(HttpServletResponse.SC_UNPROCESSABLE_CONTENT);
            var problems = refused.errors().stream().map(DeclarePages::located).toList();
            return pages.show(page, "tenancy/dry-run", Map.of("run", new DryRunView(text, prune, null, problems)));
        }
    }

    private static String located(FieldError error) {
        return (error.line() == null ? "" : "Line " + error.line() + ": ")
                + (error.field().isEmpty() ? "it" : error.field()) + " " + error.message();
    }

    private ModelAndView showDocument(Page page, String text, boolean prune, Apply.Rehearsal rehearsal) {
        return pages.show(
                page, "tenancy/dry-run", Map.of("run", new DryRunView(text, prune, result(rehearsal), List.of())));
    }

    private DryRunView.Result result(Apply.Rehearsal rehearsal) {
        var changes = rehearsal.changes();
        var follows = rehearsal.follows();
        var rows = new ArrayList<DryRunView.Row>();
        for (int i = 0; i < Math.min(changes.size(), SHOWN); i++) {
            rows.add(row(changes.get(i), i < follows.size() ? follows.get(i) : null));
        }
        var all = changes.size();
        var opens = follows.stream().mapToLong(Follow::opens).sum();
        var bad = follows.stream()
                .filter(each -> each.word().state() == State.BAD)
                .count();
        var warn = follows.stream()
                .filter(each -> each.word().state() == State.WARN)
                .count();
        return new DryRunView.Result(
                "Dry run: " + count(all, "change") + ", "
                        + count(rehearsal.answer().unchanged()) + " unchanged",
                bad > 0 ? State.BAD : warn > 0 ? State.WARN : State.OK,
                answer(all, bad, warn),
                rows,
                all > SHOWN ? "The first " + count(SHOWN) + " of " + count(all) + "." : "",
                all == 0
                        ? ""
                        : "Apply " + count(all, "change") + (opens == 0 ? "" : ", open " + count(opens, "exposure")));
    }

    private static String answer(long all, long bad, long warn) {
        if (all == 0) return "Nothing would change: all of it is declared like that already.";
        if (bad + warn == 0) {
            return all == 1 ? "It breaks nothing." : "None of the " + count(all) + " changes breaks anything.";
        }
        var words = new ArrayList<String>();
        if (bad > 0) words.add(count(bad, "change") + (bad == 1 ? " opens" : " open") + " exposures at once");
        if (warn > 0) words.add(count(warn) + (warn == 1 ? " asks" : " ask") + " for attention");
        var rest = all - bad - warn;
        return String.join(", ", words) + "." + (rest == 0 ? "" : " The other " + count(rest) + " break nothing.");
    }

    private DryRunView.Row row(Change change, @Nullable Follow follow) {
        var members = new ArrayList<DryRunView.Member>();
        switch (change.verb()) {
            case CREATED -> members.add(new DryRunView.Member("", null, summary(change.after())));
            case DELETED -> members.add(new DryRunView.Member("", summary(change.before()), null));
            case UPDATED -> {
                var before = members(change.before(), change.fields());
                var after = members(change.after(), change.fields());
                change.fields()
                        .forEach(field -> members.add(new DryRunView.Member(
                                field, before.getOrDefault(field, "–"), after.getOrDefault(field, "–"))));
            }
        }
        var icon = change.verb() == Verb.CREATED
                ? "circle-plus"
                : change.verb() == Verb.UPDATED ? "pencil" : "circle-minus";
        return new DryRunView.Row(
                icon,
                Figures.capital(change.verb().word()),
                name(change.kind()),
                change.id(),
                members,
                follow == null ? Word.mute("Not known") : follow.word(),
                follow == null ? "" : follow.text());
    }

    private Map<String, String> members(@Nullable Object value, List<String> fields) {
        var members = new LinkedHashMap<String, String>();
        if (value == null) return members;
        json.members(value, fields).forEach((name, node) -> members.put(name, shown(node)));
        return members;
    }

    private String summary(@Nullable Object value) {
        if (value == null) return "";
        var names = List.copyOf(Differences.names(value.getClass()));
        var texts = members(value, names).values().stream()
                .filter(text -> !text.equals("–") && !text.equals("[]") && !text.equals("{}"))
                .toList();
        var all = String.join(", ", texts);
        return all.length() > 200 ? all.substring(0, 200) + "…" : all;
    }

    /** A member of a declaration, short. */
    static String shown(@Nullable Object node) {
        if (!(node instanceof tools.jackson.databind.JsonNode value) || value.isNull()) return "–";
        var text = value.isString() ? value.asString() : YamlText.flow(value);
        return text.length() > 120 ? text.substring(0, 120) + "…" : text;
    }

    private static String name(String kind) {
        return Figures.capital(kind.replace('_', ' '));
    }

    private static Supplier<DocumentTokens> tokens(String text) {
        return () -> new YamlTokens(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    private Page page() {
        return pages.page("Catalogue", Nav.CATALOGUE);
    }
}
