package io.muster.server.audit;

import io.muster.merklelog.Hash;
import io.muster.merklelog.TlogProof;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether an event is in the log that was signed, and the way up the tree that shows it.
 *
 * @param wrong why it is not; null: it was computed, and it is
 * @param size entries under the checkpoint
 * @param steps from the leaf to the root; of each the side on which the other hash stands
 */
public record ProofView(
        @Nullable String wrong,
        long index,
        long size,
        String leaf,
        String root,
        String origin,
        Instant signedAt,
        List<Step> steps) {

    /** Places in a picture of 320 by 124. */
    public record Step(double x, double y, double siblingX, double siblingY, boolean left, int level) {}

    static final double LEFT = 14;
    static final double RIGHT = 294;
    static final double LOW = 78;
    static final double HIGH = 39.6;

    static ProofView of(
            TlogProof proof, Hash leaf, String root, String origin, Instant signedAt, @Nullable String wrong) {
        var inclusion = proof.inclusion();
        return new ProofView(
                wrong,
                inclusion.index(),
                inclusion.size(),
                shortened(leaf.toString()),
                shortened(root),
                origin,
                signedAt,
                steps(inclusion.index(), inclusion.size(), inclusion.path().size()));
    }

    /**
     * On which side the other hash of each level stands.
     *
     * @see <a href="https://www.rfc-editor.org/rfc/rfc9162#section-2.1.3.2">RFC 9162, section 2.1.3.2</a>
     */
    static List<Step> steps(long index, long size, int length) {
        var steps = new ArrayList<Step>(length);
        long node = index;
        long last = size - 1;
        for (int n = 0; n < length; n++) {
            boolean left = (node & 1) == 1 || node == last;
            if (left) {
                while ((node & 1) == 0 && node != 0) {
                    node >>= 1;
                    last >>= 1;
                }
            }
            node >>= 1;
            last >>= 1;
            double x = at(LEFT, RIGHT, n + 1, length);
            double y = at(LOW, HIGH, n + 1, length);
            steps.add(new Step(
                    x, y, at(LEFT, RIGHT, n, length), at(LOW, HIGH, n, length) + (left ? -16 : 16), left, n + 1));
        }
        return steps;
    }

    private static double at(double from, double to, int n, int of) {
        return Math.round((from + (to - from) * n / of) * 100) / 100.0;
    }

    public String line() {
        var line = new StringBuilder(LEFT + "," + LOW);
        for (var step : steps) line.append(' ').append(step.x()).append(',').append(step.y());
        if (steps.isEmpty()) line.append(' ').append(RIGHT).append(',').append(HIGH);
        return line.toString();
    }

    /** {@code e2d0vA…41bb=} */
    private static String shortened(String hash) {
        return hash.substring(0, 6) + "…" + hash.substring(hash.length() - 5);
    }
}
