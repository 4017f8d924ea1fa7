package io.muster.server.tenancy;

import io.muster.server.access.Caller;
import io.muster.server.problem.Problem;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The tables {@code tenant} and {@code tenant_before}. */
@Component
class TenantNoun implements Noun<TenantNoun.TenantBody> {

    /** The platform's own log has this id. */
    private static final String RESERVED = "muster";

    /** A tenant in JSON. */
    record TenantBody(
            String name, String tier, String policy, String home, List<String> contacts, Map<String, String> labels) {

        TenantBody {
            var members = new Members()
                    .text("name", name, 200)
                    .id("tier", tier)
                    .id("policy", policy)
                    .region("home", home);
            contacts = members.texts("contacts", contacts, 50, 320);
            labels = members.labels("labels", labels);
            members.done();
        }
    }

    private static final TypeReference<List<String>> TEXTS = new TypeReference<>() {};
    private static final TypeReference<Map<String, String>> LABELS = new TypeReference<>() {};

    private final JdbcClient db;
    private final JsonMapper json;

    TenantNoun(JdbcClient db, JsonMapper json) {
        this.db = db;
        this.json = json;
    }

    @Override
    public String kind() {
        return "tenant";
    }

    @Override
    public String plural() {
        return "tenants";
    }

    @Override
    public Class<TenantBody> type() {
        return TenantBody.class;
    }

    @Override
    public List<FormField> form() {
        return List.of(
                FormField.text("name", "Name").must().example("Acme GmbH"),
                FormField.reference("tier", "Tier", "tier").must().beside(),
                FormField.reference("policy", "Policy", "policy").must(),
                FormField.reference("home", "Home region", "region")
                        .must()
                        .example("eu-central-1")
                        .hint("where its data belongs"),
                FormField.of(FormField.Input.LIST, "contacts", "Contacts").example("dpo@acme.example"),
                FormField.of(FormField.Input.PAIRS, "labels", "Labels").example("industry=telecom"));
    }

    @Override
    public int order() {
        return 40;
    }

    @Override
    public void checkId(String id) {
        Members.checkId(id);
        if (id.equals(RESERVED)) {
            throw Problem.conflict("The tenant id muster is reserved for the platform's own log: choose another.");
        }
    }

    @Override
    public List<Reference> references(TenantBody tenant) {
        return List.of(
                new Reference("tier", "tier", tenant.tier()),
                new Reference("policy", "policy", tenant.policy()),
                new Reference("home", "region", tenant.home()));
    }

    @Override
    public Map<String, Declared<TenantBody>> find(Collection<String> ids, Caller caller) {
        var found = new LinkedHashMap<String, Declared<TenantBody>>();
        db.sql("""
                select id, name, tier, policy, home, contacts, labels, version, created_at, updated_at
                  from tenant
                 where id = any (cast(:ids as text[]))
                   and id = coalesce(cast(:tenant as text), id)
                """)
                .param("ids", ids.toArray(String[]::new))
                .param("tenant", caller.tenant())
                .query(this::row)
                .list()
                .forEach(one -> found.put(one.id(), one));
        return found;
    }

    @Override
    public List<Declared<TenantBody>> page(@Nullable String afterId, int limit, Caller caller) {
        return db.sql("""
                select id, name, tier, policy, home, contacts, labels, version, created_at, updated_at
                  from tenant
                 where id > coalesce(cast(:after as text), '')
                   and id = coalesce(cast(:tenant as text), id)
                 order by id
                 limit :limit
                """)
                .param("after", afterId)
                .param("tenant", caller.tenant())
                .param("limit", limit)
                .query(this::row)
                .list();
    }

    @Override
    public void insert(List<Declared<TenantBody>> news) {
        write("""
                insert into tenant (id, name, tier, policy, home, contacts, labels, version, created_at, updated_at)
                select id, name, tier, policy, home, contacts, labels, 1, at, at
                  from unnest(cast(:ids as text[]), cast(:names as text[]), cast(:tiers as text[]),
                              cast(:policies as text[]), cast(:homes as text[]), cast(:contacts as jsonb[]),
                              cast(:labels as jsonb[]), cast(:instants as timestamptz[]))
                    as news (id, name, tier, policy, home, contacts, labels, at)
                """, news);
    }

    @Override
    public void update(List<Edit<TenantBody>> edits) {
        var moved = edits.stream()
                .filter(edit -> !edit.before()
                                .value()
                                .policy()
                                .equals(edit.after().value().policy())
                        || !edit.before()
                                .value()
                                .home()
                                .equals(edit.after().value().home()))
                .toList();
        if (!moved.isEmpty()) {
            db.sql("""
                    insert into tenant_before (tenant, until, policy, home)
                    select tenant, at, policy, home
                      from unnest(cast(:ids as text[]), cast(:instants as timestamptz[]), cast(:policies as text[]),
                                  cast(:homes as text[]))
                        as moved (tenant, at, policy, home)
                    """)
                    .param("ids", Columns.of(moved, edit -> edit.after().id()))
                    .param("instants", Columns.of(moved, edit -> edit.after().updatedAt()))
                    .param(
                            "policies",
                            Columns.of(moved, edit -> edit.before().value().policy()))
                    .param(
                            "homes",
                            Columns.of(moved, edit -> edit.before().value().home()))
                    .update();
        }
        write("""
                update tenant
                   set name = news.name, tier = news.tier, policy = news.policy, home = news.home,
                       contacts = news.contacts, labels = news.labels, version = tenant.version + 1, updated_at = news.at
                  from unnest(cast(:ids as text[]), cast(:names as text[]), cast(:tiers as text[]),
                              cast(:policies as text[]), cast(:homes as text[]), cast(:contacts as jsonb[]),
                              cast(:labels as jsonb[]), cast(:instants as timestamptz[]))
                    as news (id, name, tier, policy, home, contacts, labels, at)
                 where tenant.id = news.id
                """, edits.stream().map(Edit::after).toList());
    }

    private void write(String sql, List<Declared<TenantBody>> tenants) {
        db.sql(sql)
                .param("ids", Columns.of(tenants, Declared::id))
                .param("names", Columns.of(tenants, one -> one.value().name()))
                .param("tiers", Columns.of(tenants, one -> one.value().tier()))
                .param("policies", Columns.of(tenants, one -> one.value().policy()))
                .param("homes", Columns.of(tenants, one -> one.value().home()))
                .param("contacts", Columns.of(tenants, one -> json(one.value().contacts())))
                .param("labels", Columns.of(tenants, one -> json(one.value().labels())))
                .param("instants", Columns.of(tenants, Declared::updatedAt))
                .update();
    }

    @Override
    public void delete(List<Declared<TenantBody>> gone, Instant now) {
        var ids = Columns.of(gone, Declared::id);
        db.sql("delete from tenant_before where tenant = any (cast(:ids as text[]))")
                .param("ids", ids)
                .update();
        db.sql("delete from tenant where id = any (cast(:ids as text[]))")
                .param("ids", ids)
                .update();
    }

    @Override
    public List<Use> uses(String kind, Collection<String> ids, int limit) {
        var sql = switch (kind) {
            case "tier" -> "select id, tier as used from tenant where tier = any (cast(:ids as text[])) limit :limit";
            case "policy" ->
                "select id, policy as used from tenant where policy = any (cast(:ids as text[])) limit :limit";
            case "region" -> "select id, home as used from tenant where home = any (cast(:ids as text[])) limit :limit";
            default -> "";
        };
        return Columns.uses(db, sql, kind(), ids, limit);
    }

    static Tenant tenant(Declared<TenantBody> declared) {
        var body = declared.value();
        return new Tenant(
                declared.id(),
                body.name(),
                body.tier(),
                body.policy(),
                body.home(),
                body.contacts(),
                body.labels(),
                declared.createdAt());
    }

    private String json(Collection<String> contacts) {
        return contacts.isEmpty() ? "[]" : json.writeValueAsString(contacts);
    }

    private String json(Map<String, String> labels) {
        return labels.isEmpty() ? "{}" : json.writeValueAsString(labels);
    }

    Declared<TenantBody> row(ResultSet row, int n) throws SQLException {
        var contacts = row.getString("contacts");
        var labels = row.getString("labels");
        return Columns.declared(
                row,
                "id",
                new TenantBody(
                        row.getString("name"),
                        row.getString("tier"),
                        row.getString("policy"),
                        row.getString("home"),
                        contacts.equals("[]") ? List.of() : json.readValue(contacts, TEXTS),
                        labels.equals("{}") ? Map.of() : json.readValue(labels, LABELS)));
    }
}
