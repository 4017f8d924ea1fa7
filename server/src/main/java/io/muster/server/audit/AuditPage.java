package io.muster.server.audit;

import static io.muster.server.layout.Figures.count;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.muster.server.access.Caller;
import io.muster.server.audit.AuditEvent.Outcome;
import io.muster.server.audit.AuditSearch.Position;
import io.muster.server.audit.AuditView.Row;
import io.muster.server.audit.EventView.Fact;
import io.muster.server.audit.Opening.Opened;
import io.muster.server.keys.Cursors;
import io.muster.server.layout.Figures;
import io.muster.server.layout.Nav;
import io.muster.server.layout.Pages;
import io.muster.server.layout.State;
import io.muster.server.layout.Word;
import io.muster.server.problem.Problem;
import io.muster.server.problem.Refused;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URLEncoder;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.view.RedirectView;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The pages of the trail: who did what, when and where? */
@Controller
class AuditPage {

    private static final int ROWS = 50;

    /** The parameter that asks for a row for each event. */
    private static final String EACH = "each";

    private static final int MOST_NOT_WELL = 20_000;
    private static final Duration LONGEST_COUNT = Duration.ofMillis(700);

    private final Pages pages;
    private final AuditSearch search;
    private final EventPlaces places;
    private final LogFinder finder;
    private final Opening opening;
    private final Proofs proofs;
    private final ReadingRecord record;
    private final Cursors cursors;
    private final InstantSource clock;
    private final JsonMapper json;

    AuditPage(
            Pages pages,
            AuditSearch search,
            EventPlaces places,
            LogFinder finder,
            Opening opening,
            Proofs proofs,
            ReadingRecord record,
            Cursors cursors,
            InstantSource clock,
            JsonMapper json) {
        this.pages = pages;
        this.search = search;
        this.places = places;
        this.finder = finder;
        this.opening = opening;
        this.proofs = proofs;
        this.record = record;
        this.cursors = cursors;
        this.clock = clock;
        this.json = json.rebuild().enable(SerializationFeature.INDENT_OUTPUT).build();
    }

    /** The trail of one tenant, as its own address. */
    @GetMapping("/tenants/{tenant}/audit")
    RedirectView of(@PathVariable String tenant) {
        return new RedirectView("/audit?tenantId=" + URLEncoder.encode(tenant, UTF_8));
    }

    @GetMapping("/audit")
    ModelAndView search(HttpServletRequest request, HttpServletResponse response) {
        response.setHeader("Cache-Control", "no-store");
        var caller = pages.caller();
        var tenants = search.tenants();
        var sent = sent(request.getParameterMap(), caller, tenants);
        AuditView view;
        try {
            var cursor = request.getParameter("cursor");
            boolean each = request.getParameter(EACH) != null;
            view = view(caller, sent, tenants, cursor == null || cursor.isEmpty() ? null : cursor, each);
        } catch (Refused refused) {
            response.setStatus(HttpStatus.UNPROCESSABLE_CONTENT.value());
            view = refused(sent, tenants, refused);
        } catch (Problem problem) {
            if (problem.status() != HttpStatus.NOT_FOUND) throw problem;
            response.setStatus(HttpStatus.NOT_FOUND.value());
            view = refused(sent, tenants, new Refused("tenantId", "is not one whose trail you may read"));
        }
        return pages.show(pages.page("Audit trail", Nav.AUDIT), "audit/audit", Map.of("audit", view));
    }

    /** What a form leaves empty was not asked for; its one field for actions holds several. */
    private static Map<String, String[]> sent(Map<String, String[]> parameters, Caller caller, List<String> tenants) {
        var sent = new LinkedHashMap<String, String[]>();
        parameters.forEach((name, values) -> {
            var full = Arrays.stream(values)
                    .flatMap(value -> name.equals("action")
                            ? Arrays.stream(value.split(","))
                            : Arrays.stream(new String[] {value}))
                    .map(String::strip)
                    .filter(value -> !value.isEmpty())
                    .toArray(String[]::new);
            if (full.length > 0 && !name.equals("cursor") && !name.equals(EACH)) sent.put(name, full);
        });
        if (sent.containsKey("from") || sent.containsKey("to")) sent.remove("dateRange");
        var own =
                caller.tenant() != null ? caller.tenant() : tenants.isEmpty() ? OwnEvent.PLATFORM : tenants.getFirst();
        sent.computeIfAbsent("tenantId", _ -> new String[] {own});
        return sent;
    }

    /** @param each a row for each event, also for repeats */
    private AuditView view(
            Caller caller, Map<String, String[]> sent, List<String> tenants, @Nullable String cursor, boolean each) {
        var query = AuditQuery.of(sent, Set.of(), caller.tenant(), clock.instant());
        var list = "audit " + query.tenant();
        var after = cursor == null ? null : Position.parse(cursors.decode(list, cursor));
        var logs = search.logs(caller, query.tenant());
        var found = search.read(caller, logs, query, after, ROWS);
        var counted = counted(logs, query);
        var newest = found.events().stream().findFirst();
        var proof = newest.map(event -> proofs.verified(requireNonNull(found.first()), event.row()));
        var terms = query(sent);
        var rows =
                found.events().stream().map(event -> row(query.tenant(), event)).toList();
        var shown = each ? rows : Row.folded(rows);
        var here = cursor == null ? "" : "&cursor=" + cursor;
        return new AuditView(
                state(found.events().isEmpty(), proof.orElse(null)),
                answer(query, counted, found.events().isEmpty(), proof.orElse(null)),
                query.tenant(),
                fields(sent),
                "GET /api/v1/audit?" + terms,
                tenants,
                shown,
                rows.size(),
                shown.size() == rows.size() ? "" : "/audit?" + terms + "&" + EACH + "=1" + here,
                counted.all() == 0 ? null : counted.bars(),
                counted.burst() == null ? null : unusual(query, counted.burst()),
                found.next() == null
                        ? null
                        : "/audit?" + terms + (each ? "&" + EACH + "=1" : "") + "&cursor="
                                + cursors.encode(list, found.next().toString()),
                "/audit?" + terms,
                after == null,
                found.next() != null && found.events().size() < ROWS,
                proof.orElse(null),
                newest.map(event -> href(query.tenant(), event)).orElse(null),
                "/api/v1/audit/export?" + terms,
                Map.of());
    }

    private AuditView refused(Map<String, String[]> sent, List<String> tenants, Refused refused) {
        var problems = new LinkedHashMap<String, String>();
        refused.errors().forEach(error -> problems.putIfAbsent(error.field(), error.message()));
        var first = refused.errors().getFirst();
        return new AuditView(
                State.BAD,
                "Nothing was searched: " + first.field() + " " + first.message() + ".",
                String.join(",", sent.get("tenantId")),
                fields(sent),
                "GET /api/v1/audit?" + query(sent),
                tenants,
                List.of(),
                0,
                "",
                null,
                null,
                null,
                "/audit",
                true,
                false,
                null,
                null,
                "",
                problems);
    }

    /** @param matches of {@code all}; at most {@link Histogram#MOST}. @param exact whether there are no more */
    private record Counted(
            long all, long matches, boolean exact, AuditView.@Nullable Bars bars, Histogram.@Nullable Burst burst) {}

    private Counted counted(List<TenantLog> logs, AuditQuery query) {
        long begun = System.nanoTime();
        var histogram = new Histogram(query.range());
        long all = 0;
        long matches = 0;
        boolean exact = true;
        boolean countable = search.isCountable(logs, query);
        for (var log : logs) {
            var span = search.span(log, query);
            all += span.size();
            if (span.size() == 0 || !countable) continue;
            var borders = places.borders(span, histogram.begins());
            if (!query.narrows()) {
                for (int bar = 0; bar < borders.size(); bar++) {
                    long end = bar + 1 < borders.size() ? borders.get(bar + 1) : span.below();
                    histogram.add(bar, Outcome.SUCCESS, Math.max(0, end - Math.max(span.from(), borders.get(bar))));
                }
                var notWell = places.notWell(span, MOST_NOT_WELL);
                exact &= notWell.size() < MOST_NOT_WELL;
                for (var event : notWell) {
                    int bar = bar(borders, event.place());
                    histogram.add(bar, event.outcome(), 1);
                    histogram.add(bar, Outcome.SUCCESS, -1);
                }
                continue;
            }
            var walk = search.walk(log, query, Long.MAX_VALUE);
            while (walk.isPresent() && !walk.get().ended()) {
                if (matches >= Histogram.MOST || System.nanoTime() - begun > LONGEST_COUNT.toNanos()) {
                    exact = false;
                    break;
                }
                for (var event : walk.get().nextOutcomes(1_000)) {
                    histogram.add(bar(borders, event.place()), event.outcome(), 1);
                    matches++;
                }
            }
        }
        if (!countable) return new Counted(all, 0, false, null, null);
        if (!query.narrows()) {
            return new Counted(
                    all,
                    all,
                    true,
                    histogram.bars(
                            exact
                                    ? ""
                                    : "Of failures and denials the newest " + count(MOST_NOT_WELL)
                                            + " are told apart."),
                    histogram.burst().orElse(null));
        }
        return new Counted(
                all,
                matches,
                exact,
                histogram.bars(exact ? "" : "Only the newest " + count(matches) + " that match are counted."),
                histogram.burst().orElse(null));
    }

    private static int bar(List<Long> borders, long place) {
        int bar = 0;
        int end = borders.size() - 1;
        while (bar < end) {
            int middle = (bar + end + 1) >>> 1;
            if (borders.get(middle) <= place) {
                bar = middle;
            } else {
                end = middle - 1;
            }
        }
        return bar;
    }

    private static AuditView.Unusual unusual(AuditQuery query, Histogram.Burst burst) {
        var these = new StringJoiner(" and ");
        if (burst.denied() > 0) these.add(count(burst.denied()) + " denied");
        if (burst.failed() > 0) these.add(count(burst.failed()) + " failed");
        var words = these
                + (burst.next() == 0
                        ? "; none at any other time of the same length"
                        : "; at no other time of the same length more than " + count(burst.next()) + " together");
        var worst = burst.denied() >= burst.failed() ? Outcome.DENIED : Outcome.FAILURE;
        return new AuditView.Unusual(
                burst.when(),
                words,
                "/audit?tenantId=" + query.tenant() + "&status=" + worst + "&from=" + AuditEvent.text(burst.from())
                        + "&to=" + AuditEvent.text(burst.to()));
    }

    private static State state(boolean empty, @Nullable ProofView proof) {
        if (proof != null && proof.wrong() != null) return State.BAD;
        return empty ? State.MUTE : State.OK;
    }

    private static String answer(AuditQuery query, Counted counted, boolean empty, @Nullable ProofView proof) {
        if (proof != null && proof.wrong() != null) {
            return "The proof of event " + count(proof.index()) + " does not hold: " + proof.wrong() + ".";
        }
        if (counted.all() == 0) return "Nothing of " + query.tenant() + " was received in that time.";
        var all = count(counted.all(), "event");
        var proven = proof == null ? "" : " The first one shown is proven to be in the signed log.";
        if (!query.narrows()) return all + " in that time." + proven;
        if (counted.bars() == null) return (empty ? "None found so far" : "Found") + " among " + all + "." + proven;
        if (!counted.exact()) return "More than " + count(counted.matches()) + " of " + all + " match." + proven;
        if (counted.matches() == 0) return "None of " + all + " matches.";
        return count(counted.matches()) + " of " + all + (counted.matches() == 1 ? " matches." : " match.") + proven;
    }

    private static Map<String, String> fields(Map<String, String[]> sent) {
        var fields = new LinkedHashMap<String, String>();
        sent.forEach((name, values) -> fields.put(name, String.join(", ", values)));
        return fields;
    }

    private static String query(Map<String, String[]> sent) {
        return sent.entrySet().stream()
                .flatMap(field -> Arrays.stream(field.getValue())
                        .map(value -> field.getKey() + "="
                                + URLEncoder.encode(value, UTF_8)
                                        .replace("%2F", "/")
                                        .replace("%3A", ":")))
                .collect(Collectors.joining("&"));
    }

    private static String href(String tenant, Opened event) {
        return "/audit/events/" + event.row().eventId() + "?tenantId=" + tenant;
    }

    private static Row row(String tenant, Opened event) {
        var at = Instant.parse(String.valueOf(event.text("timestamp")));
        var user = event.text("userId");
        var subject = event.text("subjectId");
        boolean sealed = event.members().containsKey("userId") && user == null;
        var region = event.text("region");
        var service = event.text("service");
        var ip = event.text("ip");
        return new Row(
                href(tenant, event),
                at,
                Figures.utc(at).substring(5, 16) + " UTC",
                user != null ? "user" : sealed ? "lock" : "robot",
                user != null ? user : sealed ? "erased" : "no user",
                subject != null && !subject.equals(user) ? "about " + subject : "",
                String.valueOf(event.text("action")),
                orEmpty(event.text("resource")),
                region != null ? region : service != null ? service : ip != null ? ip : "",
                region != null || service != null ? orEmpty(ip) : "",
                status(event),
                count(event.row().sequence()));
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static Word status(Opened event) {
        return switch (Outcome.valueOf(String.valueOf(event.text("status")))) {
            case SUCCESS -> Word.ok("Success");
            case FAILURE -> Word.warn("Failed");
            case DENIED -> Word.bad("Denied").with("ban");
        };
    }

    /** A page of its own, which opens over the list where there are scripts. */
    @GetMapping("/audit/events/{eventId}")
    ModelAndView event(
            @PathVariable String eventId,
            @RequestParam(required = false) @Nullable String tenantId,
            HttpServletResponse response) {
        response.setHeader("Cache-Control", "no-store");
        var caller = pages.caller();
        var found = finder.find(caller, LogFinder.id(eventId), tenantId);
        record.read(caller, found.log().tenant(), found.row().eventId());
        var event = opening.open(found.log(), List.of(found.row())).getFirst();
        var tenant = found.log().tenant();
        var view = new EventView(
                found.row().eventId().toString(),
                tenant,
                String.valueOf(event.text("action")),
                status(event),
                Instant.parse(String.valueOf(event.text("timestamp"))),
                facts(event),
                event.erased(),
                json.writeValueAsString(event.members()),
                proofs.verified(found.log(), found.row()),
                "/api/v1/audit/events/" + found.row().eventId(),
                "?tenantId=" + tenant);
        return pages.show(pages.page("Audit event", Nav.AUDIT), "audit/event", Map.of("event", view));
    }

    private static List<Fact> facts(Opened event) {
        var facts = new ArrayList<Fact>();
        var erased = " (erased)";
        fact(facts, "Who", event, "userId", false, erased);
        fact(facts, "About", event, "subjectId", false, erased);
        fact(facts, "Action", event, "action", true, "");
        fact(facts, "Resource", event, "resource", true, "");
        fact(facts, "From", event, "ip", true, erased);
        fact(facts, "With", event, "userAgent", false, erased);
        fact(facts, "Service", event, "service", false, "");
        fact(facts, "Region", event, "region", false, "");
        fact(facts, "Trace", event, "traceId", true, "");
        if (event.members().get("dataCategories") instanceof List<?> categories) {
            facts.add(new Fact(
                    "Data", categories.stream().map(String::valueOf).collect(Collectors.joining(", ")), false));
        }
        facts.add(new Fact("Tenant", String.valueOf(event.text("tenantId")), false));
        facts.add(new Fact("Received", Figures.utc(event.row().receivedAt()), false));
        return facts;
    }

    private static void fact(List<Fact> facts, String name, Opened event, String member, boolean mono, String gone) {
        if (!event.members().containsKey(member)) return;
        var text = event.text(member);
        facts.add(new Fact(name, text == null ? gone.strip() : text, mono && text != null));
    }
}
