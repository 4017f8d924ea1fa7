package io.muster.merklelog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NoteTest {
    private static final String ORIGIN = "log.example/1";
    private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000);

    private final SignerKey log = SignerKey.generate(ORIGIN, KeyType.ED25519);
    private final SignerKey modern = SignerKey.generate(ORIGIN, KeyType.ML_DSA_44_COSIGNATURE);
    private final SignerKey witness = SignerKey.generate("witness.example", KeyType.ED25519_COSIGNATURE);
    private final SignerKey stranger = SignerKey.generate("stranger.example", KeyType.ED25519);
    private final Checkpoint checkpoint = new Checkpoint(ORIGIN, 7, Hash.ofLeaf(new byte[] {7}));

    private Checkpoint open(SignedNote note, VerifierKey... keys) throws Refuted {
        return Checkpoint.open(SignedNote.parse(note.bytes()), ORIGIN, List.of(keys));
    }

    @Test
    void all_known_signatures_are_told_with_their_times_and_unknown_ones_passed_over() throws Exception {
        var note = checkpoint.sign(List.of(stranger, log, modern, witness, log), NOW);
        assertThat(SignedNote.parse(note.bytes())).isEqualTo(note);
        assertThat(note.verify(List.of(witness.verifier(), modern.verifier(), log.verifier())))
                .containsExactly(
                        new SignedNote.Verified(log.verifier(), Optional.empty()),
                        new SignedNote.Verified(modern.verifier(), Optional.of(NOW)),
                        new SignedNote.Verified(witness.verifier(), Optional.of(NOW)));
        assertThat(open(note, log.verifier())).isEqualTo(checkpoint);
    }

    @Test
    void a_note_that_no_known_key_signed_is_refuted_and_says_who_did() {
        var note = checkpoint.sign(List.of(stranger), NOW);
        assertThatThrownBy(() -> open(note, log.verifier()))
                .isInstanceOf(Refuted.class)
                .hasMessage("no signature is of a known key: it is signed by stranger.example");
    }

    @Test
    void one_signature_of_a_known_key_that_fails_spoils_the_note() {
        for (var key : List.of(log, modern, witness)) {
            var other = key.sign(new Checkpoint(ORIGIN, 8, checkpoint.root()).text(), NOW);
            var note = checkpoint.sign(List.of(log), NOW).with(other);
            assertThatThrownBy(() -> open(note, log.verifier(), key.verifier()))
                    .isInstanceOf(Refuted.class)
                    .hasMessage("the signature of " + key.verifier().name() + " does not hold");
        }
    }

    @Test
    void a_signature_of_another_length_or_time_does_not_hold() {
        var line = witness.sign(checkpoint.text(), NOW);
        var bytes = Vectors.bytes(line.base64());
        var shorter = new NoteSignature(line.name(), Strict.base64(java.util.Arrays.copyOf(bytes, bytes.length - 1)));
        bytes[4 + 7] ^= 1;
        var later = new NoteSignature(line.name(), Strict.base64(bytes));
        bytes[4] ^= (byte) 0x80; // of the year 292 billion, or negative
        var never = new NoteSignature(line.name(), Strict.base64(bytes));
        for (var wrong : List.of(shorter, later, never)) {
            assertThatThrownBy(
                            () -> new SignedNote(checkpoint.text(), List.of(wrong)).verify(List.of(witness.verifier())))
                    .isInstanceOf(Refuted.class);
        }
    }

    @Test
    void the_same_key_under_another_name_is_another_key() {
        var seed = new byte[32];
        var here = SignerKey.of("a.example", KeyType.ED25519, seed);
        var there = SignerKey.of("b.example", KeyType.ED25519, seed);
        assertThat(here.verifier().publicKey()).isEqualTo(there.verifier().publicKey());
        assertThat(here.verifier().id()).isNotEqualTo(there.verifier().id());
        assertThatThrownBy(() -> checkpoint.sign(List.of(here), NOW).verify(List.of(there.verifier())))
                .isInstanceOf(Refuted.class);
    }

    @Test
    void a_checkpoint_of_another_log_is_refuted_even_if_its_key_is_known() {
        var other = new Checkpoint("log.example/2", 7, checkpoint.root()).sign(List.of(log), NOW);
        assertThatThrownBy(() -> open(other, log.verifier()))
                .isInstanceOf(Refuted.class)
                .hasMessage("the checkpoint is of the log log.example/2, not of log.example/1");
    }

    @Test
    void a_log_without_entries_has_the_root_of_nothing() throws Exception {
        open(new Checkpoint(ORIGIN, 0, Hash.OF_NOTHING).sign(List.of(log), NOW), log.verifier());
        var wrong = new Checkpoint(ORIGIN, 0, checkpoint.root()).sign(List.of(log), NOW);
        assertThatThrownBy(() -> open(wrong, log.verifier())).isInstanceOf(Refuted.class);
    }

    @Test
    void extension_lines_that_nobody_signed_are_left_out() throws Exception {
        var extended = new Checkpoint(ORIGIN, 7, checkpoint.root(), List.of("an extension"));
        assertThat(open(extended.sign(List.of(log, modern), NOW), log.verifier(), modern.verifier()))
                .isEqualTo(extended);
        var byModern = checkpoint.sign(List.of(modern), NOW);
        var slippedIn = new SignedNote(extended.text(), byModern.signatures());
        assertThat(open(slippedIn, modern.verifier())).isEqualTo(checkpoint);
    }

    @Test
    void a_proof_file_proves_its_entry_and_no_other() throws Exception {
        var tree = MemoryLog.ofMusterLeaves(300);
        var signed = new Checkpoint(ORIGIN, 300, tree.frontier.root()).sign(List.of(log, witness), NOW);
        var proof = TlogProof.parse(new TlogProof(tree.tree().inclusion(123), signed).bytes());
        var keys = List.of(log.verifier());
        assertThat(proof.verify(Hash.ofLeaf(tree.entries.get(123)), ORIGIN, keys)
                        .size())
                .isEqualTo(300);
        assertThatThrownBy(() -> proof.verify(Hash.ofLeaf(tree.entries.get(124)), ORIGIN, keys))
                .isInstanceOf(Refuted.class)
                .hasMessageStartingWith("leaf 123 is not in the tree of 300 leaves");
        assertThatThrownBy(() -> new TlogProof(tree.tree().inclusion(123), checkpoint.sign(List.of(log), NOW)))
                .isInstanceOf(Malformed.class);
        assertThatThrownBy(
                        () -> new TlogProof(MemoryLog.ofMusterLeaves(299).tree().inclusion(123), signed))
                .isInstanceOf(Malformed.class);
    }

    @Test
    void a_witness_is_asked_only_for_what_grows() throws Exception {
        var tree = MemoryLog.ofMusterLeaves(300);
        var now = new Checkpoint(ORIGIN, 300, tree.frontier.root());
        var note = now.sign(List.of(log), NOW);
        var before = MemoryLog.ofMusterLeaves(200).frontier.root();
        new AddCheckpoint(0, List.of(), note).verify(now, Hash.OF_NOTHING);
        new AddCheckpoint(200, tree.tree().consistency(200).path(), note).verify(now, before);
        new AddCheckpoint(300, List.of(), note).verify(now, now.root());
        for (var wrong : List.of(
                new AddCheckpoint(0, List.of(before), note),
                new AddCheckpoint(200, List.of(), note),
                new AddCheckpoint(199, tree.tree().consistency(200).path(), note),
                new AddCheckpoint(300, List.of(), note),
                new AddCheckpoint(301, List.of(), note))) {
            assertThatThrownBy(() -> wrong.verify(now, before)).isInstanceOf(Refuted.class);
        }
    }

    @Test
    void a_private_key_never_prints_itself() {
        assertThat(log).hasToString("***");
        assertThat(SignerKey.parse(log.secret()).verifier()).isEqualTo(log.verifier());
        var broken = log.secret().substring(0, log.secret().length() - 2) + "!=";
        assertThatThrownBy(() -> SignerKey.parse(broken))
                .isInstanceOf(Malformed.class)
                .hasMessageNotContaining(log.secret()
                        .substring(log.secret().length() - 20, log.secret().length() - 2));
    }

    @Test
    void keys_with_names_or_bytes_that_are_none_are_refused() {
        for (var name : List.of("", "a b", "a+b", "a\u00a0b", "a\u0085b", "a\u2028b", "a\nb", "a\ud800")) {
            assertThatThrownBy(() -> SignerKey.generate(name, KeyType.ED25519))
                    .as(name)
                    .isInstanceOf(Malformed.class);
        }
        var noPoint = new byte[32];
        noPoint[0] = 2; // no x goes with this y
        assertThatThrownBy(() -> new VerifierKey("a", KeyType.ED25519, Strict.base64(noPoint)))
                .isInstanceOf(Malformed.class);
        assertThatThrownBy(() -> new VerifierKey("a", KeyType.ED25519, Strict.base64(new byte[31])))
                .isInstanceOf(Malformed.class);
        assertThatThrownBy(() -> VerifierKey.parse("sigstore.example+00000000+AgAA"))
                .isInstanceOf(Malformed.class); // ECDSA
    }
}
