package io.muster.server.badday;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.merklelog.Checkpoint;
import io.muster.merklelog.SignedNote;
import io.muster.server.incident.channel.webhook.WebhookReceiver;
import io.muster.server.testing.ServerProcess;
import io.muster.server.testing.ServerProcess.Start;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A server whose database is put back to a copy of before: what it lost of each log is noticed, told and on record. */
class RollbackTest {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final JsonMapper JSON = new JsonMapper();

    private final WebhookReceiver ops = new WebhookReceiver(Instant::now);
    private Path folder;
    private Path data;

    @BeforeEach
    void newFolder() throws IOException {
        folder = Files.createTempDirectory("muster-rollback-");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        data = folder.resolve("data");
    }

    @AfterEach
    void remove() throws IOException {
        ops.close();
        FileSystemUtils.deleteRecursively(folder);
    }

    private ServerProcess start(String... more) {
        var environment = new HashMap<>(Map.of("MUSTER_OUTBOUND_ALLOW", "127.0.0.0/8"));
        for (int i = 0; i < more.length; i += 2) environment.put(more[i], more[i + 1]);
        return Start.serve(data).with(environment).startAndAwait();
    }

    @Test
    void what_a_database_that_was_put_back_has_lost_is_noticed_told_and_on_record() throws Exception {
        var copy = folder.resolve("copy");
        try (var server = start()) {
            ok(server.send(
                    "PUT",
                    "/api/v1/alert-channels/ops",
                    "{\"kind\":\"webhook\",\"url\":\"%s\",\"secret\":\"%s\"}"
                            .formatted(ops.url(), WebhookReceiver.SECRET)));
            ok(server.send(
                    "PUT",
                    "/api/v1/policies/eu",
                    "{\"name\":\"EU\",\"extends\":\"gdpr-eea-only\",\"max_dwell\":\"PT20M\"}"));
            declare(server, "acme");
            declare(server, "globex");
            for (int n = 0; n < 3; n++) event(server, "acme");
            sealed(server);
        }
        FileSystemUtils.copyRecursively(data.resolve("postgres/data"), copy);
        Checkpoint promised;
        try (var server = start()) {
            event(server, "acme");
            event(server, "acme");
            declare(server, "initech");
            event(server, "initech");
            sealed(server);
            promised = checkpoint(server, "acme");
        }
        assertThat(promised.size()).isEqualTo(6);

        FileSystemUtils.deleteRecursively(data.resolve("postgres/data"));
        FileSystemUtils.copyRecursively(copy, data.resolve("postgres/data"));
        Files.setPosixFilePermissions(data.resolve("postgres/data"), PosixFilePermissions.fromString("rwx------"));
        try (var server = start()) {
            assertThat(server.printed())
                    .contains("the database was put back: of the log of acme it has lost numbers 4 to 5");
            var reopened = reopened(server, "acme");
            assertThat(reopened.at("/sequence").longValue()).isZero();
            assertThat(reopened.at("/details/lost").toString()).isEqualTo("{\"first\":4,\"last\":5}");
            assertThat(reopened.at("/details/checkpoint").stringValue())
                    .startsWith(promised.origin() + "\n6\n" + promised.root() + "\n");
            assertThat(event(server, "acme")).isPositive();
            assertThat(checkpoint(server, "acme").origin()).endsWith("/e2");

            var before = checkpoint(server, "acme/e1");
            assertThat(before.origin()).isEqualTo(promised.origin());
            assertThat(before.size()).isEqualTo(4);
            assertThat(server.get("/logs/acme/e1/tile/entries/000.p/4").statusCode())
                    .isEqualTo(200);
            assertThat(server.get("/logs/acme/e3/checkpoint").statusCode()).isEqualTo(404);

            assertThat(reopened(server, "initech").at("/details/lost").toString())
                    .isEqualTo("{\"first\":0,\"last\":1}");
            assertThat(checkpoint(server, "globex").origin()).doesNotContain("/e");
            assertThat(JSON.readTree(server.get("/actuator/health").body())
                            .at("/components/audit/details/logs_reopened_in_7_days")
                            .longValue())
                    .isGreaterThanOrEqualTo(2);
            await("people are told")
                    .atMost(SOON)
                    .untilAsserted(() -> assertThat(ops.calls).anySatisfy(call -> {
                        assertThat(call.json().path("type").asString()).isEqualTo("log.down");
                        assertThat(call.json().path("data").path("tenants").toString())
                                .contains("acme", "initech");
                    }));

            declare(server, "hooli");
            var head = owner().sql("select size, root, frontier from audit_head where log_id = :log")
                    .param("log", log(server, "hooli"))
                    .query()
                    .singleRow();
            event(server, "hooli");
            await("what grew is held")
                    .atMost(SOON)
                    .ignoreExceptions()
                    .until(() -> held("tenant=hooli").contains("\n2\n"));
            putBack(log(server, "hooli"), head);
            event(server, "hooli");
            await("that the database was put back under a running server is noticed")
                    .atMost(SOON)
                    .ignoreExceptions()
                    .untilAsserted(() -> assertThat(reopened(server, "hooli")
                                    .at("/details/lost")
                                    .toString())
                            .isEqualTo("{\"first\":null,\"last\":1}"));

            otherRoot(server, "globex");
            server.postmaster().destroyForcibly();
            await("the database came back with another tree")
                    .atMost(SOON)
                    .ignoreExceptions()
                    .untilAsserted(() -> assertThat(reopened(server, "globex")
                                    .at("/details/lost/first")
                                    .isNull())
                            .isTrue());
            sealed(server);
        }
        var files = data.resolve("checkpoints")
                .resolve(Files.list(data.resolve("checkpoints")).findFirst().orElseThrow());
        var text = Files.list(files)
                .map(RollbackTest::read)
                .filter(held -> held.contains("epoch=2 tenant=acme"))
                .findFirst()
                .orElseThrow();
        Files.writeString(
                files.resolve("4711.checkpoint"),
                text.replaceFirst("installation=\\S+", "installation=" + UUID.randomUUID()));
        Files.writeString(files.resolve("4712.checkpoint"), text.replaceFirst("\n[0-9]+\n", "\n900000\n"));
        Files.writeString(files.resolve("4713.checkpoint"), "half");
        try (var server = start("MUSTER_CHECK_LIMIT", "500")) {
            assertThat(server.printed()).doesNotContain("put back").contains("is not signed by this server");
            assertThat(event(server, "acme")).isGreaterThan(1);
            assertThat(checkpoint(server, "acme").origin()).endsWith("/e2");
            sealed(server);
            assertThat(newest(server, "settings.changed", "muster")
                            .at("/details/names")
                            .toString())
                    .isEqualTo("[\"MUSTER_CHECK_LIMIT\",\"MUSTER_PORT\"]");
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void declare(ServerProcess server, String tenant) {
        ok(server.send(
                "PUT",
                "/api/v1/tenants/" + tenant,
                "{\"name\":\"T\",\"tier\":\"gold\",\"policy\":\"eu\",\"home\":\"eu-west-1\"}"));
        sealed(server);
    }

    private static long event(ServerProcess server, String tenant) {
        var answer = server.send(
                "POST",
                "/api/v1/audit/events",
                "{\"tenantId\":\"%s\",\"action\":\"x\",\"timestamp\":\"%s\"}".formatted(tenant, Instant.now()));
        ok(answer);
        return JSON.readTree(answer.body()).get("sequence").longValue();
    }

    private static void sealed(ServerProcess server) {
        await("what Muster did is sealed")
                .atMost(SOON)
                .until(() -> server.db()
                                .sql("select count(*) from own_event")
                                .query(Long.class)
                                .single()
                        == 0);
    }

    private static Checkpoint checkpoint(ServerProcess server, String log) {
        return Checkpoint.parse(
                SignedNote.parse(server.get("/logs/" + log + "/checkpoint").body())
                        .text());
    }

    private static JsonNode reopened(ServerProcess server, String tenant) {
        return newest(server, "audit.reopened", tenant);
    }

    private static JsonNode newest(ServerProcess server, String action, String tenant) {
        var id = server.db()
                .sql("""
                        select event_id
                          from audit_event
                         where action = :action and convert_from(envelope, 'UTF8') like :tenant
                           and (select set_config('muster.log', '*', false)) = '*'
                         order by recorded_at desc
                         limit 1
                        """)
                .param("action", action)
                .param("tenant", "%\"tenant\":\"" + tenant + "\"%")
                .query(String.class)
                .single();
        return JSON.readTree(server.get("/api/v1/audit/events/" + id).body());
    }

    private void otherRoot(ServerProcess server, String tenant) throws IOException {
        owner().sql("update audit_head set root = sha256('another') where log_id = :log")
                .param("log", log(server, tenant))
                .update();
    }

    /** As if the last event had never been. */
    private void putBack(int log, Map<String, Object> head) throws IOException {
        var month = owner().sql("select audit_month(now())").query(String.class).single();
        owner().sql("delete from " + month + " where log_id = :log and idx >= :size")
                .param("log", log)
                .param("size", head.get("size"))
                .update();
        owner().sql("update audit_head set size = :size, root = :root, frontier = :frontier where log_id = :log")
                .params(head)
                .param("log", log)
                .update();
    }

    private int log(ServerProcess server, String tenant) {
        return server.db()
                .sql("select log_id from audit_log where tenant = :tenant order by epoch desc limit 1")
                .param("tenant", tenant)
                .query(Integer.class)
                .single();
    }

    private String held(String about) throws IOException {
        try (var files = Files.walk(data.resolve("checkpoints"))) {
            return files.filter(Files::isRegularFile)
                    .map(RollbackTest::read)
                    .filter(text -> text.contains(about))
                    .findFirst()
                    .orElse("");
        }
    }

    private JdbcClient owner() throws IOException {
        return JdbcClient.create(new DriverManagerDataSource(
                "jdbc:postgresql://127.0.0.1:"
                        + Files.readString(data.resolve("postgres/port")).strip() + "/muster",
                "muster_owner",
                Files.readString(data.resolve("secrets/muster_owner")).strip()));
    }

    private static void ok(java.net.http.HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isIn(200, 201);
    }
}
