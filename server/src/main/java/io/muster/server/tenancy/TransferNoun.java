package io.muster.server.tenancy;

import io.muster.server.access.Caller;
import io.muster.server.problem.FieldError;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The tables {@code transfer} and {@code transfer_validity}. */
@Component
class TransferNoun implements Noun<TransferNoun.TransferBody> {

    /** A record that makes a conditional jurisdiction lawful, in JSON. */
    record TransferBody(
            String tenant,
            String from,
            String to,
            String mechanism,
            String document,
            String approver,
            @Nullable Instant expiresAt) {

        private static final Instant FIRST = Instant.parse("1970-01-01T00:00:00Z");
        private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999Z");

        TransferBody {
            var members = new Members()
                    .id("tenant", tenant)
                    .text("from", from, 70)
                    .text("to", to, 70)
                    .text("mechanism", mechanism, 100)
                    .text("document", document, 2_000)
                    .text("approver", approver, 320)
                    .required("expires_at", expiresAt);
            if (expiresAt != null) {
                if (expiresAt.isBefore(FIRST) || expiresAt.isAfter(LAST)) {
                    members.wrong("expires_at", "must be between " + FIRST + " and " + LAST);
                } else {
                    expiresAt = expiresAt.truncatedTo(ChronoUnit.MILLIS);
                }
            }
            members.done();
        }

        Instant expires() {
            return java.util.Objects.requireNonNull(expiresAt, "refused by the constructor");
        }
    }

    private final JdbcClient db;
    private final RegionNoun regions;
    private final Presets presets;

    TransferNoun(JdbcClient db, RegionNoun regions, Presets presets) {
        this.db = db;
        this.regions = regions;
        this.presets = presets;
    }

    @Override
    public String kind() {
        return "transfer";
    }

    @Override
    public String plural() {
        return "transfers";
    }

    @Override
    public Class<TransferBody> type() {
        return TransferBody.class;
    }

    @Override
    public List<FormField> form() {
        return List.of(
                FormField.code("tenant", "Tenant").must().example("acme"),
                FormField.code("from", "From").must().example("EU").beside(),
                FormField.code("to", "To").must().example("US").hint("jurisdictions"),
                FormField.code("mechanism", "Mechanism").must().example("scc-2021-914"),
                FormField.text("document", "Document")
                        .must()
                        .example("https://acme.example/dpa-17.pdf")
                        .hint("link or file number"),
                FormField.text("approver", "Approved by")
                        .must()
                        .example("legal@acme.example")
                        .beside(),
                FormField.code("expires_at", "Expires").must().example("2027-06-30T00:00:00Z"));
    }

    @Override
    public int order() {
        return 60;
    }

    @Override
    public List<Reference> references(TransferBody transfer) {
        return List.of(new Reference("tenant", "tenant", transfer.tenant()));
    }

    @Override
    public Map<String, List<FieldError>> refuse(Map<String, TransferBody> proposed) {
        var inUse = regions.jurisdictions();
        var refused = new LinkedHashMap<String, List<FieldError>>();
        proposed.forEach((id, transfer) -> {
            var errors = new ArrayList<FieldError>();
            presets.jurisdictions()
                    .wrong(transfer.from(), inUse)
                    .ifPresent(message -> errors.add(new FieldError("from", message)));
            presets.jurisdictions()
                    .wrong(transfer.to(), inUse)
                    .ifPresent(message -> errors.add(new FieldError("to", message)));
            if (!errors.isEmpty()) refused.put(id, errors);
        });
        return refused;
    }

    @Override
    public Map<String, Declared<TransferBody>> find(Collection<String> ids, Caller caller) {
        var found = new LinkedHashMap<String, Declared<TransferBody>>();
        db.sql("""
                select id, tenant, from_place, to_place, mechanism, document, approver, expires_at, version, created_at,
                       updated_at
                  from transfer
                 where id = any (cast(:ids as text[]))
                   and tenant = coalesce(cast(:tenant as text), tenant)
                """)
                .param("ids", ids.toArray(String[]::new))
                .param("tenant", caller.tenant())
                .query(TransferNoun::row)
                .list()
                .forEach(one -> found.put(one.id(), one));
        return found;
    }

    @Override
    public List<Declared<TransferBody>> page(@Nullable String afterId, int limit, Caller caller) {
        return db.sql("""
                select id, tenant, from_place, to_place, mechanism, document, approver, expires_at, version, created_at,
                       updated_at
                  from transfer
                 where id > coalesce(cast(:after as text), '')
                   and tenant = coalesce(cast(:tenant as text), tenant)
                 order by id
                 limit :limit
                """)
                .param("after", afterId)
                .param("tenant", caller.tenant())
                .param("limit", limit)
                .query(TransferNoun::row)
                .list();
    }

    @Override
    public void insert(List<Declared<TransferBody>> news) {
        write("""
                insert into transfer (id, tenant, from_place, to_place, mechanism, document, approver, expires_at,
                                      version, created_at, updated_at)
                select id, tenant, from_place, to_place, mechanism, document, approver, expires_at, 1, at, at
                  from unnest(cast(:ids as text[]), cast(:tenants as text[]), cast(:froms as text[]),
                              cast(:tos as text[]), cast(:mechanisms as text[]), cast(:documents as text[]),
                              cast(:approvers as text[]), cast(:expiries as timestamptz[]),
                              cast(:instants as timestamptz[]))
                    as news (id, tenant, from_place, to_place, mechanism, document, approver, expires_at, at)
                """, news);
        begin(news);
    }

    @Override
    public void update(List<Edit<TransferBody>> edits) {
        var news = edits.stream().map(Edit::after).toList();
        end(news, news.getFirst().updatedAt());
        write("""
                update transfer
                   set tenant = news.tenant, from_place = news.from_place, to_place = news.to_place,
                       mechanism = news.mechanism, document = news.document, approver = news.approver,
                       expires_at = news.expires_at, version = transfer.version + 1, updated_at = news.at
                  from unnest(cast(:ids as text[]), cast(:tenants as text[]), cast(:froms as text[]),
                              cast(:tos as text[]), cast(:mechanisms as text[]), cast(:documents as text[]),
                              cast(:approvers as text[]), cast(:expiries as timestamptz[]),
                              cast(:instants as timestamptz[]))
                    as news (id, tenant, from_place, to_place, mechanism, document, approver, expires_at, at)
                 where transfer.id = news.id
                """, news);
        begin(news);
    }

    @Override
    public void delete(List<Declared<TransferBody>> gone, Instant now) {
        end(gone, now);
        db.sql("delete from transfer where id = any (cast(:ids as text[]))")
                .param("ids", Columns.of(gone, Declared::id))
                .update();
    }

    private void write(String sql, List<Declared<TransferBody>> transfers) {
        db.sql(sql)
                .param("ids", Columns.of(transfers, Declared::id))
                .param("tenants", Columns.of(transfers, one -> one.value().tenant()))
                .param("froms", Columns.of(transfers, one -> one.value().from()))
                .param("tos", Columns.of(transfers, one -> one.value().to()))
                .param("mechanisms", Columns.of(transfers, one -> one.value().mechanism()))
                .param("documents", Columns.of(transfers, one -> one.value().document()))
                .param("approvers", Columns.of(transfers, one -> one.value().approver()))
                .param("expiries", Columns.of(transfers, one -> one.value().expires()))
                .param("instants", Columns.of(transfers, Declared::updatedAt))
                .update();
    }

    /** From now on these are in force, until they expire. */
    private void begin(List<Declared<TransferBody>> transfers) {
        db.sql("""
                insert into transfer_validity (tenant, transfer, from_place, to_place, mechanism, valid_from, valid_until)
                select tenant, id, from_place, to_place, mechanism, at, expires_at
                  from unnest(cast(:ids as text[]), cast(:tenants as text[]), cast(:froms as text[]),
                              cast(:tos as text[]), cast(:mechanisms as text[]), cast(:expiries as timestamptz[]),
                              cast(:instants as timestamptz[]))
                    as news (id, tenant, from_place, to_place, mechanism, expires_at, at)
                 where expires_at > at
                """)
                .param("ids", Columns.of(transfers, Declared::id))
                .param("tenants", Columns.of(transfers, one -> one.value().tenant()))
                .param("froms", Columns.of(transfers, one -> one.value().from()))
                .param("tos", Columns.of(transfers, one -> one.value().to()))
                .param("mechanisms", Columns.of(transfers, one -> one.value().mechanism()))
                .param("expiries", Columns.of(transfers, one -> one.value().expires()))
                .param("instants", Columns.of(transfers, Declared::updatedAt))
                .update();
    }

    /** What was in force is so no more. */
    private void end(List<Declared<TransferBody>> transfers, Instant now) {
        db.sql("""
                update transfer_validity
                   set valid_until = cast(:now as timestamptz)
                 where transfer = any (cast(:ids as text[]))
                   and valid_until > cast(:now as timestamptz)
                """)
                .param("ids", Columns.of(transfers, Declared::id))
                .param("now", now.toString())
                .update();
    }

    @Override
    public List<Use> uses(String kind, Collection<String> ids, int limit) {
        if (!kind.equals("tenant")) return List.of();
        return db.sql("select id, tenant from transfer where tenant = any (cast(:ids as text[])) limit :limit")
                .param("ids", ids.toArray(String[]::new))
                .param("limit", limit)
                .query((row, n) -> new Use(kind(), row.getString("id"), row.getString("tenant")))
                .list();
    }

    private static Declared<TransferBody> row(ResultSet row, int n) throws SQLException {
        return Columns.declared(
                row,
                "id",
                new TransferBody(
                        row.getString("tenant"),
                        row.getString("from_place"),
                        row.getString("to_place"),
                        row.getString("mechanism"),
                        row.getString("document"),
                        row.getString("approver"),
                        Columns.instant(row, "expires_at")));
    }
}
