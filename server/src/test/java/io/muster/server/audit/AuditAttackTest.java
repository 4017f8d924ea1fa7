package io.muster.server.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.deadline.PassingTime;
import io.muster.server.embedded.TestPostgres;
import io.muster.server.testing.Http;
import io.muster.server.testing.ServerTest;
import io.muster.server.testing.Story;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Whoever rules the database can do what he likes to a log: {@code ./muster verify} finds it and says where. */
@ServerTest
class AuditAttackTest {
    /** Two full bundles and a part of one. */
    private static final int EVENTS = 600;

    @Autowired
    Http http;

    @Autowired
    PassingTime time;

    @Autowired
    JdbcClient db;

    @Autowired
    Environment environment;

    @TempDir
    Path folder;

    private JdbcClient superuser;
    private int log;
    private long size;
    private String told;

    @BeforeEach
    void aLogThatIsProven() throws Exception {
        superuser = TestPostgres.superuser(environment.getRequiredProperty("muster.database.url"));
        new Story(http, db, time.now()).tell();
        var events = IntStream.range(0, EVENTS)
                .mapToObj(i -> """
                        {"tenantId":"montclair","userId":"user-%d","action":"LOOK","timestamp":"2026-03-01T02:59:30Z","resource":"/users/%d",\
                        "details":{"amount":%d.5,"note":"größer"}}""".formatted(i % 7, i, i))
                .collect(Collectors.joining(",", "[", "]"));
        assertThat(http.post("/api/v1/audit/events", events).status()).isEqualTo(201);
        time.passes(Duration.ofMinutes(1));
        log = superuser
                .sql("select log_id from audit_log where tenant = 'montclair'")
                .query(Integer.class)
                .single();
        size = superuser
                .sql("select size from audit_head where log_id = :log")
                .param("log", log)
                .query(Long.class)
                .single();
        assertThat(size).isBetween((long) EVENTS, 767L);
        assertThat(superuser
                        .sql("select count(*) from audit_tile where log_id = :log and level = 0")
                        .param("log", log)
                        .query(Integer.class)
                        .single())
                .isEqualTo(2);
        Files.write(
                folder.resolve("vkey"),
                http.get("/logs/montclair/vkey").response().body());
        Files.writeString(folder.resolve("api-key"), http.adminKey());
    }

    @Test
    void nobody_lied() throws Exception {
        assertThat(verify("--save", "kept")).as(told).isZero();
        assertThat(told)
                .contains(
                        size + " events of the tenant \"montclair\" are in it",
                        "that is the whole log: nothing is missing");
        assertThat(http.post("/api/v1/audit/erasures", """
                {"tenantId":"montclair","subject":{"userId":"user-3"},"reason":"Art. 17"}""").status()).isEqualTo(200);
        time.passes(Duration.ofMinutes(1));
        assertThat(verify("--since", "kept")).as(told).isZero();
        assertThat(told).contains("of them are erased", "it has grown out of the checkpoint in ");
    }

    @Test
    void what_fits_a_search_proves_itself_too() throws Exception {
        var zip = http.get("/api/v1/audit/export?tenantId=montclair&format=zip&userId=user-3&action=LOOK");
        assertThat(zip.status()).isEqualTo(200);
        Files.write(folder.resolve("some.zip"), zip.response().body());
        assertThat(verify(List.of(folder.resolve("some.zip").toString())))
                .as(told)
                .isZero();
        assertThat(told).contains("that is what was asked for").doesNotContain("nothing is missing");
        long fit = IntStream.range(0, EVENTS).filter(i -> i % 7 == 3).count();
        assertThat(told).contains(fit + " events of the tenant \"montclair\" are in it");
        attack(
                "update audit_event set envelope = replace(convert_from(envelope, 'UTF8'), '\"/users/3\"', '\"/users/4\"')::bytea where log_id = :log");
        Files.write(
                folder.resolve("some.zip"),
                http.get("/api/v1/audit/export?tenantId=montclair&format=zip&userId=user-3&action=LOOK")
                        .response()
                        .body());
        assertThat(verify(List.of(folder.resolve("some.zip").toString())))
                .as(told)
                .isEqualTo(1);
    }

    @Test
    void he_edits_an_envelope() throws Exception {
        attack(
                "update audit_event set envelope = replace(convert_from(envelope, 'UTF8'), '\"LOOK\"', '\"LOCK\"')::bytea where log_id = :log and idx = 300");
        lie(
                "in the export: envelopes/000001.ndjson, line " + (size - 300) + ": event ",
                ", sequence 300: its envelope leads to the leaf hash ",
                "tile/0/001 has ");
    }

    @Test
    void he_edits_what_is_sealed_so_that_nothing_opens_it() throws Exception {
        attack(
                "update audit_event set envelope = regexp_replace(convert_from(envelope, 'UTF8'), '\"user\":\"....', '\"user\":\"AAAA')::bytea where log_id = :log and idx = 301");
        lie(
                "in the export: envelopes/000001.ndjson, line " + (size - 301) + ": event ",
                ", sequence 301: its envelope leads to the leaf hash ");
    }

    @Test
    void he_makes_an_envelope_no_envelope() throws Exception {
        attack("update audit_event set envelope = 'gone' where log_id = :log and idx = 17");
        lie(
                "in the export: envelopes/000001.ndjson, line " + (size - 17) + ": event ",
                ", sequence 17: not JSON at character ");
    }

    @Test
    void he_edits_a_commitment_that_is_in_no_tile_yet() throws Exception {
        attack("update audit_event set commitment = sha256('x') where log_id = :log and idx = 590");
        lie(
                "in the export: envelopes/000001.ndjson, line " + (size - 590) + ": event ",
                ", sequence 590: its envelope leads to the leaf hash ",
                "tile/0/002.p/" + (size - 512) + " has ");
    }

    @Test
    void he_deletes_an_event() throws Exception {
        attack("delete from audit_event where log_id = :log and idx = 300");
        lie("tile/entries/001 is missing: Event 300 is lost.");
    }

    @Test
    void he_deletes_an_event_that_is_in_no_tile_yet() throws Exception {
        attack("delete from audit_event where log_id = :log and idx = 590");
        lie("tile/entries/002.p/" + (size - 512) + " is missing: Event 590 is lost.");
    }

    @Test
    void he_swaps_two_events() throws Exception {
        attack("update audit_event set idx = 100000 where log_id = :log and idx = 300");
        attack("update audit_event set idx = 300 where log_id = :log and idx = 301");
        attack("update audit_event set idx = 301 where log_id = :log and idx = 100000");
        lie("entry 300 has the hash ", ", tile/0/001 has ");
    }

    @Test
    void he_swaps_two_events_that_are_in_no_tile_yet() throws Exception {
        attack("update audit_event set idx = 100000 where log_id = :log and idx = 590");
        attack("update audit_event set idx = 590 where log_id = :log and idx = 591");
        attack("update audit_event set idx = 591 where log_id = :log and idx = 100000");
        lie(
                "in the export: tile/0/002.p/" + (size - 512) + " and tile/1/000.p/2 lead to the root ",
                "; each event fits its entry, so what was changed is the head, a tile above, or the order of the newest events");
    }

    @Test
    void he_inserts_an_event_among_the_others() throws Exception {
        attack("update audit_event set idx = idx + 100000 where log_id = :log and idx >= 300");
        attack("update audit_event set idx = idx - 99999 where log_id = :log and idx >= 100000");
        attack(
                "insert into audit_event select log_id, 300, recorded_at, gen_random_uuid(), action, outcome, actor_ref, subject_ref, commitment, envelope, words from audit_event where log_id = :log and idx = 299");
        lie("entry 300 has the hash ", ", tile/0/001 has ");
    }

    @Test
    void he_cuts_the_end_off_and_the_head_says_so_too() throws Exception {
        assertThat(verify("--save", "kept")).as(told).isZero();
        var frontier = superuser
                .sql("select frontier from audit_head where log_id = :log")
                .param("log", log)
                .query(byte[].class)
                .single();
        attack("delete from audit_event where log_id = :log and idx >= 512");
        superuser
                .sql(
                        "update audit_head set size = 512, root = substring(:edge from 1 for 32), frontier = substring(:edge from 1 for 32) where log_id = :log")
                .param("edge", frontier)
                .param("log", log)
                .update();
        attack("delete from audit_checkpoint where log_id = :log");
        assertThat(verify()).as(told).isZero(); // it is a log, but no longer the one that there was
        assertThat(verify("--since", "kept")).as(told).isEqualTo(1);
        assertThat(told)
                .contains("muster: the log has gone back: it signed " + size + " entries (" + folder.resolve("kept")
                        + "), and now 512");
    }

    @Test
    void he_empties_the_table() throws Exception {
        superuser.sql("truncate audit_event").update();
        lie("tile/entries/000 is missing: Event 0 is lost.");
    }

    @Test
    void he_edits_a_tile() throws Exception {
        attack(
                "update audit_tile set hashes = set_byte(hashes, 32 * 44 + 5, get_byte(hashes, 32 * 44 + 5) # 1) where log_id = :log and level = 0 and n = 1");
        lie("entry 300 has the hash ", ", tile/0/001 has ");
    }

    @Test
    void he_edits_what_stands_for_a_tile_above_it() throws Exception {
        attack(
                "update audit_tile set root = set_byte(root, 5, get_byte(root, 5) # 1) where log_id = :log and level = 0 and n = 1");
        lie("hash 1 of tile/1/000.p/2 is ", ", the tile below it leads to ");
    }

    @Test
    void he_edits_a_commitment() throws Exception {
        attack(
                "update audit_event set commitment = set_byte(commitment, 5, get_byte(commitment, 5) # 1) where log_id = :log and idx = 300");
        lie("entry 300 has the hash ", ", tile/0/001 has ");
    }

    @Test
    void he_edits_the_head() throws Exception {
        http.get("/logs/montclair/checkpoint"); // so that there is one
        attack("update audit_head set root = sha256('x') where log_id = :log");
        attack("delete from audit_checkpoint where log_id = :log");
        lie(
                "in the export: tile/0/002.p/" + (size - 512) + " and tile/1/000.p/2 lead to the root ",
                "; each event fits its entry, so what was changed is the head, ");
    }

    @Test
    void he_edits_a_checkpoint() throws Exception {
        http.get("/logs/montclair/checkpoint"); // so that there is one
        attack("update audit_checkpoint set note = replace(note, E'\\n" + size + "\\n', E'\\n" + (size - 1)
                + "\\n'), size = size - 1 where log_id = :log and size = " + size);
        attack("update audit_checkpoint set created_at = created_at + interval '1 hour' where log_id = :log");
        attack("update audit_head set size = size - 1 where log_id = :log");
        lie("the signature of ", " does not hold");
    }

    @Tag("nightly")
    @Test
    void whatever_byte_he_changes_at_random_is_found_where_it_is() throws Exception {
        long seed = ThreadLocalRandom.current().nextLong();
        var random = new Random(seed);
        for (int round = 0; round < 60; round++) {
            int event = random.nextInt((int) size);
            int at = random.nextInt(400);
            var found = ", sequence " + event + ": ";
            var statement = "";
            switch (round % 3) {
                case 0 -> statement = flipping("audit_event", "envelope", at, "idx = " + event);
                case 1 -> {
                    statement = flipping("audit_event", "commitment", at % 32, "idx = " + event);
                    if (event < 512) found = "entry " + event + " has the hash ";
                }
                default -> {
                    int tile = random.nextInt(2);
                    statement = flipping("audit_tile", "hashes", at, "level = 0 and n = " + tile);
                    found = "entry " + (256 * tile + at / 32) + " has the hash ";
                }
            }
            for (int twice = 0; twice < 2; twice++) { // there and back
                attack(statement);
                assertThat(verify())
                        .as("seed %d, %s: %s", seed, statement, told)
                        .isEqualTo(1 - twice);
                if (twice == 0)
                    assertThat(told).as("seed %d, %s", seed, statement).contains(found);
            }
        }
    }

    private static String flipping(String table, String column, int at, String where) {
        return "update %s set %s = set_byte(%2$s, %d, get_byte(%2$s, %3$d) # 1) where log_id = :log and %s"
                .formatted(table, column, at, where);
    }

    private void attack(String statement) {
        assertThat(superuser.sql(statement).param("log", log).update()).isPositive();
    }

    private void lie(String start, String... more) throws Exception {
        time.passes(Duration.ofSeconds(2)); // the checkpoint of a second ago is signed anew
        assertThat(verify()).as(told).isEqualTo(1);
        var lies = told.lines().filter(line -> line.startsWith("muster: ")).toList();
        assertThat(lies).hasSize(1);
        assertThat(lies.getFirst()).startsWith("muster: " + start);
        for (var part : more) assertThat(lies.getFirst()).contains(part);
    }

    /** The exit code. All but options are files in the folder. */
    private int verify(String... more) throws IOException, InterruptedException {
        var online = new ArrayList<>(List.of(
                http.base() + "/logs/montclair",
                "--key-file",
                folder.resolve("api-key").toString()));
        for (var one : more)
            online.add(one.startsWith("--") ? one : folder.resolve(one).toString());
        return verify(online);
    }

    private int verify(List<String> what) throws IOException, InterruptedException {
        var client = Path.of("../cli/target/muster-cli.jar").toAbsolutePath().normalize();
        assertThat(client).as("build it first: ./muster build").exists();
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:+UseSerialGC",
                "-jar",
                client.toString(),
                "verify",
                "--key",
                folder.resolve("vkey").toString()));
        command.addAll(what);
        var printed = folder.resolve("printed");
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(printed.toFile())
                .start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        told = Files.readString(printed);
        return process.exitValue();
    }
}
