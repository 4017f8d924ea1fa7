package io.muster.server.residency;

import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.deadline.PassingTime;
import io.muster.server.testing.Http;
import io.muster.server.testing.ServerTest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Bounds at work over HTTP: what is stored, alerted and answered. Each rule by itself is in CheckBoundsTest. */
@ServerTest
class JobRunsTest {

    private static final String A = "?rid=00000000-0000-4000-8000-00000000000a";
    private static final String B = "?rid=00000000-0000-4000-8000-00000000000b";

    @Autowired
    Http http;

    @Autowired
    PassingTime time;

    @Autowired
    JdbcClient db;

    private String ping;

    @Test
    void job_that_did_not_start_is_down_and_its_alert_and_flip_say_so() {
        declare("\"start_by\":\"PT3M\"");
        ping("");
        time.passes(ofMinutes(63));
        assertThat(flips()).containsExactly("up>down timeout did not start in time", "new>up success null");
        assertThat(alerts()).containsExactly("job.down: Copy did not start in time");
    }

    @Test
    void overlapping_runs_are_each_watched_by_the_deadline() {
        declare("\"max_runtime\":\"PT30M\"");
        ping("");
        ping("/start" + A);
        time.passes(ofMinutes(20));
        ping("/start" + B);
        time.passes(ofMinutes(5));
        ping(B);
        time.passes(ofMinutes(4));
        assertThat(status()).isEqualTo("up");
        time.passes(ofMinutes(1));
        assertThat(status()).isEqualTo("down");
        assertThat(alerts()).containsExactly("job.down: Copy runs longer than 30 min");
        assertThat(rows("open_run")).isZero();
        time.passes(ofMinutes(1));
        ping("");
        assertThat(status()).isEqualTo("up");
        time.passes(ofMinutes(65));
        assertThat(status()).as("only its silence counts now").isEqualTo("grace");
    }

    @Test
    void success_too_soon_is_stored_as_a_failure_and_the_answer_is_as_ever() {
        declare("\"min_runtime\":\"PT1M\"");
        ping("/start" + A);
        time.passes(ofSeconds(3));
        ping(A);
        assertThat(flips().getFirst()).isEqualTo("new>down fail ended after 3.0 s, at least 1 min expected");
        assertThat(http.get("/api/v1/jobs/copy").json().at("/last_failure/hint").asString())
                .isEqualTo("It reported success, but ended after 3.0 s, at least 1 min expected.");
    }

    @Test
    void unexpected_totals_are_a_failure_that_the_header_explains_and_prove_nothing() {
        http.put("/api/v1/stores/intake", "{\"region\":\"us-east-1\",\"role\":\"intake\",\"kind\":\"other\"}");
        http.put("/api/v1/stores/home", "{\"region\":\"eu-west-1\",\"role\":\"primary\",\"kind\":\"other\"}");
        declare("""
                "expects":{"rows":{"min":1}},"replicates":{"from":"intake","to":"home"}""");
        var good = report("""
                {"manifest":1,"tenants":[{"id":"a","rows":0},{"id":"b","rows":2}]}""");
        assertThat(good.header("Muster-Manifest")).isEqualTo("valid");
        assertThat(status()).isEqualTo("up");

        var empty = report("""
                {"manifest":1,"watermark":"2026-03-01T03:00:00Z","complete":true,"tenants":[{"id":"a","rows":0}]}""");
        assertThat(empty.status()).isEqualTo(200);
        assertThat(empty.body()).isEqualTo("OK");
        assertThat(empty.header("Muster-Manifest")).isEqualTo("unexpected; copied 0 rows, at least 1 expected");
        assertThat(status()).isEqualTo("down");
        assertThat(alerts()).containsExactly("job.down: Copy copied 0 rows, at least 1 expected");
        assertThat(rows("manifest")).as("only the good run proves anything").isEqualTo(1);

        assertThat(report("all is well").header("Muster-Manifest")).isEqualTo("invalid; a manifest is required");
        assertThat(report("{\"manifest\":1,\"tenants\":7}").header("Muster-Manifest"))
                .isEqualTo("invalid; tenants must be a list");
    }

    @Test
    void people_hear_of_the_third_missed_deadline_and_of_the_recovery() {
        declare("\"failures_before_alert\":3");
        ping("");
        for (int i = 0; i < 18; i++) time.passes(ofMinutes(10)); // 3 h: two expected times and their grace have passed
        assertThat(flips()).containsExactly("up>down timeout null", "new>up success null");
        assertThat(alerts()).isEmpty();
        time.passes(ofMinutes(10));
        assertThat(alerts()).containsExactly("job.down: Copy did not report in time; 3 failures in a row");
        time.passes(ofMinutes(200));
        assertThat(alerts()).hasSize(1);
        ping("");
        assertThat(alerts()).hasSize(2).last().isEqualTo("job.up: Copy reported success");
        assertThat(rows("failures_in_a_row")).isZero();
    }

    @Test
    void server_that_was_away_counts_each_time_that_it_missed() {
        declare("\"failures_before_alert\":3");
        ping("");
        time.passes(ofMinutes(600));
        assertThat(alerts()).containsExactly("job.down: Copy did not report in time; 3 failures in a row");
        assertThat(db.sql("select count(*) from deadline where kind = 'check'")
                        .query(Long.class)
                        .single())
                .isZero();
    }

    @Test
    void recovery_of_what_nobody_heard_of_is_not_told_and_a_smaller_number_tells_at_once() {
        declare("\"failures_before_alert\":3");
        ping("/fail");
        ping("");
        assertThat(alerts()).isEmpty();
        ping("/fail");
        ping("/fail");
        assertThat(alerts()).isEmpty();
        http.send("PATCH", "/api/v1/jobs/copy", "{\"failures_before_alert\":2}");
        assertThat(alerts()).containsExactly("job.down: Copy reported a failure; 2 failures in a row");
        http.send("PATCH", "/api/v1/jobs/copy", "{\"failures_before_alert\":1}");
        ping("");
        assertThat(alerts()).hasSize(2).last().isEqualTo("job.up: Copy reported success");
    }

    @Test
    void alert_that_was_held_back_says_what_happened_when_it_is_told() {
        declare("\"start_by\":\"PT3M\"");
        ping("");
        http.post("/api/v1/jobs/copy/snooze", "{\"for\":\"PT2H\"}");
        time.passes(ofMinutes(63));
        assertThat(alerts()).isEmpty();
        time.passes(ofMinutes(60));
        assertThat(alerts()).containsExactly("job.down: Copy did not start in time");
        assertThat(db.sql("select what_to_do from alert").query(String.class).single())
                .startsWith("See whether its scheduler starts the job");
    }

    @Test
    void failure_whose_answer_was_lost_and_that_is_reported_again_counts_once() {
        declare("\"failures_before_alert\":2");
        ping("/start" + A);
        for (int i = 0; i < 3; i++) ping("/fail" + A);
        assertThat(alerts()).isEmpty();
        ping("/start" + B);
        ping("/1" + B);
        assertThat(alerts()).containsExactly("job.down: Copy ended with exit code 1; 2 failures in a row");
    }

    @Test
    void job_that_demands_nothing_keeps_nothing_of_this() {
        declare("\"tags\":[]");
        ping("/start" + A);
        ping("/start" + B);
        ping("/fail" + A);
        time.passes(ofMinutes(200));
        assertThat(rows("open_run") + rows("failures_in_a_row") + rows("judged_run"))
                .isZero();
    }

    // ---- runs shown

    @Test
    void runs_that_overlap_are_on_each_with_its_start_until_it_ends_and_are_listed_newest_first() {
        declare("\"max_runtime\":\"PT30M\"");
        ping("/start" + A);
        time.passes(ofMinutes(20));
        ping("/start" + B);
        assertThat(running()).containsExactly("a 2026-03-01T03:00:00.000Z", "b 2026-03-01T03:20:00.000Z");
        assertThat(runs()).containsExactly("running b", "running a");
        ping("/2" + B);
        time.passes(ofMinutes(10));
        assertThat(running()).isEmpty();
        assertThat(runs()).containsExactly("fail b 0.0 exit 2", "no_end a too_long runs longer than 30 min");
        ping(A);
        assertThat(runs()).containsExactly("success a 1800.0 too_long runs longer than 30 min", "fail b 0.0 exit 2");
        ping("");
        assertThat(runs().getFirst()).as("no start was heard").isEqualTo("success -");
    }

    @Test
    void job_that_bounds_no_run_has_its_latest_on_and_those_that_may_be_for_as_long_as_its_grace() {
        declare("\"tags\":[]");
        ping("/start" + A);
        time.passes(ofMinutes(4));
        ping("/start" + B);
        assertThat(running()).containsExactly("b 2026-03-01T03:04:00.000Z");
        assertThat(runs()).containsExactly("running b", "running a");
        time.passes(ofMinutes(6));
        assertThat(runs()).containsExactly("running b", "no_end a");
    }

    @Test
    void run_that_died_is_on_for_as_long_as_its_grace_where_only_min_runtime_is_declared() {
        declare("\"min_runtime\":\"PT1S\"");
        ping("/start" + A);
        time.passes(ofMinutes(4));
        ping("/start" + B);
        assertThat(running()).containsExactly("a 2026-03-01T03:00:00.000Z", "b 2026-03-01T03:04:00.000Z");
        time.passes(ofMinutes(6));
        assertThat(running()).containsExactly("b 2026-03-01T03:04:00.000Z");
        assertThat(runs()).containsExactly("running b", "no_end a");
    }

    @Test
    void run_tells_what_its_manifest_told_whether_that_was_expected_or_not() {
        http.put("/api/v1/stores/intake", "{\"region\":\"us-east-1\",\"role\":\"intake\",\"kind\":\"other\"}");
        http.put("/api/v1/stores/home", "{\"region\":\"eu-west-1\",\"role\":\"primary\",\"kind\":\"other\"}");
        declare("\"replicates\":{\"from\":\"intake\",\"to\":\"home\"}");
        report("{\"manifest\":1,\"tenants\":[{\"id\":\"a\",\"rows\":3,\"bytes\":70},{\"id\":\"b\",\"rows\":4}]}");
        http.send("PATCH", "/api/v1/jobs/copy", "{\"expects\":{\"rows\":{\"min\":5}}}");
        report("{\"manifest\":1,\"tenants\":[{\"id\":\"a\",\"rows\":2}]}");
        http.send("PATCH", "/api/v1/jobs/copy", "{\"replicates\":null}");
        report("{\"manifest\":1,\"tenants\":[{\"id\":\"a\",\"rows\":9}]}");
        assertThat(runs())
                .containsExactly(
                        "success - 9 rows",
                        "fail - 2 rows unexpected copied 2 rows, at least 5 expected",
                        "success - 7 rows 70 bytes");
        assertThat(http.get("/checks/copy").body())
                .contains("Copied 2 rows, at least 5 expected.", "70 B", "at least 5");
    }

    /** Starts, ends and other pings of three runs at once, as they come. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2})
    void pages_of_runs_put_together_are_the_whole_list(long seed) {
        declare("\"max_runtime\":\"P1D\"");
        var random = new Random(seed);
        var last = new HashMap<String, String>();
        var slow =
                new ArrayList<String>(); // by the definition: a start, and the first report behind it with its run id
        for (int i = 0; i < 90; i++) {
            var rid = List.of("", A, B).get(random.nextInt(3));
            var kind = List.of("/start", "/start", "", "/fail", "/log").get(random.nextInt(5));
            time.clock().advance(ofSeconds(1));
            ping(kind + rid);
            var now = kind + rid + i;
            if (kind.equals("/log")) continue;
            var before = last.put(rid, now);
            if (kind.equals("/start") || before == null || !before.startsWith("/start")) slow.add(now);
            else {
                slow.remove(before);
                slow.add(now);
            }
        }
        var whole = runs();
        assertThat(whole).hasSize(slow.size());
        for (var limit : List.of(4, 40)) {
            var together = new ArrayList<String>();
            var next = "";
            do {
                var page =
                        http.get("/api/v1/jobs/copy/runs?limit=" + limit + next).json();
                assertThat(page.get("items").size()).isLessThanOrEqualTo(limit);
                page.get("items").forEach(run -> together.add(shown(run)));
                next = page.get("next").isNull()
                        ? ""
                        : "&cursor=" + page.get("next").asString();
            } while (!next.isEmpty());
            assertThat(together).as("%d at a time", limit).isEqualTo(whole);
        }
    }

    @Test
    void page_of_runs_behind_many_other_pings_is_short_and_says_that_the_list_goes_on() {
        declare("\"tags\":[]");
        ping("/start" + A);
        ping(A);
        var uuid = ping.substring(6);
        db.sql("""
                insert into ping (check_id, n, at, kind, scheme, method, user_agent)
                select id, n, now(), 'log', '', '', '' from checks, generate_series(3, 400) as n where uuid = cast(:uuid as uuid)
                """).param("uuid", uuid).update();
        var first = http.get("/api/v1/jobs/copy/runs?limit=10").json();
        assertThat(first.get("items").size()).isZero();
        var found = new ArrayList<String>();
        for (var next = first.get("next"); !next.isNull(); ) {
            var page = http.get("/api/v1/jobs/copy/runs?limit=10&cursor=" + next.asString())
                    .json();
            page.get("items").forEach(run -> found.add(shown(run)));
            next = page.get("next");
        }
        assertThat(found).containsExactly("success a 0.0");
    }

    @Test
    void runs_are_asked_for_as_lists_are() {
        declare("\"tags\":[]");
        assertThat(http.get("/api/v1/jobs/nobody/runs").status()).isEqualTo(404);
        assertThat(http.get("/api/v1/jobs/copy/runs?limit=1001").status()).isEqualTo(422);
        assertThat(http.get("/api/v1/jobs/copy/runs?cursor=abc").status()).isEqualTo(400);
        assertThat(http.get("/api/v1/jobs/copy/runs").body()).isEqualTo("{\"items\":[],\"next\":null}");
    }

    @Test
    void page_of_the_check_shows_its_runs_beside_what_they_may_take() {
        declare("\"min_runtime\":\"PT10S\",\"max_runtime\":\"PT1H\",\"start_by\":\"PT5M\",\"failures_before_alert\":2");
        for (int i = 0; i < 12; i++) {
            ping("/start" + A);
            time.clock().advance(ofMinutes(30));
            ping(A);
        }
        ping("/start" + B);
        ping(B);
        ping("/start" + A);
        var page = http.get("/checks/copy").body();
        assertThat(page)
                .contains("10 s to 1 h each", "Running", "50 % of the longest that it may take", "Older runs")
                .contains("Ended after under 0.1 s, at least 10 s expected.")
                .contains("within 5 min of its time", "after 2 failures in a row");
        var older = page.replaceFirst("(?s).*href=\"(/checks/copy\\?runs=\\d+)#h-each\".*", "$1");
        assertThat(http.get(older).body()).contains("Newest runs").doesNotContain("Older runs");
        assertThat(http.get("/checks/copy?runs=x").status()).isEqualTo(422);
    }

    /** {@code a 2026-03-01T03:00:00.000Z}. */
    private List<String> running() {
        var running = new ArrayList<String>();
        http.get("/api/v1/jobs/copy")
                .json()
                .get("running")
                .forEach(run ->
                        running.add(rid(run) + " " + run.get("started_at").asString()));
        return running;
    }

    private List<String> runs() {
        var runs = new ArrayList<String>();
        http.get("/api/v1/jobs/copy/runs?limit=1000").json().get("items").forEach(run -> runs.add(shown(run)));
        return runs;
    }

    private static String shown(JsonNode run) {
        var words = new ArrayList<String>(List.of(run.get("state").asString(), rid(run)));
        if (!run.get("duration_seconds").isNull())
            words.add(run.get("duration_seconds").toString());
        if (!run.get("exit_status").isNull()) words.add("exit " + run.get("exit_status"));
        if (!run.get("rows").isNull()) words.add(run.get("rows") + " rows");
        if (!run.get("bytes").isNull()) words.add(run.get("bytes") + " bytes");
        var problem = run.get("problem");
        if (!problem.isNull())
            words.add(problem.get("kind").asString() + " " + problem.get("why").asString());
        return String.join(" ", words);
    }

    private static String rid(JsonNode run) {
        var rid = run.get("rid");
        return rid.isNull() ? "-" : rid.asString().substring(35);
    }

    private void declare(String more) {
        http.put("/api/v1/alert-channels/ops", "{\"kind\":\"email\",\"to\":\"ops@acme.example\"}");
        var answer = http.put("/api/v1/jobs/copy", """
                {"name":"Copy","every":"PT1H","grace":"PT10M",%s}""".formatted(more));
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        ping = "/ping/" + answer.json().get("uuid").asString();
    }

    private void ping(String end) {
        var answer = http.get(ping + end);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("OK");
    }

    private Http.Answer report(String body) {
        return http.post(ping, body);
    }

    private String status() {
        return http.get("/api/v1/jobs/copy").json().get("status").asString();
    }

    /** Newest first. */
    private List<String> flips() {
        var flips = new ArrayList<String>();
        http.get("/api/v1/jobs/copy/flips")
                .json()
                .get("items")
                .forEach(flip -> flips.add("%s>%s %s %s"
                        .formatted(
                                flip.get("from").asString(),
                                flip.get("to").asString(),
                                flip.get("reason").asString(),
                                flip.get("why").isNull()
                                        ? null
                                        : flip.get("why").asString())));
        return flips;
    }

    /** As they were raised, oldest first. */
    private List<String> alerts() {
        return db.sql("select type || ': ' || cause from alert order by id")
                .query(String.class)
                .list();
    }

    private long rows(String table) {
        return db.sql("select count(*) from " + table).query(Long.class).single();
    }
}
