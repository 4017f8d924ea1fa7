package io.muster.merklelog;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A log as a server publishes it: every full tile, and the partial ones of every size at which {@link #publish} was called. */
final class MemoryLog implements TileReader {
    final Map<String, byte[]> files = new HashMap<>();
    final List<byte[]> entries = new ArrayList<>();
    private final TileWriter writer = new TileWriter((tile, hashes) -> files.put(tile.path(), Hash.join(hashes)));
    Frontier frontier = Frontier.EMPTY;

    /** With the entries {@code muster-leaf-0}, {@code muster-leaf-1} ... as the vectors have them. */
    static MemoryLog ofMusterLeaves(int size) {
        var log = new MemoryLog();
        var entries = new ArrayList<byte[]>();
        for (int i = 0; i < size; i++) {
            entries.add(("muster-leaf-" + i).getBytes(StandardCharsets.US_ASCII));
        }
        log.append(entries);
        log.publish();
        return log;
    }

    void append(List<byte[]> more) {
        entries.addAll(more);
        frontier = frontier.append(more.stream().map(Hash::ofLeaf).toList(), writer);
    }

    void publish() {
        writer.partial().forEach((tile, hashes) -> files.put(tile.path(), Hash.join(hashes)));
        for (int from = 0; from < entries.size(); from += TilePath.FULL) {
            var some = entries.subList(from, Math.min(entries.size(), from + TilePath.FULL));
            files.put(new Bundle(from / TilePath.FULL, some.size()).path(), Bundle.content(some));
        }
    }

    @Override
    public List<byte[]> read(List<Tile> tiles) {
        return tiles.stream().map(tile -> file(tile)).toList();
    }

    byte[] file(TilePath name) {
        var file = files.get(name.path());
        if (file == null) throw new AssertionError("there is no " + name.path());
        return file;
    }

    TiledTree tree() {
        return new TiledTree(entries.size(), this);
    }
}
