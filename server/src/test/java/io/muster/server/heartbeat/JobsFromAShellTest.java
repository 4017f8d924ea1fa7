package io.muster.server.heartbeat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.testing.DocumentedShell;
import io.muster.server.testing.Http;
import io.muster.server.testing.ServerTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.context.annotation.Import;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

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

    @Test
    void lines_for_cron_systemd_and_kubernetes_are_what_these_take_and_report_the_job() throws Exception {
        var cron = example("cron");
        var table = Files.writeString(folder.resolve("crontab"), cron);
        run(Map.of(), "crontab", "-n", table.toString());
        var lines = cron.strip().split("\n");
        assertThat(lines).hasSize(3);
        run(environment(lines[0], lines[1]), "sh", "-c", lines[2].replaceFirst("(\\S+ +){5}", ""));

        var units = example("systemd").split("# /etc/systemd/system/");
        assertThat(units).hasSize(3);
        var files = new ArrayList<String>(List.of("systemd-analyze", "verify"));
        for (var unit : List.of(units[1], units[2])) {
            var name = unit.substring(0, unit.indexOf('\n'));
            files.add(Files.writeString(folder.resolve(name), unit.substring(unit.indexOf('\n')))
                    .toString());
        }
        assertThat(run(Map.of(), files.toArray(String[]::new))).doesNotContain("nightly-backup");
        var start = Pattern.compile("(?m)^ExecStart=(.*)$").matcher(units[1]);
        assertThat(start.find()).isTrue();
        run(environment(lines[0], lines[1]), "sh", "-c", start.group(1));

        var pod = new ObjectMapper()
                .valueToTree(new Load(LoadSettings.builder().build()).loadFromString(example("Kubernetes")))
                .at("/spec/jobTemplate/spec/template/spec/containers/0");
        var environment = new HashMap<String, String>();
        pod.get("env")
                .forEach(entry -> environment.put(
                        entry.get("name").asString(), entry.path("value").asString("")));
        assertThat(environment.replace("MUSTER_CHECK", uuid))
                .as("comes out of a secret")
                .isEmpty();
        environment.replace("MUSTER_SPOOL", folder.resolve("spool").toString());
        var command = new ArrayList<String>();
        pod.get("command").forEach(word -> command.add(word.asString()));
        run(environment, command.toArray(String[]::new));

        assertThat(words(pings(), "type")).isEqualTo("success start success start success start");
        assertThat(body(pings().get(0))).isEqualTo("backed up --full\n");
    }

    /** What the page shows under a heading, of this server, this check, and a job of the test. */
    private String example(String heading) throws IOException {
        var page = Files.readString(Path.of("../docs/jobs-from-a-shell.md"));
        var section = page.substring(page.indexOf("\n## " + heading + "\n") + 4).split("\n## ")[0];
        var job = executable("nightly-backup", "echo backed up \"$@\"");
        var launcher = executable(
                "muster",
                "exec '%s' -jar '%s' \"$@\""
                        .formatted(
                                Path.of(System.getProperty("java.home"), "bin/java"),
                                Path.of("../cli/target/muster-cli.jar")
                                        .toAbsolutePath()
                                        .normalize()));
        return section.lines()
                        .filter(line -> line.startsWith("    "))
                        .map(line -> line.substring(4))
                        .collect(Collectors.joining("\n"))
                        .replace("/opt/muster/bin/muster", launcher.toString())
                        .replace("/usr/local/bin/nightly-backup", job.toString())
                        .replace("https://muster.example.com", http.base())
                        .replace("31365bce-8da9-4729-8ff3-aaa71d56b712", uuid)
                + "\n";
    }

    private Path executable(String name, String script) throws IOException {
        var file = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return file;
    }

    private Map<String, String> environment(String... lines) {
        var environment =
                new HashMap<>(Map.of("MUSTER_SPOOL", folder.resolve("spool").toString()));
        for (var line : lines) environment.put(line.split("=", 2)[0], line.split("=", 2)[1]);
        return environment;
    }

    /** What it printed; it must end 0. */
    private String run(Map<String, String> environment, String... command) throws Exception {
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("MUSTER_"));
        builder.environment().putAll(environment);
        var process = builder.start();
        process.getOutputStream().close();
        var printed = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(printed).isZero();
        return printed;
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
