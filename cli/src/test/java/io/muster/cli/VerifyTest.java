package io.muster.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.muster.merklelog.Checkpoint;
import io.muster.merklelog.Frontier;
import io.muster.merklelog.Hash;
import io.muster.merklelog.KeyType;
import io.muster.merklelog.SignedNote;
import io.muster.merklelog.SignerKey;
import io.muster.merklelog.TileWriter;
import io.muster.merklelog.TiledTree;
import io.muster.merklelog.TlogProof;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class VerifyTest {
    private static final String ORIGIN = "muster.example/eu/l/7";
    private static final Instant NOW = Instant.parse("2026-11-27T09:00:00Z");
    private static final int INDEX = 123;

    /** One of the published vectors: this envelope has that entry. */
    private static final String ENVELOPE = "{\"action\":\"doc.read\",\"actor\":{\"enc\":{\"alg\":\"A256GCM\","
            + "\"ct\":\"Y2lwaGVydGV4dC1hbmQtdGFnLXBsYWNlaG9sZGVy\",\"iv\":\"AAAAAAAAAAAAAAAA\",\"kid\":\"s-42\"},"
            + "\"ref\":\"5b0f6c1e-2f5e-4a5c-8f1d-0a9b8c7d6e5f\"},\"cell\":\"eu\",\"id\":\"0198f0a2-7c11-7cc3-9d4e-1f2a3b4c5d6e\","
            + "\"nonce\":\"AAECAwQFBgcICQoLDA0ODw==\",\"occurred_at\":\"2026-08-01T11:59:59.120Z\",\"outcome\":\"success\","
            + "\"recorded_at\":\"2026-08-01T12:00:00.000Z\",\"target\":{\"id\":\"d-100\",\"type\":\"doc\"},\"tenant\":\"acme\",\"v\":1}";

    private static final String ENTRY = "{\"at\":\"2026-08-01T12:00:00.000Z\","
            + "\"c\":\"rZ80b1l6lQUZY6Wn6HtnRAQ7sZtn56htX8/gvMZs8hw=\",\"id\":\"0198f0a2-7c11-7cc3-9d4e-1f2a3b4c5d6e\",\"v\":1}";

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final CommandLine muster =
            MusterCli.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));

    private final SignerKey log = SignerKey.generate(ORIGIN, KeyType.ED25519);
    private final SignerKey modern = SignerKey.generate(ORIGIN, KeyType.ML_DSA_44_COSIGNATURE);
    private final SignerKey witness = SignerKey.generate("witness.example", KeyType.ED25519_COSIGNATURE);
    private Hash root = Hash.OF_NOTHING;
    private TlogProof proof;

    @BeforeEach
    void aLogAndAProof() throws IOException {
        var tiles = new HashMap<String, byte[]>();
        var writer = new TileWriter((tile, hashes) -> tiles.put(tile.path(), Hash.join(hashes)));
        var leaves = new ArrayList<Hash>();
        for (int i = 0; i < 300; i++) {
            leaves.add(Hash.ofLeaf((i == INDEX ? ENTRY : "entry " + i).getBytes(StandardCharsets.UTF_8)));
        }
        root = Frontier.EMPTY.append(leaves, writer).root();
        writer.partial().forEach((tile, hashes) -> tiles.put(tile.path(), Hash.join(hashes)));
        var tree = new TiledTree(
                300, some -> some.stream().map(tile -> tiles.get(tile.path())).toList());
        proof = new TlogProof(tree.inclusion(INDEX), signed(log));
        write("proof", proof.toString());
        write("entry", ENTRY);
        write("envelope", ENVELOPE);
        write("vkey", log.verifier() + "\n" + modern.verifier() + "\n");
        write("witnesses", witness.verifier() + "\n");
    }

    private SignedNote signed(SignerKey... keys) {
        return new Checkpoint(ORIGIN, 300, root).sign(List.of(keys), NOW);
    }

    private void write(String name, String content) throws IOException {
        Files.writeString(folder.resolve(name), content);
    }

    private void proofSignedBy(SignerKey... keys) throws IOException {
        write("proof", new TlogProof(proof.inclusion(), signed(keys)).toString());
    }

    @Test
    void an_envelope_is_proven_and_each_step_is_said() {
        assertEquals(0, verify("proof", "--envelope", "envelope", "--key", "vkey"));
        assertEquals(
                Stream.of(
                                "the envelope is canonical; its entry has the hash "
                                        + Hash.ofLeaf(ENTRY.getBytes(StandardCharsets.UTF_8)),
                                "the log muster.example/eu/l/7 signed that it has 300 entries with the root " + root,
                                "entry 123 of them is this one",
                                "proven")
                        .collect(Collectors.joining("\n", "", "\n")),
                out.toString());
        assertEquals("", err.toString());
    }

    @Test
    void an_entry_is_proven_with_whichever_key_the_log_signed_and_its_witnesses() throws IOException {
        proofSignedBy(modern, witness);
        assertEquals(0, verify("proof", "--entry", "entry", "--key", "vkey", "--witness", "witnesses"));
        assertTrue(
                out.toString().endsWith("the witness witness.example signed it too, at 2026-11-27T09:00:00Z\nproven\n"),
                out.toString());
    }

    @Test
    void a_changed_byte_of_the_proof_is_a_lie_wherever_it_is() throws IOException {
        var random = new Random(5);
        var bytes = proof.bytes();
        for (int at = 0; at < bytes.length; at += 1 + random.nextInt(5)) {
            byte bit = (byte) (1 << random.nextInt(8));
            bytes[at] ^= bit;
            Files.write(folder.resolve("proof"), bytes);
            bytes[at] ^= bit;
            assertEquals(1, verify("proof", "--entry", "entry", "--key", "vkey"), "byte " + at);
        }
    }

    @Test
    void a_changed_byte_of_the_envelope_or_the_entry_is_a_lie_wherever_it_is() throws IOException {
        var random = new Random(6);
        for (var name : List.of("envelope", "entry")) {
            var bytes = Files.readAllBytes(folder.resolve(name));
            for (int at = 0; at < bytes.length; at += 1 + random.nextInt(5)) {
                bytes[at] ^= 1;
                Files.write(folder.resolve(name), bytes);
                bytes[at] ^= 1;
                assertEquals(1, verify("proof", "--" + name, name, "--key", "vkey"), name + ", byte " + at);
            }
        }
    }

    @Test
    void each_lie_is_told_in_a_line() throws IOException {
        lie("leaf 123 is not in the tree of 300 leaves with root " + root, "--entry", "envelope", "--key", "vkey");
        write("other", ENVELOPE.replace("doc.read", "doc.edit"));
        lie("leaf 123 is not in the tree of 300 leaves with root " + root, "--envelope", "other", "--key", "vkey");
        write("other", ENVELOPE.replace(",\"v\"", ", \"v\""));
        lie(
                folder.resolve("other") + ": it is JSON, but not canonical (RFC 8785)",
                "--envelope",
                "other",
                "--key",
                "vkey");
        write("other", "[1]");
        lie(folder.resolve("other") + ": it is JSON, but no object", "--envelope", "other", "--key", "vkey");
        write("other", SignerKey.generate(ORIGIN, KeyType.ED25519).verifier().toString());
        lie("no signature is of a known key: it is signed by " + ORIGIN, "--entry", "entry", "--key", "other");
        lie("no signature is of a known key", "--entry", "entry", "--key", "vkey", "--witness", "witnesses");
        write("other", "x".repeat(65_536));
        lie(folder.resolve("other") + " has more than 65535 bytes", "--entry", "other", "--key", "vkey");
        write("proof", proof + "\n");
        lie(folder.resolve("proof") + ": ", "--entry", "entry", "--key", "vkey");
    }

    @Test
    void what_is_to_be_proven_and_by_which_key_must_be_said() {
        assertEquals(2, verify("proof", "--key", "vkey"));
        assertEquals(2, verify("proof", "--entry", "entry"));
        assertEquals(2, verify("proof", "--entry", "entry", "--envelope", "envelope", "--key", "vkey"));
    }

    @Test
    void what_cannot_be_checked_is_no_lie() throws IOException {
        write("other", "\n");
        told(
                2,
                "cannot check: " + folder.resolve("other") + ": there is no key in it",
                "--entry",
                "entry",
                "--key",
                "other");
        told(2, "cannot check: there is no file " + folder.resolve("absent"), "--entry", "absent", "--key", "vkey");
        told(2, "cannot check: cannot read " + folder.resolve("."), "--entry", ".", "--key", "vkey");
    }

    private void lie(String told, String... arguments) {
        told(1, told, arguments);
    }

    private void told(int code, String told, String... arguments) {
        err.getBuffer().setLength(0);
        out.getBuffer().setLength(0);
        assertEquals(
                code,
                verify(Stream.concat(Stream.of("proof"), Stream.of(arguments)).toArray(String[]::new)));
        assertTrue(err.toString().startsWith("muster: " + told), err.toString());
        assertEquals(1, err.toString().lines().count());
        assertTrue(!out.toString().contains("proven"), out.toString());
    }

    /** All but options are names of files. */
    private int verify(String... arguments) {
        var all = new ArrayList<>(List.of("verify"));
        for (var argument : arguments) {
            all.add(
                    argument.startsWith("--")
                            ? argument
                            : folder.resolve(argument).toString());
        }
        return muster.execute(all.toArray(String[]::new));
    }
}
