package io.muster.server.problem;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.testing.Http;
import io.muster.server.testing.ServerTest;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

@ServerTest
class WrongInputTest {

    private static final List<String> ENDPOINTS = List.of(
            "POST /api/v1/keys",
            "PUT /api/v1/regions/x",
            "PUT /api/v1/policies/x",
            "PUT /api/v1/tiers/x",
            "PUT /api/v1/tenants/x",
            "PUT /api/v1/stores/x",
            "PUT /api/v1/transfers/x",
            "PUT /api/v1/jobs/x",
            "PUT /api/v1/probes/x",
            "PUT /api/v1/alert-channels/x",
            "PATCH /api/v1/tiers/gold");

    @Autowired
    Http http;

    @Autowired
    JdbcClient db;

    @Test
    void every_kind_of_wrong_body_is_a_documented_4xx_everywhere_and_changes_nothing() {
        var wrong = wrongBodies();
        var before = state();
        for (var endpoint : ENDPOINTS) {
            wrong.forEach((what, body) -> {
                var answer = send(endpoint, "application/json", body);
                assertThat(answer.status())
                        .as("%s with %s: %s", endpoint, what, answer.body())
                        .isBetween(400, 422);
                assertThat(answer.header("Content-Type")).as(endpoint).isEqualTo("application/problem+json");
                assertPage(answer);
            });
            assertThat(send(endpoint, "application/json", wrong.get("unknown member"))
                            .status())
                    .as(endpoint)
                    .isEqualTo(422);
            assertThat(send(endpoint, "text/html", bytes("{}")).status())
                    .as(endpoint)
                    .isEqualTo(415);
            assertThat(send(endpoint, "application/json;charset=UTF-16", bytes("{}"))
                            .status())
                    .as(endpoint)
                    .isEqualTo(415);
        }
        assertThat(state()).isEqualTo(before);
    }

    @Test
    void apply_refuses_them_as_json_and_as_yaml_and_changes_nothing() {
        var before = state();
        wrongBodies().forEach((what, body) -> {
            for (var type : List.of("application/json", "application/yaml")) {
                var answer = send("POST /api/v1/apply", type, body);
                assertThat(answer.status())
                        .as("%s as %s: %s", what, type, answer.body())
                        .isBetween(400, 422);
                assertPage(answer);
            }
        });
        var unknown = send(
                "POST /api/v1/apply",
                "application/yaml",
                bytes("{muster: v1, tiers: [{id: x, name: X, nobody-knows-this: 1}]}"));
        assertThat(unknown.status()).isEqualTo(422);
        assertThat(unknown.body()).contains("nobody-knows-this");
        assertThat(state()).isEqualTo(before);
    }

    @Test
    void apply_takes_64_MiB_and_200_000_objects_at_most() {
        var before = state();
        var many = new StringBuilder("muster: v1\ntenants:\n");
        for (int n = 0; n <= 200_000; n++) {
            many.append("- {id: t").append(n).append(", name: T, tier: gold, policy: p, home: eu-west-1}\n");
        }
        var answer = send("POST /api/v1/apply", "application/yaml", bytes(many.toString()));
        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.body()).contains("200000 objects");
        var large = new byte[(64 << 20) + 1];
        java.util.Arrays.fill(large, (byte) ' ');
        assertThat(send("POST /api/v1/apply", "application/json", large).status())
                .isEqualTo(413);
        assertThat(state()).isEqualTo(before);
    }

    @Test
    void compatible_api_refuses_them_in_its_own_way_and_ignores_what_it_does_not_know() {
        var made = send("POST /api/v3/checks/", "application/json", bytes("{\"name\":\"as it was\"}"));
        assertThat(made.status()).isEqualTo(201);
        var uuid = made.body().replaceFirst("(?s).*/ping/([0-9a-f-]{36}).*", "$1");
        var before = state();
        for (var endpoint : List.of("POST /api/v3/checks/", "POST /api/v1/checks/", "POST /api/v3/checks/" + uuid)) {
            wrongBodies().forEach((what, body) -> {
                if (List.of("empty", "unknown member", "1e999999999").contains(what)) return; // nothing it knows
                var answer = send(endpoint, "application/json", body);
                assertThat(answer.status())
                        .as("%s with %s: %s", endpoint, what, answer.body())
                        .isBetween(400, 422);
            });
            var large = new byte[10 << 20];
            java.util.Arrays.fill(large, (byte) ' ');
            assertThat(send(endpoint, "application/json", large).status())
                    .as(endpoint)
                    .isBetween(400, 422);
        }
        assertThat(state()).isEqualTo(before);
        assertThat(db.sql("select name from checks").query(String.class).list()).containsExactly("as it was");
        var ignored = send("POST /api/v3/checks/" + uuid, "application/json", bytes("{\"nobody-knows-this\":1}"));
        assertThat(ignored.status()).isEqualTo(200);
    }

    @Test
    void pings_take_any_body_and_refuse_wrong_addresses() throws IOException {
        var uuid = send("POST /api/v3/checks/", "application/json", bytes("{\"name\":\"job\"}"))
                .body()
                .replaceFirst("(?s).*/ping/([0-9a-f-]{36}).*", "$1");
        var bodies = wrongBodies();
        bodies.put("10 MiB", new byte[10 << 20]);
        for (var path :
                List.of("/ping/" + uuid, "/ping/" + uuid + "/fail", "/fail/" + uuid, "/ping/" + uuid + "/log")) {
            bodies.forEach((what, body) -> assertThat(
                            send("POST " + path, "application/json", body).status())
                    .as("%s with %s", path, what)
                    .isEqualTo(200));
        }
        var heard = db.sql("select count(*) from ping").query(Long.class).single();
        assertThat(heard).isEqualTo(4L * bodies.size());
        for (var path : List.of(
                "/ping/%00",
                "/ping/%C3",
                "/ping/%ED%A0%80",
                "/ping/" + uuid + "/256",
                "/ping/" + uuid + "/1e999",
                "/ping/" + uuid + "/-1",
                "/ping/" + uuid + "?rid=%00",
                "/ping/" + uuid + "?rid=1e999",
                "/ping/" + uuid + "/" + "9".repeat(5_000),
                "/ping/" + "a".repeat(70_000),
                "/ping/" + uuid + "?rid=" + "a".repeat(70_000),
                "/fail/",
                "/fail/%00")) {
            assertThat(raw("GET " + path + " HTTP/1.1")).as(shortly(path)).matches("(?s)HTTP/1.1 4\\d\\d.*");
        }
        assertThat(db.sql("select count(*) from ping").query(Long.class).single())
                .isEqualTo(heard);
    }

    private static LinkedHashMap<String, byte[]> wrongBodies() {
        var wrong = new LinkedHashMap<String, byte[]>();
        wrong.put("empty", new byte[0]);
        wrong.put("no json", bytes("{\"name\":"));
        wrong.put("two documents", bytes("{} {}"));
        wrong.put("a list", bytes("[]"));
        wrong.put("a text", bytes("\"x\""));
        wrong.put("null", bytes("null"));
        wrong.put("NUL", bytes("{\"name\":\"a\u0000b\"}"));
        wrong.put("NUL escaped", bytes("{\"name\":\"a\\u0000b\"}"));
        wrong.put("lone surrogate", bytes("{\"name\":\"\\ud800\"}"));
        wrong.put("broken UTF-8", new byte[] {'{', '"', 'n', '"', ':', '"', (byte) 0xC3, '"', '}'});
        wrong.put("overlong NUL", new byte[] {'{', '"', 'n', '"', ':', '"', (byte) 0xC0, (byte) 0x80, '"', '}'});
        wrong.put("unknown member", bytes("{\"nobody-knows-this\":1}"));
        wrong.put("1e999", bytes("{\"name\":1e999,\"lat\":1e999,\"every\":1e999,\"limit\":1e999}"));
        wrong.put("1e999999999", bytes("{\"name\":\"x\",\"lat\":1e999999999,\"lon\":1e999999999}"));
        wrong.put("huge timeout", bytes("{\"name\":\"x\",\"timeout\":1e999999999,\"grace\":1e999}"));
        wrong.put("depth 5,000", bytes("{\"name\":" + "[".repeat(5_000) + "]".repeat(5_000) + "}"));
        return wrong;
    }

    @Test
    void a_form_with_NUL_or_that_is_none_is_400_and_changes_nothing() {
        var before = state();
        for (var form : List.of(
                "/keys name=a%00&may=read&days=30",
                "/keys name=a&may=read&days=30&x%00=",
                "/keys name=%zz&may=read&days=30",
                "/checks act=pause&check=%00",
                "/catalogue/delete noun=tenant&id=%00",
                "/catalogue/declare noun=tenant&id=%00",
                "/catalogue/declare/preview noun=tenant&id=%00",
                "/sign-in token=%00")) {
            var call = form.split(" ");
            var answer = http.form(call[0], call[1]);
            assertThat(answer.status()).as("%s: %s", form, answer.body()).isEqualTo(400);
            assertPage(answer);
        }
        var parts = "--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\na\u0000b\r\n--x--\r\n";
        assertThat(send("POST /keys", "multipart/form-data; boundary=x", bytes(parts))
                        .status())
                .isEqualTo(422);
        assertThat(state()).isEqualTo(before);
    }

    @Test
    void a_body_beyond_its_limit_is_413_with_and_without_its_length() {
        var large = new byte[10 << 20];
        java.util.Arrays.fill(large, (byte) ' ');
        for (var endpoint : ENDPOINTS) {
            assertThat(send(endpoint, "application/json", large).status())
                    .as(endpoint)
                    .isEqualTo(413);
        }
        var chunked = http.send(http.request("POST", "/api/v1/keys", null)
                .header("X-Api-Key", http.adminKey())
                .POST(BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(large))));
        assertThat(chunked.status()).isEqualTo(413);
    }

    @Test
    void wrong_addresses_are_a_4xx_that_says_nothing_about_the_server() throws IOException {
        for (var target : List.of(
                "/api/v1/keys?cursor=%00",
                "/api/v1/keys?cursor=%C3",
                "/api/v1/keys?cursor=%ED%A0%80",
                "/api/v1/keys?cursor=%zz",
                "/api/v1/keys/%00",
                "/api/v1/keys/%C3",
                "/api/v1/keys/..%2f..%2fadmin.key",
                "/api/v1/keys/a;b=c",
                "/api/v1//keys",
                "/%",
                "/<script>",
                "/sign-in?token=%00",
                "/" + "a".repeat(70_000),
                "/api/v1/keys?cursor=" + "a".repeat(70_000))) {
            var answer = raw("GET " + target + " HTTP/1.1");
            assertThat(answer).as(shortly(target)).matches("(?s)HTTP/1.1 4\\d\\d.*");
            assertThat(answer).as(shortly(target)).doesNotContain("Tomcat", "<html", "Exception");
        }
        assertThat(raw("NONSENSE")).matches("(?s)HTTP/1.1 4\\d\\d.*").doesNotContain("Tomcat");
        assertThat(raw("FROB /api/v1/keys HTTP/1.1"))
                .matches("(?s)HTTP/1.1 4\\d\\d.*")
                .doesNotContain("Tomcat");
    }

    @Test
    void unknown_paths_and_methods_are_problems_too() {
        assertThat(http.get("/api/v1/not-there").status()).isEqualTo(404);
        assertPage(http.get("/api/v1/not-there"));
        var method = http.send("DELETE", "/api/v1/keys", null);
        assertThat(method.status()).isEqualTo(405);
        assertThat(method.header("Allow")).contains("POST");
        assertPage(method);
    }

    @Test
    void every_problem_has_a_page_and_the_list_shows_all() {
        assertThat(http.send(http.request("GET", "/problems", null)).body())
                .contains("/problems/refused", "/problems/bad_cursor", "<code>Retry-After</code>");
        assertThat(http.send(http.request("GET", "/problems/none", null)).status())
                .isEqualTo(404);
        for (int status : new int[] {400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 429, 500, 503}) {
            var page = http.send(http.request("GET", "/problems/" + GenericProblems.name(status), null));
            assertThat(page.status()).as(GenericProblems.name(status)).isEqualTo(200);
        }
    }

    private void assertPage(Http.Answer problem) {
        var type = problem.json().get("type").asString();
        assertThat(getClass().getResource(type + ".md")).as(type).isNotNull();
    }

    private Http.Answer send(String endpoint, String contentType, byte[] body) {
        var call = endpoint.split(" ");
        return http.send(http.request(call[0], call[1], null)
                .method(call[0], BodyPublishers.ofByteArray(body))
                .setHeader("Content-Type", contentType)
                .header("X-Api-Key", http.adminKey()));
    }

    /** Sent as it is: no client would. */
    private String raw(String line) throws IOException {
        try (var socket = new Socket("localhost", URI.create(http.base()).getPort())) {
            socket.setSoTimeout(10_000);
            var request =
                    line + "\r\nHost: localhost\r\nX-Api-Key: " + http.adminKey() + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private Map<String, Object> state() {
        return db.sql("""
                select (select count(*) from api_key) as keys, (select count(*) from region) as regions,
                       (select count(*) from tenant) as tenants, (select count(*) from store) as stores,
                       (select count(*) from checks) as checks, (select count(*) from tier) as tiers,
                       (select count(*) from policy) as policies
                """).query().singleRow();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String shortly(String text) {
        return text.length() > 60 ? text.substring(0, 60) : text;
    }
}
