package io.muster.server.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.testing.DocumentedShell;
import io.muster.server.testing.Http;
import io.muster.server.testing.ServerTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import tools.jackson.databind.JsonNode;

/** {@code ./muster exec} and the page about it, with the real server. */
@ServerTest
@Import(TestChecks.class)
class JobsFromAShellTest {

    @Autowired
    TestChecks checks;

    @Autowired
    Http http;

    @TempDir
    Path folder;

    private String uuid;

    @BeforeEach
    void aCheck() {
        uuid = checks.daily("nightly").uuid().value().toString();
    }

    @Test
    void every_command_of_the_page_works_and_the_check_s_pings_tell_of_it() throws Exception {
        type(Files.readString(Path.of("../docs/jobs-from-a-shell.md")));
        var pings = pings();
        assertThat(pings).hasSize(7);
        assertThat(words(pings, "type")).isEqualTo("success log start fail start success start");
        assertThat(pings.get(0).get("rid"))
                .isEqualTo(pings.get(1).get("rid"))
                .isEqualTo(pings.get(2).get("rid"));
        assertThat(pings.get(0).has("duration")).isTrue();
        assertThat(body(pings.get(3))).isEqualTo("the disk is full\n");
        assertThat(http.send("GET", "/api/v3/checks/" + uuid, null)
                        .json()
                        .get("status")
                        .stringValue())
                .isEqualTo("up");
    }

    @Test
    void a_job_is_found_by_its_slug_with_an_api_key_or_with_the_ping_key() throws Exception {
        var pingKey = http.send("GET", "/api/v1/projects/default", null)
                .json()
                .get("ping_key")
                .stringValue();
        type("""
                ```sh
                MUSTER_KEY=%s ./muster exec --check nightly -- true
                MUSTER_PING_KEY=%s ./muster exec --check nightly -- true
                MUSTER_PING_KEY=%s ./muster ping nightly --fail
                MUSTER_KEY=%s ./muster version
                ```
                ```text
                server\s
                ```
                """.formatted(http.adminKey(), pingKey, pingKey, http.adminKey()));
        assertThat(words(pings(), "type")).isEqualTo("fail success start success start");
    }

    private void type(String page) throws Exception {
        new DocumentedShell(folder, http.base())
                .types(
                        page,
                        Map.of(
                                "UUID",
                                uuid,
                                "MUSTER_SPOOL",
                                folder.resolve("spool").toString()));
    }

    private JsonNode pings() {
        return http.send("GET", "/api/v3/checks/" + uuid + "/pings/", null)
                .json()
                .get("pings");
    }

    private String body(JsonNode ping) {
        return http.send(
                        "GET",
                        "/api/v3/checks/" + uuid + "/pings/" + ping.get("n").intValue() + "/body",
                        null)
                .body();
    }

    private static String words(JsonNode pings, String member) {
        var words = new StringBuilder();
        pings.forEach(ping -> words.append(' ').append(ping.get(member).stringValue()));
        return words.toString().strip();
    }
}
