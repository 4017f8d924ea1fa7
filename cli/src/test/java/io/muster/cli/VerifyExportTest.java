package io.muster.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.muster.merklelog.Checkpoint;
import io.muster.merklelog.Frontier;
import io.muster.merklelog.Hash;
import io.muster.merklelog.KeyType;
import io.muster.merklelog.SignerKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An honest export is proven; of each that is not, the first lie is found and told where it is. */
class VerifyExportTest {
    private static final int SIZE = 700;
    private static final int PER_CHUNK = 100;
    private static HonestExport log;

    @TempDir
    Path folder;

    private Map<String, byte[]> files;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void makeLog() {
        log = new HonestExport(1, SIZE, PER_CHUNK);
    }

    @BeforeEach
    void honest() throws IOException {
        files = log.whole();
        Files.writeString(folder.resolve("vkey"), log.vkey());
    }

    // ---- what is true ----

    @Test
    void an_honest_export_is_proven_and_each_step_is_said() throws IOException {
        assertEquals(0, verify("--key", "vkey"));
        assertEquals(
                Stream.of(
                                "the log muster.example/main/l/7 signed that it has 700 entries with the root "
                                        + log.frontier.root(),
                                "4 tiles lead to that root",
                                "700 events of the tenant \"acme\" are in it, each where it says, with what its envelope says",
                                "41 of them are erased: of these, what stands in clear in their envelopes is proven, and no more",
                                "that is the whole log: nothing is missing",
                                "proven")
                        .toList(),
                out.toString().lines().toList());
        assertEquals("", err.toString());
    }

    @Test
    void without_a_key_it_says_that_the_origin_is_not_proven() throws IOException {
        assertEquals(0, verify());
        assertTrue(out.toString().startsWith("CAREFUL: without --key the log's keys are those within the export"));
        assertTrue(out.toString().contains("\n  " + log.key.verifier() + "\n"), out.toString());
    }

    @Test
    void a_part_is_proven_for_what_it_holds() throws IOException {
        files = log.part(i -> i % 50 == 3 && i < 300);
        assertEquals(0, verify("--key", "vkey"), err::toString);
        assertTrue(out.toString().contains("6 events of"), out.toString());
        assertTrue(out.toString()
                .contains("what was asked for, {\"action\":\"something\"}: whether something of it was left out"));
        files = log.part(i -> false);
        assertEquals(0, verify("--key", "vkey"), err::toString);
    }

    @Test
    void any_size_is_proven() throws IOException {
        for (int size : new int[] {0, 1, 255, 256, 257, 512}) {
            files = new HonestExport(3, size, 97).whole();
            assertEquals(0, verify("--key", "vkey"), () -> size + ": " + err);
        }
    }

    @Test
    void a_log_of_three_levels_is_proven_and_a_change_high_up_is_found() throws IOException {
        var large = new HonestExport(4, 65_536 + 300, 10_000);
        files = large.part(i -> i % 9_000 == 77);
        assertTrue(files.containsKey("tile/1/000") && files.containsKey("tile/2/000.p/1"));
        assertEquals(0, verify("--key", "vkey"), err::toString);
        files.get("tile/1/000")[40] ^= 1;
        lie("tile/1/000 leads to the hash ");
        files.get("tile/1/000")[40] ^= 1;
        files.get("tile/0/035")[40] ^= 1;
        lie("events/000001.ndjson, line 7: event ", ": tile/0/035 leads to the hash ", "tile/1/000 has ");
    }

    @Test
    void packed_again_with_folders_it_is_still_proven() throws IOException {
        files.put("events/", new byte[0]);
        files.put("tile/", new byte[0]);
        assertEquals(0, verify("--key", "vkey"), err::toString);
    }

    @Test
    void what_an_erased_event_still_shows_is_said_to_be_unproven() throws IOException {
        assertTrue(log.isErased(498) && log.event(498).shown().contains("\"userId\":null"));
        line("events", 498, line -> line.replace("\"userId\":null", "\"userId\":\"anand.k\""));
        assertEquals(0, verify("--key", "vkey"), err::toString);
        assertTrue(out.toString().contains("CAREFUL: 1 erased events show a person"), out.toString());
    }

    @Test
    void it_grew_out_of_an_older_checkpoint_or_not() throws IOException {
        for (int size : new int[] {1, 256, 300, 700}) {
            var leaves = new ArrayList<Hash>();
            for (int i = 0; i < size; i++) leaves.add(Hash.ofLeaf(log.event(i).entry()));
            var old = new Checkpoint(
                    HonestExport.ORIGIN, size, Frontier.EMPTY.append(leaves).root());
            Files.write(
                    folder.resolve("old"),
                    old.sign(List.of(log.key), HonestExport.NOW).bytes());
            assertEquals(0, verify("--key", "vkey", "--since", "old"), err::toString);
            assertTrue(out.toString().contains("it has grown out of the checkpoint in " + folder.resolve("old")));
            leaves.set(size / 2, Hash.OF_NOTHING);
            var other = new Checkpoint(
                    HonestExport.ORIGIN, size, Frontier.EMPTY.append(leaves).root());
            Files.write(
                    folder.resolve("old"),
                    other.sign(List.of(log.key), HonestExport.NOW).bytes());
            lie("", "--since", "old");
        }
        var newer = new Checkpoint(HonestExport.ORIGIN, 701, Hash.OF_NOTHING);
        Files.write(
                folder.resolve("old"),
                newer.sign(List.of(log.key), HonestExport.NOW).bytes());
        cannot("the checkpoint in ", "--since", "old");
        Files.write(
                folder.resolve("old"),
                newer.sign(List.of(SignerKey.generate(HonestExport.ORIGIN, KeyType.ED25519)), HonestExport.NOW)
                        .bytes());
        lie(folder.resolve("old") + ": no signature is of a known key", "--since", "old");
        Files.writeString(folder.resolve("old"), "no checkpoint");
        cannot("", "--since", "old");
        cannot("there is no file ", "--since", "absent");
    }

    @Test
    void the_checkpoint_is_kept_when_all_is_proven_and_not_before() throws IOException {
        assertEquals(0, verify("--key", "vkey", "--save", "kept"), err::toString);
        assertEquals(log.note().text(), Files.readString(folder.resolve("kept")).split("\n\n")[0] + "\n");
        assertEquals(0, verify("--key", "vkey", "--save", "kept", "--since", "kept"), err::toString);
        Files.delete(folder.resolve("kept"));
        line("salts", 6, line -> base64OfOtherBytes(line));
        lie("", "--save", "kept");
        assertTrue(Files.notExists(folder.resolve("kept")));
    }

    // ---- each lie ----

    @Test
    void a_changed_envelope() throws IOException {
        line(
                "envelopes",
                123,
                line -> line.replace("\"nonce\":\"", "\"nonce\":\"A").replace("==\"", "=\""));
        lieOf(123, "envelopes", "its envelope leads to the leaf hash ", "tile/0/000 has ", " at 123");
    }

    @Test
    void an_envelope_that_is_not_canonical() throws IOException {
        line("envelopes", 123, line -> line.replace(",\"v\":1", ", \"v\":1"));
        lieOf(123, "envelopes", "it is JSON, but not canonical (RFC 8785)");
        line("envelopes", 123, line -> line.replace(", \"v\":1", ",\"v\":2"));
        lieOf(123, "envelopes", "an envelope has an id, recorded_at and v 1");
    }

    @Test
    void a_changed_commitment() throws IOException {
        files.get("tile/0/001")[32 * 3] ^= 1;
        lieOf(511, "events", "tile/0/001 leads to the hash ", "tile/1/000.p/2 has ", " for it at 1");
    }

    @Test
    void an_event_that_shows_something_else_than_its_envelope() throws IOException {
        line("events", 123, line -> line.replaceFirst("\"status\":\"[A-Z]*\"", "\"status\":\"DENIED\""));
        lieOf(123, "events", "it shows the status \"DENIED\", its envelope has \"");
    }

    @Test
    void an_event_of_which_something_sealed_was_changed() throws IOException {
        line("events", 125, line -> line.replaceFirst("\"ip\":\"192", "\"ip\":\"193"));
        lieOf(125, "salts", "with its salt it hashes to ", "something of what is shown, or the salt, was changed");
        honest();
        line("events", 125, line -> line.replaceFirst("\"amount\":", "\"amount\":1"));
        lieOf(125, "salts", "with its salt it hashes to ");
        honest();
        line("events", 125, line -> line.replace("\"ip\":", "\"more\":true,\"ip\":"));
        lieOf(125, "salts", "with its salt it hashes to ");
    }

    @Test
    void a_changed_salt() throws IOException {
        line("salts", 123, line -> base64OfOtherBytes(line));
        lieOf(123, "salts", "with its salt it hashes to ");
        line("salts", 123, line -> line.substring(1));
        lieOf(123, "salts", "its salt is not 32 bytes in base64");
        line("salts", 123, line -> "");
        lieOf(123, "salts", "there is no salt, and yet it is not erased");
    }

    @Test
    void an_erased_event_that_is_none_or_shows_too_much() throws IOException {
        int erased = 124;
        while (!log.isErased(erased)) erased++;
        line("salts", erased, line -> log.event(0).salt());
        lieOf(erased, "salts", "it is erased, and yet there is a salt");
        honest();
        line("events", erased, line -> line.replace("\"erased\":true", "\"erased\":false"));
        lieOf(erased, "events", "its erased is false");
        honest();
        line("events", erased, line -> line.replace("\"erased\":true", "\"erased\":true,\"more\":1"));
        lieOf(erased, "events", "no erased event has a member more");
        honest();
        line("events", 123, line -> line.replace("{\"eventId", "{\"erased\":true,\"eventId"));
        line("salts", 123, line -> "");
        lie("there are 700 events, 42 of them erased; manifest.json says 700 and 41");
    }

    @Test
    void a_changed_tile() throws IOException {
        files.get("tile/0/002.p/188")[32 * 7] ^= 1;
        lieOf(519, "envelopes", "its envelope leads to the leaf hash ", "tile/0/002.p/188 has ", " at 7");
        honest();
        files.get("tile/1/000.p/2")[7] ^= 1;
        lie(
                "tile/0/002.p/188 and tile/1/000.p/2 lead to the root ",
                "each event fits its entry, so what was changed is the head, ");
        honest();
        files.replace("tile/0/001", new byte[8191]);
        lieOf(511, "events", "tile/0/001 has 8192 bytes, not 8191");
        files.replace("tile/0/001", new byte[8193]);
        lieOf(511, "events", "tile/0/001 has more than 8192 bytes");
    }

    @Test
    void a_tile_that_is_missing_or_too_much() throws IOException {
        files.remove("tile/0/001");
        lieOf(511, "events", "tile/0/001 is missing");
        honest();
        files.remove("tile/1/000.p/2");
        lie("tile/1/000.p/2 is missing");
        honest();
        files.put("tile/1/000.p/1", new byte[32]);
        lie("tile/1/000.p/1 is no tile of a log of 700 entries");
        honest();
        files.put("tile/0/003", new byte[8192]);
        lie("there are 4 tiles of level 0, and the events and the root need 3");
        honest();
        files.put("tile/entries/000", new byte[3]);
        lie("no export has a file tile/entries/000");
        files.remove("tile/entries/000");
        files.put("tile/0/0", new byte[3]);
        lie("not the path of a tile or bundle: \"tile/0/0\"");
    }

    @Test
    void a_line_that_is_missing_twice_moved_or_cut() throws IOException {
        for (var kind : List.of("events", "envelopes", "salts")) {
            var lines = lines(kind, 3);
            lines.remove(8);
            files.put(name(kind, 3), text(lines));
        }
        lie("events/000003.ndjson, line 9: event ", "sequence 490 comes where 491 should");
        honest();
        for (var kind : List.of("events", "envelopes", "salts")) {
            var lines = lines(kind, 3);
            lines.add(8, lines.get(8));
            files.put(name(kind, 3), text(lines));
        }
        lie(
                "events/000003.ndjson, line 10: event ",
                "sequence 491 stands behind sequence 491: it is there twice, or out of order");
        honest();
        for (var kind : List.of("events", "envelopes", "salts")) {
            var lines = lines(kind, 3);
            Collections.swap(lines, 8, 9);
            files.put(name(kind, 3), text(lines));
        }
        lie("events/000003.ndjson, line 9: event ", "sequence 490 comes where 491 should");
        honest();
        var events = lines("events", 3);
        Collections.swap(events, 8, 9); // of the events alone
        files.put(name("events", 3), text(events));
        lie("events/000003.ndjson, line 9: event ", "sequence 490 comes where 491 should");
        honest();
        var salts = lines("salts", 3);
        salts.removeLast();
        files.put(name("salts", 3), text(salts));
        lie("salts/000003.txt, line 100: there is no such line, and there is one of its event in another file");
        honest();
        var events3 = files.get(name("events", 3));
        files.put(name("events", 3), Arrays.copyOf(events3, events3.length - 1));
        lie("events/000003.ndjson, line 100: it does not end in a line feed");
    }

    @Test
    void a_chunk_that_is_missing_twice_or_empty() throws IOException {
        for (var kind : List.of("events", "envelopes", "salts")) files.remove(name(kind, 7));
        lie("the events end before sequence 99: of the whole log nothing may be missing");
        honest();
        for (var kind : List.of("events", "envelopes", "salts")) files.remove(name(kind, 3));
        lie("envelopes/000003.ndjson is missing");
        honest();
        for (var kind : List.of("events", "envelopes", "salts")) files.put(name(kind, 3), files.get(name(kind, 4)));
        lie("events/000003.ndjson, line 1: sequence 399 comes where 499 should");
        honest();
        for (var kind : List.of("events", "envelopes", "salts")) files.put(name(kind, 8), new byte[0]);
        lie("events/000008.ndjson is empty");
    }

    @Test
    void events_of_another_tenant_or_beyond_the_log() throws IOException {
        line("events", 699, line -> line.replace("\"tenantId\":\"acme\"", "\"tenantId\":\"acne\""));
        lieOf(699, "events", "it is of the tenant \"acne\", the export of \"acme\"");
        honest();
        line("events", 699, line -> line.replace("\"sequence\":699", "\"sequence\":700"));
        lieOf(699, "events", "it is beyond the 700 entries of the checkpoint");
    }

    @Test
    void a_checkpoint_of_another_log_key_size_or_root() throws IOException {
        var stranger = SignerKey.generate("muster.example/main/l/8", KeyType.ED25519);
        var root = log.frontier.root();
        checkpoint(new Checkpoint("muster.example/main/l/8", SIZE, root), stranger);
        lie("checkpoint: no signature is of a known key: it is signed by muster.example/main/l/8");
        var impostor = SignerKey.generate(HonestExport.ORIGIN, KeyType.ED25519);
        checkpoint(new Checkpoint(HonestExport.ORIGIN, SIZE, root), impostor);
        lie("checkpoint: no signature is of a known key");
        checkpoint(new Checkpoint("muster.example/main/l/8", SIZE, root), log.key);
        lie("checkpoint: the checkpoint is of the log muster.example/main/l/8, not of muster.example/main/l/7");
        checkpoint(new Checkpoint(HonestExport.ORIGIN, SIZE + 1, root), log.key);
        lie("manifest.json says that the log is muster.example/main/l/7 with 700 entries, the checkpoint ");
        checkpoint(new Checkpoint(HonestExport.ORIGIN, SIZE, Hash.OF_NOTHING), log.key);
        lie("tile/0/002.p/188 and tile/1/000.p/2 lead to the root " + root + ", the checkpoint of 700 entries has ");
        files.put("checkpoint", (log.note().toString().replace("\n700\n", "\n699\n")).getBytes(UTF_8));
        lie("checkpoint: the signature of muster.example/main/l/7 does not hold");
    }

    private void checkpoint(Checkpoint checkpoint, SignerKey key) {
        files.put("checkpoint", checkpoint.sign(List.of(key), HonestExport.NOW).bytes());
        files.put("vkey", (key.verifier() + "\n").getBytes(UTF_8));
    }

    @Test
    void another_tree_under_the_same_key_is_internally_true_and_yet_found() throws IOException {
        files = new HonestExport(2, SIZE, PER_CHUNK).whole();
        Files.write(folder.resolve("old"), log.note().bytes());
        assertEquals(0, verify("--key", "vkey"));
        lie(
                "the tree of 700 leaves does not grow out of that of 700: two trees of 700 leaves have different roots",
                "--since",
                "old");
    }

    @Test
    void a_manifest_that_says_something_else() throws IOException {
        manifest("\"events\":700", "\"events\":699");
        lie("there are 700 events, 41 of them erased; manifest.json says 699 and 41");
        manifest("\"events\":699", "\"events\":700");
        manifest("\"size\":700", "\"size\":701");
        lie("manifest.json says that the log is muster.example/main/l/7 with 701 entries");
        manifest("\"size\":701", "\"size\":700,\"more\":1");
        lie("manifest.json: no export of version 1 says more");
        manifest(",\"more\":1", "");
        manifest("\"filter\":null,", "");
        lie("manifest.json: it has no filter");
        manifest("\"v\":1", "\"v\":2,\"filter\":null");
        lie("manifest.json: it is of version 2, not 1");
        files.put("manifest.json", ("[".repeat(60_000)).getBytes(UTF_8));
        lie("manifest.json: JSON deeper than 64");
        files.put("manifest.json", new byte[70_000]);
        lie("manifest.json: manifest.json has more than 65536 bytes");
        files.remove("manifest.json");
        lie("manifest.json is missing");
    }

    private void manifest(String from, String to) {
        files.put(
                "manifest.json",
                new String(files.get("manifest.json"), UTF_8).replace(from, to).getBytes(UTF_8));
    }

    // ---- what is no export at all ----

    @Test
    void files_that_no_export_has() throws IOException {
        for (var name : List.of(
                "../../etc/passwd",
                "/etc/passwd",
                "events/1.ndjson",
                "events/000001.txt",
                "events/0000010000000000.ndjson",
                "summary.pdf",
                "events",
                "\u001b[31m")) {
            honest();
            files.put(name, new byte[1]);
            lie("no export has a file " + name.replace('\u001b', '?'));
        }
        honest();
        files.put("events/999999999.ndjson", new byte[1]);
        lie("envelopes/000008.ndjson is missing");
    }

    @Test
    void files_that_are_there_twice() throws IOException {
        for (var name : List.of("checkpoint", "tile/1/000.p/2", "events/000001.ndjson")) {
            honest();
            files.put("X".repeat(name.length()), files.get(name));
            var zip = Files.readAllBytes(HonestExport.zip(files, folder.resolve("export.zip")));
            replace(zip, "X".repeat(name.length()), name);
            Files.write(folder.resolve("export.zip"), zip);
            assertEquals(1, run("--key", "vkey"));
            assertEquals("muster: " + name + " is in it twice\n", err.toString());
        }
        honest();
        files.put("X".repeat(10), files.get("tile/0/001"));
        var zip = Files.readAllBytes(HonestExport.zip(files, folder.resolve("export.zip")));
        replace(zip, "X".repeat(10), "tile/0/001");
        Files.write(folder.resolve("export.zip"), zip);
        assertEquals(1, run("--key", "vkey"));
        assertEquals("muster: there are 4 tiles of level 0, and the events and the root need 3\n", err.toString());
    }

    private static void replace(byte[] in, String from, String to) {
        for (int at = 0; at + from.length() <= in.length; at++) {
            if (Arrays.equals(in, at, at + from.length(), from.getBytes(UTF_8), 0, from.length())) {
                System.arraycopy(to.getBytes(UTF_8), 0, in, at, to.length());
            }
        }
    }

    @Test
    void a_file_that_unpacks_to_more_than_it_may() throws IOException {
        var bomb = new byte[1 << 16];
        for (var name : List.of(
                "events/000001.ndjson",
                "envelopes/000001.ndjson",
                "salts/000001.txt",
                "checkpoint",
                "vkey",
                "tile/0/001",
                "tile/1/000.p/2")) {
            var file = folder.resolve("export.zip");
            try (var zip = new ZipOutputStream(Files.newOutputStream(file))) {
                for (var one : files.entrySet()) {
                    zip.putNextEntry(new ZipEntry(one.getKey()));
                    if (one.getKey().equals(name)) {
                        for (int i = 0; i < 1000; i++) zip.write(bomb); // 64 MB, in 64 kB
                    } else {
                        zip.write(one.getValue());
                    }
                }
            }
            assertEquals(1, run("--key", "vkey"));
            assertTrue(err.toString().contains("has more than "), err.toString());
        }
    }

    @Test
    void a_zip_that_is_broken_and_none_at_all() throws IOException {
        var zip = Files.readAllBytes(HonestExport.zip(files, folder.resolve("export.zip")));
        for (int length : new int[] {0, 1, 100, zip.length / 2, zip.length - 1}) {
            Files.write(folder.resolve("export.zip"), Arrays.copyOf(zip, length));
            assertEquals(1, run("--key", "vkey"));
            assertTrue(err.toString().startsWith("muster: it is no zip, or a broken one: "), err.toString());
        }
        Files.delete(folder.resolve("export.zip"));
        assertEquals(2, run("--key", "vkey"));
        assertEquals(
                "muster: cannot check: there is no file " + folder.resolve("export.zip") + " that can be read\n",
                err.toString());
        HonestExport.zip(files, folder.resolve("export.zip"));
        assertEquals(2, run("--key", "absent"));
        Files.writeString(folder.resolve("other"), "no key");
        assertEquals(2, run("--key", "other"));
    }

    @Test
    void a_line_that_has_no_end_or_too_many_lines() throws IOException {
        files.put(name("events", 2), new byte[3 << 20]);
        lie("events/000002.ndjson, line 1: it has more than 1048576 bytes");
        honest();
        files.put(
                name("events", 2),
                ("{\"sequence\":9,\"tenantId\":\"acme\"" + " ".repeat(1 << 20) + "}\n").getBytes(UTF_8));
        lie("events/000002.ndjson, line 1: it has more than 1048576 bytes");
    }

    // ---- all of it ----

    /** Whatever byte is changed, in whatever file: it is found. But for what nobody signs, and says nothing. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void a_changed_byte_is_found_wherever_it_is(long seed) throws IOException {
        campaign(new Random(seed), 120);
    }

    @Tag("nightly")
    @Test
    void of_20_000_changed_bytes_each_is_found() throws IOException {
        campaign(new Random(20_000), 20_000);
    }

    private void campaign(Random random, int rounds) throws IOException {
        var small = new HonestExport(5, 300, 70);
        var honest = small.whole();
        var names = honest.keySet().stream()
                .filter(name -> !name.equals("README.txt"))
                .toList();
        for (int round = 0; round < rounds; round++) {
            files = new LinkedHashMap<>(honest);
            var name = names.get(random.nextInt(names.size()));
            var content = files.get(name).clone();
            files.put(name, content);
            int at = random.nextInt(content.length);
            byte before = content[at];
            content[at] = (byte) (random.nextBoolean() ? before ^ 1 << random.nextInt(8) : random.nextInt(256));
            if (content[at] == before || name.equals("manifest.json") && saysTheSame(honest.get(name), content)) {
                continue;
            }
            var key = random.nextBoolean() ? new String[] {"--key", "vkey"} : new String[0];
            assertEquals(1, verify(key), name + ", byte " + at + ": " + before + " is now " + content[at] + ": " + err);
            assertEquals(1, err.toString().lines().count(), err.toString());
        }
    }

    private static boolean saysTheSame(byte[] one, byte[] other) {
        var first = Json.parse(new String(one, UTF_8));
        return Json.parseOr(new String(other, UTF_8), null) instanceof Map<?, ?> said
                && first instanceof Map<?, ?> true_
                && said.size() == true_.size()
                && true_.entrySet().stream()
                        .allMatch(member -> member.getKey().equals("made_at")
                                ? said.get("made_at") != null
                                : Objects.equals(said.get(member.getKey()), member.getValue()));
    }

    /** Whatever is done to the zip itself: never more than one line, and proven only if what was in it is still in it. */
    @Test
    void a_changed_byte_of_the_zip_is_harmless() throws IOException {
        var random = new Random(9);
        files = new HonestExport(5, 300, 70).whole();
        var zip = Files.readAllBytes(HonestExport.zip(files, folder.resolve("export.zip")));
        for (int round = 0; round < 80; round++) {
            int at = round % 2 == 0
                    ? random.nextInt(zip.length)
                    : zip.length - 1 - random.nextInt(1500); // its list of files
            byte before = zip[at];
            zip[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(folder.resolve("export.zip"), zip);
            int code = run("--key", "vkey");
            assertTrue(code == 0 || code == 1, () -> at + ": " + err);
            assertEquals(code, err.toString().lines().count(), () -> at + ": " + err);
            zip[at] = before;
        }
    }

    // ---- how it is written ----

    private static String name(String kind, int chunk) {
        return Export.chunk(kind, chunk);
    }

    private List<String> lines(String kind, int chunk) {
        return new ArrayList<>(Arrays.asList(new String(files.get(name(kind, chunk)), UTF_8).split("\n", -1))
                .subList(0, PER_CHUNK));
    }

    private static byte[] text(List<String> lines) throws IOException {
        var text = new ByteArrayOutputStream();
        for (var line : lines) text.write((line + "\n").getBytes(UTF_8));
        return text.toByteArray();
    }

    private static int chunkOf(int sequence) {
        return (SIZE - 1 - sequence) / PER_CHUNK + 1;
    }

    private static int lineOf(int sequence) {
        return (SIZE - 1 - sequence) % PER_CHUNK + 1;
    }

    /** Changes the line of an event. */
    private void line(String kind, int sequence, UnaryOperator<String> change) throws IOException {
        var lines = lines(kind, chunkOf(sequence));
        lines.set(lineOf(sequence) - 1, change.apply(lines.get(lineOf(sequence) - 1)));
        files.put(name(kind, chunkOf(sequence)), text(lines));
    }

    private static String base64OfOtherBytes(String base64) {
        return (base64.startsWith("A") ? "B" : "A") + base64.substring(1);
    }

    /** It is found, and told as of the event with this sequence. */
    private void lieOf(int sequence, String kind, String... told) throws IOException {
        assertEquals(1, verify("--key", "vkey"), err::toString);
        var id = Json.parse(log.event(sequence).shown()) instanceof Map<?, ?> event ? event.get("eventId") : "";
        var start = "muster: " + name(kind, chunkOf(sequence)) + ", line " + lineOf(sequence);
        assertTrue(err.toString().startsWith(start), () -> start + " expected: " + err);
        assertTrue(err.toString().contains(": event " + id + ", sequence "), err::toString);
        for (var part : told) assertTrue(err.toString().contains(part), () -> part + " expected: " + err);
        assertEquals(1, err.toString().lines().count());
        assertTrue(!out.toString().contains("proven\n"), out.toString());
    }

    /** @param told of which the first begins the line, up to the first option */
    private void lie(String... told) throws IOException {
        int options = 0;
        while (options < told.length && !told[options].startsWith("--")) options++;
        var arguments = new ArrayList<>(List.of("--key", "vkey"));
        arguments.addAll(Arrays.asList(told).subList(options, told.length));
        assertEquals(1, verify(arguments.toArray(String[]::new)), err::toString);
        assertTrue(err.toString().startsWith("muster: " + told[0]), () -> told[0] + " expected: " + err);
        for (int i = 1; i < options; i++) {
            var part = told[i];
            assertTrue(err.toString().contains(part), () -> part + " expected: " + err);
        }
        assertEquals(1, err.toString().lines().count());
        assertTrue(!out.toString().endsWith("proven\n"), out.toString());
    }

    private void cannot(String told, String... more) throws IOException {
        var arguments = new ArrayList<>(List.of("--key", "vkey"));
        arguments.addAll(List.of(more));
        assertEquals(2, verify(arguments.toArray(String[]::new)), err::toString);
        assertTrue(err.toString().startsWith("muster: cannot check: " + told), err::toString);
    }

    private int verify(String... arguments) throws IOException {
        HonestExport.zip(files, folder.resolve("export.zip"));
        return run(arguments);
    }

    /** All but options are names of files. */
    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        var all = new ArrayList<>(List.of("verify", folder.resolve("export.zip").toString()));
        for (var argument : arguments) {
            all.add(
                    argument.startsWith("--")
                            ? argument
                            : folder.resolve(argument).toString());
        }
        return MusterCli.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all.toArray(String[]::new));
    }
}
