package io.muster.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.server.access.Caller.Kind;
import io.muster.server.testing.Owner;
import io.muster.server.testing.ServerTest;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The queries here ask for every tenant's rows, as if the application's own check had been forgotten. */
@ServerTest
class TenantConfinementTest {

    private static final String ALL = "select tenant from secrets_of_tenants order by tenant";

    @Autowired
    Access access;

    @Autowired
    JdbcClient db;

    @Autowired
    PlatformTransactionManager transactions;

    JdbcClient owner;

    @BeforeEach
    void table(@Autowired Environment environment) {
        owner = Owner.of(environment);
        owner.sql("create table secrets_of_tenants (tenant text collate \"C\" not null)")
                .update();
        owner.sql("grant select, insert on secrets_of_tenants to muster_app").update();
        owner.sql("alter table secrets_of_tenants enable row level security").update();
        owner.sql("""
                create policy confined on secrets_of_tenants
                    using (coalesce(current_setting('muster.tenant', true), '') in ('', tenant))
                """).update();
        owner.sql("insert into secrets_of_tenants values ('acme'), ('globex')").update();
    }

    @AfterEach
    void drop() {
        SecurityContextHolder.clearContext();
        owner.sql("drop table secrets_of_tenants").update();
    }

    @Test
    void the_database_alone_shows_a_tenant_its_own_rows_only() {
        assertThat(rows()).containsExactly("acme", "globex");
        become("acme");
        assertThat(rows()).containsExactly("acme");
        become("globex");
        assertThat(rows()).containsExactly("globex");
        SecurityContextHolder.clearContext();
        assertThat(rows()).containsExactly("acme", "globex");
    }

    @Test
    void it_holds_in_transactions_and_after_they_were_rolled_back() {
        become("acme");
        new TransactionTemplate(transactions).executeWithoutResult(status -> {
            assertThat(rows()).containsExactly("acme");
            status.setRollbackOnly();
        });
        assertThat(rows()).containsExactly("acme");
        assertThatThrownBy(() -> db.sql("insert into secrets_of_tenants values ('globex')")
                        .update())
                .hasStackTraceContaining("row-level security");
        SecurityContextHolder.clearContext();
        new TransactionTemplate(transactions)
                .executeWithoutResult(status -> assertThat(rows()).containsExactly("acme", "globex"));
    }

    @Test
    void no_connection_keeps_a_tenant() {
        IntStream.range(0, 100).forEach(n -> {
            become(n % 2 == 0 ? "acme" : "globex");
            assertThat(rows()).hasSize(1);
            SecurityContextHolder.clearContext();
            assertThat(rows()).hasSize(2);
        });
    }

    private List<String> rows() {
        return db.sql(ALL).query(String.class).list();
    }

    private void become(String tenant) {
        access.become(new Caller(Kind.KEY, "test", false, false, false, "default", tenant, null, null));
    }
}
