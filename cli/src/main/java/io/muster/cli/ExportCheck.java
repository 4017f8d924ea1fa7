package io.muster.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.muster.merklelog.Checkpoint;
import io.muster.merklelog.Hash;
import io.muster.merklelog.Malformed;
import io.muster.merklelog.OtherRoot;
import io.muster.merklelog.ProvenTiles;
import io.muster.merklelog.Refuted;
import io.muster.merklelog.SignedNote;
import io.muster.merklelog.Tile;
import io.muster.merklelog.TilePath;
import io.muster.merklelog.TiledTree;
import io.muster.merklelog.VerifierKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;

/**
 * Proves an export: that what it shows is what its log has, as its checkpoint signs. Ends at the first lie, and says where that is.
 *
 * <p>Chunk by chunk, as many at once as there are cores; what it holds does not depend on how many events there are, but for the list of
 * files of the zip.
 */
final class ExportCheck {
    /** Lines of a chunk. */
    private static final int MOST_LINES = 10_000;

    private static final String EVENTS_FIT =
            "; each event fits its entry, so what was changed is the head, a tile above, or the order of the newest events, which no full tile holds yet";

    private static final int LARGEST_MANIFEST = 1 << 16;

    private final Export export;
    private final List<VerifierKey> keys;
    private final Manifest manifest;
    private final SignedNote note;
    private final Checkpoint checkpoint;
    private final Leaves leaves;
    private Chunk found;

    /** The hashes in a tile of level 0. */
    private interface Leaves {
        List<Hash> of(long tile) throws Refuted, IOException;
    }

    /**
     * What an export says of itself. Nobody signs that: all of it but when it was made and what was asked for is compared with what is proven.
     *
     * @param filter what was asked for, in JSON; {@code null} if the whole log
     * @param tenant in JSON
     */
    private record Manifest(
            String tenant, String origin, long size, long events, long erased, String filter, String madeAt) {
        private static final Set<String> NAMES =
                Set.of("v", "tenant", "origin", "size", "events", "erased", "filter", "made_at");

        static Manifest of(byte[] json) {
            try {
                var members = new Members();
                members.read(json, 0, json.length);
                for (int i = 0; i < members.count(); i++) {
                    if (!NAMES.contains(members.name(i))) {
                        throw new Malformed("no export of version 1 says " + members.name(i));
                    }
                }
                if (members.number(find(members, "v")) != 1) {
                    throw new Malformed("it is of version " + members.value(find(members, "v")) + ", not 1");
                }
                var filter = members.value(find(members, "filter"));
                if (!filter.equals("null") && !filter.startsWith("{")) {
                    throw new Malformed("its filter is no object");
                }
                var madeAt = members.string(find(members, "made_at"));
                Instant.parse(madeAt);
                return new Manifest(
                        members.value(find(members, "tenant")),
                        members.string(find(members, "origin")),
                        members.number(find(members, "size")),
                        members.number(find(members, "events")),
                        members.number(find(members, "erased")),
                        filter,
                        madeAt);
            } catch (DateTimeException noTime) {
                throw new Malformed("its made_at is no time");
            }
        }

        private static int find(Members members, String name) {
            return members.get(name.getBytes(UTF_8));
        }

        boolean isWhole() {
            return filter.equals("null");
        }
    }

    /**
     * What was found in one chunk, or in all up to it.
     *
     * @param first sequence, the highest
     * @param last sequence, the lowest
     * @param unproven erased events that yet show something that was sealed
     * @param tiles of level 0 in which its events are
     */
    private record Chunk(int number, long first, long last, long events, long erased, long unproven, long tiles) {
        Chunk and(Chunk next) {
            boolean shared = last / TilePath.FULL == next.first / TilePath.FULL;
            return new Chunk(
                    next.number,
                    first,
                    next.last,
                    events + next.events,
                    erased + next.erased,
                    unproven + next.unproven,
                    tiles + next.tiles - (shared ? 1 : 0));
        }
    }

    /**
     * Checks the checkpoint and the tiles.
     *
     * @param keys of the log, from elsewhere; none: those within
     */
    ExportCheck(Export export, List<VerifierKey> keys, PrintWriter out) throws Refuted, IOException {
        this.export = export;
        this.manifest = parse("manifest.json", LARGEST_MANIFEST, Manifest::of);
        this.note = parse("checkpoint", SignedNote.LARGEST, SignedNote::parse);
        var within = parse("vkey", Keys.LARGEST, Keys::published);
        this.keys = keys.isEmpty() ? within : keys;
        var origin = this.keys.getFirst().name();
        try {
            for (var key : within) { // each has signed: so no byte of them goes unnoticed
                note.verify(List.of(key));
            }
            this.checkpoint = Checkpoint.open(note, origin, this.keys);
        } catch (Refuted | Malformed lie) {
            throw new Refuted("checkpoint: " + lie.getMessage());
        }
        if (!manifest.origin.equals(origin) || manifest.size != checkpoint.size()) {
            throw new Refuted("manifest.json says that the log is " + manifest.origin + " with " + manifest.size
                    + " entries, the checkpoint " + origin + " with " + checkpoint.size());
        }
        if (keys.isEmpty()) {
            Keys.warn(within, "within the export", out);
        }
        out.println("the log " + origin + " signed that it has " + checkpoint.size() + " entries with the root "
                + checkpoint.root());
        this.found = new Chunk(0, checkpoint.size(), checkpoint.size(), 0, 0, 0, 0);
        ProvenTiles tiles;
        try {
            tiles = new ProvenTiles(checkpoint, export);
        } catch (OtherRoot lie) {
            this.leaves = this::unproven;
            var silent = new PrintWriter(Writer.nullWriter());
            events(silent, silent); // ends at the event that does not fit its tile, if it is one of these
            throw new OtherRoot(lie.getMessage() + EVENTS_FIT);
        }
        this.leaves = tile -> tiles.hashes(0, tile);
        for (var tile : export.upperTiles()) {
            if (!Tile.of(tile.level(), tile.index(), checkpoint.size()).equals(tile)) {
                throw new Malformed(tile.path() + " is no tile of a log of " + checkpoint.size() + " entries");
            }
            tiles.hashes(tile.level(), tile.index());
        }
    }

    private <T> T parse(String name, int most, Function<byte[], T> reader) throws IOException {
        try {
            return reader.apply(export.read(name, most));
        } catch (Malformed malformed) {
            throw new Malformed(name + ": " + malformed.getMessage());
        }
    }

    private List<Hash> unproven(long index) throws IOException {
        var tile = Tile.of(0, index, checkpoint.size());
        return tile.hashes(export.read(List.of(tile)).getFirst());
    }

    /** By which the checkpoint was verified. */
    List<VerifierKey> keys() {
        return keys;
    }

    SignedNote note() {
        return note;
    }

    Checkpoint checkpoint() {
        return checkpoint;
    }

    /** In JSON. */
    String tenant() {
        return manifest.tenant;
    }

    boolean isWhole() {
        return manifest.isWhole();
    }

    /** The tree of the checkpoint; of an export that is not whole, tiles are missing. */
    TiledTree tree() {
        return new TiledTree(checkpoint.size(), export);
    }

    /** Checks all events. */
    void events(PrintWriter out, PrintWriter err) throws Refuted, IOException {
        var progress = new Progress(err, "events", manifest.events);
        InOrder.run(
                export.chunks(),
                Runtime.getRuntime().availableProcessors(),
                number -> chunk((int) number + 1),
                chunk -> {
                    add(chunk);
                    progress.done(found.events);
                });
        compareWithManifest(found);
        say(found, out);
    }

    private void add(Chunk chunk) throws Refuted {
        try {
            follows(found.last, chunk.first);
        } catch (Refuted lie) {
            throw new Refuted(Export.chunk("events", chunk.number) + ", line 1: " + lie.getMessage());
        }
        found = found.events == 0 ? chunk : found.and(chunk);
    }

    private Chunk chunk(int number) throws Refuted, IOException {
        var shown = new ShownEvent(manifest.tenant);
        var envelope = new Envelope();
        long first = -1;
        long last = -1;
        long lines = 0;
        long erased = 0;
        long unproven = 0;
        long touched = 0;
        var lowest = List.<Hash>of();
        long lowestIndex = -1;
        try (var events = export.lines("events", number);
                var envelopes = export.lines("envelopes", number);
                var salts = export.lines("salts", number)) {
            while (true) {
                lines++;
                var file = "events";
                boolean known = false;
                try {
                    boolean more = events.next();
                    file = "envelopes";
                    boolean envelopeToo = envelopes.next();
                    file = "salts";
                    boolean saltToo = salts.next();
                    if (more != envelopeToo || more != saltToo) {
                        file = more ? envelopeToo ? "salts" : "envelopes" : "events";
                        throw new Refuted("there is no such line, and there is one of its event in another file");
                    }
                    if (!more) {
                        break;
                    }
                    file = "events";
                    if (lines > MOST_LINES) {
                        throw new Malformed("a chunk has at most " + MOST_LINES + " events");
                    }
                    shown.read(events);
                    known = true;
                    long sequence = shown.sequence();
                    if (first < 0) {
                        first = sequence;
                    } else {
                        follows(last, sequence);
                    }
                    last = sequence;
                    if (sequence >= checkpoint.size()) {
                        throw new Refuted("it is beyond the " + checkpoint.size() + " entries of the checkpoint");
                    }
                    if (sequence / TilePath.FULL != lowestIndex) {
                        lowestIndex = sequence / TilePath.FULL;
                        touched++;
                        lowest = leaves.of(lowestIndex);
                    }
                    file = "envelopes";
                    envelope.read(envelopes.bytes, envelopes.from, envelopes.to);
                    var logged = lowest.get((int) (sequence % TilePath.FULL));
                    var leaf = envelope.leaf();
                    if (!leaf.equals(logged)) {
                        throw new Refuted("its envelope leads to the leaf hash " + leaf + ", "
                                + Tile.of(0, lowestIndex, checkpoint.size()).path() + " has " + logged + " at "
                                + sequence % TilePath.FULL);
                    }
                    file = "events";
                    shown.compare(envelope);
                    file = "salts";
                    shown.open(envelope, salts);
                    erased += shown.isErased() ? 1 : 0;
                    unproven += shown.showsUnproven() ? 1 : 0;
                } catch (Refuted | Malformed lie) {
                    throw new Refuted(Export.chunk(file, number) + ", line " + lines
                            + (known ? ": " + shown.name() : "") + ": " + lie.getMessage());
                }
            }
        }
        if (first < 0) {
            throw new Malformed(Export.chunk("events", number) + " is empty");
        }
        return new Chunk(number, first, last, lines - 1, erased, unproven, touched);
    }

    /** Newest first; of the whole log, each. */
    private void follows(long before, long sequence) throws Refuted {
        if (sequence >= before) {
            throw new Refuted("sequence " + sequence + " stands behind sequence " + before
                    + ": it is there twice, or out of order");
        }
        if (manifest.isWhole() && sequence != before - 1) {
            throw new Refuted("sequence " + sequence + " comes where " + (before - 1)
                    + " should: of the whole log nothing may be missing");
        }
    }

    private void compareWithManifest(Chunk all) throws Refuted {
        if (manifest.isWhole() && all.last != 0) {
            throw new Refuted(
                    "the events end before sequence " + (all.last - 1) + ": of the whole log nothing may be missing");
        }
        if (all.events != manifest.events || all.erased != manifest.erased) {
            throw new Refuted("there are " + all.events + " events, " + all.erased
                    + " of them erased; manifest.json says " + manifest.events + " and " + manifest.erased);
        }
        boolean edge = checkpoint.size() % TilePath.FULL != 0
                && (all.events == 0 || all.first / TilePath.FULL != checkpoint.size() / TilePath.FULL);
        long needed = all.tiles + (edge ? 1 : 0);
        if (export.lowestTiles() != needed) {
            throw new Refuted("there are " + export.lowestTiles()
                    + " tiles of level 0, and the events and the root need " + needed);
        }
    }

    private void say(Chunk all, PrintWriter out) {
        out.println(String.format(
                Locale.ROOT,
                "%,d tiles lead to that root",
                export.lowestTiles() + export.upperTiles().size()));
        out.println(String.format(
                Locale.ROOT,
                "%,d events of the tenant %s are in it, each where it says, with what its envelope says",
                all.events,
                manifest.tenant));
        if (all.erased > 0) {
            out.println(String.format(
                    Locale.ROOT,
                    "%,d of them are erased: of these, what stands in clear in their envelopes is proven, and no more",
                    all.erased));
        }
        if (all.unproven > 0) {
            out.println(String.format(
                    Locale.ROOT,
                    "CAREFUL: %,d erased events show a person, an address or details that nobody can prove any more",
                    all.unproven));
        }
        out.println(
                manifest.isWhole()
                        ? "that is the whole log: nothing is missing"
                        : "that is what was asked for, " + manifest.filter
                                + ": whether something of it was left out, only an export of the whole log proves");
    }
}
