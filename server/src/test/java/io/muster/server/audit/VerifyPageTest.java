package io.muster.server.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.deadline.PassingTime;
import io.muster.server.testing.DocumentedShell;
import io.muster.server.testing.Http;
import io.muster.server.testing.ServerTest;
import io.muster.server.testing.Story;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What docs/verify.md tells an auditor to type, and an export's README.txt too, with the real server's answers. */
@ServerTest
class VerifyPageTest {

    /** All that jq would write in another way. */
    private static final String EVENT = """
            {"tenantId":"montclair","userId":"Jürgen","action":"LOOK","timestamp":"2026-03-01T02:59:30Z","resource":"/users/1",
             "details":{"receivedAt":"x","tiny":1e-7,"small":0.000001,"large":1e20,"one":1.0,"del":"\\u007f","far":"😀",\
            "\\ufb33":1,"\\ud83d\\ude00":2,"sequence":7}}""";

    @Autowired
    Http http;

    @Autowired
    PassingTime time;

    @Autowired
    JdbcClient db;

    @Autowired
    OwnEventSealer sealer;

    @TempDir
    Path folder;

    private String page;

    @BeforeEach
    void aLog() throws Exception {
        new Story(http, db, time.now()).tell();
        record(300);
        var receipt = http.post("/api/v1/audit/events", EVENT);
        assertThat(receipt.status()).isEqualTo(201);
        Files.writeString(folder.resolve("receipt.json"), receipt.body());
        record(41);
        time.passes(Duration.ofMinutes(1));
        page = Files.readString(Path.of("../docs/verify.md")).replace("acme", "montclair");
    }

    private void record(int events) {
        var all = IntStream.range(0, events)
                .mapToObj(i -> EVENT.replace("/users/1", "/users/" + i))
                .collect(Collectors.joining(",", "[", "]"));
        assertThat(http.post("/api/v1/audit/events", all).status()).isEqualTo(201);
    }

    @Test
    void every_command_of_the_page_works_and_prints_what_it_says() throws Exception {
        new DocumentedShell(folder, http.base()).types(page, Map.of("MUSTER_KEY", http.adminKey()));
    }

    @Test
    void the_commands_find_a_forged_proof() throws Exception {
        var forged = page.replace("sha256() {", "sed -i 's/\"LOOK\"/\"LOCK\"/' envelope.json; sha256() {");
        assertThat(forged).isNotEqualTo(page);
        assertThat(catchesALie(forged)).contains("the leaf is that of the receipt");
        var moved = page.replace("last=$(($(sed -n 2p body) - 1))", "i=$((i ^ 1)); last=$(($(sed -n 2p body) - 1))");
        assertThat(catchesALie(moved)).contains("the event is in the log");
        var other = page.replace(
                "unzip -q export.zip -d export",
                "unzip -q export.zip -d export; sed -i 's/\"far\"/\"fan\"/' export/events/000001.ndjson");
        assertThat(catchesALie(other)).contains("it is what is shown");
    }

    /** What was expected and not printed. */
    private String catchesALie(String page) throws Exception {
        var apart = Files.createTempDirectory(folder, "apart");
        Files.copy(folder.resolve("receipt.json"), apart.resolve("receipt.json"));
        try {
            new DocumentedShell(apart, http.base()).types(page, Map.of("MUSTER_KEY", http.adminKey()));
        } catch (AssertionError found) {
            return String.valueOf(found.getMessage());
        }
        throw new AssertionError("nothing was found");
    }

    @Test
    void the_commands_in_an_export_s_readme_work_too() throws Exception {
        var zip = http.get("/api/v1/audit/export?tenantId=montclair&format=zip");
        assertThat(zip.header("Content-Type")).isEqualTo("application/zip");
        Files.write(folder.resolve("export.zip"), zip.response().body());
        sealer.sealAll();
        time.passes(Duration.ofMinutes(1));
        assertThat(http.get("/api/v1/audit?tenantId=montclair&action=audit.exported")
                        .json()
                        .get("items")
                        .toString())
                .contains("\"format\":\"zip\"");
        var readme = Files.readString(Path.of("src/main/resources/export-README.txt"));
        var commands = readme.lines()
                .filter(line -> line.startsWith("    ") && !line.contains("./muster"))
                .collect(Collectors.joining("\n"));
        new DocumentedShell(folder, http.base()).types("""
                ```sh
                unzip -q export.zip
                %s
                ```
                ```text
                Signature Verified Successfully
                ```
                """.formatted(commands), Map.of());
        var printed = Files.readAllLines(folder.resolve("printed-1"));
        assertThat(printed.get(1)).hasSize(44).isEqualTo(printed.get(2));
    }

    @Test
    void an_export_is_for_whoever_may_read_that_tenant_and_takes_no_more_parameters() {
        assertThat(http.send(http.request("GET", "/api/v1/audit/export?tenantId=montclair&format=zip", null))
                        .status())
                .isEqualTo(401);
        assertThat(http.get("/api/v1/audit/export?tenantId=nobody&format=zip").status())
                .isEqualTo(404);
        assertThat(http.get("/api/v1/audit/export?tenantId=montclair&format=zip&epoch=2")
                        .status())
                .isEqualTo(404);
        assertThat(http.get("/api/v1/audit/export?tenantId=montclair&format=zip&color=red")
                        .status())
                .isEqualTo(422);
        var other = http.post("/api/v1/keys", """
                {"name":"redwood reads","may":"read","tenant":"redwood"}""");
        assertThat(other.status()).as(other.body()).isEqualTo(201);
        assertThat(http.send(http.request("GET", "/api/v1/audit/export?tenantId=montclair&format=zip", null)
                                .header("X-Api-Key", other.json().get("key").stringValue()))
                        .status())
                .isEqualTo(404);
    }
}
