package io.muster.server.audit;

import io.muster.server.audit.AuditEvent.Outcome;
import io.muster.server.audit.Opening.Opened;
import io.muster.server.problem.FieldError;
import io.muster.server.problem.Refused;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is looked for in one tenant's trail; all of it must fit.
 *
 * @param actions any of these; none: every action
 * @param words each of them is in the action, the resource or the clear details
 * @param range of when events were received
 * @param occurred of when they happened, as their senders say
 * @param asked the parameters of it, as they were sent
 */
record AuditQuery(
        String tenant,
        @Nullable String user,
        @Nullable String subject,
        List<Term> actions,
        @Nullable Term resource,
        @Nullable String service,
        @Nullable Outcome status,
        @Nullable String ip,
        @Nullable String userAgent,
        List<String> words,
        TimeRange range,
        @Nullable TimeRange occurred,
        Map<String, List<String>> asked) {

    /** Names of the parameters. Nothing is archived yet, so {@code archive} changes nothing. */
    static final Set<String> PARAMETERS = Set.of(
            "tenantId",
            "userId",
            "subjectId",
            "action",
            "resource",
            "service",
            "status",
            "ip",
            "userAgent",
            "q",
            "dateRange",
            "from",
            "to",
            "timestamp_from",
            "timestamp_to",
            "tz",
            "archive");

    /** What is personal in a search goes on record sealed, or not at all. */
    private static final Set<String> PERSONAL = Set.of("userId", "subjectId", "ip", "userAgent");

    private static final Set<String> WHERE_TO_LOOK = Set.of("tenantId", "dateRange", "from", "to", "tz", "archive");

    private static final int MOST_ACTIONS = 20;
    private static final int MOST_WORDS = 10;
    private static final int LONGEST = 2_000;

    /**
     * A text, or how it begins.
     *
     * @param prefix it was sent with a {@code *} behind it
     */
    record Term(String text, boolean prefix) {
        static Term of(String sent) {
            return sent.endsWith("*") ? new Term(sent.substring(0, sent.length() - 1), true) : new Term(sent, false);
        }

        boolean fits(@Nullable String value) {
            return value != null && (prefix ? value.startsWith(text) : value.equals(text));
        }

        /** For {@code like}. */
        String pattern() {
            return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + (prefix ? "%" : "");
        }
    }

    /**
     * Reads parameters.
     *
     * @param others names that may be there too, and are read by somebody else
     * @param own whose trail it is where none is named; null: one must be
     */
    static AuditQuery of(Map<String, String[]> sent, Set<String> others, @Nullable String own, Instant now) {
        var fields = new Fields(sent);
        sent.keySet().stream()
                .filter(name -> !PARAMETERS.contains(name) && !others.contains(name))
                .limit(10)
                .forEach(name -> fields.wrong(Refused.shown(name), "is not a parameter of this"));
        var tenant = fields.one("tenantId");
        if (tenant == null) tenant = own;
        if (tenant == null) fields.wrong("tenantId", "is missing: say whose trail is searched");
        var actions = fields.all("action").stream().map(Term::of).toList();
        if (actions.size() > MOST_ACTIONS) fields.wrong("action", "may be given " + MOST_ACTIONS + " times at most");
        var resource = fields.one("resource");
        var words = Words.split(Objects.requireNonNullElse(fields.one("q"), ""));
        if (fields.has("q") && (words.isEmpty() || words.size() > MOST_WORDS)) {
            fields.wrong("q", "must be 1 to " + MOST_WORDS + " words");
        }
        var archive = fields.one("archive");
        if (archive != null && !archive.equals("true") && !archive.equals("false")) {
            fields.wrong("archive", "must be true or false; got " + Refused.shown(archive));
        }
        var user = fields.one("userId");
        var subject = fields.one("subjectId");
        var service = fields.one("service");
        var status = fields.status();
        var ip = fields.one("ip");
        var agent = fields.one("userAgent");
        var zone = fields.zone();
        var occurred = fields.range("timestamp_from", "timestamp_to", zone, now);
        var range = fields.range(zone, now, occurred);
        fields.check();
        return new AuditQuery(
                Objects.requireNonNull(tenant),
                user,
                subject,
                actions,
                resource == null ? null : Term.of(resource),
                service,
                status,
                ip,
                agent,
                words,
                Objects.requireNonNull(range),
                occurred,
                fields.asked());
    }

    /** Whether something is asked for beside whose events and when. */
    boolean narrows() {
        return !WHERE_TO_LOOK.containsAll(asked.keySet());
    }

    /** Whom it asks for, where that is one person. */
    @Nullable String person() {
        return user != null ? user : subject;
    }

    /** For the record of who searched what: what is personal is there by its name alone. */
    Map<String, Object> terms() {
        var terms = new LinkedHashMap<String, Object>();
        asked.forEach((name, values) -> {
            if (name.equals("tenantId")) return;
            if (PERSONAL.contains(name)) {
                terms.put(name, "asked for");
            } else {
                terms.put(name, values.size() == 1 ? values.getFirst() : values);
            }
        });
        return terms;
    }

    /** Compares what was opened with what was asked for: the events of who is erased fit no personal term. */
    boolean fits(Opened event) {
        return same(user, event.text("userId"))
                && (subject == null || subject.equals(subjectOf(event)))
                && (actions.isEmpty() || actions.stream().anyMatch(term -> term.fits(event.text("action"))))
                && (resource == null || resource.fits(event.text("resource")))
                && same(service, event.text("service"))
                && (status == null || status.name().equals(event.text("status")))
                && same(ip, event.text("ip"))
                && same(userAgent, event.text("userAgent"))
                && (occurred == null || occurred.holds(Instant.parse(String.valueOf(event.text("timestamp")))));
    }

    private static @Nullable String subjectOf(Opened event) {
        return event.members().containsKey("subjectId") ? event.text("subjectId") : event.text("userId");
    }

    private static boolean same(@Nullable String asked, @Nullable String is) {
        return asked == null || asked.equals(is);
    }

    /** The parameters one by one; what is wrong is told all at once. */
    private static final class Fields {
        private final Map<String, List<String>> sent = new LinkedHashMap<>();
        private final List<FieldError> errors = new ArrayList<>();

        Fields(Map<String, String[]> parameters) {
            parameters.forEach((name, values) -> sent.put(name, Arrays.asList(values)));
        }

        void wrong(String field, String message) {
            errors.add(new FieldError(field, message));
        }

        void check() {
            if (!errors.isEmpty()) throw new Refused(errors);
        }

        boolean has(String name) {
            return sent.containsKey(name);
        }

        Map<String, List<String>> asked() {
            var asked = new LinkedHashMap<String, List<String>>();
            sent.forEach((name, values) -> {
                if (PARAMETERS.contains(name)) asked.put(name, List.copyOf(values));
            });
            return asked;
        }

        List<String> all(String name) {
            var values = sent.getOrDefault(name, List.of());
            for (var value : values) {
                if (value.isEmpty() || value.length() > LONGEST) {
                    wrong(name, "must have 1 to " + LONGEST + " characters");
                    return List.of();
                }
            }
            return values;
        }

        @Nullable String one(String name) {
            var values = all(name);
            if (values.size() > 1) wrong(name, "may be given once");
            return values.isEmpty() ? null : values.getFirst();
        }

        @Nullable Outcome status() {
            var status = one("status");
            try {
                return status == null ? null : Outcome.valueOf(status);
            } catch (IllegalArgumentException other) {
                wrong("status", "must be SUCCESS, FAILURE or DENIED; got " + Refused.shown(status));
                return null;
            }
        }

        ZoneId zone() {
            var zone = one("tz");
            try {
                return zone == null ? ZoneOffset.UTC : ZoneId.of(zone);
            } catch (DateTimeException unknown) {
                wrong("tz", "must be a time zone such as Europe/Berlin; got " + Refused.shown(zone));
                return ZoneOffset.UTC;
            }
        }

        @Nullable TimeRange range(ZoneId zone, Instant now, @Nullable TimeRange occurred) {
            var named = one("dateRange");
            if (named == null) {
                var range = range("from", "to", zone, now);
                if (range != null) return range;
                return occurred == null ? TimeRange.before(now) : TimeRange.after(occurred, now);
            }
            if (has("from") || has("to")) {
                wrong("dateRange", "is given together with from or to: take one of them");
                return null;
            }
            try {
                return TimeRange.named(named, zone, now);
            } catch (Refused wrong) {
                wrong("dateRange", wrong.errors().getFirst().message());
                return null;
            }
        }

        @Nullable TimeRange range(String from, String to, ZoneId zone, Instant now) {
            var begin = one(from);
            var end = one(to);
            if (begin == null && end == null) return null;
            try {
                return TimeRange.between(begin, end, zone, now);
            } catch (Refused wrong) {
                var error = wrong.errors().getFirst();
                wrong(error.field().equals("to") ? to : from, error.message());
                return null;
            }
        }
    }
}
