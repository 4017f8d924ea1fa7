package io.muster.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.server.access.Caller.Kind;
import io.muster.server.deadline.PassingTime;
import io.muster.server.testing.Http;
import io.muster.server.testing.Owner;
import io.muster.server.testing.ServerTest;
import io.muster.server.testing.Story;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.core.context.SecurityContextHolder;

/** The second wall around a tenant stands around every table that names one, and the login that serves cannot climb it. */
@ServerTest
class RowSecurityTest {
    /** Whose rows are a tenant's, by the column that says so; what is the operator's alone shows a tenant nothing. */
    private static final String TABLES = """
            select table_name, column_name
              from information_schema.columns
             where table_schema = 'public'
               and (column_name in ('tenant', 'tenant_id', 'log') or (table_name, column_name) = ('tenant', 'id'))
             order by table_name
            """;

    private static final List<String> OPERATORS = List.of("alert", "alert_channel", "delivery");

    private record Table(String name, String tenant) {}

    @Autowired
    Http http;

    @Autowired
    PassingTime time;

    @Autowired
    Access access;

    @Autowired
    JdbcClient db;

    JdbcClient owner;
    List<Table> tables;

    @BeforeEach
    void everyTableThatNamesATenant(@Autowired Environment environment) {
        owner = Owner.of(environment);
        tables = owner.sql(TABLES)
                .query((row, n) -> new Table(row.getString("table_name"), row.getString("column_name")))
                .list();
        assertThat(tables)
                .extracting(Table::name)
                .contains("tenant", "exposure", "own_event", "api_key", "probe_count");
    }

    @AfterEach
    void nobodyCalls() {
        SecurityContextHolder.clearContext();
    }

    @Test
    void each_has_row_security_forced_also_upon_its_owner_and_a_policy_that_asks_for_the_tenant() {
        var names = new ArrayList<>(tables.stream().map(Table::name).toList());
        names.addAll(OPERATORS);
        for (var name : names) {
            assertThat(owner.sql(
                                    "select relrowsecurity and relforcerowsecurity from pg_class where oid = cast(:t as regclass)")
                            .param("t", name)
                            .query(Boolean.class)
                            .single())
                    .as(name)
                    .isTrue();
            assertThat(owner.sql("select qual from pg_policies where tablename = :t and cmd in ('ALL', 'SELECT')")
                            .param("t", name)
                            .query(String.class)
                            .list())
                    .as(name)
                    .singleElement()
                    .asString()
                    .contains("current_setting('muster.tenant'::text, true)");
        }
    }

    @Test
    void a_confined_caller_sees_rows_of_its_tenant_in_each_and_of_no_other() {
        new Story(http, db, time.now()).tell();
        http.post("/api/v1/keys", """
                {"name":"theirs","may":"read","tenant":"montclair"}""");
        http.put("/api/v1/alert-channels/ops", """
                {"kind":"email","to":"ops@example.com"}""");
        access.become(new Caller(Kind.KEY, "test", false, false, false, "default", "montclair", null, null));
        for (var table : tables) {
            assertThat(db.sql("select distinct %s from %s".formatted(table.tenant(), table.name()))
                            .query((row, n) -> row.getString(1))
                            .list())
                    .as(table.name())
                    .isSubsetOf("montclair");
        }
        for (var seen : List.of("tenant", "exposure", "exposure_history", "api_key")) { // else it would prove nothing
            assertThat(count(seen)).as(seen).isPositive();
            assertThat(count(seen)).as(seen).isLessThan(owners(seen));
        }
        assertThat(owners("own_event")).isPositive();
        assertThat(owners("alert_channel")).isPositive();
        OPERATORS.forEach(name -> assertThat(count(name)).as(name).isZero());
        assertThatThrownBy(
                        () -> db.sql("update exposure set tenant = 'redwood'").update())
                .hasStackTraceContaining("row-level security");
    }

    @Test
    void the_login_that_serves_can_neither_lift_it_nor_become_somebody_who_can() {
        assertThat(db.sql("""
                        select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication
                               or exists (select from pg_auth_members where member = r.oid)
                               or exists (select from pg_class where relowner = r.oid)
                          from pg_roles r
                         where rolname = current_user
                        """).query(Boolean.class).single()).isFalse();
        for (var table : tables) {
            for (var act :
                    List.of("disable row level security", "no force row level security", "owner to muster_app")) {
                assertThatThrownBy(() -> db.sql("alter table " + table.name() + " " + act)
                                .update())
                        .as(table.name())
                        .hasStackTraceContaining("must be owner of table");
            }
        }
        assertThatThrownBy(() -> db.sql("set role muster_owner").update())
                .hasStackTraceContaining("permission denied to set role");
        assertThatThrownBy(() -> db.sql("drop policy own_tenant on tenant").update())
                .hasStackTraceContaining("must be owner of");
        assertThatThrownBy(() ->
                        db.sql("create policy all_of_it on tenant using (true)").update())
                .hasStackTraceContaining("must be owner of table tenant");
        assertThatThrownBy(() -> db.sql("create table mine (x int)").update())
                .hasStackTraceContaining("permission denied for schema public");
        assertThat(owner.sql("""
                        select string_agg(distinct table_name || ' ' || privilege_type, ', ')
                          from information_schema.role_table_grants
                         where grantee in ('muster_app', 'PUBLIC')
                           and table_schema = 'public'
                           and privilege_type not in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
                        """)
                        .query((row, n) -> String.valueOf(row.getString(1)))
                        .single())
                .isEqualTo("null");
    }

    @Test
    void what_is_on_record_can_only_be_added_to() {
        new Story(http, db, time.now()).tell();
        for (var table : List.of("own_event", "exposure_history", "policy_version")) {
            for (var act : List.of("delete from " + table, "truncate " + table)) {
                assertThatThrownBy(() -> db.sql(act).update()).as(act).hasStackTraceContaining("permission denied");
            }
        }
        assertThatThrownBy(() -> db.sql("update own_event set at = now()").update())
                .hasStackTraceContaining("permission denied");
        assertThatThrownBy(() -> db.sql("delete from exposure").update()).hasStackTraceContaining("permission denied");
    }

    private long count(String table) {
        return db.sql("select count(*) from " + table).query(Long.class).single();
    }

    private long owners(String table) {
        return owner.sql("select count(*) from " + table).query(Long.class).single();
    }
}
