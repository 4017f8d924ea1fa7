package io.muster.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.muster.merklelog.Bundle;
import io.muster.merklelog.Checkpoint;
import io.muster.merklelog.Frontier;
import io.muster.merklelog.Hash;
import io.muster.merklelog.TilePath;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log on a server, read from its first entry to its last. */
class VerifyServedTest {
    private static final int SIZE = 700;
    private static final String EXPORT = "/api/v1/audit/export?tenantId=acme&format=zip";
    private static HonestExport log;

    @TempDir
    Path folder;

    /** What is answered, by path and query; all else is 404. */
    private final Map<String, byte[]> answers = new ConcurrentHashMap<>();

    private final List<String> refusals = new ArrayList<>();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private HttpServer http;

    @BeforeAll
    static void makeLog() {
        log = new HonestExport(1, SIZE, 100);
    }

    @BeforeEach
    void start() throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        http.createContext("/", exchange -> {
            var body = answers.get(exchange.getRequestURI().toString());
            int status = body == null ? 404 : 200;
            synchronized (refusals) {
                if (!refusals.isEmpty()) status = Integer.parseInt(refusals.removeFirst());
            }
            if (!"Bearer k".equals(exchange.getRequestHeaders().getFirst("Authorization"))) status = 401;
            exchange.getResponseHeaders().add("Retry-After", "0");
            var content = status == 200 ? body : "{\"detail\":\"no\"}".getBytes(UTF_8);
            exchange.sendResponseHeaders(status, content.length == 0 ? -1 : content.length);
            exchange.getResponseBody().write(content);
            exchange.close();
        });
        http.start();
        Files.writeString(folder.resolve("api-key"), "k\n");
        Files.writeString(folder.resolve("vkey"), log.vkey());
        serve(log);
    }

    @AfterEach
    void stop() {
        http.stop(0);
    }

    private void serve(HonestExport log) throws IOException {
        answers.clear();
        answers.put("/logs/acme/vkey", log.vkey().getBytes(UTF_8));
        answers.put("/logs/acme/checkpoint", log.note().bytes());
        log.tiles.forEach((path, hashes) -> answers.put("/logs/acme/" + path, hashes.clone()));
        for (int from = 0; from < log.size; from += TilePath.FULL) {
            var entries = new ArrayList<byte[]>();
            for (int i = from; i < Math.min(log.size, from + TilePath.FULL); i++)
                entries.add(log.event(i).entry());
            answers.put(
                    "/logs/acme/" + new Bundle(from / TilePath.FULL, entries.size()).path(), Bundle.content(entries));
        }
        serveExport(log.whole());
    }

    private void serveExport(Map<String, byte[]> files) throws IOException {
        answers.put(EXPORT, Files.readAllBytes(HonestExport.zip(files, folder.resolve("export.zip"))));
    }

    private static Checkpoint first(int size) {
        var leaves = new ArrayList<Hash>();
        for (int i = 0; i < size; i++) leaves.add(Hash.ofLeaf(log.event(i).entry()));
        return new Checkpoint(
                HonestExport.ORIGIN, size, Frontier.EMPTY.append(leaves).root());
    }

    private void old(Checkpoint checkpoint) throws IOException {
        Files.write(
                folder.resolve("old"),
                checkpoint.sign(List.of(log.key), HonestExport.NOW).bytes());
    }

    @Test
    void an_honest_log_is_proven_and_each_step_is_said() throws IOException {
        old(first(300));
        assertEquals(0, verify("--key", "vkey", "--since", "old", "--save", "new"), err::toString);
        assertEquals(
                Stream.of(
                                "the log muster.example/main/l/7 signed that it has 700 entries with the root "
                                        + log.frontier.root(),
                                "all its entries, and all tiles over them, lead to that root",
                                "it has grown out of the checkpoint in " + folder.resolve("old")
                                        + ": nothing before was changed",
                                "its events, from an export of now:",
                                "the log muster.example/main/l/7 signed that it has 700 entries with the root "
                                        + log.frontier.root(),
                                "4 tiles lead to that root",
                                "700 events of the tenant \"acme\" are in it, each where it says, with what its envelope says",
                                "41 of them are erased: of these, what stands in clear in their envelopes is proven, and no more",
                                "that is the whole log: nothing is missing",
                                "proven")
                        .toList(),
                out.toString().lines().toList());
        assertEquals(log.note().toString(), Files.readString(folder.resolve("new")));
        assertEquals(0, verify("--entries-only"), err::toString);
        assertTrue(out.toString()
                .startsWith("CAREFUL: without --key the log's keys are those that the server itself gives"));
        assertEquals(
                0,
                Files.list(Path.of(System.getProperty("java.io.tmpdir")))
                        .filter(file -> file.toString().contains("muster-verify-"))
                        .count());
    }

    @Test
    void an_export_of_a_little_later_or_earlier_is_proven_too() throws IOException {
        serveExport(new HonestExport(1, SIZE + 30, 100).whole());
        assertEquals(0, verify("--key", "vkey", "--save", "new"), err::toString);
        assertTrue(Files.readString(folder.resolve("new")).contains("\n730\n"));
        serveExport(new HonestExport(1, SIZE - 30, 100).whole());
        assertEquals(0, verify("--key", "vkey", "--save", "new"), err::toString);
        assertTrue(Files.readString(folder.resolve("new")).contains("\n700\n"));
        serveExport(new HonestExport(2, SIZE + 30, 100).whole());
        lie("in the export: the tree of 730 leaves does not grow out of that of 700");
        serveExport(new HonestExport(2, SIZE - 30, 100).whole());
        lie("in the export: the tree of 700 leaves does not grow out of that of 670");
        serveExport(log.part(i -> i < 5));
        lie("in the export: asked for the whole log of acme, the server sent a part");
    }

    @Test
    void a_server_that_asks_to_come_later_is_asked_again() {
        refusals.addAll(List.of("503", "429"));
        assertEquals(0, verify("--key", "vkey", "--entries-only"), err::toString);
    }

    @Test
    void a_changed_entry_or_tile() throws IOException {
        answers.get("/logs/acme/tile/entries/001")[5 * 136 + 20] ^= 1;
        lie("entry 261 has the hash ", "tile/0/001 has ");
        serve(log);
        answers.get("/logs/acme/tile/0/001")[64] ^= 1;
        lie("entry 258 has the hash ", "tile/0/001 has ");
        serve(log);
        answers.get("/logs/acme/tile/1/000.p/2")[64 - 1] ^= 1;
        lie("hash 1 of tile/1/000.p/2 is ", "the tile below it leads to ");
        serve(log);
        answers.get("/logs/acme/tile/entries/001")[0] ^= 1;
        lie("tile/entries/001 ends within entry ");
    }

    @Test
    void what_is_missing() throws IOException {
        answers.remove("/logs/acme/tile/entries/001");
        lie("tile/entries/001 is missing: no");
        serve(log);
        answers.remove("/logs/acme/tile/0/002.p/188");
        lie("tile/0/002.p/188 is missing: no");
    }

    @Test
    void a_log_that_goes_back_or_was_written_anew() throws IOException {
        old(new Checkpoint(HonestExport.ORIGIN, SIZE + 1, Hash.OF_NOTHING));
        lie("the log has gone back: it signed 701 entries ", "--since", "old");
        old(new Checkpoint(HonestExport.ORIGIN, 300, Hash.OF_NOTHING));
        lie("the first 300 entries have the root ", "--since", "old");
        serve(new HonestExport(2, SIZE, 100));
        old(first(700));
        lie("two checkpoints of 700 entries have different roots: ", "--since", "old");
    }

    @Test
    void answers_without_end_are_not_read_to_it() {
        for (var path : List.of("checkpoint", "tile/0/001", "tile/entries/001")) {
            var honest = answers.put("/logs/acme/" + path, new byte[2 << 20]);
            lie("", "has more than ");
            answers.put("/logs/acme/" + path, honest);
        }
    }

    @Test
    void what_cannot_be_asked_is_no_lie() throws IOException {
        Files.writeString(folder.resolve("other-key"), "x");
        cannot("no", "/logs/acme", "--key-file", "other-key");
        cannot("no", "/logs/other", "--key-file", "api-key");
        cannot("there is no file", "/logs/acme", "--key-file", "absent");
        answers.remove(EXPORT);
        cannot("no", "/logs/acme", "--key-file", "api-key");
        http.stop(0);
        cannot("no server answers at ", "/logs/acme", "--key-file", "api-key");
        assertEquals(2, run("http://127.0.0.1:1/lags/acme"));
        assertEquals(2, run("http:///logs/acme"));
    }

    private void cannot(String told, String path, String... more) {
        var all =
                new ArrayList<>(List.of("http://127.0.0.1:" + http.getAddress().getPort() + path));
        all.addAll(List.of(more));
        assertEquals(2, run(all.toArray(String[]::new)), err::toString);
        assertTrue(err.toString().startsWith("muster: cannot check: " + told), err::toString);
    }

    /** @param told of which the first begins the line, up to the first option */
    private void lie(String... told) {
        var all = List.of(told);
        int options = (int) all.stream().takeWhile(one -> !one.startsWith("--")).count();
        assertEquals(
                1,
                verify(Stream.concat(Stream.of("--key", "vkey"), all.stream().skip(options))
                        .toArray(String[]::new)),
                err::toString);
        assertTrue(err.toString().startsWith("muster: " + told[0]), err::toString);
        all.stream()
                .limit(options)
                .forEach(part -> assertTrue(err.toString().contains(part), () -> part + " expected: " + err));
        assertEquals(1, err.toString().lines().count());
        assertTrue(!out.toString().endsWith("proven\n"), out.toString());
    }

    private int verify(String... arguments) {
        var all = new ArrayList<>(
                List.of("http://127.0.0.1:" + http.getAddress().getPort() + "/logs/acme", "--key-file", "api-key"));
        all.addAll(List.of(arguments));
        return run(all.toArray(String[]::new));
    }

    /** All but options and addresses are names of files. */
    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        var all = new ArrayList<>(List.of("verify"));
        for (var argument : arguments) {
            all.add(
                    argument.startsWith("--") || argument.startsWith("http")
                            ? argument
                            : folder.resolve(argument).toString());
        }
        return MusterCli.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all.toArray(String[]::new));
    }
}
