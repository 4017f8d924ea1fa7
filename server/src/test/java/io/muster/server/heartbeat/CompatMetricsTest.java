package io.muster.server.heartbeat;

import static java.time.Duration.ofHours;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.server.access.Projects;
import io.muster.server.deadline.PassingTime;
import io.muster.server.testing.Http;
import io.muster.server.testing.Http.Answer;
import io.muster.server.testing.Proves;
import io.muster.server.testing.ServerTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** What a Prometheus that was set up for Healthchecks scrapes. */
@ServerTest
@Import(TestChecks.class)
@ExtendWith(OutputCaptureExtension.class)
class CompatMetricsTest {

    @Autowired
    Projects projects;

    @Autowired
    Http http;

    @Autowired
    PassingTime time;

    @Autowired
    TestChecks checks;

    @Autowired
    JdbcClient db;

    private String project;
    private String reader;

    @BeforeEach
    void aKey() {
        project = projects.find("default").orElseThrow().uuid().toString();
        reader = key("read");
    }

    /** Whatever breaks in the midst: what arrived must not look whole. */
    @Test
    void lists_that_cannot_be_read_to_their_end_fail(CapturedOutput output) {
        var broken = checks.daily("broken");
        db.sql("update checks set kind = 'cron', tz = 'No/Where' where id = :id")
                .param("id", broken.id())
                .update();
        assertThat(http.get("/api/v3/checks/").status()).isEqualTo(500);
        assertThat(scrape("/projects/" + project + "/metrics/" + reader).status())
                .isEqualTo(500);
        assertThat(http.get("/api/v3/checks/" + broken.uuid().value()).status()).isEqualTo(500);
        assertThat(output.getAll())
                .contains("GET /projects/***/metrics/***", "GET /api/v3/checks/***")
                .doesNotContain(reader, broken.uuid().value().toString());
        db.sql("""
                insert into checks (project, uuid, unique_key, job_id, slug, name, status_since, created_at, updated_at)
                select 'default', gen_random_uuid(), 'key-' || n, 'job-' || n, 'job-' || n, 'Job', now(), now(), now()
                  from generate_series(1, 2000) as n
                """).update();
        db.sql("update checks set id = default where id = :id") // now it is the last
                .param("id", broken.id())
                .update();
        assertThatThrownBy(() -> http.get("/api/v3/checks/")).hasRootCauseInstanceOf(IOException.class);
    }

    @Test
    @Proves("X1")
    void each_check_each_tag_and_the_totals_are_told() {
        var late = create("{\"name\":\"say \\\"hi\\\\\",\"tags\":\"a b\",\"timeout\":3600,\"grace\":3600}");
        var down = create("{\"name\":\"down\",\"tags\":\"b\"}");
        var paused = create("{\"name\":\"paused\",\"tags\":\"\"}");
        http.get("/ping/" + late.get("uuid").stringValue());
        http.get("/ping/" + down.get("uuid").stringValue() + "/fail");
        http.get("/ping/" + down.get("uuid").stringValue() + "/start");
        http.post("/api/v3/checks/" + paused.get("uuid").stringValue() + "/pause", "");
        time.passes(ofHours(1));

        var scraped = scrape("/projects/" + project + "/metrics/" + reader);
        assertThat(scraped.status()).isEqualTo(200);
        assertThat(scraped.header("Content-Type")).startsWith("text/plain");
        assertThat(scraped.body())
                .contains("# TYPE hc_check_up gauge\n"
                        + line("hc_check_up", "say \\\"hi\\\\", "a b", key(late), 1)
                        + line("hc_check_up", "down", "b", key(down), 0)
                        + line("hc_check_up", "paused", "", key(paused), 1))
                .contains(line("hc_check_started", "down", "b", key(down), 1))
                .contains(line("hc_check_grace", "say \\\"hi\\\\", "a b", key(late), 1))
                .contains(line("hc_check_paused", "paused", "", key(paused), 1))
                .contains("# TYPE hc_tag_up gauge\nhc_tag_up{tag=\"a\"} 1\nhc_tag_up{tag=\"b\"} 0\n")
                .contains("# TYPE hc_checks_total gauge\nhc_checks_total 3\n")
                .contains("# TYPE hc_checks_down_total gauge\nhc_checks_down_total 1\n")
                .doesNotContain(late.get("uuid").stringValue());
        assertThat(scrape("/projects/" + project + "/checks/metrics/" + reader).body())
                .isEqualTo(scraped.body());
    }

    @Test
    @Proves({"X2", "D9"})
    void only_a_key_of_the_project_that_just_reads_is_let_in() {
        var bearer = http.request("GET", "/projects/" + project + "/metrics/", null);
        assertThat(http.send(bearer.setHeader("Authorization", "Bearer " + reader))
                        .status())
                .isEqualTo(200);
        assertThat(scrape("/projects/" + project + "/metrics/").status()).isEqualTo(401);
        assertThat(scrape("/projects/" + project + "/metrics/short").status()).isEqualTo(400);
        assertThat(scrape("/projects/" + project + "/metrics/" + "x".repeat(32)).status())
                .isEqualTo(403);
        assertThat(scrape("/projects/" + project + "/metrics/" + key("write")).status())
                .isEqualTo(403);
        assertThat(scrape("/projects/00000000-0000-4000-8000-000000000000/metrics/" + reader)
                        .status())
                .isEqualTo(403);
    }

    @Test
    @Proves({"X3", "X4"})
    void every_line_is_one_of_the_exposition_format() {
        create("{\"name\":\"a\\nb \\\\n \\\"c\\\" } #\",\"tags\":\"x\\\"y \\\\\"}");
        create("{\"name\":\"\"}");
        var text = scrape("/projects/" + project + "/metrics/" + reader).body();
        assertThat(text)
                .contains("{name=\"a\\nb \\\\n \\\"c\\\" } #\", tags=\"x\\\"y \\\\\", unique_key=\"")
                .contains("hc_tag_up{tag=\"\\\\\"} 1\n")
                .endsWith("\n");
        var label = "[a-z_]+=\"(?:[^\"\\\\\n]|\\\\[\\\\\"n])*\"";
        var sample = Pattern.compile("([a-z_]+)(?:\\{" + label + "(?:, " + label + ")*})? [0-9]+");
        var heads = new ArrayList<String>();
        var seen = new HashSet<String>();
        var current = "";
        for (var line : text.split("\n")) {
            if (line.isEmpty()) continue;
            if (line.startsWith("# ")) {
                assertThat(line).matches("# (HELP [a-z_]+ [^\\\\]+|TYPE [a-z_]+ gauge)");
                heads.add(line.split(" ", 4)[1] + " " + line.split(" ", 4)[2]);
                current = line.split(" ", 4)[2];
            } else {
                var parts = sample.matcher(line);
                assertThat(parts.matches()).as(line).isTrue();
                assertThat(parts.group(1))
                        .as("lines of a metric stand together")
                        .isEqualTo(current);
                assertThat(seen.add(line.substring(0, line.lastIndexOf(' '))))
                        .as(line + " stands once")
                        .isTrue();
            }
        }
        assertThat(heads)
                .containsExactlyElementsOf(Stream.of(
                                "hc_check_up",
                                "hc_check_started",
                                "hc_check_grace",
                                "hc_check_paused",
                                "hc_tag_up",
                                "hc_checks_total",
                                "hc_checks_down_total")
                        .flatMap(name -> Stream.of("HELP " + name, "TYPE " + name))
                        .toList());
    }

    private Answer scrape(String path) {
        return http.send(http.request("GET", path, null));
    }

    private static String line(String name, String check, String tags, String key, int value) {
        return name + "{name=\"" + check + "\", tags=\"" + tags + "\", unique_key=\"" + key + "\"} " + value + "\n";
    }

    private static String key(JsonNode check) {
        return DeclaredChecks.uniqueKey(UUID.fromString(check.get("uuid").stringValue()));
    }

    private JsonNode create(String body) {
        return http.post("/api/v3/checks/", body).json();
    }

    private String key(String may) {
        return http.post(
                        "/api/v1/keys",
                        "{\"name\":\"r\",\"may\":\"" + may
                                + "\",\"project\":\"default\",\"tenant\":null,\"expires_at\":null}")
                .json()
                .get("key")
                .stringValue();
    }
}
