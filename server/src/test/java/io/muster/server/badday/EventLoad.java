package io.muster.server.badday;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.merklelog.Bundle;
import io.muster.merklelog.Checkpoint;
import io.muster.merklelog.Frontier;
import io.muster.merklelog.Hash;
import io.muster.merklelog.SignedNote;
import io.muster.merklelog.Tile;
import io.muster.merklelog.TiledTree;
import io.muster.merklelog.VerifierKey;
import io.muster.server.testing.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Clients that append events without end, send again with the same id what was not answered, and remember every receipt. */
final class EventLoad implements AutoCloseable {
    private static final Pattern RECEIPT = Pattern.compile(
            "\"eventId\":\"([0-9a-f-]{36})\",\"tenantId\":\"([^\"]+)\",\"sequence\":(\\d+),\"leafHash\":\"([^\"]+)\"");
    private static final Pattern ID = Pattern.compile("\"id\":\"([0-9a-f-]{36})\"");

    /** What was promised of an event. */
    private record Receipt(String tenant, long sequence, String leaf) {}

    private final List<String> tenants;
    private final Map<UUID, Receipt> receipts = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<String> surprises = new ConcurrentLinkedQueue<>();
    private final Map<String, ConcurrentLinkedQueue<byte[]>> checkpoints = new ConcurrentHashMap<>();
    private final AtomicLong unanswered = new AtomicLong();
    private final List<Thread> threads = new ArrayList<>();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private volatile boolean over;

    /** An event that is like no other. */
    static String event(String tenant, UUID id, int user) {
        return "{\"eventId\":\"" + id + "\",\"tenantId\":\"" + tenant + "\",\"userId\":\"user-" + user
                + "\",\"action\":\"LOOK\",\"timestamp\":\"" + Instant.now().truncatedTo(ChronoUnit.MILLIS)
                + "\",\"ip\":\"192.0.2." + user + "\"}";
    }

    /** @param servers of each client: asked before each request, for the server may be another by then */
    EventLoad(List<String> tenants, List<Supplier<ServerProcess>> servers) {
        this.tenants = tenants;
        tenants.forEach(tenant -> checkpoints.put(tenant, new ConcurrentLinkedQueue<>()));
        for (var server : servers) threads.add(Thread.ofVirtual().start(() -> append(server)));
    }

    long acknowledged() {
        return receipts.size();
    }

    long unanswered() {
        return unanswered.get();
    }

    List<String> surprises() {
        return List.copyOf(surprises);
    }

    private void append(Supplier<ServerProcess> server) {
        int turn = 0;
        while (!over) {
            var tenant = tenants.get(turn % tenants.size());
            int many = turn % 3 == 0 ? 20 : 1;
            var events = IntStream.range(0, many)
                    .mapToObj(i -> event(tenant, UUID.randomUUID(), i))
                    .toList();
            untilAnswered(server, many == 1 ? events.getFirst() : events.toString());
            if (turn++ % 10 == 0) look(server, tenant);
        }
    }

    /** Sends it again and again, as a client does; what it is answered. */
    Answer untilAnswered(Supplier<ServerProcess> server, String body) {
        while (true) {
            var answer = send(server.get(), body);
            switch (answer.status()) {
                case 429, 503 -> pause();
                case Answer.NONE -> {
                    if (over) return answer; // it may be there or not; nobody was promised anything
                    pause();
                }
                default -> {
                    return answer;
                }
            }
        }
    }

    /** @param status {@link #NONE}: none came */
    record Answer(int status, String body) {
        static final int NONE = 0;
    }

    /** Once. Receipts are remembered. */
    Answer send(ServerProcess server, String body) {
        try {
            var answer = http.send(
                    request(server, "/api/v1/audit/events")
                            .POST(BodyPublishers.ofString(body))
                            .build(),
                    BodyHandlers.ofString());
            switch (answer.statusCode()) {
                case 200, 201 -> remember(answer.body());
                case 429, 503 -> {}
                default -> surprises.add(answer.statusCode() + " " + answer.body());
            }
            return new Answer(answer.statusCode(), answer.body());
        } catch (IOException away) {
            unanswered.incrementAndGet();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            over = true;
        }
        return new Answer(Answer.NONE, "");
    }

    private void remember(String answer) {
        var found = RECEIPT.matcher(answer);
        while (found.find()) {
            var receipt = new Receipt(found.group(2), Long.parseLong(found.group(3)), found.group(4));
            var before = receipts.putIfAbsent(UUID.fromString(found.group(1)), receipt);
            if (before != null && !before.equals(receipt)) surprises.add(before + " and then " + receipt);
        }
    }

    /** Remembers the checkpoint that is published now. */
    void look(Supplier<ServerProcess> server, String tenant) {
        try {
            var answer = http.send(
                    request(server.get(), "/logs/" + tenant + "/checkpoint")
                            .GET()
                            .build(),
                    BodyHandlers.ofByteArray());
            if (answer.statusCode() == 200) checkpoints.get(tenant).add(answer.body());
        } catch (IOException away) {
            pause();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private static HttpRequest.Builder request(ServerProcess server, String path) {
        return HttpRequest.newBuilder(URI.create(server.base() + path))
                .timeout(Duration.ofSeconds(15))
                .header("Content-Type", "application/json")
                .header("X-Api-Key", server.adminKey());
    }

    /** Ends when each client has its last answer. */
    @Override
    public void close() {
        over = true;
        for (var thread : threads) {
            try {
                if (!thread.join(Duration.ofMinutes(1))) throw new IllegalStateException("a client does not end");
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Reads each log as an outsider does: every receipt holds, no event is there twice, and no checkpoint that was published is denied. */
    void assertKept(ServerProcess server) throws Exception {
        for (var tenant : tenants) {
            var keys = server.get("/logs/" + tenant + "/vkey")
                    .body()
                    .lines()
                    .map(VerifierKey::parse)
                    .toList();
            var origin = keys.getFirst().name();
            long promised = receipts.values().stream()
                    .filter(receipt -> receipt.tenant().equals(tenant))
                    .mapToLong(receipt -> receipt.sequence() + 1)
                    .max()
                    .orElse(0);
            var newest = await().atMost(Duration.ofSeconds(30)) // a checkpoint covers what is a second old
                    .until(
                            () -> Checkpoint.open(
                                    SignedNote.parse(server.get("/logs/" + tenant + "/checkpoint")
                                            .body()),
                                    origin,
                                    keys),
                            signed -> signed.size() >= promised);
            var leaves = new ArrayList<Hash>();
            var ids = new HashSet<String>();
            for (var tile : Tile.between(0, newest.size())) {
                if (tile.level() > 0) continue;
                var bundle = new Bundle(tile.index(), tile.width());
                for (var entry : bundle.entries(bytes(server, "/logs/" + tenant + "/" + bundle.path()))) {
                    leaves.add(Hash.ofLeaf(entry));
                    var id = ID.matcher(new String(entry, StandardCharsets.UTF_8));
                    assertThat(id.find()).isTrue();
                    assertThat(ids.add(id.group(1)))
                            .as("%s has %s twice", tenant, id.group(1))
                            .isTrue();
                }
            }
            assertThat(Frontier.EMPTY.append(leaves).root()).isEqualTo(newest.root());
            var tree = new TiledTree(newest.size(), tiles -> {
                var contents = new ArrayList<byte[]>();
                for (var tile : tiles) contents.add(bytes(server, "/logs/" + tenant + "/" + tile.path()));
                return contents;
            });
            for (var note : checkpoints.get(tenant)) {
                var seen = Checkpoint.open(SignedNote.parse(note), origin, keys);
                if (seen.size() > 0) tree.consistency(seen.size()).verify(seen.root(), newest.root());
                assertThat(Frontier.EMPTY
                                .append(leaves.subList(0, (int) seen.size()))
                                .root())
                        .as("%s at %d", tenant, seen.size())
                        .isEqualTo(seen.root());
            }
            receipts.forEach((id, receipt) -> {
                if (receipt.tenant().equals(tenant)) {
                    assertThat(leaves.get((int) receipt.sequence()).toString())
                            .as("receipt of %s", id)
                            .isEqualTo(receipt.leaf());
                }
            });
        }
    }

    private byte[] bytes(ServerProcess server, String path) throws IOException {
        try {
            var answer = http.send(request(server, path).GET().build(), BodyHandlers.ofByteArray());
            assertThat(answer.statusCode()).as(path).isEqualTo(200);
            return answer.body();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException(stop);
        }
    }
}
