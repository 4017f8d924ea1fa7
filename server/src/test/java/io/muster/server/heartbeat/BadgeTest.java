package io.muster.server.heartbeat;

import static java.time.Duration.ofHours;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.access.Projects;
import io.muster.server.deadline.PassingTime;
import io.muster.server.testing.Http;
import io.muster.server.testing.Http.Answer;
import io.muster.server.testing.Proves;
import io.muster.server.testing.ServerTest;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import tools.jackson.databind.JsonNode;

@ServerTest
@Import(TestChecks.class)
class BadgeTest {

    @Autowired
    TestChecks checks;

    @Autowired
    Projects projects;

    @Autowired
    Http http;

    @Autowired
    PassingTime time;

    @Test
    @Proves("B1")
    void signatures_are_those_of_healthchecks() {
        assertThat(BadgeKeys.signature("badge-key-1", "secret-1", "prod")).isEqualTo("ehFS5dXw");
        assertThat(BadgeKeys.signature("badge-key-1", "secret-1", "*")).isEqualTo("L4qDsXxk");
    }

    @Test
    @Proves("B2")
    void badge_of_a_tag_tells_the_worst_of_its_checks_in_two_states_and_in_three() {
        var one = create("{\"name\":\"one\",\"tags\":\"prod db@dc1\"}");
        create("{\"name\":\"two\",\"tags\":\"prod\"}");
        create("{\"name\":\"three\",\"tags\":\"production\"}");
        ping(one);
        assertThat(badge("prod", "json").toString()).isEqualTo(counts("up", 2, 0, 0));
        time.passes(ofHours(24));
        assertThat(badge("prod", "json").toString()).isEqualTo(counts("up", 2, 1, 0));
        assertThat(badge("prod", "json3").toString()).isEqualTo(counts("late", 2, 1, 0));
        time.passes(ofHours(1));
        assertThat(badge("prod", "json").toString()).isEqualTo(counts("down", 2, 0, 1));
        assertThat(badge("db@dc1", "json").toString()).isEqualTo(counts("down", 1, 0, 1));
        assertThat(badge("*", "json").toString()).isEqualTo(counts("down", 3, 0, 1));
        assertThat(badge("production", "json").toString()).isEqualTo(counts("up", 1, 0, 0));
        var shields = badge("prod", "shields");
        assertThat(shields.get("schemaVersion").intValue()).isEqualTo(1);
        assertThat(shields.get("label").stringValue()).isEqualTo("prod");
        assertThat(shields.get("message").stringValue()).isEqualTo("down");
        assertThat(shields.get("color").stringValue()).isEqualTo("critical");
        assertThat(badge("*", "shields").get("label").stringValue()).isEqualTo("Muster");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/b", "../..", "100%", "%2e%2e", "ümlaut", "a.svg", "-2", "<b>&\"'", "a+b"})
    void any_tag_has_an_address(String tag) throws Exception {
        create("{\"tags\":" + new tools.jackson.databind.json.JsonMapper().writeValueAsString(tag) + "}");
        assertThat(badge(tag, "json").get("total").intValue()).isEqualTo(1);
        assertThat(badge(tag, "shields3").get("label").stringValue()).isEqualTo(tag);
        var svg = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(
                        open(urls().get(tag).get("svg").stringValue()).body().getBytes(StandardCharsets.UTF_8)));
        assertThat(svg.getElementsByTagName("title").item(0).getTextContent()).isEqualTo(tag + ": up");
    }

    @Test
    @Proves("B2")
    void picture_of_a_check_has_the_known_colours_and_no_secret() {
        var check = create("{\"slug\":\"nightly\"}");
        var url = check.get("badge_url").stringValue();
        ping(check);
        var up = open(url);
        assertThat(up.header("Content-Type")).startsWith("image/svg+xml");
        assertThat(up.header("Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(up.header("Cache-Control")).contains("no-store");
        assertThat(up.body()).contains("#4c1").doesNotContain(check.get("uuid").stringValue());
        time.passes(ofHours(24));
        assertThat(open(url).body()).contains("#4c1");
        assertThat(open(url.replace("/b/2/", "/b/3/")).body()).contains("#fe7d37");
        assertThat(open(url.replace("/b/2/", "/b/7/")).body()).contains("#4c1");
        time.passes(ofHours(1));
        assertThat(open(url).body()).contains("#e05d44");
        assertThat(open(url.replace(".svg", ".json")).json().toString()).isEqualTo(counts("down", 1, 0, 1));
    }

    @Test
    @Proves({"B1", "B3"})
    void address_that_is_not_one_shows_nothing() {
        create("{\"tags\":\"prod\"}");
        var good = urls().get("prod").get("svg").stringValue();
        var key = projects.find("default").orElseThrow().badgeKey();
        var signature = good.substring(good.indexOf(key) + key.length() + 1).substring(0, 8);
        var wrong = signature.replace(signature.charAt(0), signature.charAt(0) == 'A' ? 'B' : 'A');
        assertThat(open(good).status()).isEqualTo(200);
        for (var bad : new String[] {
            good.replace(signature, wrong),
            good.replace("prod", "stage"),
            good.replace("/prod", ""),
            good.replace(key, "nobody"),
            good.replace(".svg", ".jsonfoo"),
            good.replace(".svg", ""),
            good.replace("prod", "%25ZZ"),
            http.base() + "/badge/",
            http.base() + "/b/2/00000000-0000-4000-8000-000000000000.svg",
            http.base() + "/b/x/00000000-0000-4000-8000-000000000000.svg"
        }) {
            assertThat(open(bad).status()).as(bad).isEqualTo(404);
        }
    }

    @Test
    @Proves("W5")
    void only_get_and_options_are_taken() {
        create("{\"tags\":\"prod\"}");
        var path = urls().get("prod")
                .get("svg")
                .stringValue()
                .substring(http.base().length());
        assertThat(http.send("HEAD", path, null).status()).isEqualTo(405);
        assertThat(http.send("POST", path, null).status()).isEqualTo(405);
        var options = http.send("OPTIONS", path, null);
        assertThat(options.status()).isEqualTo(204);
        assertThat(options.header("Access-Control-Allow-Methods")).isEqualTo("GET, OPTIONS");
    }

    private JsonNode urls() {
        return http.get("/api/v3/badges/").json().get("badges");
    }

    private JsonNode badge(String tag, String format) {
        var answer = open(urls().get(tag).get(format).stringValue());
        assertThat(answer.status()).isEqualTo(200);
        return answer.json();
    }

    private Answer open(String url) {
        return http.get(url.replaceFirst("^https?://[^/]+", ""));
    }

    private static String counts(String status, int total, int grace, int down) {
        return "{\"status\":\"" + status + "\",\"total\":" + total + ",\"grace\":" + grace + ",\"down\":" + down + "}";
    }

    private JsonNode create(String body) {
        return http.post("/api/v3/checks/", body).json();
    }

    private void ping(JsonNode check) {
        http.get("/ping/" + check.get("uuid").stringValue());
    }
}
