package io.muster.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.muster.merklelog.CanonicalJson;
import io.muster.merklelog.Checkpoint;
import io.muster.merklelog.Frontier;
import io.muster.merklelog.Hash;
import io.muster.merklelog.KeyType;
import io.muster.merklelog.ProvenTiles;
import io.muster.merklelog.SignedNote;
import io.muster.merklelog.SignerKey;
import io.muster.merklelog.Tile;
import io.muster.merklelog.TilePath;
import io.muster.merklelog.TileWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.IntPredicate;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A log of made-up events and exports of it, all true; what its files say is for a test to change. Two of the same seed are the same. */
final class HonestExport {
    static final String ORIGIN = "muster.example/main/l/7";
    static final Instant NOW = Instant.parse("2026-11-27T09:00:00Z");

    final SignerKey key = SignerKey.of(ORIGIN, KeyType.ED25519, seed(1));
    final SignerKey modern = SignerKey.of(ORIGIN, KeyType.ML_DSA_44_COSIGNATURE, seed(2));
    final Map<String, byte[]> tiles = new HashMap<>();
    final int size;
    private final int perChunk;
    private final long seed;
    Frontier frontier = Frontier.EMPTY;
    private SignedNote note;

    /** An event, as it is in an export. */
    record Event(String shown, byte[] envelope, String salt) {
        byte[] entry() {
            var envelope = new String(this.envelope, UTF_8);
            return ("{\"at\":" + member(envelope, "recorded_at") + ",\"c\":\"" + base64(sha256(this.envelope))
                            + "\",\"id\":" + member(envelope, "id") + ",\"v\":1}")
                    .getBytes(UTF_8);
        }

        private static String member(String json, String name) {
            int from = json.indexOf("\"" + name + "\":") + name.length() + 3;
            return json.substring(from, json.indexOf('"', from + 1) + 1);
        }
    }

    HonestExport(long seed, int size, int perChunk) {
        this.seed = seed;
        this.size = size;
        this.perChunk = perChunk;
        var writer = new TileWriter((tile, hashes) -> tiles.put(tile.path(), Hash.join(hashes)));
        for (int from = 0; from < size; from += TilePath.FULL) {
            var leaves = new ArrayList<Hash>();
            for (int i = from; i < Math.min(size, from + TilePath.FULL); i++) {
                leaves.add(Hash.ofLeaf(event(i).entry()));
            }
            frontier = frontier.append(leaves, writer);
        }
        writer.partial().forEach((tile, hashes) -> tiles.put(tile.path(), Hash.join(hashes)));
    }

    private static byte[] seed(int last) {
        var seed = new byte[SignerKey.SEED_LENGTH];
        seed[0] = (byte) last;
        return seed;
    }

    String vkey() {
        return key.verifier() + "\n" + modern.verifier() + "\n";
    }

    SignedNote note() {
        if (note == null) {
            note = new Checkpoint(ORIGIN, size, frontier.root()).sign(List.of(key, modern), NOW);
        }
        return note;
    }

    boolean isErased(int i) {
        return i % 17 == 5;
    }

    /** Some have umlauts, fractions or much in them, some hardly anything. */
    Event event(int i) {
        var random = new Random(seed * 1_000_003 + i);
        var id = new UUID(random.nextLong(), random.nextLong()).toString();
        var at = Instant.ofEpochMilli(1_790_000_000_000L + i * 7L).toString();
        at = at.length() == 24 ? at : at.substring(0, 19) + ".000Z";
        var salt = bytes(random, 32);
        var name = List.of("anand.k", "Jürgen Weiß", "o\\\"brien", "山田太郎 😀").get(random.nextInt(4));
        var clear = new LinkedHashMap<String, String>();
        clear.put("eventId", "\"" + id + "\"");
        clear.put("tenantId", "\"acme\"");
        clear.put(
                "action",
                List.of("\"invoice.read\"", "\"login\"", "\"größe.geändert\"").get(random.nextInt(3)));
        clear.put("timestamp", "\"" + at + "\"");
        clear.put("status", List.of("\"SUCCESS\"", "\"FAILURE\"").get(random.nextInt(2)));
        boolean personal = i % 7 != 3;
        if (personal) {
            clear.put("userId", "\"" + name + "\"");
            clear.put("ip", "\"192.0.2." + random.nextInt(256) + "\"");
            clear.put("userAgent", "\"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\"");
            clear.put(
                    "details",
                    "{\"amount\":" + random.nextInt(100_000) / 100.0
                            + ",\"lines\":[1,2,{\"x\":null,\"y\":true}],\"note\":\"line\\n" + random.nextInt() + "\"}");
        }
        if (i % 3 == 0) {
            clear.put("resource", "\"invoice/" + random.nextInt(100_000) + "\"");
            clear.put("dataCategories", "[\"phi\",\"pii\"]");
        }
        var plain = base64(sha256(salt, CanonicalJson.of(json(clear))));
        var envelope = new LinkedHashMap<String, String>();
        envelope.put("action", clear.get("action"));
        if (personal) {
            envelope.put(
                    "actor",
                    "{\"ip\":" + sealed(random, 40) + ",\"ref\":\"" + new UUID(random.nextLong(), random.nextLong())
                            + "\",\"ua\":" + sealed(random, 100) + ",\"user\":" + sealed(random, 36) + "}");
        }
        if (i % 3 == 0) {
            envelope.put("categories", clear.get("dataCategories"));
        }
        envelope.put("cell", "\"main\"");
        envelope.put("id", clear.get("eventId"));
        envelope.put("nonce", "\"" + base64(bytes(random, 16)) + "\"");
        envelope.put("occurred_at", clear.get("timestamp"));
        envelope.put("outcome", clear.get("status"));
        envelope.put("plain", "\"" + plain + "\"");
        envelope.put("recorded_at", "\"" + at + "\"");
        if (i % 3 == 0) {
            envelope.put("resource", clear.get("resource"));
        }
        envelope.put(
                "subject",
                "{" + (personal ? "\"details\":" + sealed(random, 80) + "," : "") + "\"ref\":\""
                        + new UUID(random.nextLong(), random.nextLong()) + "\",\"salt\":" + sealed(random, 60) + "}");
        envelope.put("tenant", "\"acme\"");
        envelope.put("v", "1");
        var shown = new LinkedHashMap<>(clear);
        shown.put("sequence", String.valueOf(i));
        shown.put("receivedAt", "\"" + at + "\"");
        if (isErased(i)) {
            for (var hidden : List.of("userId", "ip", "userAgent", "details")) {
                shown.computeIfPresent(hidden, (member, value) -> "null");
            }
            shown.put("erased", "true");
        }
        return new Event(json(shown), json(envelope).getBytes(UTF_8), isErased(i) ? "" : base64(salt));
    }

    private static String json(Map<String, String> members) {
        var json = new StringBuilder();
        members.forEach((name, value) -> json.append(json.isEmpty() ? "{\"" : ",\"")
                .append(name)
                .append("\":")
                .append(value));
        return json.append('}').toString();
    }

    private static String sealed(Random random, int length) {
        return "\"" + base64(bytes(random, length)) + "\"";
    }

    private static byte[] bytes(Random random, int length) {
        var bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    static byte[] sha256(byte[]... parts) {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            for (var part : parts) digest.update(part);
            return digest.digest();
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new AssertionError(everyJdkHasIt);
        }
    }

    /** What takes the files of an export, in the order in which a server writes them. */
    interface Sink {
        void file(String name, byte[] content) throws IOException;
    }

    Map<String, byte[]> whole() throws IOException {
        var files = new LinkedHashMap<String, byte[]>();
        write(i -> true, "null", files::put);
        return files;
    }

    Map<String, byte[]> part(IntPredicate which) throws IOException {
        var files = new LinkedHashMap<String, byte[]>();
        write(which, "{\"action\":\"something\"}", files::put);
        return files;
    }

    void write(IntPredicate which, String filter, Sink sink) throws IOException {
        sink.file("README.txt", "How to verify this\n".getBytes(UTF_8));
        sink.file("vkey", vkey().getBytes(UTF_8));
        sink.file("checkpoint", note().bytes());
        var events = new ByteArrayOutputStream();
        var envelopes = new ByteArrayOutputStream();
        var salts = new ByteArrayOutputStream();
        var needed = new TreeSet<String>();
        ProvenTiles.edge(size).forEach(tile -> needed.add(tile.path()));
        int chunk = 0;
        int inChunk = 0;
        long all = 0;
        long erased = 0;
        for (int i = size - 1; i >= -1; i--) {
            if (i >= 0 && which.test(i)) {
                var event = event(i);
                line(events, event.shown.getBytes(UTF_8));
                line(envelopes, event.envelope);
                line(salts, event.salt.getBytes(UTF_8));
                for (int level = 0; (long) size >> 8 * (level + 1) > i >> 8 * (level + 1) || level == 0; level++) {
                    needed.add(Tile.of(level, i >> 8 * (level + 1), size).path());
                }
                inChunk++;
                all++;
                erased += isErased(i) ? 1 : 0;
            }
            if (inChunk == perChunk || i < 0 && inChunk > 0) {
                var number = "%06d".formatted(++chunk);
                sink.file("events/" + number + ".ndjson", events.toByteArray());
                sink.file("envelopes/" + number + ".ndjson", envelopes.toByteArray());
                sink.file("salts/" + number + ".txt", salts.toByteArray());
                events.reset();
                envelopes.reset();
                salts.reset();
                inChunk = 0;
            }
        }
        for (var path : needed) {
            sink.file(path, tiles.get(path).clone());
        }
        sink.file(
                "manifest.json",
                ("{\"v\":1,\"tenant\":\"acme\",\"origin\":\"" + ORIGIN + "\",\"size\":" + size + ",\"events\":" + all
                                + ",\"filter\":" + filter + ",\"erased\":" + erased + ",\"made_at\":\"" + NOW + "\"}\n")
                        .getBytes(UTF_8));
    }

    private static void line(OutputStream file, byte[] line) throws IOException {
        file.write(line);
        file.write('\n');
    }

    static Path zip(Map<String, byte[]> files, Path to) throws IOException {
        try (var zip = new ZipOutputStream(Files.newOutputStream(to))) {
            for (var file : files.entrySet()) {
                entry(zip, file.getKey(), file.getValue());
            }
        }
        return to;
    }

    /** What is sealed is random, and packing it would save little and cost much. */
    static void entry(ZipOutputStream zip, String name, byte[] content) throws IOException {
        var entry = new ZipEntry(name);
        if (!name.startsWith("events/")) {
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
