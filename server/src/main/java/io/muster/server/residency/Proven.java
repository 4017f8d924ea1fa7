package io.muster.server.residency;

import java.util.ArrayList;
import java.util.List;

/**
 * What a job's pings prove for all tenants together: its watermarks, of which a later one is smaller than those before it.
 * A tenant that a manifest names by itself takes only what later pings proved, so the largest alone would not do. A ping
 * that proves at least as much as an earlier one replaces it, so that this nearly always holds one.
 *
 * @param marks by ping, from the largest to the smallest instant; at most {@link #MOST}
 */
record Proven(List<Watermark> marks) {

    /** Beyond these the older ones are forgotten but for the first: then a claim is smaller than it could be. */
    static final int MOST = 16;

    Proven {
        marks = List.copyOf(marks);
    }

    static Proven since(Watermark declared) {
        return new Proven(List.of(declared));
    }

    /** The largest: what counts for a tenant that no manifest named. */
    Watermark top() {
        return marks.getFirst();
    }

    /** What pings after {@code ping} proved; {@code otherwise} if nothing more than that. */
    Watermark after(long ping, Watermark otherwise) {
        for (var mark : marks) {
            if (mark.ping() > ping) {
                return otherwise.or(mark);
            }
        }
        return otherwise;
    }

    Proven with(Watermark mark) {
        var kept = new ArrayList<Watermark>();
        for (var earlier : marks) {
            if (earlier.at().isAfter(mark.at())) kept.add(earlier);
        }
        kept.add(mark);
        if (kept.size() > MOST) kept.remove(1);
        return new Proven(kept);
    }
}
