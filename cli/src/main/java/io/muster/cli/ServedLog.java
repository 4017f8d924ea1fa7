package io.muster.cli;

import io.muster.merklelog.Bundle;
import io.muster.merklelog.Checkpoint;
import io.muster.merklelog.Hash;
import io.muster.merklelog.Malformed;
import io.muster.merklelog.Refuted;
import io.muster.merklelog.SignedNote;
import io.muster.merklelog.Tile;
import io.muster.merklelog.TilePath;
import io.muster.merklelog.TileReader;
import io.muster.merklelog.VerifierKey;
import io.muster.merklelog.WholeLog;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;

/** A log as a server publishes it: read from its first entry to its last, a few requests at once, each answer within a bound. */
final class ServedLog implements TileReader {
    private static final Pattern PATH = Pattern.compile("(.*)/logs/([^/]+)/?");
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int AT_ONCE = 8;

    /** Of 256 entries; Muster's have 134 bytes. */
    private static final int LARGEST_BUNDLE = 1 << 20;

    /** What is left free of the disk on which an export is put. */
    private static final long LEFT_FREE = 256L << 20;

    private final Server server;
    private final String log;
    private final String above;
    private final String tenant;

    /** Read ahead, not yet compared. */
    private final Map<Tile, byte[]> ahead = new HashMap<>();

    /** A bundle and the tile over it. */
    private record Block(Bundle bundle, byte[] content, Tile tile, byte[] hashes) {}

    /** @param server whose address is that of the log, {@code https://host/logs/<tenant>} */
    ServedLog(Server server) {
        this.server = server;
        var path = PATH.matcher(server.url.getPath());
        if (!path.matches()) {
            throw new IllegalArgumentException("the address of a log ends in /logs/<tenant>");
        }
        this.above = path.group(1);
        this.tenant = path.group(2);
        this.log = above + "/logs/" + encoded(tenant) + "/";
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    String tenant() {
        return tenant;
    }

    List<VerifierKey> keys() throws IOException {
        return parse("vkey", Keys.LARGEST, Keys::published);
    }

    SignedNote checkpoint() throws IOException {
        return parse("checkpoint", SignedNote.LARGEST, SignedNote::parse);
    }

    private <T> T parse(String name, int most, Function<byte[], T> reader) throws IOException {
        try {
            return reader.apply(get(name, most));
        } catch (Malformed malformed) {
            throw new Malformed(name + ": " + malformed.getMessage());
        }
    }

    private byte[] get(String name, int most) throws IOException {
        return Bounded.read(server.open(log + name, PATIENCE), most, name);
    }

    /** A tile or a bundle: that it is not there is a lie, as the checkpoint is of it. */
    private byte[] get(TilePath name, int most) throws IOException {
        try {
            return get(name.path(), most);
        } catch (Server.No no) {
            if (no.status == 404) {
                throw new Malformed(name.path() + " is missing: " + no.getMessage());
            }
            throw no;
        }
    }

    @Override
    public List<byte[]> read(List<Tile> tiles) throws IOException {
        var contents = new ArrayList<byte[]>();
        for (var tile : tiles) {
            var before = ahead.remove(tile);
            contents.add(before == null ? get(tile, TilePath.FULL * Hash.LENGTH) : before);
        }
        return contents;
    }

    /** Reads all entries and tiles, and compares them with all checkpoints: the largest is the log's own. */
    void readAll(Collection<Checkpoint> checkpoints, long size, PrintWriter err) throws Refuted, IOException {
        var whole = new WholeLog(checkpoints, this);
        var progress = new Progress(err, "entries", size);
        InOrder.run(
                (size + TilePath.FULL - 1) / TilePath.FULL,
                AT_ONCE,
                number -> block(Tile.of(0, number, size)),
                block -> {
                    ahead.put(block.tile, block.hashes);
                    whole.read(block.bundle, block.content);
                    progress.done(whole.size());
                });
        whole.end();
    }

    private Block block(Tile tile) throws IOException {
        var bundle = new Bundle(tile.index(), tile.width());
        return new Block(bundle, get(bundle, LARGEST_BUNDLE), tile, get(tile, TilePath.FULL * Hash.LENGTH));
    }

    /** Fetches all events, sealed and open, as an export. */
    void export(Path to, PrintWriter err) throws IOException {
        var store = Files.getFileStore(to);
        var buffer = new byte[1 << 16];
        long length = 0;
        long said = System.nanoTime();
        try (var in = server.open(
                        above + "/api/v1/audit/export?tenantId=" + encoded(tenant) + "&format=zip", PATIENCE);
                var out = Files.newOutputStream(to)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                out.write(buffer, 0, read);
                length += read;
                if (length % (64 << 20) < read && store.getUsableSpace() < LEFT_FREE) {
                    throw new IOException("the export would fill the disk of " + to.getParent()
                            + ": make room, or check without it by --entries-only");
                }
                if (System.nanoTime() - said > 5_000_000_000L) {
                    said = System.nanoTime();
                    err.println("… " + (length >> 20) + " MB of the export");
                }
            }
        }
    }
}
