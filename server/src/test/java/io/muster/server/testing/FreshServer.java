package io.muster.server.testing;

import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.test.context.junit.jupiter.SpringExtension;

/** Each test begins with empty tables (but for what migrations put there), at three in the morning. */
class FreshServer implements BeforeEachCallback {

    /** What migrations or the first start fill: kept, but for rows that a test added. */
    private static final String KEPT =
            "'flyway_schema_history', 'installation', 'region', 'tier', 'project', 'account', 'api_key', 'secret_check'";

    @Override
    public void beforeEach(ExtensionContext test) {
        var server = SpringExtension.getApplicationContext(test);
        server.getBean(TestClock.class).reset();
        server.getBean(TestBackground.class).forget();
        var environment = server.getBean(Environment.class);
        var owner = JdbcClient.create(new DriverManagerDataSource(
                environment.getRequiredProperty("muster.database.url"),
                environment.getRequiredProperty("muster.database.owner-user"),
                environment.getRequiredProperty("muster.database.owner-password")));
        var written = owner.sql("""
                        select coalesce(string_agg(format('%%I.%%I', schemaname, tablename), ', '), '')
                          from pg_tables
                         where schemaname in ('public', 'sealed')
                           and tablename not in (%s)
                           and pg_relation_size(cast(format('%%I.%%I', schemaname, tablename) as regclass)) > 0
                        """.formatted(KEPT)).query(String.class).single();
        // to truncate all of them takes a tenth of a second
        if (!written.isEmpty())
            owner.sql("truncate " + written + " restart identity cascade").update();
        owner.sql("delete from api_key where may <> 'admin'").update();
        owner.sql("update api_key set last_used_at = '2026-03-01T03:00:00Z'").update(); // its use is no news
        owner.sql("delete from account").update();
        owner.sql("delete from region where not shipped").update();
        owner.sql("delete from tier where not shipped").update();
        owner.sql("delete from project where id <> 'default'").update();
    }
}
