package io.muster.server.badday;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.server.badday.Facts.Waiting;
import io.muster.server.embedded.TestPostgres;
import io.muster.server.incident.channel.webhook.WebhookReceiver;
import io.muster.server.testing.PingLoad;
import io.muster.server.testing.Proves;
import io.muster.server.testing.ServerProcess;
import io.muster.server.testing.ServerProcess.Start;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.util.FileSystemUtils;

/**
 * Two server processes on one database: jobs ping both, deadlines pass, data is exposed and brought home; then one of them
 * is killed. All happens once.
 */
class TwoServersTest {

    private static final Logger log = LoggerFactory.getLogger(TwoServersTest.class);
    private static final int SILENT = 60;
    private static final int RACED = 40;
    private static final int TENANTS = 25;
    private static final Duration UNTIL_KILL = Duration.ofSeconds(13); // the first alerts are being sent
    private static final Duration TAKEN_OVER = Duration.ofSeconds(10);

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final TestPostgres.Database database = TestPostgres.fresh();
    private final JdbcClient db =
            JdbcClient.create(new DriverManagerDataSource(database.url(), database.user(), database.password()));
    private final Facts facts = new Facts(db);
    private final WebhookReceiver ops = new WebhookReceiver(Instant::now);
    private Path folder;

    @BeforeEach
    void newFolder() throws IOException {
        folder = Files.createTempDirectory("muster-two-");
    }

    @AfterEach
    void remove() throws IOException {
        ops.close();
        FileSystemUtils.deleteRecursively(folder);
    }

    private ServerProcess start(String name) {
        return Start.serve(folder.resolve(name))
                .with(Map.of(
                        "MUSTER_DATABASE_URL", database.url(),
                        "MUSTER_DATABASE_USER", database.user(),
                        "MUSTER_DATABASE_PASSWORD", database.password(),
                        "MUSTER_DATABASE_OWNER_USER", database.ownerUser(),
                        "MUSTER_DATABASE_OWNER_PASSWORD", database.ownerPassword(),
                        "MUSTER_ROOT_KEY", "env:MUSTER_SECRET_ROOT",
                        "MUSTER_SECRET_ROOT", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
                        "MUSTER_OUTBOUND_ALLOW", "127.0.0.0/8"))
                .start();
    }

    @Test
    @Proves({"M14", "M17"})
    void all_happens_once_and_the_one_that_is_left_does_the_rest() throws Exception {
        long seed = ThreadLocalRandom.current().nextLong();
        var random = new Random(seed);
        log.info("seed {}", seed);
        try (var first = start("first");
                var second = start("second")) {
            first.awaitReady();
            second.awaitReady();
            ok(first.send("PUT", "/api/v1/alert-channels/ops", """
                    {"kind": "webhook", "url": "%s", "secret": "%s"}""".formatted(ops.url(), WebhookReceiver.SECRET)));
            var sweep = declareCatalogue(first);
            var busy = IntStream.range(0, 5)
                    .mapToObj(n -> first.check("busy " + n))
                    .toList();
            var names = IntStream.range(0, SILENT + RACED)
                    .mapToObj(n -> first.check("waiting " + n))
                    .toList();
            var begun = Instant.now().truncatedTo(ChronoUnit.MICROS);
            var waiting = names.stream()
                    .map(uuid -> new Waiting(uuid, begun.plusMillis(2_000 + random.nextInt(20_000))))
                    .toList();
            facts.age(waiting);
            var silent = waiting.subList(0, SILENT);
            var raced = waiting.subList(SILENT, waiting.size());
            try (var load = new PingLoad(
                    busy,
                    Duration.ofMillis(10),
                    Stream.<IntSupplier>of(first::port, second::port, first::port, second::port)
                            .toList())) {
                var told = new ArrayList<Thread>();
                told.add(Thread.startVirtualThread(() -> raced.forEach(one -> pingAbout(one, random, first, second))));
                told.add(Thread.startVirtualThread(() -> failAndSucceed(sweep, first, second, begun.plusSeconds(20))));
                await().atMost(Duration.ofMinutes(1)).until(() -> Instant.now().isAfter(begun.plus(UNTIL_KILL)));
                first.kill();
                var killed = Instant.now();
                for (var one : told) one.join();
                await("every silent check is down")
                        .atMost(Duration.ofSeconds(30))
                        .untilAsserted(() -> assertThat(facts.silences(silent)).isEqualTo(SILENT));
                http.send(ping(second, sweep, ""), BodyHandlers.discarding());
                load.awaitMore(50, Duration.ofSeconds(30));
                load.close();
                assertThat(load.surprises()).isEmpty();
                assertThat(load.unanswered())
                        .as("those of the one that was killed")
                        .isPositive();
                load.assertStoredOnce(db);
                facts.assertPingsAreNumberedWithoutAGap();
                facts.assertFlipsHappenOnce();
                assertFlipsOnce(silent, killed);
                assertExposedOnce();
                facts.assertToldOnce(ops, SILENT);
                log.info(
                        "{} pings acknowledged, {} flips, {} exposures, {} deliveries in {} calls",
                        load.stored(),
                        facts.count("select count(*) from flip"),
                        facts.count("select count(*) from exposure"),
                        facts.count("select count(*) from delivery"),
                        ops.calls.size());
            }
        }
    }

    private String declareCatalogue(ServerProcess server) {
        ok(server.send("PUT", "/api/v1/policies/eu-only", """
                {"name": "EU only", "extends": "gdpr-eea-only", "max_dwell": "PT20M"}"""));
        for (int n = 0; n < TENANTS; n++) {
            ok(server.send("PUT", "/api/v1/tenants/tenant-" + n, """
                    {"name": "Tenant", "tier": "gold", "policy": "eu-only", "home": "eu-west-1"}"""));
        }
        ok(server.send("PUT", "/api/v1/stores/intake-us", """
                {"region": "us-east-1", "role": "intake", "kind": "postgresql"}"""));
        ok(server.send("PUT", "/api/v1/stores/users-eu", """
                {"region": "eu-west-1", "role": "primary", "kind": "postgresql"}"""));
        var job = server.send("PUT", "/api/v1/jobs/sweep", """
                {"name": "Users to EU", "every": "PT10M", "grace": "PT5M",
                 "replicates": {"from": "intake-us", "to": "users-eu", "tenants": "policy:eu-only"}}""");
        ok(job);
        return job.body().replaceFirst("(?s).*/ping/([0-9a-f-]{36}).*", "$1");
    }

    private static void ok(java.net.http.HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isIn(200, 201);
    }

    /** A little before or after its deadline, to any of the two. */
    private void pingAbout(Waiting check, Random random, ServerProcess first, ServerProcess second) {
        var at = check.downAt().plusMillis(random.nextInt(600) - 200);
        var to = random.nextBoolean() ? first : second;
        Thread.startVirtualThread(() -> {
            await().pollInterval(Duration.ofMillis(5))
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> Instant.now().isAfter(at));
            try {
                http.send(ping(to, check.uuid(), ""), BodyHandlers.discarding());
            } catch (IOException killed) {
                log.debug("{} was not answered", check.uuid());
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private void failAndSucceed(String uuid, ServerProcess first, ServerProcess second, Instant until) {
        for (int n = 0; Instant.now().isBefore(until); n++) {
            boolean fails = n % 2 == 0;
            try {
                var answer = http.send(
                        ping(n % 4 < 2 ? first : second, uuid, fails ? "/fail" : ""), BodyHandlers.discarding());
                if (answer.statusCode() == 200) awaitWalk(fails ? TENANTS : 0);
            } catch (IOException killed) {
                log.debug("{} was not answered", uuid);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** What ends before a walk has seen it ends when it is seen, and the next may have begun: then two overlap, and rightly. */
    private void awaitWalk(int exposed) {
        await("a walk has seen it")
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> facts.count("select count(*) from exposure where state <> 'CLOSED'") == exposed);
    }

    private static HttpRequest ping(ServerProcess server, String uuid, String action) {
        return HttpRequest.newBuilder(URI.create(server.base() + "/ping/" + uuid + action))
                .timeout(Duration.ofSeconds(20))
                .POST(BodyPublishers.noBody())
                .build();
    }

    private void assertFlipsOnce(List<Waiting> silent, Instant killed) {
        record Down(String uuid, Instant at, Instant recordedAt) {}
        var downs = db.sql("""
                        select cast(uuid as text), flip.at, flip.recorded_at
                          from flip join checks on checks.id = flip.check_id
                         where reason = 'timeout' and uuid = any (cast(:uuids as uuid[]))
                        """)
                .param("uuids", silent.stream().map(Waiting::uuid).toArray(String[]::new))
                .query((row, n) -> new Down(
                        row.getString(1),
                        row.getObject(2, OffsetDateTime.class).toInstant(),
                        row.getObject(3, OffsetDateTime.class).toInstant()))
                .list();
        assertThat(downs.stream().map(down -> new Waiting(down.uuid(), down.at())))
                .containsExactlyInAnyOrderElementsOf(silent);
        var latest = downs.stream()
                .filter(down -> down.at().isAfter(killed.minusSeconds(1)))
                .map(down -> Duration.between(down.at(), down.recordedAt()))
                .max(Duration::compareTo)
                .orElse(Duration.ZERO);
        log.info("the latest deadline after the kill was noticed {} late", latest);
        assertThat(latest).isLessThan(TAKEN_OVER);
    }

    private void assertExposedOnce() {
        await("all are home again")
                .atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(facts.count("select count(*) from exposure where state <> 'CLOSED'"))
                        .isZero());
        assertThat(facts.count("select count(*) from exposure")).isGreaterThanOrEqualTo(TENANTS);
        assertThat(facts.strings("""
                        select a.tenant || ' ' || a.store || ' ' || a.opened_at
                          from exposure a join exposure b using (tenant, store)
                         where a.id < b.id and a.opened_at < b.closed_at and b.opened_at < a.closed_at
                        """)).as("exposures of one tenant at one time").isEmpty();
        assertThat(facts.strings("""
                        select exposure || ' ' || state || ' ' || at
                          from exposure_history
                         where state in ('AT_RISK', 'CLOSED') group by exposure, state, at having count(*) > 1
                        """)).as("history that is there twice").isEmpty();
    }
}
