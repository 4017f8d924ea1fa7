package io.muster.server.heartbeat;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.deadline.PassingTime;
import io.muster.server.incident.Channels;
import io.muster.server.testing.Http;
import io.muster.server.testing.Http.Answer;
import io.muster.server.testing.Owner;
import io.muster.server.testing.Proves;
import io.muster.server.testing.ServerTest;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import tools.jackson.databind.JsonNode;

@ServerTest
@Import(TestChecks.class)
class CompatTest {

    @Autowired
    TestChecks checks;

    @Autowired
    Http http;

    @Autowired
    PassingTime time;

    @Autowired
    Environment environment;

    @Test
    @Proves({"A1", "A24"})
    void fresh_check_has_29_members() {
        var answer = create("{\"name\":\"Backups\"}");
        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo("*");
        var check = answer.json();
        assertThat(check.size()).isEqualTo(29);
        assertThat(check.get("name").stringValue()).isEqualTo("Backups");
        assertThat(check.get("slug").stringValue()).isEmpty();
        assertThat(check.get("timeout").intValue()).isEqualTo(86400);
        assertThat(check.get("grace").intValue()).isEqualTo(3600);
        assertThat(check.get("status").stringValue()).isEqualTo("new");
        assertThat(check.get("last_ping").isNull()).isTrue();
        assertThat(check.get("next_ping").isNull()).isTrue();
        assertThat(check.get("channels").stringValue()).isEmpty();
        var uuid = check.get("uuid").stringValue();
        assertThat(check.get("update_url").stringValue()).endsWith("/api/v3/checks/" + uuid);
        assertThat(check.get("ping_url").stringValue()).endsWith("/ping/" + uuid);
        assertThat(get("/api/v3/checks/" + uuid).json()).isEqualTo(check);
        assertThat(get("/api/v3/checks").json().get("checks").get(0)).isEqualTo(check);
    }

    @Test
    @Proves({"A14", "A28"})
    void ping_shows_with_dates_that_every_client_reads() {
        var uuid = uuid(create("{\"slug\":\"foo\",\"schedule\":\"0 12 * * *\",\"tz\":\"Europe/Kiev\"}"));
        http.get("/ping/" + uuid);
        var check = get("/api/v3/checks/" + uuid + "/").json();
        assertThat(check.get("last_ping").stringValue()).isEqualTo("2026-03-01T03:00:00+00:00");
        assertThat(check.get("next_ping").stringValue()).isEqualTo("2026-03-01T10:00:00+00:00");
        assertThat(check.get("tz").stringValue()).isEqualTo("Europe/Kyiv");
        assertThat(check.has("timeout")).isFalse();
        assertThat(check.get("n_pings").intValue()).isEqualTo(1);
        assertThat(check.get("status").stringValue()).isEqualTo("up");
    }

    @Test
    @Proves({"A2", "A4"})
    void reader_learns_neither_uuid_nor_channels() {
        var check = checks.daily("foo");
        var reader =
                key("{\"name\":\"r\",\"may\":\"read\",\"project\":\"default\",\"tenant\":null,\"expires_at\":null}");
        var list = as(reader, "GET", "/api/v3/checks/", null);
        assertThat(list.body()).doesNotContain(check.uuid().value().toString());
        var shown = list.json().get("checks").get(0);
        assertThat(shown.get("unique_key").stringValue()).isEqualTo(check.uniqueKey());
        for (var hidden : List.of("uuid", "ping_url", "update_url", "pause_url", "resume_url", "channels")) {
            assertThat(shown.has(hidden)).as(hidden).isFalse();
        }
        assertThat(as(reader, "GET", "/api/v3/checks/" + check.uniqueKey(), null)
                        .json())
                .isEqualTo(shown);
        assertError(as(reader, "POST", "/api/v3/checks/", "{}"), 401, "wrong api key");
        assertError(as(reader, "POST", "/api/v3/checks/" + check.uniqueKey(), "{}"), 405, "method not allowed");
    }

    @Test
    void unique_keys_are_the_known_ones() {
        assertThat(DeclaredChecks.uniqueKey(java.util.UUID.fromString("31365bce-8da9-4729-8ff3-aaa71d56b712")))
                .isEqualTo("a6c7b0a8a66bed0df66abfdab3c77736861703ee");
        assertThat(DeclaredChecks.uniqueKey(java.util.UUID.fromString("00000000-1111-4222-8333-444455556666")))
                .isEqualTo("43a1beb86f1714dc4faef009c252a3c975dc81ae");
    }

    @Test
    @Proves({"A4", "A5", "A6", "A7", "W4", "W5", "W6", "D8"})
    void errors_come_in_the_order_that_clients_know() {
        var uuid = uuid(create("{}"));
        for (var path : List.of("/api/v3/checks/", "/api/v3/checks/" + uuid, "/api/v1/checks/" + uuid + "/pause")) {
            assertError(as("", "POST", path, "this is not json"), 400, "could not parse request body");
            assertError(as("", "POST", path, "  "), 400, "could not parse request body");
            assertError(as("", "POST", path, "\ufeff{}"), 400, "could not parse request body");
            assertError(as("", "POST", path, "[1]"), 400, "json validation error: value is not an object");
            assertError(as("", "POST", path, "123"), 400, "json validation error: value is not an object");
            assertError(as("", "POST", path, "{}"), 401, "missing api key");
            assertError(as("x".repeat(31), "POST", path, "{}"), 401, "missing api key");
            assertError(as("x".repeat(32), "POST", path, "{}"), 401, "wrong api key");
        }
        assertError(as("", "GET", "/api/v3/checks/", null), 401, "missing api key");
        assertError(post("/api/v3/checks/00000000-0000-4000-8000-000000000000", "{\"name\":1}"), 404, "not found");
        assertError(post("/api/v3/checks/not-an-uuid", "{}"), 404, "not found");
        assertError(get("/api/v3/checks/" + "0".repeat(40)), 404, "not found");
        assertError(http.send("PUT", "/api/v3/checks/", "{}"), 405, "method not allowed");
        assertThat(http.send("HEAD", "/api/v3/checks/", null).status()).isEqualTo(405);
        assertThat(as("", "POST", "/api/v3/checks/", "{\"api_key\":\"" + http.adminKey() + "\"}")
                        .status())
                .isEqualTo(201);
    }

    @Test
    @Proves({"A23", "A25"})
    void options_tell_and_text_bodies_are_read_as_json() {
        var options = http.send(http.request("OPTIONS", "/api/v3/checks/", null));
        assertThat(options.status()).isEqualTo(204);
        assertThat(options.header("Access-Control-Allow-Methods")).isEqualTo("GET, POST, OPTIONS");
        assertThat(options.header("Access-Control-Allow-Headers")).isEqualTo("X-Api-Key");
        assertThat(options.header("Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(options.header("Access-Control-Max-Age")).isEqualTo("600");
        var check = "/api/v1/checks/00000000-0000-4000-8000-000000000000";
        assertThat(methods(check)).isEqualTo("GET, POST, DELETE, OPTIONS");
        assertThat(methods("/api/v2/checks/" + "0".repeat(40))).isEqualTo("GET, OPTIONS");
        for (var post : List.of("/pause", "/resume"))
            assertThat(methods(check + post)).isEqualTo("POST, OPTIONS");
        for (var get : List.of(check + "/pings/", check + "/flips/", "/api/v3/channels/", "/api/v3/badges/")) {
            assertThat(methods(get)).isEqualTo("GET, OPTIONS");
        }
        for (var type : List.of("text/plain", "application/x-www-form-urlencoded")) {
            var answer = http.send(http.request("POST", "/api/v3/checks", "{\"name\":\"x\"}")
                    .setHeader("Content-Type", type)
                    .header("X-Api-Key", http.adminKey()));
            assertThat(answer.status()).isEqualTo(201);
            assertThat(answer.json().get("name").stringValue()).isEqualTo("x");
        }
    }

    private String methods(String path) {
        var answer = http.send(http.request("OPTIONS", path, null));
        assertThat(answer.status()).isEqualTo(204);
        return answer.header("Access-Control-Allow-Methods");
    }

    @Test
    @Proves({"A6", "D9"})
    void check_of_another_project_is_forbidden_and_its_key_lists_its_own() {
        var owner = Owner.of(environment);
        owner.sql("insert into project (id, name, ping_key, badge_key) values ('other', 'Other', :key, 'other')")
                .param("key", "o".repeat(22))
                .update();
        var foreign = uuid(create("{\"name\":\"ours\"}"));
        var key = key("{\"name\":\"o\",\"may\":\"write\",\"project\":\"other\",\"tenant\":null,\"expires_at\":null}");
        assertThat(as(key, "POST", "/api/v3/checks/", "{\"name\":\"theirs\"}").status())
                .isEqualTo(201);
        for (var call : List.of(
                "GET ",
                "POST ",
                "DELETE ",
                "POST /pause",
                "POST /resume",
                "GET /pings/",
                "GET /pings/1/body",
                "GET /flips/")) {
            var words = call.split(" ", 2);
            assertError(
                    as(key, words[0], "/api/v3/checks/" + foreign + words[1], words[0].equals("POST") ? "{}" : null),
                    403,
                    "this check is of another project");
        }
        assertThat(as(key, "GET", "/api/v3/checks/", null).json().get("checks").size())
                .isEqualTo(1);
        assertThat(listed("")).hasSize(1);
        assertThat(get("/api/v3/checks/" + foreign).status()).isEqualTo(200);
        assertThat(http.get("/ping/" + "o".repeat(22) + "/theirs").status())
                .as("version 3 makes no slug")
                .isEqualTo(404);
    }

    @Test
    @Proves("W8")
    void bodies_of_get_and_delete_are_not_looked_at() {
        var uuid = uuid(create("{}"));
        for (var body : List.of("null", "no json", "[]", "{\"api_key\":1}")) {
            assertThat(http.send("GET", "/api/v3/checks/" + uuid, body).status())
                    .isEqualTo(200);
            assertThat(http.send("GET", "/api/v3/checks/", body).status()).isEqualTo(200);
        }
        assertThat(http.send("DELETE", "/api/v3/checks/" + uuid, "null").status())
                .isEqualTo(200);
    }

    @Test
    @Proves({"A7", "W14"})
    void key_is_that_of_the_header_else_of_the_bearer_in_any_case_else_of_the_body() {
        var post = http.request("POST", "/api/v3/checks/", "{\"api_key\":\"" + http.adminKey() + "\"}");
        assertThat(http.send(post.header("X-Api-Key", "x".repeat(32))).body()).contains("wrong api key");
        for (var word : List.of("Bearer", "bearer", "BEARER")) {
            var get =
                    http.request("GET", "/api/v3/checks/", null).header("Authorization", word + " " + http.adminKey());
            assertThat(http.send(get).status()).isEqualTo(200);
        }
        assertError(as("", "POST", "/api/v3/checks/", "{\"api_key\":5}"), 401, "missing api key");
        var get = http.request("GET", "/api/v3/checks/", "{\"api_key\":\"" + http.adminKey() + "\"}");
        assertThat(http.send(get).body()).contains("missing api key");
    }

    @ParameterizedTest
    @Proves({"A8", "A11", "A13", "W11"})
    @CsvSource(
            delimiter = '|',
            value = {
                "{'timeout':0} | timeout is too small",
                "{'timeout':59} | timeout is too small",
                "{'timeout':31536001} | timeout is too large",
                "{'timeout':99999999999999999999999} | timeout is too large",
                "{'timeout':1e999} | timeout is not a number",
                "{'timeout':'oops'} | timeout is not a number",
                "{'timeout':true} | timeout is not a number",
                "{'timeout':3600.5} | timeout is not a number",
                "{'timeout':3600.0} | timeout is not a number",
                "{'timeout':'3600'} | timeout is not a number",
                "{'grace':59} | grace is too small",
                "{'grace':86400000000001} | grace is too large",
                "{'grace':null} | grace is not a number",
                "{'name':5} | name is not a string",
                "{'name':null} | name is not a string",
                "{'name':'\\u0000'} | name is not valid text",
                "{'name':'\\ud800'} | name is not valid text",
                "{'slug':'Uppercase'} | slug does not match pattern",
                "{'slug':'look spaces'} | slug does not match pattern",
                "{'slug':'special!'} | slug does not match pattern",
                "{'tags':1} | tags is not a string",
                "{'desc':[]} | desc is not a string",
                "{'schedule':'60 * * * *'} | schedule is not a valid cron or OnCalendar expression",
                "{'schedule':1} | schedule is not a string",
                "{'tz':'Europe/Surprise'} | tz is not a valid timezone",
                "{'manual_resume':0} | manual_resume is not a boolean",
                "{'methods':'PUT'} | methods has unexpected value",
                "{'methods':1} | methods has unexpected value",
                "{'filter_http_body':1} | filter_http_body is not a boolean",
                "{'channels':1} | channels is not a string",
                "{'unique':'x'} | unique is not an array",
                "{'unique':['status']} | an item in 'unique' has unexpected value",
                "{'unique':[1]} | an item in 'unique' has unexpected value",
                "{'tz':1,'grace':'x','name':5} | grace is not a number"
            })
    void wrong_member_is_named(String body, String why) {
        assertError(
                post(
                        "/api/v3/checks/",
                        body.replace("'un", "\0un").replace('\'', '"').replace('\0', '"')),
                400,
                "json validation error: " + why);
        assertThat(checks.bySlug("")).isEmpty();
    }

    @ParameterizedTest
    @Proves("A10")
    @CsvSource(
            delimiter = '|',
            value = {
                "string | channels desc failure_kw name schedule slug start_kw subject subject_fail success_kw tags tz",
                "boolean | filter_subject filter_body filter_http_body filter_default_fail manual_resume",
                "number | grace timeout"
            })
    void no_member_may_be_null(String type, String names) {
        var uuid = uuid(create("{}"));
        for (var name : names.split(" ")) {
            var error = "json validation error: " + name + " is not a " + type;
            assertError(create("{\"" + name + "\":null}"), 400, error);
            assertError(post("/api/v1/checks/" + uuid, "{\"" + name + "\":null}"), 400, error);
        }
        assertError(create("{\"methods\":null}"), 400, "json validation error: methods has unexpected value");
        assertError(create("{\"unique\":null}"), 400, "json validation error: unique is not an array");
        assertThat(listed("")).hasSize(1);
    }

    @Test
    @Proves({"A9", "D11", "W7"})
    void too_long_texts_are_named() {
        assertError(create("{\"name\":\"" + "x".repeat(101) + "\"}"), 400, "json validation error: name is too long");
        assertError(create("{\"tags\":\"" + "x".repeat(501) + "\"}"), 400, "json validation error: tags is too long");
        for (var name : List.of("slug", "schedule")) {
            assertError(
                    create("{\"" + name + "\":\"" + "x".repeat(101) + "\"}"),
                    400,
                    "json validation error: " + name + " is too long");
        }
        assertError(
                create("{\"start_kw\":\"" + "x".repeat(201) + "\"}"),
                400,
                "json validation error: start_kw is too long");
        assertError(create("{\"a\":" + "[".repeat(5000) + "]".repeat(5000) + "}"), 400, "could not parse request body");
        assertThat(create("{\"x\":\"" + "y".repeat(2 << 20) + "\"}").status()).isEqualTo(413);
        assertThat(create("{\"name\":\"a\",\"name\":\"b\",\"unknown\":1}")
                        .json()
                        .get("name")
                        .stringValue())
                .isEqualTo("b");
    }

    @Test
    @Proves("A11")
    void unique_finds_what_is_alike_and_updates_it() {
        var first = create("{\"name\":\"a\",\"tags\":\"x y\",\"timeout\":600}");
        var same = create("{\"name\":\"a\",\"tags\":\"x y\",\"grace\":120,\"unique\":[\"name\",\"tags\"]}");
        assertThat(same.status()).isEqualTo(200);
        assertThat(uuid(same)).isEqualTo(uuid(first));
        assertThat(same.json().get("grace").intValue()).isEqualTo(120);
        assertThat(same.json().get("timeout").intValue()).isEqualTo(600);
        assertThat(create("{\"name\":\"a\",\"unique\":[\"name\",\"tags\"]}").status())
                .isEqualTo(201);
        assertThat(create("{\"name\":\"a\",\"unique\":[]}").status()).isEqualTo(201);
        assertThat(create("{\"timeout\":600,\"unique\":[\"timeout\"]}").status())
                .isEqualTo(200);

        for (var member : List.of("name:\"n\"", "slug:\"s\"", "tags:\"t u\"", "timeout:7200", "grace:7200")) {
            var name = member.split(":")[0];
            var body = "{\"" + member.replace(":", "\":") + ",\"unique\":[\"" + name + "\"]}";
            var one = create(body);
            assertThat(one.status()).as(body).isEqualTo(201);
            assertThat(uuid(create(body))).as(body).isEqualTo(uuid(one));
        }

        var cron = create("{\"slug\":\"nightly\",\"schedule\":\"0 3 * * *\"}");
        var all = "{\"name\":\"\",\"slug\":\"nightly\",\"tags\":\"\",\"timeout\":86400,\"grace\":3600,"
                + "\"unique\":[\"grace\",\"name\",\"slug\",\"tags\",\"timeout\",\"slug\"]}";
        assertThat(uuid(create(all))).isEqualTo(uuid(cron));
        assertThat(create(all.replace("3600", "3601")).status()).isEqualTo(201);
    }

    @Test
    @Proves({"A15", "W12"})
    void schedule_and_timeout_switch_the_kind_and_others_do_not() {
        var uuid = uuid(create("{\"schedule\":\"*/5 * * * *\",\"timeout\":600}"));
        assertThat(members(uuid, "schedule", "tz")).containsExactly("*/5 * * * *", "UTC");
        update(uuid, "{\"grace\":60,\"tz\":\"Europe/Riga\"}");
        assertThat(members(uuid, "schedule", "tz")).containsExactly("*/5 * * * *", "Europe/Riga");
        update(uuid, "{\"timeout\":900}");
        assertThat(get("/api/v3/checks/" + uuid).json().get("timeout").intValue())
                .isEqualTo(900);
        update(uuid, "{\"schedule\":\"Mon..Fri 09:00\"}");
        assertThat(members(uuid, "schedule", "tz")).containsExactly("Mon..Fri 09:00", "Europe/Riga");
        update(uuid, "{\"schedule\":\" * * * * * \"}");
        assertThat(members(uuid, "schedule")).containsExactly(" * * * * * ");
        assertError(
                post("/api/v3/checks/" + uuid, "{\"schedule\":\"* * * * *\\n* * * * *\"}"),
                400,
                "json validation error: schedule is not a valid cron or OnCalendar expression");
    }

    @Test
    @Proves("A16")
    void words_of_the_subject_are_words_too() {
        var uuid = uuid(create("{\"subject\":\"OK\",\"subject_fail\":\"BAD\"}"));
        assertThat(members(uuid, "subject", "subject_fail", "success_kw", "failure_kw"))
                .containsExactly("OK", "BAD", "OK", "BAD");
        assertThat(get("/api/v3/checks/" + uuid).json().get("filter_subject").booleanValue())
                .isTrue();
        update(uuid, "{\"subject\":\"OLD\",\"success_kw\":\"NEW\",\"filter_subject\":false}");
        assertThat(members(uuid, "subject", "success_kw", "failure_kw")).containsExactly("", "NEW", "BAD");
        update(uuid, "{\"subject\":\"\",\"subject_fail\":\"\"}");
        assertThat(get("/api/v3/checks/" + uuid).json().get("filter_subject").booleanValue())
                .isFalse();
    }

    @Test
    @Proves({"A3", "A13"})
    void old_versions_make_a_slug_of_the_name_and_show_what_runs() {
        var v1 = post("/api/v1/checks/", "{\"name\":\" \u00c4rger, 2nd  _Try_ \"}");
        assertThat(v1.json().get("slug").stringValue()).isEqualTo("arger-2nd-_try");
        assertThat(v1.json().get("update_url").stringValue()).contains("/api/v1/");
        assertThat(post("/api/v2/checks/", "{\"name\":\"A b\",\"slug\":\"c\"}")
                        .json()
                        .get("slug")
                        .stringValue())
                .isEqualTo("c");
        var renamed = "/api/v2/checks/" + uuid(v1);
        assertThat(post(renamed, "{\"slug\":\"chosen\"}").json().get("slug").stringValue())
                .isEqualTo("chosen");
        assertThat(post(renamed, "{\"name\":\" \u00c4rger, 2nd  _Try_ \"}")
                        .json()
                        .get("slug")
                        .stringValue())
                .as("the name is not new")
                .isEqualTo("chosen");
        assertThat(post(renamed, "{\"name\":\"New name\"}").json().get("slug").stringValue())
                .isEqualTo("new-name");
        http.get("/ping/" + uuid(v1) + "/start");
        assertThat(get("/api/v1/checks/" + uuid(v1)).json().get("status").stringValue())
                .isEqualTo("started");
        var v2 = get("/api/v2/checks/" + uuid(v1)).json();
        assertThat(v2.get("status").stringValue()).isEqualTo("new");
        assertThat(v2.get("started").booleanValue()).isTrue();
        time.passes(ofMinutes(61));
        assertThat(get("/api/v1/checks/" + uuid(v1)).json().get("status").stringValue())
                .isEqualTo("down");
    }

    @Test
    @Proves({"A17", "A18", "W9"})
    void list_is_narrowed_by_slug_and_by_all_tags() {
        create("{\"slug\":\"a\",\"tags\":\"foo bar\"}");
        create("{\"slug\":\"b\",\"tags\":\"foo\"}");
        assertThat(listed("")).containsExactly("a", "b");
        assertThat(listed("?slug=b")).containsExactly("b");
        assertThat(listed("?slug=")).containsExactly("a", "b");
        assertThat(listed("?tag=foo")).containsExactly("a", "b");
        assertThat(listed("?tag=foo&tag=bar")).containsExactly("a");
        assertThat(listed("?tag=fo")).isEmpty();
        assertThat(listed("?tag=")).isEmpty();
        assertThat(listed("?what=ever")).hasSize(2);
    }

    @Test
    @Proves({"M13", "D13"})
    void paused_check_can_be_resumed_and_another_cannot() {
        var uuid = uuid(create("{}"));
        assertError(post("/api/v3/checks/" + uuid + "/resume", ""), 409, "check is not paused");
        assertThat(post("/api/v3/checks/" + uuid + "/pause", "null")
                        .json()
                        .get("status")
                        .stringValue())
                .isEqualTo("paused");
        assertThat(post("/api/v3/checks/" + uuid + "/pause/", "").status()).isEqualTo(200);
        assertThat(post("/api/v3/checks/" + uuid + "/resume", "{}")
                        .json()
                        .get("status")
                        .stringValue())
                .isEqualTo("new");
    }

    @Test
    @Proves("A26")
    void deleted_check_is_shown_a_last_time() {
        var uuid = uuid(create("{\"name\":\"gone\"}"));
        var answer = http.delete("/api/v3/checks/" + uuid);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().get("name").stringValue()).isEqualTo("gone");
        assertThat(answer.json().get("channels").stringValue()).isEmpty();
        assertThat(http.get("/ping/" + uuid).status()).isEqualTo(404);
        assertError(http.delete("/api/v3/checks/" + uuid), 404, "not found");
    }

    @Test
    void edit_arms_the_earlier_deadline_without_a_flip_of_its_own() {
        var uuid = uuid(create("{}"));
        http.get("/ping/" + uuid);
        time.passes(ofHours(2));
        update(uuid, "{\"timeout\":60,\"grace\":60}");
        assertThat(get("/api/v3/checks/" + uuid).json().get("status").stringValue())
                .isEqualTo("down");
        time.passes(ofMinutes(1));
        assertThat(checks.bySlug("").getFirst().status()).isEqualTo(Status.DOWN);
    }

    @Test
    @Proves("A12")
    void unknown_channel_is_refused_before_anything_is_written() {
        assertError(create("{\"channels\":\"nobody\"}"), 400, "invalid channel identifier: nobody");
        assertError(create("{\"channels\":\",\"}"), 400, "empty channel identifier");
        assertThat(create("{\"channels\":\"*\"}").status()).isEqualTo(201);
        assertThat(checks.bySlug("")).hasSize(1);
    }

    @Test
    @Proves("A12")
    void channels_are_named_by_id_or_by_name() {
        var ops = Channels.uuid("ops").toString();
        var like = Channels.uuid("like").toString();
        for (var id : new String[] {"ops", "like", like}) { // the last has for a name what is the id of the second
            http.put("/api/v1/alert-channels/" + id, "{\"kind\":\"email\",\"to\":\"ops@acme.example\"}");
        }
        assertThat(channels("ops")).isEqualTo(ops);
        assertThat(channels("ops," + ops + ",ops")).isEqualTo(ops);
        assertThat(channels("*").split(",")).hasSize(3).isSorted();
        assertThat(channels("")).isEmpty();
        assertError(create("{\"channels\":\"" + like + "\"}"), 400, "non-unique channel identifier: " + like);
        assertError(create("{\"channels\":\"ops,,like\"}"), 400, "empty channel identifier");
    }

    private String channels(String identifiers) {
        var answer = create("{\"channels\":\"" + identifiers + "\"}");
        assertThat(answer.status()).isEqualTo(201);
        return answer.json().get("channels").stringValue();
    }

    @ParameterizedTest
    @Proves("W13")
    @ValueSource(strings = {"/api/v1/status", "/api/v2/status/", "/api/v3/status/"})
    void status_is_for_anybody(String path) {
        assertThat(http.send(http.request("GET", path, null)).body()).isEqualTo("OK");
        assertThat(http.send(http.request("HEAD", path, null)).status()).isEqualTo(200);
        assertThat(http.send(http.request("OPTIONS", path, null)).status()).isEqualTo(200);
        assertThat(http.send(http.request("POST", path, "{}")).status()).isEqualTo(405);
    }

    @Test
    void upserts_at_once_make_one_check() throws Exception {
        try (var threads = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
            var jobs = IntStream.range(0, 20)
                    .mapToObj(i -> threads.submit(() ->
                            create("{\"name\":\"one\",\"unique\":[\"name\"]}").status()))
                    .toList();
            for (var job : jobs) assertThat(job.get()).isIn(200, 201);
        }
        assertThat(checks.bySlug("")).hasSize(1);
    }

    private List<String> listed(String query) {
        return get("/api/v3/checks/" + query)
                .json()
                .get("checks")
                .valueStream()
                .map(check -> check.get("slug").stringValue())
                .toList();
    }

    private List<String> members(String uuid, String... names) {
        JsonNode check = get("/api/v3/checks/" + uuid).json();
        return List.of(names).stream()
                .map(name -> check.get(name).stringValue())
                .toList();
    }

    private void update(String uuid, String body) {
        assertThat(post("/api/v3/checks/" + uuid, body).status()).isEqualTo(200);
    }

    private String key(String body) {
        return http.post("/api/v1/keys", body).json().get("key").stringValue();
    }

    private Answer create(String body) {
        return post("/api/v3/checks/", body);
    }

    private Answer post(String path, String body) {
        return http.send("POST", path, body);
    }

    private Answer get(String path) {
        return http.send("GET", path, null);
    }

    private Answer as(String key, String method, String path, String body) {
        var request = http.request(method, path, body);
        return http.send(key.isEmpty() ? request : request.header("X-Api-Key", key));
    }

    private static String uuid(Answer answer) {
        return answer.json().get("uuid").stringValue();
    }

    private static void assertError(Answer answer, int status, String error) {
        assertThat(answer.body()).isEqualTo("{\"error\":\"" + error.replace("\"", "\\\"") + "\"}");
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo("*");
    }
}
