package io.muster.merklelog;

import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * What a log says that it is, and signs: its tree at a size.
 *
 * @param origin which log; a line
 * @param size entries in it
 * @param extensions further lines; none of ours has any
 * @see <a href="https://c2sp.org/tlog-checkpoint">C2SP tlog-checkpoint</a>
 */
public record Checkpoint(String origin, long size, Hash root, List<String> extensions) {
    public Checkpoint {
        extensions = List.copyOf(extensions);
        Strict.line(origin);
        extensions.forEach(Strict::line);
        if (size < 0) {
            throw new Malformed("a log does not have " + size + " entries");
        }
    }

    public Checkpoint(String origin, long size, Hash root) {
        this(origin, size, root, List.of());
    }

    /** Reads {@link #text}. */
    public static Checkpoint parse(String text) {
        if (!text.endsWith("\n") || text.length() > SignedNote.LARGEST) {
            throw new Malformed(
                    "a checkpoint ends with a line feed and has at most " + SignedNote.LARGEST + " characters");
        }
        var lines = Arrays.asList(text.substring(0, text.length() - 1).split("\n", -1));
        if (lines.size() < 3) {
            throw new Malformed("a checkpoint has three lines: origin, size and root");
        }
        return new Checkpoint(
                lines.get(0), Strict.number(lines.get(1)), Hash.parse(lines.get(2)), lines.subList(3, lines.size()));
    }

    /**
     * Reads the checkpoint of the log {@code origin} that {@code note} holds.
     *
     * @param keys the log's own, one of which must have signed; not its witnesses'
     * @throws Refuted if it is of another log, or not signed by it
     * @throws Malformed if it is signed and yet no checkpoint
     */
    public static Checkpoint open(SignedNote note, String origin, Collection<VerifierKey> keys) throws Refuted {
        var verified = note.verify(keys);
        var checkpoint = parse(note.text());
        if (!checkpoint.origin.equals(origin)) {
            throw new Refuted("the checkpoint is of the log " + checkpoint.origin + ", not of " + origin);
        }
        if (checkpoint.size == 0 && !checkpoint.root.equals(Hash.OF_NOTHING)) {
            throw new Refuted("the checkpoint says that a log without entries has the root " + checkpoint.root);
        }
        boolean all = verified.stream().anyMatch(signature -> signature.by().type() != KeyType.ML_DSA_44_COSIGNATURE);
        return all
                ? checkpoint
                : new Checkpoint(origin, checkpoint.size, checkpoint.root); // nobody signed its extensions
    }

    /** What is signed: a line each, with its end. */
    public String text() {
        var text = new StringBuilder()
                .append(origin)
                .append('\n')
                .append(size)
                .append('\n')
                .append(root)
                .append('\n');
        extensions.forEach(extension -> text.append(extension).append('\n'));
        return text.toString();
    }

    /**
     * A note of it. Persist first, then sign: a log must never sign two checkpoints of which neither grows out of the other.
     *
     * @param at see {@link SignerKey#sign}
     */
    public SignedNote sign(List<SignerKey> keys, Instant at) {
        var text = text();
        return new SignedNote(text, keys.stream().map(key -> key.sign(text, at)).toList());
    }
}
