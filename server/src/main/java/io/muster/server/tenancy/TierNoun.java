package io.muster.server.tenancy;

import io.muster.server.access.Caller;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The table {@code tier}. */
@Component
class TierNoun implements Noun<TierNoun.Tier> {

    /** A recovery promise in JSON. */
    record Tier(
            String name,
            Span rto,
            Span rpo,
            Span backupEvery,
            Span restoreTestEvery,
            Span drillEvery,
            Span firstUpdateWithin) {

        private static final Span LONGEST = Members.days(3_650);

        Tier {
            new Members()
                    .text("name", name, 200)
                    .span("rto", rto, Members.SECOND, LONGEST)
                    .span("rpo", rpo, Members.NOTHING, LONGEST)
                    .span("backup_every", backupEvery, Members.MINUTE, LONGEST)
                    .span("restore_test_every", restoreTestEvery, Members.MINUTE, LONGEST)
                    .span("drill_every", drillEvery, Members.MINUTE, LONGEST)
                    .span("first_update_within", firstUpdateWithin, Members.MINUTE, LONGEST)
                    .done();
        }
    }

    private final JdbcClient db;

    TierNoun(JdbcClient db) {
        this.db = db;
    }

    @Override
    public String kind() {
        return "tier";
    }

    @Override
    public String plural() {
        return "tiers";
    }

    @Override
    public Class<Tier> type() {
        return Tier.class;
    }

    @Override
    public List<FormField> form() {
        return List.of(
                FormField.text("name", "Name").must().example("Gold"),
                FormField.code("rto", "RTO").must().example("PT1H").beside(),
                FormField.code("rpo", "RPO").must().example("PT15M"),
                FormField.code("backup_every", "Backup every")
                        .must()
                        .example("PT1H")
                        .beside(),
                FormField.code("restore_test_every", "Restore test every")
                        .must()
                        .example("P30D"),
                FormField.code("drill_every", "Drill every")
                        .must()
                        .example("P90D")
                        .beside(),
                FormField.code("first_update_within", "First update within")
                        .must()
                        .example("PT30M"));
    }

    @Override
    public int order() {
        return 30;
    }

    @Override
    public Map<String, Declared<Tier>> find(Collection<String> ids, Caller caller) {
        var found = new LinkedHashMap<String, Declared<Tier>>();
        db.sql("""
                select id, name, rto, rpo, backup_every, restore_test_every, drill_every, first_update_within, version,
                       created_at, updated_at
                  from tier
                 where id = any (cast(:ids as text[]))
                """)
                .param("ids", ids.toArray(String[]::new))
                .query(TierNoun::row)
                .list()
                .forEach(one -> found.put(one.id(), one));
        return found;
    }

    @Override
    public List<Declared<Tier>> page(@Nullable String afterId, int limit, Caller caller) {
        return db.sql("""
                select id, name, rto, rpo, backup_every, restore_test_every, drill_every, first_update_within, version,
                       created_at, updated_at
                  from tier
                 where id > coalesce(cast(:after as text), '')
                 order by id
                 limit :limit
                """)
                .param("after", afterId)
                .param("limit", limit)
                .query(TierNoun::row)
                .list();
    }

    /** What was shipped and never changed. */
    @Override
    public Set<String> undeclared(List<Declared<Tier>> things, Caller caller) {
        return new HashSet<>(
                db.sql("select id from tier where shipped and version = 1 and id = any (cast(:ids as text[]))")
                        .param("ids", Columns.of(things, Declared::id))
                        .query((row, n) -> row.getString(1))
                        .list());
    }

    @Override
    public void insert(List<Declared<Tier>> news) {
        write("""
                insert into tier (id, name, rto, rpo, backup_every, restore_test_every, drill_every,
                                  first_update_within, version, created_at, updated_at)
                select id, name, rto, rpo, backup_every, restore_test_every, drill_every, first_update_within, 1, at, at
                  from unnest(cast(:ids as text[]), cast(:names as text[]), cast(:rtos as text[]), cast(:rpos as text[]),
                              cast(:backups as text[]), cast(:restores as text[]), cast(:drills as text[]),
                              cast(:updates as text[]), cast(:instants as timestamptz[]))
                    as news (id, name, rto, rpo, backup_every, restore_test_every, drill_every, first_update_within, at)
                """, news);
    }

    @Override
    public void update(List<Edit<Tier>> edits) {
        write("""
                update tier
                   set name = news.name, rto = news.rto, rpo = news.rpo, backup_every = news.backup_every,
                       restore_test_every = news.restore_test_every, drill_every = news.drill_every,
                       first_update_within = news.first_update_within, version = tier.version + 1, updated_at = news.at
                  from unnest(cast(:ids as text[]), cast(:names as text[]), cast(:rtos as text[]), cast(:rpos as text[]),
                              cast(:backups as text[]), cast(:restores as text[]), cast(:drills as text[]),
                              cast(:updates as text[]), cast(:instants as timestamptz[]))
                    as news (id, name, rto, rpo, backup_every, restore_test_every, drill_every, first_update_within, at)
                 where tier.id = news.id
                """, edits.stream().map(Edit::after).toList());
    }

    private void write(String sql, List<Declared<Tier>> tiers) {
        db.sql(sql)
                .param("ids", Columns.of(tiers, Declared::id))
                .param("names", Columns.of(tiers, one -> one.value().name()))
                .param("rtos", Columns.of(tiers, one -> one.value().rto()))
                .param("rpos", Columns.of(tiers, one -> one.value().rpo()))
                .param("backups", Columns.of(tiers, one -> one.value().backupEvery()))
                .param("restores", Columns.of(tiers, one -> one.value().restoreTestEvery()))
                .param("drills", Columns.of(tiers, one -> one.value().drillEvery()))
                .param("updates", Columns.of(tiers, one -> one.value().firstUpdateWithin()))
                .param("instants", Columns.of(tiers, Declared::updatedAt))
                .update();
    }

    @Override
    public void delete(List<Declared<Tier>> gone, Instant now) {
        db.sql("delete from tier where id = any (cast(:ids as text[]))")
                .param("ids", Columns.of(gone, Declared::id))
                .update();
    }

    private static Declared<Tier> row(ResultSet row, int n) throws SQLException {
        return Columns.declared(
                row,
                "id",
                new Tier(
                        row.getString("name"),
                        Span.of(row.getString("rto")),
                        Span.of(row.getString("rpo")),
                        Span.of(row.getString("backup_every")),
                        Span.of(row.getString("restore_test_every")),
                        Span.of(row.getString("drill_every")),
                        Span.of(row.getString("first_update_within"))));
    }
}
