package io.muster.server.tenancy;

import io.muster.server.access.Caller;
import io.muster.server.problem.FieldError;
import io.muster.server.tenancy.Rules.Conditional;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** The tables {@code policy} and {@code policy_version}. */
@Component
class PolicyNoun implements Noun<Policy> {

    private static final int DEEPEST = 20;

    private final JdbcClient db;
    private final JsonMapper json;
    private final RegionNoun regions;
    private final Presets presets;

    PolicyNoun(JdbcClient db, JsonMapper json, RegionNoun regions, Presets presets) {
        this.db = db;
        this.json = json;
        this.regions = regions;
        this.presets = presets;
    }

    @Override
    public String kind() {
        return "policy";
    }

    @Override
    public String plural() {
        return "policies";
    }

    @Override
    public Class<Policy> type() {
        return Policy.class;
    }

    @Override
    public List<FormField> form() {
        return List.of(
                FormField.text("name", "Name").must().example("EU only"),
                FormField.reference("extends", "Extends", "preset")
                        .hint("a preset or a policy; members given here replace its"),
                FormField.of(FormField.Input.LIST, "allow", "Allowed places").example("EU, EEA, region:eu-west-2"),
                FormField.of(FormField.Input.CONDITIONS, "conditional", "On condition")
                        .example("US: dpf, scc-2021-914")
                        .hint("one a line: places, a colon, the transfer mechanisms that make them lawful"),
                FormField.of(FormField.Input.LIST, "deny", "Denied places").example("CN, RU"),
                FormField.choice("default", "Everywhere else", List.of("allow", "conditional", "deny"))
                        .hint("needed unless inherited"),
                FormField.code("max_dwell", "Dwell limit")
                        .example("PT20M")
                        .hint("how long data may wait where it may not stay")
                        .beside(),
                FormField.code("notify_within", "Decision within")
                        .example("PT72H")
                        .hint("from awareness of a violation"));
    }

    @Override
    public int order() {
        return 20;
    }

    /** The regions that its lists name. */
    @Override
    public List<Reference> references(Policy policy) {
        var references = new ArrayList<Reference>();
        places(policy).forEach((field, place) -> {
            if (place.startsWith("region:")) references.add(new Reference(field, "region", place.substring(7)));
        });
        return references;
    }

    @Override
    public Map<String, List<FieldError>> refuse(Map<String, Policy> proposed) {
        var inUse = regions.jurisdictions();
        var known = withAncestors(proposed);
        var refused = new LinkedHashMap<String, List<FieldError>>();
        proposed.forEach((id, policy) -> {
            var errors = new ArrayList<FieldError>();
            places(policy).forEach((field, place) -> {
                if (!place.equals("*") && !place.startsWith("region:")) {
                    presets.jurisdictions()
                            .wrong(place, inUse)
                            .ifPresent(message -> errors.add(new FieldError(field, message)));
                }
            });
            wrongBase(id, known, errors);
            if (!errors.isEmpty()) refused.put(id, errors);
        });
        return refused;
    }

    private void wrongBase(String id, Map<String, Policy> known, List<FieldError> errors) {
        var way = new LinkedHashSet<String>();
        var next = id;
        while (way.add(next)) {
            var policy = known.get(next);
            if (policy == null) {
                if (presets.rules(next).isEmpty()) {
                    var from = way.size() == 2
                            ? ""
                            : ", by way of "
                                    + String.join(", ", way.stream().skip(1).toList());
                    errors.add(new FieldError("extends", "must be a policy or a preset; there is no " + next + from));
                }
                return;
            }
            if (policy.base() == null) return;
            if (policy.base().equals(next) && presets.rules(next).isPresent()) return;
            next = policy.base();
            if (way.size() > DEEPEST) {
                errors.add(new FieldError("extends", "goes through more than " + DEEPEST + " policies"));
                return;
            }
        }
        errors.add(new FieldError("extends", "goes in a circle: " + String.join(" > ", way) + " > " + next));
    }

    /** All places that it names, by the field that names them. */
    private static Map<String, String> places(Policy policy) {
        var places = new LinkedHashMap<String, String>();
        put(places, "allow", policy.allow());
        put(places, "deny", policy.deny());
        put(places, "requires_primary_in", policy.requiresPrimaryIn());
        put(places, "requires_copy_in", policy.requiresCopyIn());
        var conditions = Objects.requireNonNullElse(policy.conditional(), List.<Conditional>of());
        for (int i = 0; i < conditions.size(); i++) {
            put(places, "conditional[" + i + "].to", conditions.get(i).to());
        }
        return places;
    }

    private static void put(Map<String, String> places, String field, @Nullable List<String> entries) {
        if (entries == null) return;
        for (int i = 0; i < entries.size(); i++) {
            places.put(field + "[" + i + "]", entries.get(i));
        }
    }

    /** {@code some} and all stored policies that they extend, at any distance. */
    private Map<String, Policy> withAncestors(Map<String, Policy> some) {
        var known = new TreeMap<>(some);
        var missing = bases(some.values(), known.keySet());
        while (!missing.isEmpty()) {
            var found = find(missing, Caller.MUSTER);
            found.forEach((id, policy) -> known.put(id, policy.value()));
            missing = bases(found.values().stream().map(Declared::value).toList(), known.keySet());
        }
        return known;
    }

    private static Set<String> bases(Collection<Policy> of, Set<String> known) {
        var bases = new LinkedHashSet<String>();
        of.forEach(policy -> {
            if (policy.base() != null && !known.contains(policy.base())) bases.add(policy.base());
        });
        return bases;
    }

    @Override
    public Map<String, Declared<Policy>> find(Collection<String> ids, Caller caller) {
        var found = new LinkedHashMap<String, Declared<Policy>>();
        db.sql("""
                select id, declared, version, created_at, updated_at
                  from policy
                 where id = any (cast(:ids as text[]))
                   and (cast(:tenant as text) is null or id in (select policy from tenant where tenant.id = :tenant))
                """)
                .param("ids", ids.toArray(String[]::new))
                .param("tenant", caller.tenant())
                .query(this::row)
                .list()
                .forEach(one -> found.put(one.id(), one));
        return found;
    }

    @Override
    public List<Declared<Policy>> page(@Nullable String afterId, int limit, Caller caller) {
        return db.sql("""
                select id, declared, version, created_at, updated_at
                  from policy
                 where id > coalesce(cast(:after as text), '')
                   and (cast(:tenant as text) is null or id in (select policy from tenant where tenant.id = :tenant))
                 order by id
                 limit :limit
                """)
                .param("after", afterId)
                .param("tenant", caller.tenant())
                .param("limit", limit)
                .query(this::row)
                .list();
    }

    /** What it comes to, with what it inherits. */
    @Override
    public Map<String, Map<String, @Nullable Object>> extras(List<Declared<Policy>> policies, Caller caller) {
        var rules = rules(policies.stream().map(Declared::id).toList());
        var extras = new LinkedHashMap<String, Map<String, @Nullable Object>>();
        rules.forEach((id, one) -> {
            var effective = new LinkedHashMap<String, @Nullable Object>();
            effective.put("allow", one.allow());
            effective.put("conditional", one.conditional());
            effective.put("deny", one.deny());
            effective.put("default", one.defaultVerdict());
            effective.put("requires_primary_in", one.requiresPrimaryIn());
            effective.put("requires_copy_in", one.requiresCopyIn());
            effective.put("max_dwell", one.maxDwell().toString());
            effective.put(
                    "notify_within",
                    one.notifyWithin() == null ? null : one.notifyWithin().toString());
            extras.put(id, Map.of("effective", effective));
        });
        return extras;
    }

    @Override
    public void insert(List<Declared<Policy>> news) {
        write("""
                insert into policy (id, extends, declared, version, created_at, updated_at)
                select id, extends, declared, 1, at, at
                  from unnest(cast(:ids as text[]), cast(:bases as text[]), cast(:bodies as jsonb[]),
                              cast(:instants as timestamptz[]))
                    as news (id, extends, declared, at)
                """, news);
        remember(news);
    }

    @Override
    public void update(List<Edit<Policy>> edits) {
        var news = edits.stream().map(Edit::after).toList();
        write("""
                update policy
                   set extends = news.extends, declared = news.declared, version = policy.version + 1, updated_at = news.at
                  from unnest(cast(:ids as text[]), cast(:bases as text[]), cast(:bodies as jsonb[]),
                              cast(:instants as timestamptz[]))
                    as news (id, extends, declared, at)
                 where policy.id = news.id
                """, news);
        remember(news);
    }

    private void write(String sql, List<Declared<Policy>> policies) {
        db.sql(sql)
                .param("ids", Columns.of(policies, Declared::id))
                .param("bases", Columns.of(policies, one -> one.value().base()))
                .param("bodies", Columns.of(policies, one -> json.writeValueAsString(one.value())))
                .param("instants", Columns.of(policies, Declared::updatedAt))
                .update();
    }

    @Override
    public void delete(List<Declared<Policy>> gone, Instant now) {
        db.sql("delete from policy where id = any (cast(:ids as text[]))")
                .param("ids", Columns.of(gone, Declared::id))
                .update();
    }

    @Override
    public List<Use> uses(String kind, Collection<String> ids, int limit) {
        var sql = switch (kind) {
            case "policy" -> """
                            select id, extends as used
                              from policy
                             where extends = any (cast(:ids as text[]))
                               and id <> all (cast(:ids as text[]))
                             limit :limit
                            """;
            case "region" -> """
                            select policy.id, gone.code as used
                              from policy, unnest(cast(:ids as text[])) as gone (code)
                             where declared::text like '%"region:' || gone.code || '"%'
                             limit :limit
                            """;
            default -> "";
        };
        return Columns.uses(db, sql, kind(), ids, limit);
    }

    /** Writes down what {@code changed}, and all that extend them, have come to, where that is new. */
    private void remember(List<Declared<Policy>> changed) {
        var now = changed.getFirst().updatedAt();
        var affected = db.sql("""
                with recursive affected (id) as (
                    select unnest(cast(:ids as text[])) collate "C"
                     union
                    select policy.id from policy join affected on policy.extends = affected.id
                )
                select id from affected order by id
                """)
                .param("ids", Columns.of(changed, Declared::id))
                .query((row, n) -> row.getString(1))
                .list();
        var was = rules(affected);
        var is = resolve(affected);
        var news = is.values().stream()
                .filter(rules -> !rules.equals(was.get(rules.policy())))
                .toList();
        db.sql("""
                insert into policy_version (policy, at, rules)
                select policy, cast(:now as timestamptz), rules
                  from unnest(cast(:ids as text[]), cast(:rules as jsonb[])) as news (policy, rules)
                """)
                .param("now", now.toString())
                .param("ids", Columns.of(news, Rules::policy))
                .param("rules", Columns.of(news, json::writeValueAsString))
                .update();
    }

    /** A base that the same request writes later is missing still; then its writing resolves what extends it. */
    private Map<String, Rules> resolve(Collection<String> ids) {
        var stored = new LinkedHashMap<String, Policy>();
        find(ids, Caller.MUSTER).forEach((id, policy) -> stored.put(id, policy.value()));
        var known = withAncestors(stored);
        var resolved = new LinkedHashMap<String, Rules>();
        stored.keySet().forEach(id -> resolve(id, known, DEEPEST).ifPresent(rules -> resolved.put(id, rules)));
        return resolved;
    }

    private Optional<Rules> resolve(String id, Map<String, Policy> known, int deep) {
        var policy = known.get(id);
        if (policy == null || deep < 0) return Optional.empty();
        var base = policy.base();
        if (base == null) return Optional.of(policy.resolve(id, null, presets.jurisdictions()));
        var inherited =
                known.containsKey(base) && !base.equals(id) ? resolve(base, known, deep - 1) : presets.rules(base);
        return inherited.map(rules -> policy.resolve(id, rules, presets.jurisdictions()));
    }

    /** The present rules of those that exist. */
    Map<String, Rules> rules(Collection<String> ids) {
        var found = new LinkedHashMap<String, Rules>();
        if (ids.isEmpty()) return found;
        db.sql("""
                select rules
                  from policy,
                       lateral (select rules
                                  from policy_version
                                 where policy_version.policy = policy.id
                                 order by seq desc
                                 limit 1) as newest
                 where id = any (cast(:ids as text[]))
                """)
                .param("ids", ids.toArray(String[]::new))
                .query((row, n) -> json.readValue(row.getString("rules"), Rules.class))
                .list()
                .forEach(rules -> found.put(rules.policy(), rules));
        return found;
    }

    /** What a policy came to, with what it inherits, from an instant on. */
    record Version(Instant since, Rules rules) {}

    /** Newest first. */
    List<Version> versions(String id, int limit) {
        return db.sql("select at, rules from policy_version where policy = :id order by seq desc limit :limit")
                .param("id", id)
                .param("limit", limit)
                .query((row, n) -> new Version(
                        row.getObject("at", OffsetDateTime.class).toInstant(),
                        json.readValue(row.getString("rules"), Rules.class)))
                .list();
    }

    private Declared<Policy> row(ResultSet row, int n) throws SQLException {
        return Columns.declared(row, "id", json.readValue(row.getString("declared"), Policy.class));
    }
}
