package io.muster.server.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

class ExternalDatabaseTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://h:1/d?a=b",
                "postgresql://h:1/d?a=b",
                "postgres://h:1/d?a=b",
                " postgresql://h:1/d?a=b "
            })
    void both_forms_of_an_address_are_taken(String url) {
        assertThat(DatabaseUrl.ofDriver(url)).isEqualTo("jdbc:postgresql://h:1/d?a=b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "mysql://h/d", "postgresql://h", "jdbc:h2:mem:x", "postgresql://me:secret@h/d"})
    void others_are_refused_without_being_repeated(String url) {
        assertThatThrownBy(() -> DatabaseUrl.ofDriver(url))
                .isInstanceOf(CannotStart.class)
                .hasMessageStartingWith("MUSTER_DATABASE_URL must")
                .message()
                .doesNotContain("secret");
    }

    @Test
    void a_login_that_row_level_security_does_not_bind_may_not_serve() {
        var database = TestPostgres.fresh();
        assertThatCode(() -> new LoginCheck(as(database, database.user(), database.password())))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> new LoginCheck(as(database, database.ownerUser(), database.ownerPassword())))
                .isInstanceOf(CannotStart.class)
                .hasMessageStartingWith("MUSTER_DATABASE_USER muster_owner owns tables");
    }

    @ParameterizedTest
    @CsvSource({
        "root_like, superuser, is a superuser",
        "looks_past, bypassrls, has BYPASSRLS",
        "in_the_family, in role muster_owner, owns tables"
    })
    void nor_may_a_superuser_or_one_that_looks_past_it_or_belongs_to_the_owner(String login, String is, String why) {
        var database = TestPostgres.fresh();
        TestPostgres.administer("create role " + login + " login password 'pw' " + is);
        TestPostgres.administer("grant connect on database " + database.name() + " to " + login);
        try {
            assertThatThrownBy(() -> new LoginCheck(as(database, login, "pw")))
                    .isInstanceOf(CannotStart.class)
                    .hasMessage("MUSTER_DATABASE_USER " + login + " " + why + ": row level security would not bind it;"
                            + " give a plain login, and MUSTER_DATABASE_OWNER_USER for the migrations");
        } finally {
            TestPostgres.administer("revoke connect on database " + database.name() + " from " + login);
            TestPostgres.administer("drop role " + login);
        }
    }

    private static JdbcClient as(TestPostgres.Database database, String user, String password) {
        return JdbcClient.create(new DriverManagerDataSource(database.url(), user, password));
    }
}
