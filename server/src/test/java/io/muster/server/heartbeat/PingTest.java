package io.muster.server.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.deadline.PassingTime;
import io.muster.server.testing.Http;
import io.muster.server.testing.Proves;
import io.muster.server.testing.RawHttp;
import io.muster.server.testing.ServerTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;

@ServerTest
@Import(TestChecks.class)
class PingTest {

    @Autowired
    TestChecks checks;

    @Autowired
    Http http;

    @Autowired
    PassingTime time;

    @Test
    @Proves({"P1", "D8"})
    void get_is_a_success() {
        var check = checks.daily("foo");
        var answer = get("/ping/" + uuid(check));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("OK");
        assertThat(answer.header("Content-Type")).isEqualToIgnoringCase("text/plain;charset=utf-8");
        assertThat(answer.header("Ping-Body-Limit")).isEqualTo("10000");
        assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(answer.header("Cache-Control")).isEqualTo("max-age=0, no-cache, no-store, must-revalidate, private");
        var after = checks.read(check);
        assertThat(after.status()).isEqualTo(Status.UP);
        assertThat(after.downAt()).contains(after.lastPing().plusSeconds(25 * 3600));
        assertThat(checks.pings(check)).singleElement().satisfies(ping -> {
            assertThat(ping.n()).isEqualTo(1);
            assertThat(ping.kind()).isEqualTo("success");
            assertThat(ping.method()).isEqualTo("GET");
            assertThat(ping.scheme()).isEqualTo("http");
            assertThat(ping.remoteAddr()).isIn("127.0.0.1", "::1");
            assertThat(ping.exitStatus()).isNull();
            assertThat(ping.body()).isNull();
        });
    }

    @Test
    @Proves("P2")
    void head_counts_once() throws IOException {
        var check = checks.daily("foo");
        try (var raw = new RawHttp(http.base())) {
            var answer = raw.send("HEAD /ping/" + uuid(check) + " HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.header("Content-Length")).isEqualTo("2");
            assertThat(answer.header("Ping-Body-Limit")).isEqualTo("10000");
            assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo("*");
            assertThat(answer.header("Cache-Control")).contains("no-store");
            assertThat(raw.send("GET /ping/" + uuid(check) + " HTTP/1.1\r\nHost: x\r\n\r\n")
                            .body())
                    .as("what follows an answer without a body")
                    .isEqualTo("OK");
        }
        assertThat(checks.pings(check)).extracting(TestChecks.Row::method).containsExactly("HEAD", "GET");
    }

    @Test
    @Proves({"P3", "P4", "P5", "P20"})
    void body_of_any_type_is_stored_as_it_came_and_never_read_for_parameters() throws IOException {
        var check = checks.daily("foo");
        var body = "rid=x&create=1&a=\u00e9";
        for (var type : new String[] {"application/x-www-form-urlencoded", "text/plain", "multipart/form-data"}) {
            try (var raw = new RawHttp(http.base())) {
                var answer = raw.send("POST /ping/" + uuid(check) + " HTTP/1.1\r\nHost: x\r\nContent-Type: " + type
                        + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
                assertThat(answer.status()).isEqualTo(200);
            }
        }
        assertThat(checks.pings(check)).hasSize(3).allSatisfy(ping -> {
            assertThat(ping.text()).isEqualTo(body);
            assertThat(ping.rid()).isNull();
        });
        var rid = UUID.randomUUID();
        var form = http.request("POST", "/ping/" + uuid(check) + "?rid=" + rid, body)
                .setHeader("Content-Type", "application/x-www-form-urlencoded");
        assertThat(http.send(form).status()).isEqualTo(200);
        assertThat(checks.pings(check).getLast().rid()).isEqualTo(rid);
        assertThat(new String(checks.pings(check).getLast().body(), StandardCharsets.UTF_8))
                .isEqualTo(body);
        assertThat(checks.bySlug("foo")).hasSize(1);
    }

    @ParameterizedTest
    @Proves({"P8", "P12", "P13", "D2"})
    @CsvSource({
        "'', up, success, ",
        "/, up, success, ",
        "/start, new, start, ",
        "/start/, new, start, ",
        "/fail, down, fail, ",
        "/log, new, log, ",
        "/0, up, success, 0",
        "/0/, up, success, 0",
        "/007, down, fail, 7",
        "/123, down, fail, 123",
        "/255, down, fail, 255",
        "/%73tart, new, start, "
    })
    void path_says_what_happened(String end, String status, String kind, Integer exit) {
        var check = checks.daily("foo");
        assertThat(get("/ping/" + uuid(check) + end).status()).isEqualTo(200);
        assertThat(checks.read(check).status().word()).isEqualTo(status);
        assertThat(checks.pings(check)).singleElement().satisfies(ping -> {
            assertThat(ping.kind()).isEqualTo(kind);
            assertThat(ping.exitStatus()).isEqualTo(exit);
        });
    }

    @Test
    @Proves({"P9", "P10", "P11"})
    void start_leaves_the_last_ping_failure_leaves_no_deadline_and_log_leaves_all_as_it_was() {
        var check = checks.daily("foo");
        get("/ping/" + uuid(check));
        var up = checks.read(check);
        time.passes(Duration.ofMinutes(1));
        get("/ping/" + uuid(check) + "/log");
        var logged = checks.read(check);
        assertThat(logged.state()).isEqualTo(up.state().counted());
        get("/ping/" + uuid(check) + "/start");
        var started = checks.read(check);
        assertThat(started.lastStart()).isEqualTo(time.now());
        assertThat(started.lastPing()).isEqualTo(up.lastPing());
        assertThat(started.status()).isEqualTo(Status.UP);
        get("/ping/" + uuid(check) + "/fail");
        var down = checks.read(check);
        assertThat(down.status()).isEqualTo(Status.DOWN);
        assertThat(down.lastPing()).isEqualTo(time.now());
        assertThat(down.downAt()).isEmpty();
        assertThat(checks.flips(check)).containsExactly("up>down fail", "new>up success");
        assertThat(checks.pings(check))
                .extracting(TestChecks.Row::kind)
                .containsExactly("success", "log", "start", "fail");
    }

    @Test
    void short_form_of_fail_works_and_says_why() {
        var check = checks.daily("foo");
        assertThat(get("/fail/" + uuid(check)).body()).isEqualTo("OK");
        assertThat(checks.flips(check)).containsExactly("new>down fail");
        get("/ping/" + uuid(check));
        get("/ping/" + uuid(check) + "/3");
        assertThat(checks.flips(check)).containsExactly("up>down exit_code", "down>up success", "new>down fail");
    }

    @ParameterizedTest
    @Proves({"P6", "P7", "P15"})
    @ValueSource(
            strings = {
                "/ping/00000000-0000-4000-8000-000000000000",
                "/ping/00000000-0000-4000-8000-000000000000/256",
                "/ping/00000000-0000-4000-8000-000000000000?rid=1",
                "/ping/00000000-0000-4000-8000-000000000000/256?rid=1",
                "/fail/00000000-0000-4000-8000-000000000000",
                "/ping/00000000000040008000000000000000",
                "/ping/1-1-1-1-1",
                "/ping/",
                "/ping",
                "/fail/",
                "/ping/a/b/c/d",
                "/ping/a/b",
                "/ping/a/b?create=1",
                "/ping/00000000-0000-4000-8000-000000000000/foo",
                "/ping/%00/x",
                "/ping/%ff%fe"
            })
    void what_is_unknown_is_not_found(String path) throws IOException {
        try (var raw = new RawHttp(http.base())) {
            var answer = raw.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
            assertThat(answer.status()).isIn(404, 400);
            if (!path.contains("%")) assertThat(answer.body()).isEqualTo("not found");
        }
    }

    @Test
    @Proves({"P14", "P16", "P30", "W2", "W3"})
    void malformed_ping_of_a_known_check_is_refused_and_changes_nothing() {
        var check = checks.daily("foo");
        assertRefused("/ping/" + uuid(check) + "/256", "invalid url format");
        assertRefused("/ping/" + uuid(check) + "/99999999999999999999999", "invalid url format");
        assertRefused("/ping/" + uuid(check) + "/256?rid=1", "invalid url format");
        assertRefused("/ping/" + uuid(check) + "?rid=12345", "invalid uuid format");
        assertRefused("/ping/" + uuid(check) + "?rid=", "invalid uuid format");
        assertRefused("/ping/" + uuid(check) + "?rid=" + UUID.randomUUID() + "0", "invalid uuid format");
        assertRefused("/ping/" + uuid(check) + "?rid=" + UUID.randomUUID() + "%0A", "invalid uuid format");
        assertRefused("/ping/" + uuid(check) + "?rid=" + UUID.randomUUID() + ";a=1", "invalid uuid format");
        assertThat(checks.pings(check)).isEmpty();
        assertThat(checks.read(check)).isEqualTo(check);
        assertThat(get("/ping/" + uuid(check) + "?a=1;rid=1").status()).isEqualTo(200);
    }

    private void assertRefused(String path, String why) {
        var answer = get(path);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).isEqualTo(why);
    }

    @Test
    @Proves({"P17", "D2", "W1", "W3"})
    void run_id_may_be_in_upper_case_escaped_and_repeated_then_the_last_counts() {
        var check = checks.daily("foo");
        var rid = UUID.fromString("abcdefab-0000-0000-0000-abcdefabcdef");
        get("/ping/" + uuid(check).toUpperCase(java.util.Locale.ROOT) + "?rid=1&%72id="
                + rid.toString().toUpperCase(java.util.Locale.ROOT));
        assertThat(checks.pings(check))
                .singleElement()
                .satisfies(ping -> assertThat(ping.rid()).isEqualTo(rid));
    }

    @Test
    @Proves({"P26", "P27"})
    void longSchemebody_is_cut_chunked_or_not() throws IOException {
        var check = checks.daily("foo");
        var body = "\u00e9".repeat(3 << 20);
        try (var raw = new RawHttp(http.base())) {
            raw.write("POST /ping/" + uuid(check) + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + body.length()
                    + "\r\n\r\n");
            assertThat(raw.send(body).status()).isEqualTo(200);
            raw.write("POST /ping/" + uuid(check) + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int i = 0; i < 12; i++) raw.write("400\r\n" + "\u00e9".repeat(1024) + "\r\n");
            assertThat(raw.send("0\r\n\r\n").status()).isEqualTo(200);
            assertThat(raw.send(
                                    "POST /ping/" + uuid(check)
                                            + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
                            .status())
                    .isEqualTo(200);
        }
        assertThat(checks.pings(check)).extracting(ping -> ping.body().length).containsExactly(10_000, 10_000, 5);
    }

    @Test
    void body_over_10_mib_is_too_large_and_is_not_stored() throws IOException {
        var check = checks.daily("foo");
        try (var raw = new RawHttp(http.base())) {
            raw.write(
                    "POST /ping/" + uuid(check) + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + (11 << 20) + "\r\n\r\n");
            raw.write(new byte[11 << 20]);
            assertThat(raw.read(true).status()).isEqualTo(413);
        }
        assertThat(checks.pings(check)).isEmpty();
    }

    @Test
    void replication_job_sends_up_to_a_mebibyte_of_which_the_beginning_is_kept() {
        var check = checks.with("foo", is -> is.declared("foo", TestChecks.replicating()));
        var answer = http.send(http.request("POST", "/ping/" + uuid(check), "x".repeat(20_000)));
        assertThat(answer.header("Ping-Body-Limit")).isEqualTo("1048576");
        assertThat(checks.pings(check))
                .singleElement()
                .satisfies(ping -> assertThat(ping.body()).hasSize(10_000));
    }

    @Test
    @Proves("P32")
    void client_that_waits_for_100_continue_gets_it() throws IOException {
        var check = checks.daily("foo");
        try (var raw = new RawHttp(http.base())) {
            var interim = raw.send("POST /ping/" + uuid(check)
                    + " HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
            assertThat(interim.status()).isEqualTo(100);
            assertThat(raw.send("hello").status()).isEqualTo(200);
        }
        assertThat(checks.pings(check)).extracting(TestChecks.Row::text).containsExactly("hello");
    }

    @Test
    @Proves("P32")
    void body_that_comes_in_pieces_is_one_ping_and_keeps_no_other_waiting() throws IOException {
        var check = checks.daily("foo");
        try (var slow = new RawHttp(http.base())) {
            slow.write("POST /ping/" + uuid(check) + " HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe");
            assertThat(get("/ping/" + uuid(check)).status()).isEqualTo(200);
            slow.write("l");
            assertThat(get("/ping/" + uuid(check)).status()).isEqualTo(200);
            assertThat(slow.send("lo").body()).isEqualTo("OK");
        }
        assertThat(checks.pings(check)).extracting(TestChecks.Row::text).containsExactly(null, null, "hello");
    }

    @Test
    @Proves("P28")
    void http_1_0_without_host_works() throws IOException {
        var check = checks.daily("foo");
        try (var raw = new RawHttp(http.base())) {
            assertThat(raw.send("GET /ping/" + uuid(check) + " HTTP/1.0\r\n\r\n")
                            .body())
                    .isEqualTo("OK");
        }
    }

    @Test
    @Proves({"P29", "W15"})
    void hundred_pings_on_one_connection_are_numbered_in_order() throws IOException {
        var check = checks.daily("foo");
        try (var raw = new RawHttp(http.base())) {
            for (int i = 1; i <= 100; i++) {
                var answer = raw.send("GET /ping/" + uuid(check) + " HTTP/1.1\r\nHost: x\r\n\r\n");
                assertThat(answer.header("Muster-Ping-Id")).isEqualTo(Integer.toString(i));
                assertThat(answer.header("Connection")).isEmpty();
            }
        }
        assertThat(checks.pings(check))
                .extracting(TestChecks.Row::n)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, 100).boxed().toList());
        assertThat(checks.read(check).pings()).isEqualTo(100);
    }

    @Test
    void pings_of_many_connections_at_once_are_all_stored_once() throws Exception {
        var some = IntStream.range(0, 5).mapToObj(i -> checks.daily("c" + i)).toList();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var jobs = IntStream.range(0, 200)
                    .mapToObj(i -> (Callable<Integer>) () -> http.send(
                                    http.request("POST", "/ping/" + uuid(some.get(i % 5)), "body " + i))
                            .status())
                    .toList();
            for (var job : threads.invokeAll(jobs)) assertThat(job.get()).isEqualTo(200);
        }
        var bodies = some.stream()
                .flatMap(check -> checks.pings(check).stream())
                .map(TestChecks.Row::text)
                .toList();
        assertThat(bodies)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 200).mapToObj(i -> "body " + i).toList());
    }

    @Test
    @Proves({"P25", "P31", "D1"})
    void options_tell_and_other_methods_are_refused_and_neither_is_a_ping() {
        var check = checks.daily("foo");
        var options = http.send(http.request("OPTIONS", "/ping/" + uuid(check), null));
        assertThat(options.status()).isEqualTo(204);
        assertThat(options.header("Access-Control-Allow-Origin")).isEqualTo("*");
        var delete = http.send(http.request("DELETE", "/ping/" + uuid(check), null));
        assertThat(delete.status()).isEqualTo(405);
        assertThat(delete.header("Allow")).contains("GET", "POST");
        assertThat(checks.pings(check)).isEmpty();
        assertThat(http.send(http.request("PUT", "/ping/" + uuid(check), "x")).status())
                .isEqualTo(200);
        assertThat(http.send(http.request("PATCH", "/ping/" + uuid(check), "x")).status())
                .isEqualTo(200);
    }

    @Test
    @Proves("P23")
    void user_agent_is_cut_and_forwarded_headers_of_strangers_are_not_believed() {
        var check = checks.daily("foo");
        http.send(http.request("GET", "/ping/" + uuid(check), null)
                .header("User-Agent", "x".repeat(330))
                .header("X-Forwarded-For", "1.1.1.1")
                .header("X-Forwarded-Proto", "https"));
        assertThat(checks.pings(check)).singleElement().satisfies(ping -> {
            assertThat(ping.userAgent()).hasSize(200);
            assertThat(ping.remoteAddr()).isIn("127.0.0.1", "::1");
            assertThat(ping.scheme()).isEqualTo("http");
        });
    }

    @Test
    @Proves({"P21", "P22", "W11"})
    void what_a_trusted_proxy_says_is_shown_of_a_ping() {
        var check = checks.daily("foo");
        http.sendThroughProxy(http.request("GET", "/ping/" + uuid(check), null)
                .header("X-Forwarded-For", "1.1.1.1, 2.2.2.2")
                .header("X-Forwarded-Proto", "https"));
        http.sendThroughProxy(http.request("GET", "/ping/" + uuid(check), null).header("X-Forwarded-For", "garbage"));
        assertThat(checks.pings(check)).extracting("remoteAddr").containsExactlyInAnyOrder("1.1.1.1", null);
        assertThat(checks.pings(check)).extracting("scheme").containsExactlyInAnyOrder("https", "http");
        var longScheme = http.request("GET", "/ping/" + uuid(check), null).header("X-Forwarded-Proto", "gopher+https");
        assertThat(http.sendThroughProxy(longScheme).status()).isEqualTo(400);
        assertThat(checks.pings(check)).hasSize(2);
    }

    @ParameterizedTest
    @Proves("P21")
    @CsvSource({
        "1.1.1.1:1234, 1.1.1.1",
        "2001::1, 2001::1",
        "2001:0DB8::0:1, 2001:db8::1",
        "::ffff:1.1.1.1, ::ffff:1.1.1.1",
        "1.1.1, ",
        "1.1.1.1:x, ",
        "example.com, "
    })
    void address_behind_a_proxy_is_written_in_one_way_or_not_at_all(String forwarded, String shown) {
        var check = checks.daily("foo");
        http.sendThroughProxy(http.request("GET", "/ping/" + uuid(check), null).header("X-Forwarded-For", forwarded));
        assertThat(checks.pings(check).getFirst().remoteAddr()).isEqualTo(shown);
    }

    @Test
    @Proves({"S1", "S3", "S5", "S6", "S7", "W1"})
    void slug_and_ping_key_name_a_check_too() {
        var check = checks.daily("foo");
        var key = checks.pingKey();
        assertThat(get("/ping/" + key + "/foo").body()).isEqualTo("OK");
        assertThat(get("/ping/" + key + "/foo/fail").body()).isEqualTo("OK");
        assertThat(get("/ping/" + key + "/foo/7").body()).isEqualTo("OK");
        assertThat(get("/ping/" + key + "x/foo").status()).isEqualTo(404);
        assertRefused("/ping/" + key + "/fooFOO", "invalid url format");
        assertRefused("/ping/nobody/fooFOO?create=1", "invalid url format");
        assertRefused("/ping/" + key + "/foo/256", "invalid url format");
        assertThat(get("/ping/" + key + "/bar").status()).isEqualTo(404);
        assertThat(get("/ping/" + key + "/bar?create=true").status()).isEqualTo(404);
        assertThat(get("/ping/" + key + "/bar?create=1&create=0").status()).isEqualTo(404);
        assertThat(get("/ping/" + key + "x/bar?create=1").status()).isEqualTo(404);
        assertThat(checks.bySlug("bar")).isEmpty();
        assertThat(checks.pings(check)).extracting(TestChecks.Row::kind).containsExactly("success", "fail", "fail");
    }

    @Test
    @Proves({"S2", "D4"})
    void slug_of_several_checks_is_ambiguous() {
        var one = checks.daily("foo");
        var two = checks.daily("foo");
        var answer = get("/ping/" + checks.pingKey() + "/foo");
        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.body()).isEqualTo("ambiguous slug");
        assertThat(checks.pings(one)).isEmpty();
        assertThat(checks.pings(two)).isEmpty();
        assertThat(checks.read(one).jobId()).isEqualTo(one.uniqueKey());
    }

    @Test
    @Proves({"S4", "S10", "S11", "D5", "W1"})
    void missing_check_is_created_on_request_but_not_by_a_malformed_ping() {
        var key = checks.pingKey();
        http.put("/api/v1/alert-channels/ops", "{\"kind\":\"email\",\"to\":\"ops@acme.example\"}");
        http.put("/api/v1/alert-channels/boss", "{\"kind\":\"email\",\"to\":\"boss@acme.example\"}");
        assertRefused("/ping/" + key + "/fresh?create=1&rid=1", "invalid uuid format");
        assertRefused("/ping/" + key + "/fresh/256?create=1", "invalid url format");
        assertThat(checks.bySlug("fresh")).isEmpty();
        var answer = get("/ping/" + key + "/fresh/start?create=1");
        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.body()).isEqualTo("Created");
        assertThat(checks.bySlug("fresh")).singleElement().satisfies(check -> {
            assertThat(check.name()).isEqualTo("fresh");
            assertThat(check.jobId()).isEqualTo("fresh");
            assertThat(check.isStarted()).isTrue();
            assertThat(check.status()).isEqualTo(Status.NEW);
            assertThat(check.channels()).containsExactlyInAnyOrder("ops", "boss");
            assertThat(checks.pings(check)).hasSize(1);
        });
        assertThat(get("/ping/" + key + "/again?create=0&create=1").body()).isEqualTo("Created");
        assertThat(get("/ping/" + key + "/again?create=1").body()).isEqualTo("OK");
    }

    @Test
    @Proves({"S9", "D4", "D5"})
    void twenty_first_pings_at_once_create_one_check() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Callable<Integer> first =
                    () -> get("/ping/" + checks.pingKey() + "/fresh?create=1").status();
            var statuses = threads.invokeAll(java.util.Collections.nCopies(20, first)).stream()
                    .map(java.util.concurrent.Future::resultNow)
                    .collect(Collectors.groupingBy(status -> status, Collectors.counting()));
            assertThat(statuses).containsEntry(201, 1L).containsEntry(200, 19L);
        }
        assertThat(checks.bySlug("fresh")).hasSize(1);
    }

    @Test
    @Proves({"F1", "F2", "F3", "F4", "F7", "F8", "F9"})
    void words_in_the_body_decide_whatever_the_path_says() {
        var words = checks.with(
                "words",
                TestChecks.keywords(new Keywords("BEGIN", "SUCCESS, OK", "ERROR,,FATAL", false, false, true, false)));
        ping(words, "/fail", "all OK");
        ping(words, "/start", "OK");
        ping(words, "/log", "OK");
        ping(words, "", "OK but ERROR");
        ping(words, "/0", "nothing");
        ping(words, "", "BEGIN");
        http.send(http.request("POST", "/ping/" + uuid(words), null));
        assertThat(checks.pings(words))
                .extracting(TestChecks.Row::kind)
                .containsExactly("success", "success", "success", "fail", "ign", "start", "ign");
        var strict =
                checks.with("strict", TestChecks.keywords(new Keywords("", "SUCCESS", "", false, false, true, true)));
        get("/ping/" + uuid(strict));
        assertThat(checks.pings(strict)).extracting(TestChecks.Row::kind).containsExactly("fail");
        var mail = checks.with("mail", TestChecks.keywords(new Keywords("", "SUCCESS", "", true, true, false, true)));
        get("/ping/" + uuid(mail));
        assertThat(checks.pings(mail)).extracting(TestChecks.Row::kind).containsExactly("success");
    }

    @Test
    @Proves({"F10", "D3"})
    void body_cut_within_a_letter_is_read_with_a_replacement() {
        var words =
                checks.with("words", TestChecks.keywords(new Keywords("", "SUCCESS", "", false, false, true, false)));
        ping(words, "", "SUCCESS" + "\u00e9".repeat(6_000));
        ping(words, "", "\u00e9".repeat(6_000) + "SUCCESS");
        assertThat(checks.pings(words)).extracting(TestChecks.Row::kind).containsExactly("success", "ign");
    }

    @Test
    @Proves({"P24", "D1"})
    void check_that_takes_post_only_records_others_without_effect() {
        var check = checks.with("post", TestChecks.flags(false, true));
        assertThat(get("/ping/" + uuid(check)).body()).isEqualTo("OK");
        assertThat(checks.read(check).status()).isEqualTo(Status.NEW);
        ping(check, "", "x");
        assertThat(checks.read(check).status()).isEqualTo(Status.UP);
        http.send(http.request("PUT", "/ping/" + uuid(check), "x"));
        assertThat(checks.pings(check)).extracting(TestChecks.Row::kind).containsExactly("ign", "success", "success");
    }

    @Test
    @Proves({"F5", "F6"})
    void what_is_without_effect_stays_so_whatever_words_say() {
        var words = TestChecks.keywords(new Keywords("", "OK", "ERROR", false, false, true, true));
        var post = checks.with(
                "post", is -> words.apply(TestChecks.flags(false, true).apply(is)));
        get("/ping/" + uuid(post));
        ping(post, "", "nothing");
        assertThat(checks.pings(post)).extracting(TestChecks.Row::kind).containsExactly("ign", "fail");
        var manual = checks.with(
                "manual", is -> words.apply(TestChecks.flags(true, false).apply(is)));
        http.post("/api/v3/checks/" + uuid(manual) + "/pause", "");
        ping(manual, "", "OK");
        ping(manual, "", "ERROR");
        assertThat(checks.pings(manual)).extracting(TestChecks.Row::kind).containsExactly("ign", "ign");
        assertThat(checks.read(manual).status()).isEqualTo(Status.PAUSED);
    }

    @Test
    @Proves("W11")
    void wrong_input_of_every_kind_is_answered_with_4xx() throws IOException {
        var check = uuid(checks.daily("foo"));
        for (var request : new String[] {
            "GET /ping/" + "a".repeat(70_000) + " HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /ping/" + check + "?" + "a".repeat(70_000) + " HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /ping/" + check + "?rid=%zz HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /ping/" + check + "/%c0%80 HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /ping/" + check + "/..%2f..%2fx HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /ping/" + check + "/1e999 HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /ping/" + check + "/-1 HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /ping/" + check + " HTTP/1.1\r\nHost: x\r\nUser-Agent: a\0b\r\n\r\n",
            "POST /ping/" + check + " HTTP/1.1\r\nHost: x\r\nContent-Length: 5x\r\n\r\nhello",
            "POST /ping/" + check + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "BREW /ping/" + check + " HTTP/1.1\r\nHost: x\r\n\r\n",
            "PROPFINDPROPFIND /ping/" + check + " HTTP/1.1\r\nHost: x\r\n\r\n",
        }) {
            try (var raw = new RawHttp(http.base())) {
                var answer = raw.send(request);
                assertThat(answer.status())
                        .as(request.substring(0, Math.min(90, request.length())))
                        .isBetween(400, 499);
            }
        }
        assertThat(checks.bySlug("foo").getFirst().pings()).isZero();
    }

    @Test
    @Proves("W15")
    void connection_is_kept_or_its_end_is_announced() throws IOException {
        var check = uuid(checks.daily("foo"));
        checks.daily("twice");
        checks.daily("twice");
        var key = checks.pingKey();
        var auth = "\r\nHost: x\r\nX-Api-Key: " + http.adminKey();
        var list = new ArrayList<Integer>();
        for (var request : new String[] {
            "GET /ping/" + check + " HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /ping/" + check + "/256 HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /ping/00000000-0000-4000-8000-000000000000 HTTP/1.1\r\nHost: x\r\n\r\n",
            "POST /ping/" + check + "?rid=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
            "POST /ping/" + key + "/none HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
            "POST /ping/" + key + "/twice HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
            "DELETE /ping/" + check + " HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
            "OPTIONS /ping/" + check + " HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /ping/" + check + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            "GET /ping/" + check + " HTTP/1.0\r\n\r\n",
            "GET /ping/" + check + " HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
            "GET /api/v3/checks/ HTTP/1.1" + auth + "\r\n\r\n",
            "GET /api/v3/checks/ HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /api/v3/checks/00000000-0000-4000-8000-000000000000 HTTP/1.1" + auth + "\r\n\r\n",
            "PUT /api/v3/checks/ HTTP/1.1" + auth + "\r\nContent-Length: 2\r\n\r\n{}",
            "POST /api/v3/checks/ HTTP/1.1" + auth + "\r\nContent-Length: 2\r\n\r\n[]",
            "POST /api/v3/checks/" + check + "/resume HTTP/1.1" + auth + "\r\nContent-Length: 2\r\n\r\n{}",
            "DELETE /api/v3/checks/" + check + " HTTP/1.1" + auth + "\r\nContent-Length: 4\r\n\r\nnull",
            "BROKEN\r\n\r\n"
        }) {
            try (var raw = new RawHttp(http.base())) {
                var answer = raw.send(request);
                list.add(answer.status());
                boolean announced = answer.header("Connection").equalsIgnoreCase("close");
                if (!announced) {
                    announced = request.contains("HTTP/1.0")
                            && !answer.header("Connection").equalsIgnoreCase("keep-alive");
                }
                if (announced) {
                    assertThat(raw.isEnded()).as(request).isTrue();
                } else {
                    assertThat(raw.send("OPTIONS /ping/" + check + " HTTP/1.1\r\nHost: x\r\n\r\n")
                                    .status())
                            .as(request)
                            .isEqualTo(204);
                }
            }
        }
        assertThat(list)
                .containsExactly(
                        200, 400, 404, 400, 404, 409, 405, 204, 200, 200, 200, 200, 401, 404, 405, 400, 409, 200, 400);
    }

    private void ping(Check check, String end, String body) {
        assertThat(http.send(http.request("POST", "/ping/" + uuid(check) + end, body))
                        .status())
                .isEqualTo(200);
    }

    private Http.Answer get(String path) {
        return http.send(http.request("GET", path, null));
    }

    private static String uuid(Check check) {
        return check.uuid().value().toString();
    }
}
