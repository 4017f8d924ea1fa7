package io.muster.server.residency;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.server.embedded.DataFolder;
import io.muster.server.problem.Refused;
import io.muster.server.residency.Drivers.Jar;
import io.muster.server.testing.LocalHttp;
import io.muster.server.testing.MariaDb;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Drivers of other databases: which jar, whence, and what they are told. */
class DriversTest {

    @TempDir
    Path data;

    @ParameterizedTest
    @EnumSource
    void the_jar_is_the_one_that_the_tests_ran_with(Jar jar) throws Exception {
        var tested = MariaDb.jarOf(jar.driver);
        assertThat(tested.getFileName()).hasToString(jar.file());
        var hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(tested));
        assertThat(HexFormat.of().formatHex(hash)).isEqualTo(jar.sha256);
    }

    @Test
    void driver_is_fetched_once_checked_and_sees_nothing_of_ours() throws Exception {
        var asked = new CopyOnWriteArrayList<String>();
        try (var folder = DataFolder.open(data);
                var repository = new LocalHttp(exchange -> {
                    asked.add(exchange.getRequestURI().getPath());
                    var body = exchange.getRequestURI().getPath().startsWith("/right/")
                            ? Files.readAllBytes(MariaDb.jarOf(Jar.MARIADB.driver))
                            : "another".getBytes(UTF_8);
                    exchange.sendResponseHeaders(200, body.length);
                    exchange.getResponseBody().write(body);
                })) {
            var base = repository.url("");
            assertThatThrownBy(() -> new Drivers(folder, base + "/wrong/").driver(Jar.MARIADB))
                    .hasMessageContaining("is not the driver that it should be");
            assertThat(data.resolve("drivers")).doesNotExist();

            var driver = new Drivers(folder, base + "/right/").driver(Jar.MARIADB);
            assertThat(asked).last().isEqualTo("/right/" + Jar.MARIADB.path);
            assertThat(driver.getClass().getClassLoader())
                    .isNotSameAs(getClass().getClassLoader());
            assertThatThrownBy(() -> driver.getClass().getClassLoader().loadClass("io.muster.server.MusterServer"))
                    .isInstanceOf(ClassNotFoundException.class);
            assertThat(new Drivers(folder, "").driver(Jar.MARIADB).getClass().getName())
                    .isEqualTo(Jar.MARIADB.driver);
            assertThat(asked).hasSize(2);
        }
    }

    @Test
    void sql_server_is_reached_with_tls_unless_the_url_says_otherwise() {
        var told = sqlserver("sqlserver://db.internal/intake");
        assertThat(told)
                .containsEntry("serverName", "db.internal")
                .containsEntry("portNumber", "1433")
                .containsEntry("databaseName", "intake")
                .containsEntry("encrypt", "true")
                .containsEntry("trustServerCertificate", "false");
        assertThat(sqlserver("sqlserver://db.internal:1444/intake?sslmode=require"))
                .containsEntry("portNumber", "1444")
                .containsEntry("encrypt", "true")
                .containsEntry("trustServerCertificate", "true");
        assertThat(sqlserver("sqlserver://db.internal/intake?sslmode=disable")).containsEntry("encrypt", "false");
    }

    @Test
    void sql_server_is_asked_for_at_most_one_row_too_many() {
        assertThat(Dialect.SQLSERVER.wrapped("select t, count(*), min(at) from users group by t"))
                .isEqualTo("""
                        select top (100001) cast(tenant as nvarchar(4000)), cast(n as bigint), cast(oldest as datetimeoffset) from (
                        select t, count(*), min(at) from users group by t
                        ) as probe(tenant, n, oldest)""");
    }

    @Test
    void ordinary_queries_of_sql_server_pass() {
        Dialect.SQLSERVER.check(
                "select [tenant id], count_big(*), min(x.[at]) from dbo.users as x where note <> 'it''s (' group by [tenant id]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select 'a', 1, null; drop table users",
                "select 'a', 1, null) as p(a,b,c); exec xp_cmdshell 'dir'",
                "select 'a', 1, null) as x, (select 1",
                "select [it's], 1, null) as p, (select ' ] ' from x",
                "select * from openrowset('SQLNCLI', 'x', 'select 1')",
                "select * from OPENQUERY(other, 'delete from users')",
                "select * from opendatasource('SQLNCLI', 'x').db.dbo.t",
                "select 'a', 1, null into users2",
                "exec sp_who",
                "xp_cmdshell 'dir'",
                "select t, 1, at from users with (tablockx)",
                "select 'a', 1, null -- ",
                "select 'a', 1, null /* ",
                "select \"a, 1, null",
                "select [a, 1, null",
                "select {fn now()}, 1, null",
                "select `a`, 1, null"
            })
    void hostile_text_for_sql_server_is_refused(String sql) {
        assertThatThrownBy(() -> Dialect.SQLSERVER.check(sql)).isInstanceOf(Refused.class);
    }

    private static Properties sqlserver(String url) {
        return DatabaseLook.sqlserver(new Properties(), URI.create(url), Duration.ofSeconds(10));
    }
}
