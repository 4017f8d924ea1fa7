package io.muster.server.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.muster.merklelog.CanonicalJson;
import io.muster.merklelog.ProvenTiles;
import io.muster.merklelog.Tile;
import io.muster.merklelog.TileReader;
import io.muster.merklelog.VerifierKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes an export that proves itself, as it goes: events in chunks, what was hashed of them, and the tiles that lead from them to the
 * signed root. Holds one chunk and one batch of events. See docs/verify.md for what is in it and how it is verified.
 */
final class ExportZip {

    private static final int MOST_EVENTS = 10_000;
    private static final int MOST_BYTES = 4 << 20;
    private static final int LEVELS = 8;

    private final ZipOutputStream zip;
    private final JsonMapper json;
    private final TenantLog log;
    private final long size;
    private final TileReader tiles;
    private final @Nullable Map<String, ?> filter;
    private final Instant madeAt;

    private final ByteArrayOutputStream events = new ByteArrayOutputStream();
    private final ByteArrayOutputStream envelopes = new ByteArrayOutputStream();
    private final ByteArrayOutputStream salts = new ByteArrayOutputStream();
    private int inChunk;
    private int chunks;
    private long count;
    private long erased;
    private long last;

    /** The tile of each level that was written last: events come in the order of the log, so none is needed again later. */
    private final long[] written = new long[LEVELS];

    /**
     * Begins one.
     *
     * @param json writes events as the API does
     * @param signed of what size; only events before its end may be added
     * @param keys by which it is signed
     * @param filter the parameters of what was asked for; null if the whole log
     */
    ExportZip(
            OutputStream out,
            JsonMapper json,
            TenantLog log,
            Checkpoints.Signed signed,
            List<VerifierKey> keys,
            TileReader tiles,
            @Nullable Map<String, ?> filter,
            Instant madeAt)
            throws IOException {
        this.zip = new ZipOutputStream(out);
        this.json = json;
        this.log = log;
        this.size = signed.size();
        this.last = size;
        this.tiles = tiles;
        this.filter = filter;
        this.madeAt = madeAt;
        Arrays.fill(written, -1);
        zip.setLevel(Deflater.BEST_SPEED);
        try (var readme = ExportZip.class.getResourceAsStream("/export-README.txt")) {
            if (readme == null) throw new IllegalStateException("export-README.txt is not there");
            file("README.txt", readme.readAllBytes(), true);
        }
        file(
                "vkey",
                keys.stream()
                        .map(key -> key + "\n")
                        .collect(Collectors.joining())
                        .getBytes(UTF_8),
                false);
        file("checkpoint", signed.note().bytes(), false);
        for (var tile : ProvenTiles.edge(size)) write(tile); // the root is made of them
    }

    /** The next event, an older one. */
    void add(Opening.Opened event) throws IOException {
        long place = event.row().sequence();
        if (place >= last) throw new IllegalArgumentException(place + " does not come before " + last);
        last = place;
        line(events, CanonicalJson.of(json.writeValueAsString(event.members())));
        line(envelopes, event.row().envelope());
        var salt = event.salt();
        line(salts, salt == null ? new byte[0] : Base64.getEncoder().encode(salt));
        if (event.erased()) erased++;
        count++;
        inChunk++;
        lead(place);
        if (inChunk == MOST_EVENTS || envelopes.size() + events.size() >= 2 * MOST_BYTES) flush();
    }

    /** Writes what is left; without it the zip is broken, as it should be if something failed. */
    void finish() throws IOException {
        if (inChunk > 0) flush();
        var manifest = new LinkedHashMap<String, @Nullable Object>();
        manifest.put("v", 1);
        manifest.put("tenant", log.tenant());
        manifest.put("origin", log.origin());
        manifest.put("size", size);
        manifest.put("events", count);
        manifest.put("erased", erased);
        manifest.put("filter", filter);
        manifest.put("made_at", AuditEvent.text(madeAt));
        file("manifest.json", CanonicalJson.of(json.writeValueAsString(manifest)), false);
        zip.finish();
        zip.flush();
    }

    /** The tiles from that place up to the first at the right end. */
    private void lead(long place) throws IOException {
        for (int level = 0; ; level++) {
            var tile = Tile.of(level, place >> 8 * (level + 1), size);
            if (written[level] != tile.index()) write(tile);
            if (!tile.isFull()) return;
        }
    }

    private void write(Tile tile) throws IOException {
        file(tile.path(), tiles.read(List.of(tile)).getFirst(), false);
        written[tile.level()] = tile.index();
    }

    private void flush() throws IOException {
        var number = "%06d".formatted(++chunks);
        file("events/" + number + ".ndjson", events.toByteArray(), true);
        file("envelopes/" + number + ".ndjson", envelopes.toByteArray(), false);
        file("salts/" + number + ".txt", salts.toByteArray(), false);
        events.reset();
        envelopes.reset();
        salts.reset();
        inChunk = 0;
    }

    private static void line(ByteArrayOutputStream file, byte[] line) {
        file.writeBytes(line);
        file.write('\n');
    }

    /** @param packed what is sealed or hashed is random: to pack it would save little, and cost whoever verifies it most of the time */
    private void file(String name, byte[] content, boolean packed) throws IOException {
        var entry = new ZipEntry(name);
        entry.setTimeLocal(madeAt.atOffset(ZoneOffset.UTC).toLocalDateTime());
        if (!packed) {
            var crc = new CRC32();
            crc.update(content);
            entry.setMethod(ZipEntry.STORED);
            entry.setSize(content.length);
            entry.setCrc(crc.getValue());
        }
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
