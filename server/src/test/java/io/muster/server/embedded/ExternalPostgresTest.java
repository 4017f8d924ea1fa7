package io.muster.server.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.testing.ServerProcess.Start;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.util.FileSystemUtils;

/** A PostgreSQL of somebody else, from 15 on, prepared by the script that the README names. */
class ExternalPostgresTest {
    private static final String OWNER_PASSWORD = "change-me-owner";
    private static final String APP_PASSWORD = "change-me-app";

    private Path folder;
    private OtherPostgres postgres;

    @BeforeEach
    void prepareIt() throws Exception {
        folder = Files.createTempDirectory("muster-external-");
        postgres = OtherPostgres.start(folder);
        var script = Files.readString(Path.of("../deploy/postgresql.sql")).split("\\\\connect muster\\n", 2);
        try (var admin = postgres.connect()) {
            runEach(admin, "drop database if exists muster", "drop role if exists muster_app, muster_owner");
            runEach(admin, script[0].split(";[^\\n]*\\n"));
        }
        try (var admin = DriverManager.getConnection(postgres.adminUrl("muster"))) {
            runEach(admin, script[1].split(";[^\\n]*\\n"));
        }
    }

    @AfterEach
    void stopIt() throws Exception {
        postgres.close();
        FileSystemUtils.deleteRecursively(folder);
    }

    @Test
    void migrations_and_server_work_on_it_as_on_our_own() throws Exception {
        var settings = Map.of(
                "MUSTER_DATABASE_URL",
                postgres.url("muster"),
                "MUSTER_DATABASE_USER",
                "muster_app",
                "MUSTER_DATABASE_PASSWORD",
                APP_PASSWORD,
                "MUSTER_DATABASE_OWNER_USER",
                "muster_owner",
                "MUSTER_DATABASE_OWNER_PASSWORD",
                OWNER_PASSWORD);
        var data = folder.resolve("data");
        var start = Start.serve(data).with(settings);
        try (var server = start.startAndAwait()) {
            assertThat(data.resolve("postgres")).doesNotExist();
            assertThat(server.send("PUT", "/api/v1/policies/eu-only", """
                            {"name": "EU only", "extends": "gdpr-eea-only"}
                            """).statusCode())
                    .isEqualTo(201);
            assertThat(server.process().descendants()).isEmpty();
        }
        try (var again = start.startAndAwait()) {
            assertThat(again.get("/api/v1/policies/eu-only").body()).contains("\"name\":\"EU only\"");
        }
        var own = TestPostgres.fresh();
        assertThat(schema(DriverManager.getConnection(postgres.url("muster"), "muster_owner", OWNER_PASSWORD)))
                .isNotEmpty()
                .isEqualTo(schema(DriverManager.getConnection(own.url(), own.ownerUser(), own.ownerPassword())));
    }

    @Test
    void a_superuser_may_not_serve_and_is_told_so_in_one_line() throws Exception {
        var start = Start.serve(folder.resolve("data"))
                .with(Map.of(
                        "MUSTER_DATABASE_URL",
                        postgres.url("muster"),
                        "MUSTER_DATABASE_USER",
                        "super_muster",
                        "MUSTER_DATABASE_PASSWORD",
                        "pw",
                        "MUSTER_DATABASE_OWNER_USER",
                        "muster_owner",
                        "MUSTER_DATABASE_OWNER_PASSWORD",
                        OWNER_PASSWORD));
        try (var admin = postgres.connect()) {
            runEach(admin, "create role super_muster superuser login password 'pw'");
        }
        try (var server = start.start()) {
            assertThat(server.awaitEnd()).isEqualTo(1);
            assertThat(server.printed())
                    .contains("muster: MUSTER_DATABASE_USER super_muster is a superuser: row level security would not"
                            + " bind it; give a plain login");
        } finally {
            try (var admin = DriverManager.getConnection(postgres.adminUrl("muster"))) {
                runEach(admin, "drop owned by super_muster", "drop role super_muster");
            }
        }
    }

    /** Columns, constraints, indexes, policies and grants, as text; but for months of events. */
    private static List<String> schema(Connection connection) {
        try (var one = new SingleConnectionDataSource(connection, true)) {
            return JdbcClient.create(one).sql("""
                            select 'column ' || table_name || '.' || column_name || ' ' || udt_name || ' '
                                       || coalesce(collation_name, '') || ' ' || is_nullable as line
                              from information_schema.columns
                             where table_schema in ('public', 'sealed')
                             union all
                            select 'index ' || indexdef
                              from pg_indexes
                             where schemaname in ('public', 'sealed')
                             union all
                            select 'policy ' || tablename || ' ' || policyname || ' ' || qual
                              from pg_policies
                             where schemaname in ('public', 'sealed')
                             union all
                            select 'grant ' || privilege_type || ' on ' || table_name || ' to ' || grantee
                              from information_schema.role_table_grants
                             where table_schema in ('public', 'sealed')
                               and grantee = 'muster_app'
                             union all
                            select 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
                              from pg_constraint
                             where connamespace in ('public'::regnamespace, 'sealed'::regnamespace)
                               and contype <> 'n'
                             order by line
                            """).query(String.class).list().stream()
                    .filter(line ->
                            line == null || !line.contains("audit_event_2")) // months, which a running server makes
                    .toList();
        }
    }

    private static void runEach(Connection connection, String... statements) throws Exception {
        try (var sql = connection.createStatement()) {
            for (var statement : statements) {
                if (!statement.isBlank()) {
                    sql.execute(statement);
                }
            }
        }
    }
}
