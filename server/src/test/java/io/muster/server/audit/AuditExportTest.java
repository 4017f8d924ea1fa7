package io.muster.server.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.server.deadline.PassingTime;
import io.muster.server.testing.Http;
import io.muster.server.testing.Http.Answer;
import io.muster.server.testing.Owner;
import io.muster.server.testing.ServerTest;
import io.muster.server.testing.Story;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

@ServerTest
class AuditExportTest {
    private static final String PATH = "/api/v1/audit/export?tenantId=montclair";

    @Autowired
    Http http;

    @Autowired
    TestEvents events;

    @Autowired
    PassingTime time;

    @Autowired
    JdbcClient db;

    @Autowired
    JsonMapper json;

    @BeforeEach
    void tenants() {
        new Story(http, db, time.now()).tell();
    }

    @Test
    void lines_are_the_events_as_a_search_shows_them_the_newest_first() {
        events.many(
                "montclair",
                1_000,
                i -> "\"action\":\"a" + i % 2 + "\",\"userId\":\"u" + i % 3 + "\",\"details\":{\"n\":" + i + "}");
        var all = http.get(PATH);
        assertThat(all.header("Content-Type")).startsWith("application/x-ndjson");
        assertThat(all.header("Muster-Events-At-Most")).isEqualTo("1000");
        assertThat(all.header("Content-Disposition")).contains("audit-montclair.ndjson");
        var lines = all.body().lines().map(json::readTree).toList();
        assertThat(lines)
                .extracting(line -> line.get("sequence").intValue())
                .isEqualTo(IntStream.range(0, 1_000).mapToObj(i -> 999 - i).toList());
        var searched =
                http.get("/api/v1/audit?tenantId=montclair&limit=1000").json().get("items");
        assertThat(lines).isEqualTo(searched.valueStream().toList());
        assertThat(http.get(PATH + "&userId=u1&action=a0").body().lines()).hasSize(166);
        assertThat(http.get(PATH + "&userId=nobody").body()).isEmpty();
        assertThat(http.get("/api/v1/audit/export?tenantId=redwood").body()).isEmpty();
    }

    @Test
    void a_table_holds_the_same_and_no_formula() {
        events.many(
                "montclair",
                1,
                _ ->
                        "\"action\":\"=1+1\",\"userId\":\"+49\",\"resource\":\"a,\\\"b\\\"\",\"service\":\"-x\",\"userAgent\":\"@y\","
                                + "\"traceId\":\"\\tz\",\"dataCategories\":[\"pii\",\"phi\"],\"details\":{\"n\":\"x\\ny\"}");
        var table = http.get(PATH + "&format=csv");
        assertThat(table.header("Content-Type")).isEqualTo("text/csv;charset=UTF-8");
        var lines = table.body().split("\r\n");
        assertThat(lines[0]).isEqualTo(String.join(",", Csv.COLUMNS));
        assertThat(lines[1]).startsWith("0,2026-03-01T03:00:00.000Z,2026-03-01T03:00:00.000Z,");
        assertThat(lines[1])
                .endsWith(
                        ",montclair,'+49,'=1+1,\"a,\"\"b\"\"\",SUCCESS,,'@y,'-x,,'\tz,,pii phi,\"{\"\"n\"\":\"\"x\\ny\"\"}\",");
        assertThat(Csv.cell("\rx")).isEqualTo("\"'\rx\"");
        assertThat(Csv.cell("x=1")).isEqualTo("x=1");
    }

    @Test
    void what_fails_midway_does_not_look_whole(@Autowired Environment environment) {
        events.many(
                "montclair",
                1_000,
                i -> "\"action\":\"a\",\"userId\":\"u\",\"details\":{\"text\":\"" + "x".repeat(200) + i + "\"}");
        var owner = Owner.of(environment);
        assertThat(owner.sql("update audit_event_202603 set envelope = '{' where idx = 100")
                        .update())
                .isEqualTo(1);
        assertThatThrownBy(() -> http.get(PATH)).hasRootCauseInstanceOf(java.io.EOFException.class);
        assertThat(http.get(PATH + "&action=nothing").status()).isEqualTo(200);
    }

    @Test
    void what_is_wrong_is_told_before_anything_is_sent() {
        assertThat(http.get(PATH + "&format=xml").body()).contains("must be ndjson, csv or zip; got xml");
        assertThat(http.get(PATH + "&limit=5").status()).isEqualTo(422);
        assertThat(http.get(PATH + "&status=no").status()).isEqualTo(422);
        assertThat(http.get("/api/v1/audit/export?tenantId=none").status()).isEqualTo(404);
        assertThat(recorded()).isZero();
    }

    @Test
    void who_exports_is_on_record_before_the_first_event_leaves() {
        events.many("montclair", 3, _ -> "\"action\":\"a\",\"userId\":\"anand.k\"");
        http.get(PATH + "&userId=anand.k&format=csv");
        assertThat(recorded()).isEqualTo(1);
        assertThat(db.sql("select subject || ' ' || details from own_event where action = 'audit.exported'")
                        .query(String.class)
                        .single())
                .startsWith("anand.k ")
                .contains("\"format\": \"csv\"", "\"events_at_most\": 3", "\"userId\": \"asked for\"");
    }

    @Test
    void a_tenants_key_takes_its_own_trail_alone() {
        events.many("montclair", 2, _ -> "\"action\":\"a\"");
        var theirs = key("montclair");
        var others = key("redwood");
        assertThat(with(theirs).body().lines()).hasSize(2);
        assertThat(with(others).status()).isEqualTo(404);
    }

    private String key(String tenant) {
        return http.post("/api/v1/keys", "{\"name\":\"k\",\"may\":\"read\",\"tenant\":\"" + tenant + "\"}")
                .json()
                .get("key")
                .stringValue();
    }

    private Answer with(String key) {
        return http.send(http.request("GET", PATH, null).header("X-Api-Key", key));
    }

    private long recorded() {
        return db.sql("select count(*) from own_event where action = 'audit.exported'")
                .query(Long.class)
                .single();
    }
}
