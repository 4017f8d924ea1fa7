package io.muster.merklelog;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A text and signatures under it; not verified until {@link #verify} says so.
 *
 * @param text ends with a line feed; this is what is signed
 * @param signatures at most 100; what is signed by none cannot be verified
 * @see <a href="https://c2sp.org/signed-note">C2SP signed-note</a>
 */
public record SignedNote(String text, List<NoteSignature> signatures) {
    /** Characters of the largest note that is read. */
    public static final int LARGEST = 1_000_000;

    private static final int MOST_SIGNATURES = 100;

    public SignedNote {
        signatures = List.copyOf(signatures);
        Strict.checkText(text.replace('\n', ' '));
        if (!text.endsWith("\n") || text.length() > LARGEST) {
            throw new Malformed("the text of a note ends with a line feed and has at most " + LARGEST + " characters");
        }
        if (signatures.isEmpty() || signatures.size() > MOST_SIGNATURES) {
            throw new Malformed("a note has 1 to " + MOST_SIGNATURES + " signatures, not " + signatures.size());
        }
    }

    /** A signature that holds. */
    public record Verified(VerifierKey by, Optional<Instant> at) {}

    /** Reads {@link #bytes}. */
    public static SignedNote parse(byte[] utf8) {
        return parse(Strict.utf8(utf8, LARGEST));
    }

    /** Reads {@link #toString()}. */
    public static SignedNote parse(String note) {
        int split = note.lastIndexOf("\n\n");
        if (split < 0 || note.length() > LARGEST || !note.endsWith("\n")) {
            throw new Malformed("a note is a text, a blank line and signatures, each line with its end, and at most "
                    + LARGEST + " characters");
        }
        var lines = note.substring(split + 2).split("\n", MOST_SIGNATURES + 2);
        var signatures = new ArrayList<NoteSignature>();
        for (int i = 0; i < lines.length - 1; i++) { // nothing is behind the last line feed
            signatures.add(NoteSignature.parse(lines[i]));
        }
        if (!lines[lines.length - 1].isEmpty()) {
            throw new Malformed("a note has 1 to " + MOST_SIGNATURES + " signatures");
        }
        return new SignedNote(note.substring(0, split + 1), signatures);
    }

    /** The signatures that hold, each key once. Unknown keys are passed over; a known one whose signature fails spoils the note. */
    public List<Verified> verify(Collection<VerifierKey> known) throws Refuted {
        var verified = new ArrayList<Verified>();
        for (var signature : signatures) {
            var id = signature.keyId();
            for (var key : known) {
                if (key.name().equals(signature.name()) && key.id() == id) {
                    var at = key.verify(text, signature.signature());
                    if (verified.stream().noneMatch(earlier -> earlier.by().equals(key))) {
                        verified.add(new Verified(key, at));
                    }
                    break;
                }
            }
        }
        if (verified.isEmpty()) {
            throw new Refuted("no signature is of a known key: it is signed by "
                    + signatures.stream().map(NoteSignature::name).distinct().collect(Collectors.joining(", ")));
        }
        return verified;
    }

    /** This with one signature more. */
    public SignedNote with(NoteSignature signature) {
        var more = new ArrayList<>(signatures);
        more.add(signature);
        return new SignedNote(text, more);
    }

    /** UTF-8 of {@link #toString()}. */
    public byte[] bytes() {
        return toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        var note = new StringBuilder(text).append('\n');
        signatures.forEach(signature -> note.append(signature).append('\n'));
        return note.toString();
    }
}
