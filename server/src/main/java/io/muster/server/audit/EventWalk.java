package io.muster.server.audit;

import static java.util.Comparator.reverseOrder;

import io.muster.merklelog.TilePath;
import io.muster.server.audit.EventPlaces.Hits;
import io.muster.server.audit.EventPlaces.Outcomes;
import io.muster.server.audit.EventPlaces.Span;
import io.muster.server.audit.Opening.Opened;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * A way back through one log, over the events that fit, from the newest. Each step is bounded, and may find nothing although there is
 * more further back. One thread's.
 */
final class EventWalk {

    /** Events read and opened at a time: one has up to 256 KiB. */
    private static final int SLICE = 100;

    private static final int FEWEST = 64;
    private static final int FIRST_LOOK = 1_024;
    private static final int FARTHEST_LOOK = 16_384;

    /** Tiles read at a time: at first, and later. */
    private static final int FEWEST_TILES = 8;

    private static final int MOST_TILES = FARTHEST_LOOK / TilePath.FULL;

    /** Tiles whose words are looked through at a time. */
    private static final int FARTHEST_TILE = 65_536;

    private final EventPlaces places;
    private final TileWords words;
    private final Opening opening;
    private final TenantLog log;
    private final AuditQuery query;
    private final Span span;
    private final List<Source> sources;

    /** What the sources found, and nobody was given yet. */
    private final TreeSet<Long> found = new TreeSet<>(reverseOrder());

    /** @param filters an event fits if it fits one of them; they differ in actor and words alone */
    EventWalk(
            EventPlaces places,
            TileWords words,
            Opening opening,
            TenantLog log,
            AuditQuery query,
            List<EventFilter> filters,
            Span span,
            long below) {
        this.places = places;
        this.words = words;
        this.opening = opening;
        this.log = log;
        this.query = query;
        this.span = span;
        this.sources = filters.stream()
                .map(filter -> new Source(filter, Math.min(below, span.below())))
                .toList();
    }

    /** All from this place up is done. */
    long below() {
        long looked = looked();
        return found.isEmpty() || found.getFirst() < looked ? looked : found.getFirst() + 1;
    }

    boolean ended() {
        return found.isEmpty() && looked() <= span.from();
    }

    /** All from here up was looked for by each source. */
    private long looked() {
        return sources.stream().mapToLong(source -> source.looked).max().orElse(span.from());
    }

    /** The next events that fit; a hundred, or {@code most}, at most. */
    List<Opened> next(int most) {
        var rows = places.rows(span, sources.getFirst().filter, nextPlaces(Math.min(SLICE, most)));
        return opening.open(log, rows).stream().filter(query::fits).toList();
    }

    /** The next that fit as far as the indexes tell: what only opening an event would show is not looked at. */
    List<Outcomes> nextOutcomes(int most) {
        return places.outcomes(span, sources.getFirst().filter, nextPlaces(most));
    }

    private List<Long> nextPlaces(int most) {
        if (below() == looked() && looked() > span.from()) {
            for (var source : sources) {
                if (source.looked == looked()) {
                    source.look(most);
                    break;
                }
            }
        }
        long looked = looked();
        var next = new ArrayList<Long>();
        while (next.size() < most && !found.isEmpty() && found.getFirst() >= looked) next.add(found.removeFirst());
        return next;
    }

    /** One of the ways to find events. */
    private final class Source {
        private final EventFilter filter;
        private long looked;

        /** How many tiles of words there are; -1 before the first look. */
        private long tiles = -1;

        private int tilesAtOnce = FEWEST_TILES;
        private int most;

        Source(EventFilter filter, long below) {
            this.filter = filter;
            this.looked = below;
            this.most = filter.outcome() == null && filter.words().isEmpty() ? FEWEST : 1_024;
        }

        void look(int wanted) {
            if (filter.actor() == null && !filter.words().isEmpty()) {
                lookForWords();
                return;
            }
            int n = Math.max(most, wanted);
            Hits hits;
            if (filter.actor() != null) {
                hits = places.byActor(span, filter, looked, n);
            } else if (filter.actions() != null) {
                hits = places.byAction(span, filter, looked, n);
            } else {
                hits = places.newest(span, filter, looked, n);
            }
            found.addAll(hits.places());
            looked = hits.below();
            if (hits.places().size() < n / 2) most = Math.min(n * 4, FARTHEST_LOOK);
        }

        /** What is frequent is found by reading the newest events, what is rare by the words of the tiles before them. */
        private void lookForWords() {
            boolean first = tiles < 0;
            if (first) tiles = words.unwritten(log.id());
            if (first || looked > tiles * TilePath.FULL) {
                var newest = places.newest(span, filter, looked, first ? FIRST_LOOK : FARTHEST_LOOK);
                found.addAll(newest.places());
                looked = newest.below();
                return;
            }
            long below = (looked + TilePath.FULL - 1) / TilePath.FULL;
            long from = Math.max(span.from() / TilePath.FULL, below - FARTHEST_TILE);
            var candidates = words.candidates(log.id(), filter.words(), from, below, tilesAtOnce);
            found.addAll(places.inTiles(span, filter, candidates, looked));
            looked = Math.max(
                    span.from(), TilePath.FULL * (candidates.size() < tilesAtOnce ? from : candidates.getLast()));
            tilesAtOnce = Math.min(tilesAtOnce * 2, MOST_TILES);
        }
    }
}
