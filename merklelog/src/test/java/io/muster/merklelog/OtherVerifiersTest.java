package io.muster.merklelog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sigstore.merkle.InclusionProofVerificationException;
import dev.sigstore.merkle.InclusionProofVerifier;
import dev.sigstore.rekor.client.Checkpoints;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What we make is taken, and what we falsify is refused, by sigstore-java, OpenSSL and Go's sumdb; none of them is ours. */
class OtherVerifiersTest {
    private static final String ORIGIN = "log.example/1";
    private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000);

    @TempDir
    Path folder;

    @Test
    void sigstore_takes_our_inclusion_proofs_and_no_changed_ones() throws Exception {
        var random = new Random(6962);
        for (int size : new int[] {1, 2, 3, 7, 8, 255, 256, 257, 1000, 70_000}) {
            var log = MemoryLog.ofMusterLeaves(size);
            for (int round = 0; round < 40; round++) {
                int index = random.nextInt(size);
                var proof = log.tree().inclusion(index);
                var leaf = Hash.ofLeaf(log.entries.get(index));
                sigstore(leaf, proof, log.frontier.root());
                var wrong = TreeTest.flipped(random, log.frontier.root());
                assertThatThrownBy(() -> sigstore(leaf, proof, wrong))
                        .isInstanceOf(InclusionProofVerificationException.class);
            }
        }
    }

    private static void sigstore(Hash leaf, InclusionProof proof, Hash root)
            throws InclusionProofVerificationException {
        var path = proof.path().stream().map(Hash::bytes).toList();
        InclusionProofVerifier.verify(leaf.bytes(), proof.index(), proof.size(), path, root.bytes());
    }

    @Test
    void sigstore_reads_our_checkpoints() throws Exception {
        var key = SignerKey.generate(ORIGIN, KeyType.ED25519);
        var checkpoint = new Checkpoint(ORIGIN, 257, Hash.OF_NOTHING);
        var read = Checkpoints.from(checkpoint.sign(List.of(key), NOW).toString());
        assertThat(read.getOrigin()).isEqualTo(ORIGIN);
        assertThat(read.getSize()).isEqualTo(257);
        assertThat(read.getBase64Hash()).isEqualTo(Hash.OF_NOTHING.toString());
        assertThat(read.getSignedData()).isEqualTo(checkpoint.text());
        assertThat(read.getSignatures().getFirst().getIdentity()).isEqualTo(ORIGIN);
        assertThat(read.getSignatures().getFirst().getSignature())
                .isEqualTo(key.sign(checkpoint.text(), NOW).signature());
    }

    @Test
    void openssl_verifies_our_signatures_and_makes_some_that_we_verify() throws Exception {
        var key = SignerKey.generate(ORIGIN, KeyType.ED25519);
        var checkpoint = new Checkpoint(ORIGIN, 257, Hash.OF_NOTHING);
        var text = Files.writeString(folder.resolve("text"), checkpoint.text());
        var x509 = new ByteArrayOutputStream();
        x509.writeBytes(HexFormat.of().parseHex("302a300506032b6570032100"));
        x509.writeBytes(Vectors.bytes(key.verifier().publicKey()));
        var pub = Files.write(folder.resolve("pub.der"), x509.toByteArray());
        var signature = key.sign(checkpoint.text(), NOW).signature();
        var verify = List.of(
                "openssl",
                "pkeyutl",
                "-verify",
                "-pubin",
                "-keyform",
                "DER",
                "-inkey",
                pub.toString(),
                "-rawin",
                "-in",
                text.toString(),
                "-sigfile",
                folder.resolve("sig").toString());
        Files.write(folder.resolve("sig"), signature);
        assertThat(run(verify)).isZero();
        signature[3] ^= 1;
        Files.write(folder.resolve("sig"), signature);
        assertThat(run(verify)).isNotZero();

        var made = folder.resolve("key.der").toString();
        assertThat(run(List.of("openssl", "genpkey", "-algorithm", "ed25519", "-outform", "DER", "-out", made)))
                .isZero();
        assertThat(run(List.of(
                        "openssl",
                        "pkey",
                        "-in",
                        made,
                        "-inform",
                        "DER",
                        "-pubout",
                        "-outform",
                        "DER",
                        "-out",
                        pub.toString())))
                .isZero();
        assertThat(run(List.of(
                        "openssl",
                        "pkeyutl",
                        "-sign",
                        "-inkey",
                        made,
                        "-keyform",
                        "DER",
                        "-rawin",
                        "-in",
                        text.toString(),
                        "-out",
                        folder.resolve("sig").toString())))
                .isZero();
        var published = Files.readAllBytes(pub);
        var theirs = new VerifierKey(
                ORIGIN,
                KeyType.ED25519,
                Strict.base64(Arrays.copyOfRange(published, published.length - 32, published.length)));
        var note = new SignedNote(
                checkpoint.text(), List.of(NoteSignature.of(theirs, Files.readAllBytes(folder.resolve("sig")))));
        assertThat(Checkpoint.open(note, ORIGIN, List.of(theirs))).isEqualTo(checkpoint);
    }

    /** A whole log as files, with proofs: what Go's note and tlog packages say of each is in its program, sumdb/main.go. */
    @Test
    @Tag("nightly")
    void go_sumdb_takes_our_notes_tiles_and_proofs_and_no_changed_ones() throws Exception {
        var program = Files.createDirectory(folder.resolve("program"));
        for (var name : List.of("main.go", "go.mod", "go.sum")) {
            try (var in = OtherVerifiersTest.class.getResourceAsStream("sumdb/" + name)) {
                Files.write(program.resolve(name), in.readAllBytes());
            }
        }
        var binary = folder.resolve("sumdb").toString();
        assertThat(run(List.of("go", "build", "-o", binary, "."), program)).isZero();
        var random = new Random(1);
        for (int size : new int[] {1, 2, 255, 256, 257, 3000, 70_000}) {
            var log = MemoryLog.ofMusterLeaves(size);
            var files = Files.createDirectory(folder.resolve("log-" + size));
            for (var file : log.files.entrySet()) {
                var path = files.resolve(file.getKey());
                Files.createDirectories(path.getParent());
                Files.write(path, file.getValue());
            }
            var key = SignerKey.generate(ORIGIN, KeyType.ED25519);
            var signed = new Checkpoint(ORIGIN, size, log.frontier.root())
                    .sign(List.of(key, SignerKey.generate(ORIGIN, KeyType.ML_DSA_44_COSIGNATURE)), NOW);
            Files.write(files.resolve("checkpoint"), signed.bytes());
            Files.writeString(files.resolve("vkey"), key.verifier().toString());
            Files.writeString(files.resolve("skey"), key.secret());
            Files.write(
                    files.resolve("signature"),
                    key.sign(signed.text(), NOW).toString().getBytes(UTF_8));
            var proofs = new ArrayList<String>(); // kind, index or old size, its entry or old root, hashes
            for (int round = 0; round < Math.min(size, 100); round++) {
                int index = size <= 100 ? round : random.nextInt(size);
                proofs.add("inclusion " + index + " " + Strict.base64(log.entries.get(index))
                        + hashes(log.tree().inclusion(index).path()));
                var old = new TiledTree(
                        index + 1L,
                        tiles -> tiles.stream().map(tile -> part(log, tile)).toList());
                proofs.add("consistency " + (index + 1) + " " + old.root()
                        + hashes(log.tree().consistency(index + 1).path()));
            }
            Files.write(files.resolve("proofs"), proofs);
            assertThat(run(List.of(binary, files.toString()), program))
                    .as("size " + size)
                    .isZero();
        }
    }

    /** A tile of an older, smaller tree: the first hashes of today's. */
    private static byte[] part(MemoryLog log, Tile tile) {
        var now = Tile.between(0, log.entries.size()).stream()
                .filter(one -> one.level() == tile.level() && one.index() == tile.index())
                .findFirst()
                .orElseThrow();
        return Arrays.copyOf(log.file(now), tile.width() * Hash.LENGTH);
    }

    private static String hashes(List<Hash> hashes) {
        var text = new StringBuilder();
        hashes.forEach(hash -> text.append(' ').append(hash));
        return text.toString();
    }

    private int run(List<String> command) throws IOException, InterruptedException {
        return run(command, folder);
    }

    private int run(List<String> command, Path in) throws IOException, InterruptedException {
        var said = folder.resolve("said");
        var process = new ProcessBuilder(command)
                .directory(in.toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        if (!process.waitFor(5, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError(command + " does not end");
        }
        if (process.exitValue() != 0) System.out.println(command.getFirst() + ": " + Files.readString(said));
        return process.exitValue();
    }
}
