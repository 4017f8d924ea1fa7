package io.muster.server.heartbeat;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.deadline.PassingTime;
import io.muster.server.incident.Channels;
import io.muster.server.testing.Http;
import io.muster.server.testing.Http.Answer;
import io.muster.server.testing.ServerTest;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
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

    @Test
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
        assertThat(CheckRepository.uniqueKey(java.util.UUID.fromString("31365bce-8da9-4729-8ff3-aaa71d56b712")))
                .isEqualTo("a6c7b0a8a66bed0df66abfdab3c77736861703ee");
        assertThat(CheckRepository.uniqueKey(java.util.UUID.fromString("00000000-1111-4222-8333-444455556666")))
                .isEqualTo("43a1beb86f1714dc4faef009c252a3c975dc81ae");
    }

    @Test
    void errors_come_in_the_order_that_clients_know() {
        var uuid = uuid(create("{}"));
        for (var path : List.of("/api/v3/checks/", "/api/v3/checks/" + uuid, "/api/v1/checks/" + uuid + "/pause")) {
            assertError(as("", "POST", path, "this is not json"), 400, "could not parse request body");
            assertError(as("", "POST", path, "  "), 400, "could not parse request body");
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
    void options_tell_and_text_bodies_are_read_as_json() {
        var options = http.send(http.request("OPTIONS", "/api/v3/checks/", null));
        assertThat(options.status()).isEqualTo(204);
        assertThat(options.header("Access-Control-Allow-Methods")).isEqualTo("GET, POST, OPTIONS");
        assertThat(options.header("Access-Control-Allow-Headers")).isEqualTo("X-Api-Key");
        for (var type : List.of("text/plain", "application/x-www-form-urlencoded")) {
            var answer = http.send(http.request("POST", "/api/v3/checks", "{\"name\":\"x\"}")
                    .setHeader("Content-Type", type)
                    .header("X-Api-Key", http.adminKey()));
            assertThat(answer.status()).isEqualTo(201);
            assertThat(answer.json().get("name").stringValue()).isEqualTo("x");
        }
    }

    @ParameterizedTest
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
                "{'grace':null} | grace is not a number",
                "{'name':5} | name is not a string",
                "{'name':null} | name is not a string",
                "{'name':'\\u0000'} | name is not valid text",
                "{'name':'\\ud800'} | name is not valid text",
                "{'slug':'Uppercase'} | slug does not match pattern",
                "{'slug':'look spaces'} | slug does not match pattern",
                "{'tags':1} | tags is not a string",
                "{'desc':[]} | desc is not a string",
                "{'schedule':'60 * * * *'} | schedule is not a valid cron or OnCalendar expression",
                "{'schedule':1} | schedule is not a string",
                "{'tz':'Europe/Surprise'} | tz is not a valid timezone",
                "{'manual_resume':0} | manual_resume is not a boolean",
                "{'methods':'PUT'} | methods has unexpected value",
                "{'channels':1} | channels is not a string",
                "{'unique':'x'} | unique is not an array",
                "{'unique':['status']} | an item in 'unique' has unexpected value",
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

    @Test
    void too_long_texts_are_named() {
        assertError(create("{\"name\":\"" + "x".repeat(101) + "\"}"), 400, "json validation error: name is too long");
        assertError(create("{\"tags\":\"" + "x".repeat(501) + "\"}"), 400, "json validation error: tags is too long");
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

        var cron = create("{\"slug\":\"nightly\",\"schedule\":\"0 3 * * *\"}");
        var all = "{\"name\":\"\",\"slug\":\"nightly\",\"tags\":\"\",\"timeout\":86400,\"grace\":3600,"
                + "\"unique\":[\"grace\",\"name\",\"slug\",\"tags\",\"timeout\",\"slug\"]}";
        assertThat(uuid(create(all))).isEqualTo(uuid(cron));
        assertThat(create(all.replace("3600", "3601")).status()).isEqualTo(201);
    }

    @Test
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
    }

    @Test
    void words_of_the_subject_are_words_too() {
        var uuid = uuid(create("{\"subject\":\"OK\",\"subject_fail\":\"BAD\"}"));
        assertThat(members(uuid, "subject", "subject_fail", "success_kw", "failure_kw"))
                .containsExactly("OK", "BAD", "OK", "BAD");
        assertThat(get("/api/v3/checks/" + uuid).json().get("filter_subject").booleanValue())
                .isTrue();
        update(uuid, "{\"subject\":\"\",\"subject_fail\":\"\"}");
        assertThat(get("/api/v3/checks/" + uuid).json().get("filter_subject").booleanValue())
                .isFalse();
    }

    @Test
    void old_versions_make_a_slug_of_the_name_and_show_what_runs() {
        var v1 = post("/api/v1/checks/", "{\"name\":\" \u00c4rger, 2nd  _Try_ \"}");
        assertThat(v1.json().get("slug").stringValue()).isEqualTo("arger-2nd-_try");
        assertThat(v1.json().get("update_url").stringValue()).contains("/api/v1/");
        assertThat(post("/api/v2/checks/", "{\"name\":\"A b\",\"slug\":\"c\"}")
                        .json()
                        .get("slug")
                        .stringValue())
                .isEqualTo("c");
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
    void unknown_channel_is_refused_before_anything_is_written() {
        assertError(create("{\"channels\":\"nobody\"}"), 400, "invalid channel identifier: nobody");
        assertError(create("{\"channels\":\",\"}"), 400, "empty channel identifier");
        assertThat(create("{\"channels\":\"*\"}").status()).isEqualTo(201);
        assertThat(checks.bySlug("")).hasSize(1);
    }

    @Test
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
    @ValueSource(strings = {"/api/v1/status", "/api/v2/status/", "/api/v3/status/"})
    void status_is_for_anybody(String path) {
        assertThat(http.send(http.request("GET", path, null)).body()).isEqualTo("OK");
        assertThat(http.send(http.request("HEAD", path, null)).status()).isEqualTo(200);
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
