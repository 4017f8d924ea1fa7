package io.muster.server.residency;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.testing.Http;
import io.muster.server.testing.MariaDb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real MariaDB, looked into with a login that may do all: what keeps it whole is how Muster asks. */
class MySqlProbeTest extends Probing {

    private static MariaDb database;

    @BeforeAll
    static void start() throws Exception {
        database = new MariaDb();
        database.execute("create database intake");
        database.execute("create sequence intake.numbers");
        for (var host : new String[] {"localhost", "127.0.0.1"}) {
            database.execute("create user probe@'" + host + "' identified by 'probe-password'");
            database.execute("grant all on *.* to probe@'" + host + "'");
        }
        database.execute(
                "create function intake.eat() returns int modifies sql data begin delete from intake.users; return 1; end");
    }

    @AfterAll
    static void stop() throws Exception {
        database.close();
    }

    @BeforeEach
    void declare() throws Exception {
        database.execute("create or replace table intake.users (tenant_id varchar(63), created_at datetime(3))");
        database.execute("create or replace table intake.old (tenant_id varchar(63)) engine = MyISAM");
        database.execute("insert into intake.old values ('acme')");
        row("acme", "2026-03-01 02:30:00.123");
        row("acme", "2026-03-01 02:50:00");
        secret("mysql-user", "probe");
        secret("mysql-password", "probe-password");
        driver("org.mariadb.jdbc.Driver");
        store("mysql", "?sslmode=disable");
    }

    @Test
    void rows_that_are_there_open_a_violation_and_close_it_when_they_are_gone() throws SQLException {
        probe("select tenant_id, count(*), min(created_at) from users group by 1");
        var answer = run("mysql");
        assertThat(answer.get("state").asString()).as(answer.toString()).isEqualTo("ok");
        assertThat(answer.get("rows").asLong()).isEqualTo(2);
        assertThat(answer.get("tenants").get(0).get("oldest").asString()).isEqualTo("2026-03-01T02:30:00.123Z");
        assertThat(open()).hasSize(1);
        assertThat(open().get(0).get("evidence").asString()).isEqualTo("measured");
        database.execute("delete from intake.users");
        time.passes(Duration.ofMinutes(1));
        assertThat(run("mysql").get("rows").asLong()).isZero();
        assertThat(open()).isEmpty();
    }

    @Test
    void timestamps_are_read_in_utc_and_sums_count_too() throws SQLException {
        database.execute("set global time_zone = '+05:30'");
        database.execute("create or replace table intake.stamps (tenant_id varchar(63), at timestamp)");
        database.execute("insert into intake.stamps values ('acme', from_unixtime(1772330400))");
        probe(
                "with each_of (t, n, m) as (select tenant_id, 1, at from stamps) select `t`, sum(n), min(m) from each_of group by `t`");
        var answer = run("mysql");
        assertThat(answer.get("state").asString()).as(answer.toString()).isEqualTo("ok");
        assertThat(answer.get("tenants").get(0).get("oldest").asString()).isEqualTo("2026-03-01T02:00:00.000Z");
        database.execute("set global time_zone = 'SYSTEM'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select 'a', 1, null; commit; drop table users",
                "select 'a', 1, null) as probe; commit; drop table users",
                "select 'a', 1, null) as x, (select 1",
                "select 'a', 1, null) as x limit 1 -- ",
                "select 'a', 1, null) as x limit 1 # ",
                "select 'a', 1, null) as x /* ",
                "select 'a', 1, null /*!50000 into outfile '/tmp/x' */",
                "select 'a', 1, null into outfile '/tmp/x'",
                "select 'a', 1, null into @x",
                "select load_file('/etc/passwd'), 1, null",
                "select 'a', nextval(numbers), null",
                "select tenant_id, 1, created_at from users for update",
                "select tenant_id, 1, created_at from users lock in share mode",
                "select 'a\\\\', 1, null) as x, (select ' '",
                "select 'a', 1, [null]",
                "select 'a, 1, null",
                "select `a, 1, null"
            })
    void hostile_text_is_refused(String sql) {
        var answer = declare(sql);
        assertThat(answer.status()).as(answer.body()).isEqualTo(422);
        assertThat(answer.json().get("errors").get(0).get("field").asString()).isEqualTo("sql");
        assertThat(http.get("/api/v1/probes/mysql").status()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select 'acme', eat(), now() from users",
                "select 'acme', sleep(30), now()",
                "select 'acme', count(*), now() from users a, users b, users c where sleep(5)",
                "select 'acme', next value for numbers, now()",
                "delete from users returning tenant_id, 1, now()"
            })
    void text_that_tries_to_write_or_to_stay_changes_nothing(String sql) throws SQLException {
        probe(sql);
        long begun = System.nanoTime();
        var answer = run("mysql");
        assertThat(answer.get("state").asString()).as(answer.toString()).isEqualTo("failed");
        assertThat(answer.get("failure").asString()).doesNotContain("Access denied");
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(20));
        assertThat(database.count("select count(*) from intake.users")).isEqualTo(2);
        assertThat(database.count("select count(*) from intake.old")).isEqualTo(1);
    }

    @Test
    void query_of_another_shape_proves_nothing() {
        probe("select tenant_id, count(*) from users group by 1");
        assertThat(run("mysql").get("failure").asString()).contains("three columns");
        probe("select null, 1, now()");
        assertThat(run("mysql").get("failure").asString()).isEqualTo("a row without a tenant");
        probe("select 'acme', 1, null");
        assertThat(run("mysql").get("failure").asString()).contains("no oldest instant");
        probe("select seq, 1, now() from seq_1_to_100001");
        assertThat(run("mysql").get("failure").asString()).contains("more than 100000 rows");
    }

    @Test
    void without_a_word_on_tls_the_servers_certificate_must_be_right() {
        store("mysql", "");
        probe("select 'acme', 1, now()");
        assertThat(run("mysql").get("failure").asString()).containsIgnoringCase("ssl");
    }

    @Test
    void wrong_password_and_no_server_prove_nothing() throws IOException {
        probe("select 'acme', 1, now()");
        secret("mysql-password", "another-password");
        assertThat(run("mysql").get("failure").asString())
                .contains("Access denied")
                .doesNotContain("another-password");
        ok(http.put("/api/v1/stores/intake-us", """
                {"region":"us-east-1","role":"intake","kind":"mysql","url":"mysql://127.0.0.1:1/x?sslmode=disable"}"""));
        assertThat(run("mysql").get("state").asString()).isEqualTo("failed");
    }

    /** No SQL Server can be had here: its driver is loaded, takes what we give it, and finds nobody. */
    @Test
    void sql_servers_driver_is_loaded_and_finds_no_server() throws IOException {
        driver("com.microsoft.sqlserver.jdbc.SQLServerDriver");
        ok(http.put("/api/v1/stores/intake-us", """
                {"region":"us-east-1","role":"intake","kind":"sqlserver","url":"sqlserver://127.0.0.1:1/intake",
                 "user":"file:mysql-user","password":"file:mysql-password"}"""));
        probe("select [tenant_id], count(*), min([created_at]) from users group by [tenant_id]");
        assertThat(run("mysql").get("failure").asString())
                .contains("127.0.0.1, port 1")
                .doesNotContain("probe-password");
    }

    @Test
    void driver_that_is_not_the_very_one_is_not_loaded() throws IOException {
        var jar = folder.path().resolve("drivers").resolve(Drivers.Jar.SQLSERVER.file());
        Files.createDirectories(jar.getParent());
        var drivers = new Drivers(folder, "");
        Files.deleteIfExists(jar);
        assertThat(failure(drivers, Drivers.Jar.SQLSERVER)).startsWith("put mssql-jdbc-");
        Files.writeString(jar, "something else");
        assertThat(failure(drivers, Drivers.Jar.SQLSERVER)).contains("its SHA-256 must be e36f5237");
        Files.delete(jar);
    }

    // ---- words of these tests

    private static String failure(Drivers drivers, Drivers.Jar jar) {
        try {
            return drivers.driver(jar).toString();
        } catch (ProvesNothing why) {
            return String.valueOf(why.getMessage());
        }
    }

    private void driver(String name) throws IOException {
        var jar = MariaDb.jarOf(name);
        var drivers = Files.createDirectories(folder.path().resolve("drivers"));
        Files.copy(jar, drivers.resolve(jar.getFileName().toString()), StandardCopyOption.REPLACE_EXISTING);
    }

    private void store(String kind, String query) {
        ok(http.put("/api/v1/stores/intake-us", """
                {"region":"us-east-1","role":"intake","kind":"%s","url":"mysql://127.0.0.1:%d/intake%s",
                 "user":"file:mysql-user","password":"file:mysql-password"}""".formatted(kind, database.port(), query)));
    }

    private static void row(String tenant, String at) throws SQLException {
        database.execute("insert into intake.users values ('" + tenant + "', '" + at + "')");
    }

    private Http.Answer declare(String sql) {
        return http.put("/api/v1/probes/mysql", """
                {"store":"intake-us","every":"PT1M","timeout":"PT1S","sql":"%s"}""".formatted(sql));
    }

    private void probe(String sql) {
        ok(declare(sql));
    }
}
