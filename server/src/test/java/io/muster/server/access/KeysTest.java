package io.muster.server.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.testing.Http;
import io.muster.server.testing.ServerTest;
import io.muster.server.testing.TestClock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

@ServerTest
class KeysTest {

    @Autowired
    Http http;

    @Autowired
    TestClock clock;

    @Autowired
    JdbcClient db;

    @Autowired
    ApiKeys keys;

    @Test
    void a_key_is_told_once_and_has_the_shape_of_the_contract() {
        var made = http.post("/api/v1/keys", "{\"name\":\"ci\",\"may\":\"write\"}");
        assertThat(made.status()).isEqualTo(201);
        var json = made.json();
        assertThat(json.propertyNames())
                .containsExactlyInAnyOrder(
                        "id", "name", "may", "project", "tenant", "prefix", "expires_at", "last_used_at", "key");
        var key = json.get("key").asString();
        assertThat(key).matches("msw_[A-Za-z0-9]{28}").hasSize(32);
        assertThat(json.get("prefix").asString()).isEqualTo(key.substring(4, 12));
        assertThat(json.get("project").asString()).isEqualTo("default");
        assertThat(json.get("tenant").isNull()).isTrue();
        var path = made.header("Location");
        assertThat(path).isEqualTo("/api/v1/keys/" + json.get("id").asString());

        assertThat(http.get(path).json().has("key")).isFalse();
        assertThat(http.get("/api/v1/keys").body()).doesNotContain(key);
        assertThat(http.post("/api/v1/keys", "{\"name\":\"ci\",\"may\":\"read\"}")
                        .json()
                        .get("key")
                        .asString())
                .startsWith("msr_");
        assertThat(db.sql("select string_agg(api_key::text, '') from api_key")
                        .query(String.class)
                        .single())
                .doesNotContain(key);
    }

    @Test
    void a_deleted_key_and_an_expired_one_are_unknown() {
        var made = make("{\"name\":\"ci\",\"may\":\"read\",\"expires_at\":\"2026-03-01T04:00:00Z\"}");
        var key = made.json().get("key").asString();
        assertThat(as(key, "GET", "/api/v1/nothing")).isEqualTo(404);
        clock.advance(Duration.ofHours(1));
        assertThat(as(key, "GET", "/api/v1/nothing")).isEqualTo(401);

        made = make("{\"name\":\"ci\",\"may\":\"read\"}");
        key = made.json().get("key").asString();
        assertThat(as(key, "GET", "/api/v1/nothing")).isEqualTo(404);
        assertThat(http.delete(made.header("Location")).status()).isEqualTo(204);
        assertThat(http.delete(made.header("Location")).status()).isEqualTo(404);
        assertThat(as(key, "GET", "/api/v1/nothing")).isEqualTo(401);
        assertThat(keys.find(key)).isEmpty();
        assertThat(actions()).containsSubsequence("key.created", "key.used", "key.deleted", "key.refused");
    }

    @Test
    void what_is_wrong_is_told_member_by_member_and_makes_nothing() {
        var refused = http.post("/api/v1/keys", """
                {"name":" ","may":"admin","project":"none","tenant":"nobody","expires_at":"2026-03-01T03:00:00Z"}""");
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.json()
                        .get("errors")
                        .valueStream()
                        .map(error -> error.get("field").asString()))
                .containsExactly("name", "may", "project", "tenant", "expires_at");
        var unknown = http.post("/api/v1/keys", "{\"name\":\"x\",\"may\":\"read\",\"rights\":\"all\"}");
        assertThat(unknown.json().get("detail").asString()).isEqualTo("rights is not known here");
        assertThat(http.get("/api/v1/keys").json().get("items")).hasSize(1);
    }

    @Test
    void the_list_comes_in_pages_that_miss_and_repeat_nothing() {
        for (int n = 0; n < 7; n++) make("{\"name\":\"k" + n + "\",\"may\":\"read\"}");
        var seen = new HashSet<String>();
        var next = "";
        int pages = 0;
        do {
            var page = http.get("/api/v1/keys?limit=3" + next).json();
            page.get("items")
                    .forEach(item ->
                            assertThat(seen.add(item.get("id").asString())).isTrue());
            next = page.get("next").isNull()
                    ? null
                    : "&cursor=" + page.get("next").asString();
            assertThat(next == null || next.matches("&cursor=[A-Za-z0-9_-]+")).isTrue();
            pages++;
        } while (next != null);
        assertThat(pages).isEqualTo(3);
        assertThat(seen).hasSize(8); // and the admin's
        for (var limit : List.of("0", "1001", "x", "-1", "99999999999")) {
            assertThat(http.get("/api/v1/keys?limit=" + limit).status())
                    .as(limit)
                    .isEqualTo(422);
        }
        for (var cursor : List.of("x", "AAAA", "!!", "%F0%9F%98%80")) {
            var bad = http.get("/api/v1/keys?cursor=" + cursor);
            assertThat(bad.status()).as(cursor).isEqualTo(400);
            assertThat(bad.json().get("type").asString()).isEqualTo("/problems/bad_cursor");
        }
    }

    @Test
    void use_is_written_at_most_once_a_minute_and_on_record_once_a_day() {
        var key = make("{\"name\":\"ci\",\"may\":\"read\"}").json().get("key").asString();
        var first = clock.instant();
        as(key, "GET", "/api/v1/nothing");
        clock.advance(Duration.ofSeconds(59));
        as(key, "GET", "/api/v1/nothing");
        assertThat(lastUsed()).isEqualTo(first.toString());
        clock.advance(Duration.ofSeconds(1));
        as(key, "GET", "/api/v1/nothing");
        assertThat(lastUsed()).isEqualTo(clock.instant().toString());
        assertThat(actions().stream().filter("key.used"::equals)).hasSize(1);
        clock.advance(Duration.ofDays(1));
        as(key, "GET", "/api/v1/nothing");
        assertThat(actions().stream().filter("key.used"::equals)).hasSize(2);
    }

    @Test
    void the_admins_key_is_replaced_by_its_file_only() {
        var id = http.get("/api/v1/keys").json().get("items").get(0).get("id").asString();
        assertThat(http.delete("/api/v1/keys/" + id).status()).isEqualTo(409);
    }

    @Test
    void a_project_shows_its_ping_key_only_to_who_may_write() {
        var write = make("{\"name\":\"w\",\"may\":\"write\"}").json().get("key").asString();
        var read = make("{\"name\":\"r\",\"may\":\"read\"}").json().get("key").asString();
        var project = answer(write, "GET", "/api/v1/projects/default").json();
        assertThat(project.propertyNames())
                .containsExactlyInAnyOrder("id", "uuid", "name", "tenant", "ping_key", "badge_key");
        assertThat(project.get("ping_key").asString()).matches("[a-z0-9]{22}");
        assertThat(answer(read, "GET", "/api/v1/projects/default")
                        .json()
                        .get("ping_key")
                        .isNull())
                .isTrue();
        assertThat(as(read, "GET", "/api/v1/projects/other")).isEqualTo(404);
    }

    @Test
    void keys_may_do_what_the_contract_says_and_no_more() {
        http.put("/api/v1/policies/eu", "{\"name\":\"EU\",\"extends\":\"gdpr-eea-only\",\"max_dwell\":\"PT15M\"}");
        var acme = http.put(
                "/api/v1/tenants/acme",
                "{\"name\":\"Acme\",\"tier\":\"gold\",\"policy\":\"eu\",\"home\":\"eu-west-1\"}");
        assertThat(acme.status()).as(acme.body()).isEqualTo(201);
        var write = make("{\"name\":\"w\",\"may\":\"write\"}").json().get("key").asString();
        var read = make("{\"name\":\"r\",\"may\":\"read\"}").json().get("key").asString();
        var tenant = make("{\"name\":\"t\",\"may\":\"write\",\"tenant\":\"acme\"}")
                .json()
                .get("key")
                .asString();
        var admins = List.of(
                "PUT /api/v1/regions/x",
                "PUT /api/v1/policies/x",
                "PATCH /api/v1/tiers/gold",
                "DELETE /api/v1/tenants/acme",
                "PUT /api/v1/stores/x",
                "PUT /api/v1/transfers/x",
                "PUT /api/v1/probes/x",
                "POST /api/v1/probes/x/run",
                "PUT /api/v1/alert-channels/x",
                "POST /api/v1/alert-channels/x/test",
                "GET /api/v1/keys",
                "POST /api/v1/keys",
                "DELETE /api/v1/keys/x",
                "POST /api/v1/apply",
                "POST /api/v1/exposures/x/close",
                "POST /api/v1/exposures/x/decision",
                "POST /api/v1/audit/erasures",
                "POST /api/v1/sign-in-links",
                "GET /",
                "GET /checks",
                "POST /not-there-yet");
        for (var key : List.of(write, read, tenant)) {
            for (var line : admins) {
                var call = line.split(" ");
                var answer = answer(key, call[0], call[1]);
                assertThat(answer.status()).as(line).isEqualTo(403);
                assertThat(answer.json().get("type").asString()).isEqualTo("/problems/forbidden");
            }
            assertThat(as(key, "GET", "/api/v1/regions")).isEqualTo(200);
        }
        assertThat(as(read, "PUT", "/api/v1/jobs/x")).isEqualTo(403);
        assertThat(as(tenant, "PUT", "/api/v1/jobs/x")).isEqualTo(403);
        assertThat(as(write, "PUT", "/api/v1/jobs/x")).isNotEqualTo(403);
        assertThat(actions().stream().filter("access.refused"::equals).count())
                .as("recorded, but never without bound")
                .isBetween(40L, 60L);
    }

    private Http.Answer make(String json) {
        var made = http.post("/api/v1/keys", json);
        assertThat(made.status()).as(made.body()).isEqualTo(201);
        return made;
    }

    private int as(String key, String method, String path) {
        return answer(key, method, path).status();
    }

    private Http.Answer answer(String key, String method, String path) {
        return http.send(http.request(method, path, method.equals("GET") ? null : "{}")
                .header("Authorization", "Bearer " + key));
    }

    private String lastUsed() {
        return db.sql(
                        "select to_char(last_used_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') from api_key where may = 'read'")
                .query(String.class)
                .single();
    }

    private List<String> actions() {
        return db.sql("select action from own_event order by id")
                .query(String.class)
                .list();
    }
}
