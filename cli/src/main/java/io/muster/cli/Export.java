package io.muster.cli;

import io.muster.merklelog.Malformed;
import io.muster.merklelog.Tile;
import io.muster.merklelog.TilePath;
import io.muster.merklelog.TileReader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * An export, opened: its files by their names, each read within a bound, none ever written to disk. What no export has is refused, and so
 * is what stands in it twice. Memory: what {@link ZipFile} needs, about 70 bytes for each file of it. For several threads.
 */
final class Export implements TileReader, Closeable {
    private static final Set<String> ALONE = Set.of("checkpoint", "vkey", "manifest.json", "README.txt");

    /** Folders of chunks, and how the names of those end. */
    private static final Map<String, String> CHUNKS =
            new TreeMap<>(Map.of("events", ".ndjson", "envelopes", ".ndjson", "salts", ".txt"));

    private final ZipFile zip;
    private final Set<Tile> upper = new LinkedHashSet<>();
    private long lowest;
    private int chunks;

    private Export(ZipFile zip) {
        this.zip = zip;
    }

    /** @throws Malformed if it is a zip, but no export */
    static Export open(Path file) throws IOException {
        ZipFile zip;
        try {
            zip = new ZipFile(file.toFile(), ZipFile.OPEN_READ, StandardCharsets.UTF_8);
        } catch (OutOfMemoryError tooManyFiles) {
            throw new IOException("the list of files in it does not fit into memory", tooManyFiles);
        }
        var export = new Export(zip);
        try {
            export.list();
        } catch (RuntimeException noExport) {
            zip.close();
            throw noExport;
        }
        return export;
    }

    private void list() {
        var alone = new LinkedHashSet<String>();
        var counts = new TreeMap<String, Integer>();
        for (var name : names()) {
            var folder = folder(name);
            int number = CHUNKS.containsKey(folder) ? number(name, folder) : 0;
            if (number > 0) {
                counts.merge(folder, 1, Integer::sum);
                chunks = Math.max(chunks, number);
            } else if (ALONE.contains(name)) {
                if (!alone.add(name)) {
                    throw twice(name);
                }
            } else if (folder.equals("tile") && TilePath.parse(name) instanceof Tile tile) {
                if (tile.level() == 0) {
                    lowest++;
                } else if (!upper.add(tile)) {
                    throw twice(name);
                }
            } else {
                throw new Malformed("no export has a file " + name);
            }
        }
        for (var name : ALONE.stream().sorted().toList()) {
            entry(name);
        }
        for (int i = 1; i <= chunks; i++) {
            for (var folder : CHUNKS.keySet()) {
                entry(chunk(folder, i));
            }
        }
        for (var count : counts.entrySet()) {
            if (count.getValue() != chunks) { // each is there, so one is there more than once
                var seen = new HashSet<String>();
                for (var name : names()) {
                    if (folder(name).equals(count.getKey()) && !seen.add(name)) {
                        throw twice(name);
                    }
                }
            }
        }
    }

    /** But those of folders, as whoever packs it again puts there. */
    private Iterable<String> names() {
        return () -> zip.stream()
                .filter(entry -> !entry.isDirectory() || entry.getSize() != 0)
                .map(ZipEntry::getName)
                .iterator();
    }

    private static String folder(String name) {
        return name.substring(0, Math.max(0, name.indexOf('/')));
    }

    /** Which chunk it is, from 1; 0 if it is not named as {@link #chunk} does. */
    private static int number(String name, String folder) {
        var digits = name.substring(folder.length() + 1, Math.max(folder.length() + 1, name.indexOf('.')));
        return digits.matches("[0-9]{6,9}") && name.equals(chunk(folder, Integer.parseInt(digits)))
                ? Integer.parseInt(digits)
                : 0;
    }

    static String chunk(String folder, int number) {
        return "%s/%06d%s".formatted(folder, number, CHUNKS.get(folder));
    }

    private static Malformed twice(String name) {
        return new Malformed(name + " is in it twice");
    }

    /** How many there are of each kind, numbered from 1. */
    int chunks() {
        return chunks;
    }

    Set<Tile> upperTiles() {
        return upper;
    }

    /** How many tiles of level 0 there are. */
    long lowestTiles() {
        return lowest;
    }

    byte[] read(String name, int most) throws IOException {
        return Bounded.read(zip.getInputStream(entry(name)), most, name);
    }

    /** Of {@code events}, {@code envelopes} or {@code salts}. */
    Lines lines(String folder, int chunk) throws IOException {
        return new Lines(zip.getInputStream(entry(chunk(folder, chunk))));
    }

    @Override
    public List<byte[]> read(List<Tile> tiles) throws IOException {
        var contents = new ArrayList<byte[]>();
        for (var tile : tiles) {
            contents.add(read(tile.path(), 32 * TilePath.FULL));
        }
        return contents;
    }

    private ZipEntry entry(String name) {
        var entry = zip.getEntry(name);
        if (entry == null) {
            throw new Malformed(name + " is missing");
        }
        return entry;
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }
}
