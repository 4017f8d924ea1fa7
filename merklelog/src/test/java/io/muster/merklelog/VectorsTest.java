package io.muster.merklelog;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;

/**
 * tlog-vectors.json: made by a program that shares nothing with ours and was checked against Go's sumdb, Tessera and sigstore. Everything in it
 * is used; the last test counts.
 */
class VectorsTest {
    /** Texts and numbers in the file. */
    private static final int VALUES = 1429;

    private static final String ORIGIN = "muster.example/eu/t/acme";
    private static final Instant COSIGNED = Instant.ofEpochSecond(1679315147);

    private final Vectors file = Vectors.load();

    VectorsTest() throws Exception {}

    @TestFactory
    List<DynamicTest> vectors() {
        var tests = new ArrayList<DynamicTest>();
        var sections = new LinkedHashMap<String, Section>();
        sections.put("constants", this::constants);
        sections.put("rfc6962_reference_tree", this::referenceTree);
        sections.put("muster_leaf_tree", this::musterLeafTree);
        sections.put("tile_paths", this::tilePaths);
        sections.put("signed_note", this::signedNote);
        sections.put("c2sp_signed_note_example", this::c2spExample);
        sections.put("tlog_proof_file", this::proofFile);
        sections.put("add_checkpoint", this::addCheckpoint);
        sections.put("must_reject", this::mustReject);
        sections.put("jcs", this::jcs);
        sections.put("muster_leaf", this::musterLeaf);
        sections.put("mldsa44_cosignature", this::mlDsa);
        int all = file.unread().size();
        sections.forEach((name, section) -> tests.add(dynamicTest(name, () -> section.test(file.get(name)))));
        tests.add(dynamicTest("every value is used", () -> {
            assertThat(file.unread()).containsExactly("/_about");
            assertThat(all).isEqualTo(VALUES);
        }));
        return tests;
    }

    private interface Section {
        void test(Vectors section) throws Exception;
    }

    private void constants(Vectors is) {
        assertThat(Hash.OF_NOTHING.bytes()).isEqualTo(is.hex("empty_root_hex"));
        assertThat(Hash.ofLeaf(new byte[0]).bytes()).isEqualTo(is.hex("leaf_hash_of_empty_hex"));
        assertThat(Hash.ofLeaf("L123456".getBytes(US_ASCII)).bytes()).isEqualTo(is.hex("leaf_hash_L123456_hex"));
        var digest = Hash.sha256(); // these children are no hashes, so only the definition can be checked
        digest.update((byte) 1);
        digest.update("N123".getBytes(US_ASCII));
        assertThat(digest.digest("N456".getBytes(US_ASCII))).isEqualTo(is.hex("node_hash_N123_N456_hex"));
    }

    private void referenceTree(Vectors is) throws Exception {
        var entries = is.get("leaves_hex").items().stream()
                .map(leaf -> HexFormat.of().parseHex(leaf.text()))
                .toList();
        assertThat(entries.stream().map(Hash::ofLeaf)).isEqualTo(is.hashes("leaf_hashes"));
        var roots = new TreeMap<Long, Hash>();
        for (var tree : is.get("trees").items()) {
            var log = new MemoryLog();
            log.append(entries.subList(0, (int) tree.number("size")));
            log.publish();
            roots.put(tree.number("size"), tree.hash("root"));
            tree(tree, log);
            assertThat(tree.get("inclusion").items()).hasSize(log.entries.size());
            assertThat(tree.get("consistency").items()).hasSize(log.entries.size());
            for (var proof : tree.get("consistency").items()) {
                consistency(proof, log, roots.get(proof.number("from")));
            }
        }
        assertThat(roots).hasSize(9);
    }

    private void musterLeafTree(Vectors is) throws Exception {
        assertThat(is.text("leaf_rule")).contains("'muster-leaf-' followed by i in decimal");
        var all = MemoryLog.ofMusterLeaves(70_000);
        for (var tree : is.get("trees").items()) {
            var log = MemoryLog.ofMusterLeaves((int) tree.number("size"));
            tree(tree, log);
            for (var proof : tree.get("consistency").items()) {
                consistency(proof, log, proof.hash("from_root"));
            }
            var full = new TreeMap<String, Long>();
            var partial = new TreeMap<String, Long>();
            for (var tile : Tile.between(0, log.entries.size())) {
                if (tile.isFull()) full.merge(String.valueOf(tile.level()), 1L, Long::sum);
                else partial.put(String.valueOf(tile.level()), (long) tile.width());
            }
            assertThat(numbers(tree.get("tile_counts").get("full"))).isEqualTo(full);
            assertThat(numbers(tree.get("tile_counts").get("partial"))).isEqualTo(partial);
            for (var tile : tree.get("tiles").items()) {
                var hashes = ((Tile) TilePath.parse(tile.text("path"))).hashes(content(tile, log));
                assertThat(hashes.getFirst()).isEqualTo(tile.hash("first"));
                assertThat(hashes.getLast()).isEqualTo(tile.hash("last"));
            }
            bundle(tree.get("last_bundle"), log);
        }
        bundle(is.get("bundle_000"), all);
    }

    private static Map<String, Long> numbers(Vectors of) {
        var numbers = new TreeMap<String, Long>();
        for (var name : of.names()) numbers.put(name, of.number(name));
        return numbers;
    }

    private static void tree(Vectors is, MemoryLog log) throws Exception {
        var root = is.hash("root");
        assertThat(log.frontier.root()).isEqualTo(root);
        assertThat(log.tree().root()).isEqualTo(root);
        assertThat(log.frontier.edge()).isEqualTo(is.hashes("frontier"));
        for (var vector : is.get("inclusion").items()) {
            var proof = log.tree().inclusion(vector.number("index"));
            assertThat(proof.path()).isEqualTo(vector.hashes("proof"));
            proof.verify(Hash.ofLeaf(log.entries.get((int) proof.index())), root);
        }
    }

    private static void consistency(Vectors is, MemoryLog log, Hash fromRoot) throws Exception {
        var proof = log.tree().consistency(is.number("from"));
        assertThat(proof.path()).isEqualTo(is.hashes("proof"));
        proof.verify(fromRoot, log.frontier.root());
    }

    private static byte[] content(Vectors is, MemoryLog log) throws Exception {
        var content = log.file(TilePath.parse(is.text("path")));
        assertThat(content).hasSize((int) is.number("bytes"));
        assertThat(MessageDigest.getInstance("SHA-256").digest(content)).isEqualTo(is.hex("sha256_hex"));
        return content;
    }

    private static void bundle(Vectors is, MemoryLog log) throws Exception {
        var content = content(is, log);
        assertThat(content).startsWith(is.hex("head_hex"));
        var bundle = (Bundle) TilePath.parse(is.text("path"));
        var from = (int) bundle.index() * TilePath.FULL;
        var entries = log.entries.subList(from, from + bundle.width());
        assertThat(bundle.entries(content)).containsExactlyElementsOf(entries);
        assertThat(bundle.leaves(content))
                .isEqualTo(entries.stream().map(Hash::ofLeaf).toList());
    }

    private void tilePaths(Vectors is) {
        for (var vector : is.items()) {
            long n = vector.number("n");
            int width = (int) vector.number("width");
            var level = vector.text("level");
            var path = level.equals("entries") ? new Bundle(n, width) : new Tile(Integer.parseInt(level), n, width);
            assertThat(path.path()).isEqualTo(vector.text("path"));
            assertThat(TilePath.parse(vector.text("path"))).isEqualTo(path);
        }
    }

    private static SignerKey key(Vectors is, KeyType type) {
        return SignerKey.of(is.text("name"), type, is.hex("seed_hex"));
    }

    private void signedNote(Vectors is) throws Exception {
        var log = key(is.get("log"), KeyType.ED25519);
        key(is.get("log"), log.verifier());
        assertThat(log.secret()).isEqualTo(is.get("log").text("skey"));
        assertThat(SignerKey.parse(log.secret()).verifier()).isEqualTo(log.verifier());
        var checkpoint = Checkpoint.parse(is.text("checkpoint_body"));
        assertThat(checkpoint.text()).isEqualTo(is.text("checkpoint_body"));
        var signed = checkpoint.sign(List.of(log), COSIGNED);
        assertThat(signed.signatures().getFirst().signature()).isEqualTo(is.hex("signature_hex"));
        assertThat(signed).hasToString(is.text("checkpoint"));
        assertThat(Checkpoint.open(SignedNote.parse(is.text("checkpoint")), ORIGIN, List.of(log.verifier())))
                .isEqualTo(checkpoint);
        assertThat(new Checkpoint(ORIGIN, 0, Hash.OF_NOTHING).sign(List.of(log), COSIGNED))
                .hasToString(is.text("empty_checkpoint"));
        Checkpoint.open(SignedNote.parse(is.text("empty_checkpoint")), ORIGIN, List.of(log.verifier()));

        var witness = key(is.get("witness"), KeyType.ED25519_COSIGNATURE);
        key(is.get("witness"), witness.verifier());
        long at = is.get("witness").number("timestamp");
        assertThat(witness.verifier().message(checkpoint.text(), at))
                .asString(UTF_8)
                .isEqualTo(is.text("cosigned_message"));
        var cosignature = witness.sign(checkpoint.text(), Instant.ofEpochSecond(at));
        assertThat(HexFormat.of().formatHex(cosignature.signature()))
                .isEqualTo(HexFormat.of().toHexDigits(at) + is.text("cosignature_hex"));
        assertThat(cosignature + "\n").isEqualTo(is.text("cosignature_line"));
        assertThat(signed.with(cosignature)).hasToString(is.text("cosigned_checkpoint"));
        assertThat(SignedNote.parse(is.text("cosigned_checkpoint")).verify(List.of(log.verifier(), witness.verifier())))
                .containsExactly(
                        new SignedNote.Verified(log.verifier(), Optional.empty()),
                        new SignedNote.Verified(witness.verifier(), Optional.of(Instant.ofEpochSecond(at))));
    }

    private static void key(Vectors is, VerifierKey key) {
        assertThat(Vectors.bytes(key.publicKey())).isEqualTo(is.hex("public_key_hex"));
        assertThat(key.hexId()).isEqualTo(is.text("key_id_hex"));
        assertThat(key).hasToString(is.text("vkey"));
        assertThat(VerifierKey.parse(is.text("vkey"))).isEqualTo(key);
    }

    private void c2spExample(Vectors is) throws Exception {
        var note = SignedNote.parse(is.text("note"));
        assertThat(note).hasToString(is.text("note"));
        var key = VerifierKey.parse(is.text("vkey"));
        assertThat(key).hasToString(is.text("vkey"));
        assertThat(note.verify(List.of(key))).containsExactly(new SignedNote.Verified(key, Optional.empty()));
    }

    private void proofFile(Vectors is) throws Exception {
        var proof = TlogProof.parse(is.text("text").getBytes(UTF_8));
        assertThat(proof).hasToString(is.text("text"));
        assertThat(proof.index()).isEqualTo(is.number("index"));
        var leaf = Hash.ofLeaf(is.text("leaf_ascii").getBytes(US_ASCII));
        var log = VerifierKey.parse(file.get("signed_note").get("log").text("vkey"));
        assertThat(proof.verify(leaf, ORIGIN, List.of(log)).size()).isEqualTo(257);
        assertThat(new TlogProof(MemoryLog.ofMusterLeaves(257).tree().inclusion(255), proof.note()))
                .hasToString(is.text("text"));
    }

    private void addCheckpoint(Vectors is) throws Exception {
        var log = List.of(VerifierKey.parse(file.get("signed_note").get("log").text("vkey")));
        for (var name : List.of("request_first", "request_from_128")) {
            var body = is.text(name).getBytes(UTF_8);
            var request = AddCheckpoint.parse(body);
            assertThat(request.bytes()).isEqualTo(body);
            var oldRoot = MemoryLog.ofMusterLeaves((int) request.old()).frontier.root();
            request.verify(Checkpoint.open(request.note(), ORIGIN, log), oldRoot);
            var others = Hash.ofChildren(oldRoot, oldRoot);
            if (request.old() > 0) {
                refused(() -> request.verify(Checkpoint.open(request.note(), ORIGIN, log), others));
                assertThat(is.text("response_409_body")).isEqualTo(request.old() + "\n");
            }
        }
        assertThat(is.text("response_409_content_type")).isEqualTo("text/x.tlog.size");
        // the answer is verified as the checkpoint with its lines behind it
        var answered = SignedNote.parse(
                AddCheckpoint.parse(is.text("request_first").getBytes(UTF_8)).note() + is.text("response_200"));
        var witness = VerifierKey.parse(file.get("signed_note").get("witness").text("vkey"));
        assertThat(answered.verify(List.of(witness)))
                .containsExactly(new SignedNote.Verified(witness, Optional.of(COSIGNED)));
    }

    private void mustReject(Vectors is) throws Exception {
        var base = is.get("base");
        int index = (int) base.number("index");
        int size = (int) base.number("size");
        var entry = base.text("leaf_ascii").getBytes(US_ASCII);
        var leaf = Hash.ofLeaf(entry);
        var root = base.hash("root");
        var path = base.hashes("proof");
        new InclusionProof(index, size, path).verify(leaf, root);

        var cases = new LinkedHashMap<String, Executable>();
        cases.put("index 127 or 129 with the same proof", () -> {
            refused(() -> new InclusionProof(127, size, path).verify(leaf, root));
            refused(() -> new InclusionProof(129, size, path).verify(leaf, root));
        });
        cases.put("index >= size", () -> {
            refused(() -> new InclusionProof(size, size, path).verify(leaf, root));
            refused(() -> new InclusionProof(Long.MAX_VALUE, size, path).verify(leaf, root));
        });
        // 128 of 256 has a shorter path; 128 of 258 has one as long, so there the root tells: our base has one size to
        // compare with
        cases.put("size 256 or 258 with the same proof where the path length differs", () -> {
            refused(() -> new InclusionProof(index, 256, path).verify(leaf, root));
            var right = MemoryLog.ofMusterLeaves(257).tree().inclusion(256).path();
            refused(() -> new InclusionProof(256, 258, right)
                    .verify(Hash.ofLeaf("muster-leaf-256".getBytes(US_ASCII)), root));
            refused(() -> new InclusionProof(256, 256, right)
                    .verify(Hash.ofLeaf("muster-leaf-256".getBytes(US_ASCII)), root));
        });
        cases.put("any proof element bit flipped", () -> {
            for (int bit = 0; bit < path.size() * Hash.LENGTH * 8; bit++) {
                var bytes = Hash.join(path);
                bytes[bit / 8] ^= (byte) (1 << bit % 8);
                refused(() -> new InclusionProof(index, size, Hash.split(bytes)).verify(leaf, root));
            }
        });
        cases.put("one element removed at either end", () -> {
            refused(() -> new InclusionProof(index, size, path.subList(1, path.size())).verify(leaf, root));
            refused(() -> new InclusionProof(index, size, path.subList(0, path.size() - 1)).verify(leaf, root));
        });
        cases.put("one element (any 32 bytes) appended or prepended", () -> {
            for (var any : List.of(Hash.OF_NOTHING, leaf, root, path.getFirst(), path.getLast())) {
                for (int at : new int[] {0, path.size()}) {
                    var more = new ArrayList<>(path);
                    more.add(at, any);
                    refused(() -> new InclusionProof(index, size, more).verify(leaf, root));
                }
            }
        });
        cases.put("leaf hash replaced by the root", () -> {
            refused(() -> new InclusionProof(index, size, path).verify(root, root));
        });
        cases.put("leaf given as the raw 64 bytes of two child hashes (0x00/0x01 domain separation)", () -> {
            // leaves 128 and 129 under their parent, posing as one entry of a log of half the leaves
            var children = Hash.join(List.of(leaf, path.getFirst()));
            var above = new InclusionProof(64, 129, path.subList(1, path.size()));
            above.verify(Hash.ofChildren(leaf, path.getFirst()), root);
            refused(() -> above.verify(Hash.ofLeaf(children), root));
        });
        cases.put("consistency with m>n, with empty proof and m!=n, with non-empty proof and m==n, with m==0", () -> {
            var log = MemoryLog.ofMusterLeaves(257);
            var proof = log.tree().consistency(128).path();
            var old = MemoryLog.ofMusterLeaves(128).frontier.root();
            new ConsistencyProof(128, 257, proof).verify(old, root);
            new ConsistencyProof(257, 257, List.of()).verify(root, root);
            refused(() -> new ConsistencyProof(258, 257, proof).verify(old, root));
            refused(() -> new ConsistencyProof(128, 257, List.of()).verify(old, root));
            refused(() -> new ConsistencyProof(128, 128, proof).verify(old, old));
            refused(() -> new ConsistencyProof(257, 257, List.of()).verify(old, root));
            refused(() -> new ConsistencyProof(0, 257, List.of()).verify(Hash.OF_NOTHING, root));
        });
        cases.put(
                "note without final newline, with CR, with a control character, with two spaces, with hyphen or en dash instead of U+2014, "
                        + "with base64 without padding, with leading zero in size, with root of other than 32 bytes",
                this::notes);
        for (var name : is.get("cases").items()) {
            var test = cases.remove(name.text());
            assertThat(test).as(name.text()).isNotNull();
            try {
                test.execute();
            } catch (Throwable failure) {
                throw new AssertionError(name.text(), failure);
            }
        }
        assertThat(cases).isEmpty();
    }

    private void notes() {
        var log = SignerKey.of(
                ORIGIN, KeyType.ED25519, file.get("signed_note").get("log").hex("seed_hex"));
        var note = file.get("signed_note").text("checkpoint");
        Checkpoint.parse(SignedNote.parse(note).text());
        for (var wrong : List.of(
                note.substring(0, note.length() - 1),
                note.replace("\n", "\r\n"),
                note.replace("257\n", "257\r\n"),
                note.replace("acme\n", "acme\u0007\n"),
                note.replace("\u2014 ", "\u2014  "),
                note.replace("acme Yn", "acme  Yn"),
                note.replace("\u2014", "-"),
                note.replace("\u2014", "\u2013"),
                note.replace("=\n", "\n"))) {
            assertThat(wrong).isNotEqualTo(note);
            refused(() -> Checkpoint.open(SignedNote.parse(wrong), ORIGIN, List.of(log.verifier())));
        }
        // signed as they are, so that nothing but their form is wrong
        for (var wrong : List.of(
                ORIGIN + "\n0257\n" + Hash.OF_NOTHING + "\n",
                ORIGIN + "\n+257\n" + Hash.OF_NOTHING + "\n",
                ORIGIN + "\n257\n" + Strict.base64(new byte[31]) + "\n",
                ORIGIN + "\n257\n" + Strict.base64(new byte[33]) + "\n",
                ORIGIN + "\n257\n" + Hash.OF_NOTHING.toString().replace("=", "") + "\n")) {
            var signed = new SignedNote(wrong, List.of(log.sign(wrong, COSIGNED)));
            refused(() -> Checkpoint.open(signed, ORIGIN, List.of(log.verifier())));
        }
    }

    private static void refused(ThrowingCallable wrong) {
        assertThatThrownBy(wrong).isInstanceOfAny(Refuted.class, Malformed.class);
    }

    private void jcs(Vectors is) {
        for (var vector : is.items()) {
            var output = vector.text("output");
            assertThat(output.getBytes(UTF_8)).isEqualTo(vector.hex("utf8_hex"));
            assertThat(CanonicalJson.of(vector.text("input")))
                    .as(vector.text("name"))
                    .asString(UTF_8)
                    .isEqualTo(output);
            assertThat(CanonicalJson.of(output)).asString(UTF_8).isEqualTo(output);
        }
    }

    private void musterLeaf(Vectors is) throws Exception {
        assertThat(is.text("status")).isNotEmpty();
        var commitment = MessageDigest.getInstance("SHA-256")
                .digest(is.text("envelope_jcs").getBytes(UTF_8));
        assertThat(CanonicalJson.of(is.text("envelope_jcs"))).asString(UTF_8).isEqualTo(is.text("envelope_jcs"));
        assertThat(Strict.base64(commitment)).isEqualTo(is.text("commitment_sha256_b64"));
        var entry = is.text("leaf_entry");
        assertThat(entry)
                .contains("\"c\":\"" + is.text("commitment_sha256_b64") + "\"")
                .hasSize((int) is.number("leaf_entry_bytes"));
        assertThat(Hash.ofLeaf(entry.getBytes(UTF_8))).isEqualTo(is.hash("leaf_hash_b64"));
    }

    private void mlDsa(Vectors is) throws Exception {
        assertThat(is.text("note")).contains("hedged");
        var key = key(is, KeyType.ML_DSA_44_COSIGNATURE);
        var verifier = key.verifier();
        assertThat(MessageDigest.getInstance("SHA-256").digest(Vectors.bytes(verifier.publicKey())))
                .isEqualTo(is.hex("public_key_sha256_hex"));
        assertThat(verifier.hexId()).isEqualTo(is.text("key_id_hex"));
        assertThat(verifier).hasToString(is.text("vkey"));
        assertThat(VerifierKey.parse(is.text("vkey"))).isEqualTo(verifier);
        assertThat(SignerKey.parse(key.secret()).verifier()).isEqualTo(verifier);
        long at = is.number("timestamp");
        var text = file.get("signed_note").text("checkpoint_body");
        assertThat(verifier.message(text, at)).isEqualTo(is.hex("signed_message_hex"));
        for (var line : List.of(is.text("line"), key.sign(text, Instant.ofEpochSecond(at)) + "\n")) {
            var note = SignedNote.parse(text + "\n" + line);
            assertThat(note.verify(List.of(verifier)))
                    .containsExactly(new SignedNote.Verified(verifier, Optional.of(Instant.ofEpochSecond(at))));
            var other = SignedNote.parse(text.replace("257", "256") + "\n" + line);
            refused(() -> other.verify(List.of(verifier)));
        }
    }
}
