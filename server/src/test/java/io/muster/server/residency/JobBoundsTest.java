package io.muster.server.residency;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.testing.Http;
import io.muster.server.testing.ServerTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;

/** What a job's declaration may demand of its runs. */
@ServerTest
class JobBoundsTest {

    private static final String ALL = """
            {"name":"Nightly","cron":"0 2 * * *","grace":"PT1H","start_by":"PT5M","max_runtime":"PT3H","min_runtime":"PT1M",
             "expects":{"rows":{"min":1,"max":100000},"bytes":{"min":10}},"failures_before_alert":3}""";

    @Autowired
    Http http;

    @Test
    void all_of_it_is_kept_shown_and_equal_when_declared_again() {
        var first = http.put("/api/v1/jobs/nightly", ALL);
        assertThat(first.status()).as(first.body()).isEqualTo(201);
        var shown = http.get("/api/v1/jobs/nightly").json();
        assertThat(shown.get("start_by").asString()).isEqualTo("PT5M");
        assertThat(shown.get("max_runtime").asString()).isEqualTo("PT3H");
        assertThat(shown.get("min_runtime").asString()).isEqualTo("PT1M");
        assertThat(shown.get("expects").toString())
                .isEqualTo("{\"rows\":{\"min\":1,\"max\":100000},\"bytes\":{\"min\":10,\"max\":null}}");
        assertThat(shown.get("failures_before_alert").intValue()).isEqualTo(3);
        assertThat(http.put("/api/v1/jobs/nightly", ALL).json().get("version").intValue())
                .isOne();
    }

    @Test
    void null_takes_each_of_them_away() {
        http.put("/api/v1/jobs/nightly", ALL);
        var patched = http.send("PATCH", "/api/v1/jobs/nightly", """
                {"start_by":null,"max_runtime":null,"min_runtime":null,"expects":null,"failures_before_alert":null}""");
        assertThat(patched.status()).as(patched.body()).isEqualTo(200);
        var shown = http.get("/api/v1/jobs/nightly").json();
        for (var gone : new String[] {"start_by", "max_runtime", "min_runtime", "expects"}) {
            assertThat(shown.get(gone).isNull()).as(gone).isTrue();
        }
        assertThat(shown.get("failures_before_alert").intValue()).isOne();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "start_by            | \"PT2H\"                        | start_by",
                "start_by            | \"PT0S\"                        | start_by",
                "start_by            | \"PT1.5S\"                      | start_by",
                "max_runtime         | \"P366D\"                       | max_runtime",
                "min_runtime         | \"P400D\"                       | min_runtime",
                "failures_before_alert | 0                             | failures_before_alert",
                "failures_before_alert | 101                           | failures_before_alert",
                "failures_before_alert | 1.5                           | failures_before_alert",
                "expects             | {}                              | expects",
                "expects             | {\"rows\":{\"min\":1},\"lines\":1} | expects.lines",
                "expects             | {\"rows\":{}}                   | expects.rows",
                "expects             | {\"rows\":{\"min\":-1}}         | expects.rows.min",
                "expects             | {\"bytes\":{\"min\":2,\"max\":1}} | expects.bytes.max",
                "expects             | {\"rows\":{\"min\":\"1\"}}      | expects.rows.min"
            })
    void what_cannot_be_meant_is_refused_by_its_name_and_changes_nothing(String member, String value, String field) {
        var body = "{\"name\":\"Nightly\",\"every\":\"P1D\",\"%s\":%s}".formatted(member, value);
        var refused = http.put("/api/v1/jobs/nightly", body);
        assertThat(refused.status()).as(refused.body()).isEqualTo(422);
        assertThat(refused.json().get("errors").get(0).get("field").asString()).isEqualTo(field);
        assertThat(http.get("/api/v1/jobs/nightly").status()).isEqualTo(404);

        var dry = http.post("/api/v1/apply?dry_run=true", """
                {"muster":"v1","set":"s","jobs":[{"id":"nightly","name":"Nightly","every":"P1D","%s":%s}]}
                """.formatted(member, value));
        assertThat(dry.status()).as(dry.body()).isEqualTo(422);
        assertThat(dry.json().get("errors").get(0).get("field").asString()).startsWith("jobs[0]");
    }

    @Test
    void run_shorter_than_the_longest_is_not_asked_for_in_vain() {
        var refused = http.put("/api/v1/jobs/nightly", """
                {"name":"Nightly","every":"P1D","min_runtime":"PT1H","max_runtime":"PT1H"}""");
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.json().get("errors").get(0).get("field").asString()).isEqualTo("min_runtime");
    }

    @Test
    void compatible_api_shows_none_of_it_takes_none_of_it_and_leaves_it() {
        http.put("/api/v1/jobs/nightly", ALL);
        var uuid = http.get("/api/v1/jobs/nightly").json().get("uuid").asString();
        var check = http.get("/api/v3/checks/" + uuid).json();
        for (var ours : new String[] {"start_by", "max_runtime", "min_runtime", "expects", "failures_before_alert"}) {
            assertThat(check.has(ours)).as(ours).isFalse();
        }
        assertThat(http.post("/api/v3/checks/" + uuid, "{\"grace\":60,\"max_runtime\":\"PT9S\"}")
                        .status())
                .isEqualTo(200);
        var job = http.get("/api/v1/jobs/nightly");
        assertThat(job.status()).as("its grace is shorter than start_by now").isEqualTo(200);
        assertThat(job.json().get("grace").asString()).isEqualTo("PT1M");
        assertThat(job.json().get("start_by").asString()).isEqualTo("PT5M");
        assertThat(job.json().get("max_runtime").asString()).isEqualTo("PT3H");
    }
}
