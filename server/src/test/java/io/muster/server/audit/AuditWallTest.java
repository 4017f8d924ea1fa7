package io.muster.server.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.server.access.Access;
import io.muster.server.access.Caller;
import io.muster.server.access.Caller.Kind;
import io.muster.server.deadline.PassingTime;
import io.muster.server.testing.Http;
import io.muster.server.testing.ServerTest;
import io.muster.server.testing.Story;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.transaction.support.TransactionOperations;

/** With our own checks out of the way, the database alone keeps one tenant from another's events, and everybody from changing any. */
@ServerTest
class AuditWallTest {
    private static final String LOOK = "\"userId\":\"u\",\"action\":\"LOOK\",\"ip\":\"192.0.2.1\"";

    @Autowired
    Http http;

    @Autowired
    TestEvents events;

    @Autowired
    PassingTime time;

    @Autowired
    JdbcClient db;

    @Autowired
    Access access;

    @Autowired
    TransactionOperations transaction;

    @Autowired
    EventRows rows;

    @Autowired
    Logs logs;

    UUID theirs;
    int theirLog;
    int ownLog;

    @BeforeEach
    void twoTenants() {
        new Story(http, db, time.now()).tell();
        record("montclair");
        events.many("redwood", 255, _ -> LOOK);
        theirs = record("redwood");
        time.passes(Duration.ofSeconds(2));
        http.get("/logs/redwood/checkpoint");
        theirLog = logs.newest("redwood").orElseThrow().id();
        ownLog = logs.newest("montclair").orElseThrow().id();
        access.become(new Caller(Kind.KEY, "test", false, false, true, "default", "montclair", null, null));
    }

    @AfterEach
    void nobodyCalls() {
        SecurityContextHolder.clearContext();
    }

    private UUID record(String tenant) {
        return UUID.fromString(events.sent(tenant, LOOK));
    }

    @Test
    void naming_anothers_log_shows_nothing() {
        assertThatThrownBy(() -> rows.entries(theirLog, 0, 1)).hasMessageContaining("Event 0 is lost.");
        assertThat(rows.byId(theirLog, theirs)).isEmpty();
        assertThat(rows.tenantsOf(theirs)).isEmpty();
        assertThat(logs.logs("redwood")).isEmpty();
        assertThat(rows.entries(ownLog, 0, 1)).hasSize(1);
        assertThat(logs.logs("montclair")).hasSize(1);
    }

    @Test
    void no_query_without_a_log_shows_anything() {
        assertThat(count("audit_event")).isZero();
        transaction.executeWithoutResult(_ -> {
            name("*");
            assertThat(count("audit_event")).isZero();
            name("nonsense");
            assertThat(count("audit_event")).isZero();
            name(Integer.toString(ownLog));
            assertThat(count("audit_event")).isOne();
        });
    }

    @Test
    void all_else_of_a_log_is_behind_the_same_wall() {
        for (var table : List.of(
                "audit_log",
                "audit_head",
                "audit_tile",
                "audit_words",
                "audit_checkpoint",
                "sealed.audit_tenant_key",
                "sealed.audit_person",
                "sealed.audit_trait")) {
            assertThat(db.sql("select count(*) from " + table + " where log_id = :log")
                            .param("log", theirLog)
                            .query(Long.class)
                            .single())
                    .as(table)
                    .isZero();
        }
        SecurityContextHolder.clearContext();
        for (var table :
                List.of("audit_head", "audit_tile", "audit_words", "audit_checkpoint", "sealed.audit_person")) {
            assertThat(count(table)).as(table).isPositive(); // else the above would prove nothing
        }
        var person = db.sql("select ref from sealed.audit_person where log_id = :log order by ref limit 1")
                .param("log", theirLog)
                .query(UUID.class)
                .single();
        assertThat(eventsOf(person)).isPositive();
        access.become(new Caller(Kind.KEY, "test", false, false, true, "default", "montclair", null, null));
        assertThat(eventsOf(person)).isZero();
    }

    @Test
    void the_serving_login_changes_and_removes_no_event() {
        SecurityContextHolder.clearContext();
        var month = "audit_event_202603";
        for (var sql : List.of(
                "update audit_event set action = 'x'",
                "delete from audit_event",
                "truncate audit_event",
                "update " + month + " set action = 'x'",
                "delete from " + month,
                "truncate " + month,
                "drop table " + month,
                "select * from " + month,
                "insert into audit_event select * from audit_event",
                "update audit_tile set root = ''",
                "delete from audit_tile",
                "update audit_words set bits = ''",
                "delete from audit_words",
                "update audit_checkpoint set note = ''",
                "delete from audit_checkpoint",
                "delete from audit_head",
                "delete from audit_log",
                "update audit_log set tenant = 'x'",
                "update sealed.audit_person set ref = gen_random_uuid()")) {
            assertThatThrownBy(() -> db.sql(sql).update())
                    .as(sql)
                    .rootCause()
                    .message()
                    .containsPattern("permission denied|must be owner");
        }
    }

    private long eventsOf(UUID person) {
        return db.sql("select audit_events_of(:log, :person)")
                .param("log", theirLog)
                .param("person", person)
                .query(Long.class)
                .single();
    }

    private void name(String log) {
        db.sql("select set_config('muster.log', :log, true)")
                .param("log", log)
                .query(String.class)
                .single();
    }

    private long count(String table) {
        return db.sql("select count(*) from " + table).query(Long.class).single();
    }
}
