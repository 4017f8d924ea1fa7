package io.muster.merklelog;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * A file that proves, without any server, that an entry is in a log: to be kept beside the entry, as {@code .tlog-proof}.
 *
 * @param extra what its writer added, in base64; nobody vouches for it
 * @param index of the entry
 * @param path as in {@link InclusionProof}
 * @param note a checkpoint of the log, with the signatures of the log and its witnesses
 * @see <a href="https://c2sp.org/tlog-proof">C2SP tlog-proof</a>
 */
public record TlogProof(Optional<String> extra, long index, List<Hash> path, SignedNote note) {
    private static final String START = "c2sp.org/tlog-proof@v1";

    public TlogProof {
        extra.ifPresent(Strict::base64);
        path = new InclusionProof(index, Checkpoint.parse(note.text()).size(), path).path();
    }

    public TlogProof(InclusionProof proof, SignedNote note) {
        this(Optional.empty(), proof.index(), proof.path(), note);
        if (proof.size() != inclusion().size()) {
            throw new Malformed("a proof in a tree of " + proof.size() + " leaves does not go with a checkpoint of "
                    + inclusion().size());
        }
    }

    /** Reads {@link #bytes}. */
    public static TlogProof parse(byte[] utf8) {
        return parse(Strict.utf8(utf8, SignedNote.LARGEST));
    }

    /** Reads {@link #toString()}. */
    public static TlogProof parse(String file) {
        var lines = new Lines(file);
        if (!lines.next().equals(START)) {
            throw new Malformed("a proof file begins with " + START);
        }
        var line = lines.next();
        var extra = Optional.<String>empty();
        if (line.startsWith("extra ")) {
            extra = Optional.of(line.substring("extra ".length()));
            line = lines.next();
        }
        if (!line.startsWith("index ")) {
            throw new Malformed("a proof file has an index: " + Strict.shown(line));
        }
        long index = Strict.number(line.substring("index ".length()));
        return new TlogProof(extra, index, lines.hashes(), SignedNote.parse(lines.rest()));
    }

    /** What is claimed of the entry: where it is, in a tree of which size. */
    public InclusionProof inclusion() {
        return new InclusionProof(index, Checkpoint.parse(note.text()).size(), path);
    }

    /**
     * Checks that the log {@code origin} has {@code leaf} at {@link #index}. Who else saw that checkpoint, {@link SignedNote#verify} tells.
     *
     * @param keys the log's own
     * @return the checkpoint that proves it
     */
    public Checkpoint verify(Hash leaf, String origin, Collection<VerifierKey> keys) throws Refuted {
        var checkpoint = Checkpoint.open(note, origin, keys);
        inclusion().verify(leaf, checkpoint.root());
        return checkpoint;
    }

    /** UTF-8 of {@link #toString()}. */
    public byte[] bytes() {
        return toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        var file = new StringBuilder(START).append('\n');
        extra.ifPresent(bytes -> file.append("extra ").append(bytes).append('\n'));
        file.append("index ").append(index).append('\n');
        path.forEach(hash -> file.append(hash).append('\n'));
        return file.append('\n').append(note).toString();
    }

    /** What stands before a checkpoint, line by line. */
    static final class Lines {
        private final String text;
        private int at;

        Lines(String text) {
            this.text = text;
        }

        String next() {
            int end = text.indexOf('\n', at);
            if (end < 0) {
                throw new Malformed("it ends too early");
            }
            var line = text.substring(at, end);
            at = end + 1;
            return line;
        }

        /** Up to the blank line, which is taken too. */
        List<Hash> hashes() {
            var hashes = new ArrayList<Hash>();
            for (var line = next(); !line.isEmpty(); line = next()) {
                if (hashes.size() == InclusionProof.LONGEST) {
                    throw new Malformed("a proof has at most " + InclusionProof.LONGEST + " hashes");
                }
                hashes.add(Hash.parse(line));
            }
            return hashes;
        }

        String rest() {
            return text.substring(at);
        }
    }
}
