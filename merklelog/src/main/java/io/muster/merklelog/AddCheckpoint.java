package io.muster.merklelog;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What a log asks of a witness: to sign that its checkpoint grows out of the last one that the witness saw.
 *
 * @param old entries of that one; 0 if there was none
 * @param path as in {@link ConsistencyProof}
 * @see <a href="https://c2sp.org/tlog-witness#add-checkpoint">C2SP tlog-witness, add-checkpoint</a>
 */
public record AddCheckpoint(long old, List<Hash> path, SignedNote note) {
    public AddCheckpoint {
        path = List.copyOf(path);
        if (old < 0 || path.size() > InclusionProof.LONGEST) {
            throw new Malformed("a request to a witness has an old size from 0 on and at most " + InclusionProof.LONGEST
                    + " hashes");
        }
    }

    /** Reads {@link #bytes}. */
    public static AddCheckpoint parse(byte[] utf8) {
        var lines = new TlogProof.Lines(Strict.utf8(utf8, SignedNote.LARGEST));
        var first = lines.next();
        if (!first.startsWith("old ")) {
            throw new Malformed("a request to a witness begins with the old size: " + Strict.shown(first));
        }
        return new AddCheckpoint(
                Strict.number(first.substring("old ".length())), lines.hashes(), SignedNote.parse(lines.rest()));
    }

    /**
     * Checks that {@code checkpoint}, which {@link #note} was found to hold, grows out of the old one.
     *
     * @param oldRoot of the checkpoint of size {@link #old} that the witness signed last; {@link Hash#OF_NOTHING} if none
     */
    public void verify(Checkpoint checkpoint, Hash oldRoot) throws Refuted {
        if (old > checkpoint.size()) {
            throw new Refuted("the log has shrunk from " + old + " entries to " + checkpoint.size());
        }
        if (old == 0) {
            if (!path.isEmpty()) {
                throw new Refuted("any log grows out of nothing: of that there is no proof");
            }
            return;
        }
        new ConsistencyProof(old, checkpoint.size(), path).verify(oldRoot, checkpoint.root());
    }

    /** The body of the request. */
    public byte[] bytes() {
        var text = new StringBuilder("old ").append(old).append('\n');
        path.forEach(hash -> text.append(hash).append('\n'));
        return text.append('\n').append(note).toString().getBytes(StandardCharsets.UTF_8);
    }
}
