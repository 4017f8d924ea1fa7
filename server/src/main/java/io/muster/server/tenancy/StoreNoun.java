package io.muster.server.tenancy;

import io.muster.server.access.Caller;
import io.muster.server.keys.SecretRef;
import io.muster.server.problem.Refused;
import io.muster.server.tenancy.TenantSelector.All;
import io.muster.server.tenancy.TenantSelector.OfPolicy;
import io.muster.server.tenancy.TenantSelector.These;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** The table {@code store}. */
@Component
class StoreNoun implements Noun<StoreNoun.StoreBody> {

    /** A store in JSON. */
    record StoreBody(
            String region,
            Store.Role role,
            Store.Kind kind,
            @Nullable String zone,
            TenantSelector tenants,
            @Nullable String url,
            @Nullable SecretRef user,
            @Nullable SecretRef password) {

        StoreBody {
            var members = new Members()
                    .region("region", region)
                    .required("role", role)
                    .required("kind", kind)
                    .optionalText("zone", zone, 100)
                    .optionalText("url", url, 2_000);
            tenants = Objects.requireNonNullElse(tenants, TenantSelector.ALL);
            if (url != null && kind != null && members.fine()) {
                try {
                    StoreAddress.check(kind, url);
                } catch (Refused refused) {
                    members.wrong(refused.field(), String.valueOf(refused.getMessage()));
                }
            }
            members.done();
        }
    }

    private final JdbcClient db;
    private final JsonMapper json;

    StoreNoun(JdbcClient db, JsonMapper json) {
        this.db = db;
        this.json = json;
    }

    @Override
    public String kind() {
        return "store";
    }

    @Override
    public String plural() {
        return "stores";
    }

    @Override
    public Class<StoreBody> type() {
        return StoreBody.class;
    }

    @Override
    public List<FormField> form() {
        return List.of(
                FormField.reference("region", "Region", "region").must().example("eu-central-1"),
                FormField.choice("role", "Role", List.of("intake", "primary", "replica", "backup", "archive"))
                        .must()
                        .beside(),
                FormField.choice(
                                "kind",
                                "Kind",
                                List.of("postgresql", "mysql", "sqlserver", "s3", "azure-blob", "gcs", "other"))
                        .must(),
                FormField.of(FormField.Input.SELECTOR, "tenants", "Who may be here")
                        .example("all")
                        .hint("all, policy:<id>, or ids with commas"),
                FormField.text("zone", "Zone"),
                FormField.code("url", "Address")
                        .example("postgresql://db.internal:5432/intake")
                        .hint(
                                "only where Muster looks itself, or https://minio.internal/bucket; without user and password"),
                FormField.code("user", "User")
                        .example("env:MUSTER_SECRET_INTAKE_USER")
                        .hint("a reference: Muster stores no secret; of a bucket, the access key or the account")
                        .beside(),
                FormField.code("password", "Password").example("env:MUSTER_SECRET_INTAKE_PASSWORD"));
    }

    @Override
    public int order() {
        return 50;
    }

    @Override
    public List<Reference> references(StoreBody store) {
        var references = new ArrayList<Reference>();
        references.add(new Reference("region", "region", store.region()));
        switch (store.tenants()) {
            case All _ -> {}
            case OfPolicy(var policy) -> references.add(new Reference("tenants", "policy", policy));
            case These(var ids) -> ids.forEach(id -> references.add(new Reference("tenants", "tenant", id)));
        }
        return references;
    }

    @Override
    public Map<String, Declared<StoreBody>> find(Collection<String> ids, Caller caller) {
        var found = new LinkedHashMap<String, Declared<StoreBody>>();
        db.sql("""
                select id, region, role, kind, zone, tenants, url, secret_user, secret_password, version, created_at,
                       updated_at
                  from store
                 where id = any (cast(:ids as text[]))
                   and (cast(:tenant as text) is null
                        or tenants = '"all"'
                        or tenants @> to_jsonb(array[cast(:tenant as text)])
                        or tenants = (select to_jsonb('policy:' || policy) from tenant where tenant.id = :tenant))
                """)
                .param("ids", ids.toArray(String[]::new))
                .param("tenant", caller.tenant())
                .query(this::row)
                .list()
                .forEach(one -> found.put(one.id(), one));
        return found;
    }

    @Override
    public List<Declared<StoreBody>> page(@Nullable String afterId, int limit, Caller caller) {
        return db.sql("""
                select id, region, role, kind, zone, tenants, url, secret_user, secret_password, version, created_at,
                       updated_at
                  from store
                 where id > coalesce(cast(:after as text), '')
                   and (cast(:tenant as text) is null
                        or tenants = '"all"'
                        or tenants @> to_jsonb(array[cast(:tenant as text)])
                        or tenants = (select to_jsonb('policy:' || policy) from tenant where tenant.id = :tenant))
                 order by id
                 limit :limit
                """)
                .param("after", afterId)
                .param("tenant", caller.tenant())
                .param("limit", limit)
                .query(this::row)
                .list();
    }

    /** A tenant sees where its data is, not who else is there nor how to get there. */
    @Override
    public StoreBody shownTo(Caller caller, StoreBody store) {
        return caller.tenant() == null
                ? store
                : new StoreBody(
                        store.region(),
                        store.role(),
                        store.kind(),
                        store.zone(),
                        new These(List.of(caller.tenant())),
                        null,
                        null,
                        null);
    }

    @Override
    public void insert(List<Declared<StoreBody>> news) {
        write("""
                insert into store (id, region, role, kind, zone, tenants, url, secret_user, secret_password, version,
                                   created_at, updated_at)
                select id, region, role, kind, zone, tenants, url, secret_user, secret_password, 1, at, at
                  from unnest(cast(:ids as text[]), cast(:regions as text[]), cast(:roles as text[]),
                              cast(:kinds as text[]), cast(:zones as text[]), cast(:tenants as jsonb[]),
                              cast(:urls as text[]), cast(:users as text[]), cast(:passwords as text[]),
                              cast(:instants as timestamptz[]))
                    as news (id, region, role, kind, zone, tenants, url, secret_user, secret_password, at)
                """, news);
    }

    @Override
    public void update(List<Edit<StoreBody>> edits) {
        write("""
                update store
                   set region = news.region, role = news.role, kind = news.kind, zone = news.zone,
                       tenants = news.tenants, url = news.url, secret_user = news.secret_user,
                       secret_password = news.secret_password, version = store.version + 1, updated_at = news.at
                  from unnest(cast(:ids as text[]), cast(:regions as text[]), cast(:roles as text[]),
                              cast(:kinds as text[]), cast(:zones as text[]), cast(:tenants as jsonb[]),
                              cast(:urls as text[]), cast(:users as text[]), cast(:passwords as text[]),
                              cast(:instants as timestamptz[]))
                    as news (id, region, role, kind, zone, tenants, url, secret_user, secret_password, at)
                 where store.id = news.id
                """, edits.stream().map(Edit::after).toList());
    }

    private void write(String sql, List<Declared<StoreBody>> stores) {
        db.sql(sql)
                .param("ids", Columns.of(stores, Declared::id))
                .param("regions", Columns.of(stores, one -> one.value().region()))
                .param("roles", Columns.of(stores, one -> one.value().role().word()))
                .param("kinds", Columns.of(stores, one -> one.value().kind().word()))
                .param("zones", Columns.of(stores, one -> one.value().zone()))
                .param(
                        "tenants",
                        Columns.of(
                                stores,
                                one -> json.writeValueAsString(
                                        one.value().tenants().json())))
                .param("urls", Columns.of(stores, one -> one.value().url()))
                .param("users", Columns.of(stores, one -> one.value().user()))
                .param("passwords", Columns.of(stores, one -> one.value().password()))
                .param("instants", Columns.of(stores, Declared::updatedAt))
                .update();
    }

    @Override
    public void delete(List<Declared<StoreBody>> gone, Instant now) {
        db.sql("delete from store where id = any (cast(:ids as text[]))")
                .param("ids", Columns.of(gone, Declared::id))
                .update();
    }

    @Override
    public List<Use> uses(String kind, Collection<String> ids, int limit) {
        var sql = switch (kind) {
            case "region" -> """
                            select id, region as used
                              from store
                             where region = any (cast(:ids as text[]))
                             limit :limit
                            """;
            case "policy" -> """
                            select id, substr(tenants #>> '{}', 8) as used
                              from store
                             where tenants = any (select to_jsonb('policy:' || policy)
                                                    from unnest(cast(:ids as text[])) as gone (policy))
                             limit :limit
                            """;
            case "tenant" -> """
                            select store.id, gone.tenant as used
                              from unnest(cast(:ids as text[])) as gone (tenant)
                              join store on store.tenants @> to_jsonb(array[gone.tenant])
                             limit :limit
                            """;
            default -> "";
        };
        return Columns.uses(db, sql, kind(), ids, limit);
    }

    List<Declared<StoreBody>> inRegion(String region) {
        return db.sql("""
                select id, region, role, kind, zone, tenants, url, secret_user, secret_password, version, created_at,
                       updated_at
                  from store
                 where region = :region
                 order by id
                """).param("region", region).query(this::row).list();
    }

    static Store store(Declared<StoreBody> declared) {
        var body = declared.value();
        return new Store(
                declared.id(),
                body.region(),
                body.role(),
                body.kind(),
                body.zone(),
                body.tenants(),
                body.url(),
                body.user(),
                body.password());
    }

    private Declared<StoreBody> row(ResultSet row, int n) throws SQLException {
        var user = row.getString("secret_user");
        var password = row.getString("secret_password");
        return Columns.declared(
                row,
                "id",
                new StoreBody(
                        row.getString("region"),
                        Store.Role.of(row.getString("role")),
                        Store.Kind.of(row.getString("kind")),
                        row.getString("zone"),
                        TenantSelector.of(json.readValue(row.getString("tenants"), Object.class)),
                        row.getString("url"),
                        user == null ? null : new SecretRef(user),
                        password == null ? null : new SecretRef(password)));
    }
}
