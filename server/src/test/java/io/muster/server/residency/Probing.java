package io.muster.server.residency;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.deadline.PassingTime;
import io.muster.server.embedded.DataFolder;
import io.muster.server.testing.Http;
import io.muster.server.testing.ServerTest;
import io.muster.server.testing.TestBackground;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** The words of tests that look into stores: two tenants of the EU whose data may be elsewhere for twenty minutes. */
@ServerTest
abstract class Probing {

    @Autowired
    Http http;

    @Autowired
    PassingTime time;

    @Autowired
    TestBackground background;

    @Autowired
    DataFolder folder;

    @BeforeEach
    void promise() {
        ok(http.put(
                "/api/v1/policies/eu-only",
                "{\"name\":\"EU only\",\"extends\":\"gdpr-eea-only\",\"max_dwell\":\"PT20M\"}"));
        for (var id : new String[] {"acme", "globex"}) {
            ok(http.put("/api/v1/tenants/" + id, """
                    {"name":"%s","tier":"gold","policy":"eu-only","home":"eu-west-1"}""".formatted(id)));
        }
    }

    void secret(String name, String value) throws IOException {
        Files.writeString(
                Files.createDirectories(folder.path().resolve("given-secrets")).resolve(name), value);
    }

    /** A look now, because somebody asks for it. */
    JsonNode run(String probe) {
        var answer = http.post("/api/v1/probes/" + probe + "/run", "").json();
        time.passes(Duration.ZERO);
        return answer;
    }

    /** What is due is looked at, and what the look found is judged. */
    void look() {
        time.passes(Duration.ZERO);
        background.run();
        time.passes(Duration.ZERO);
    }

    JsonNode open() {
        return http.get("/api/v1/exposures?open=true").json().get("items");
    }

    static void ok(Http.Answer answer) {
        assertThat(answer.status()).as(answer.body()).isBetween(200, 201);
    }
}
