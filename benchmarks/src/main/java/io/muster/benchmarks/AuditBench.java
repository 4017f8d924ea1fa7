package io.muster.benchmarks;

import io.muster.benchmarks.Bench.Benchmark;
import io.muster.benchmarks.Bench.Figure;
import io.muster.benchmarks.Bench.Promise;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.postgresql.PGConnection;

/**
 * How many audit events a second are made durable, in batches and one by one, sealed and indexed as all are. Beside it, in the same run and
 * database, what PostgreSQL alone does with the very rows that were stored: COPY into a table with the same indexes, over as many
 * connections as there are processors.
 */
final class AuditBench implements Benchmark {
    private static final int SENDERS = 8;
    private static final int CONNECTIONS = 256;
    private static final int COPIED_TOGETHER = 2_000;
    private static final Duration WARM_UP = Duration.ofSeconds(20);
    private static final Duration MEASURED = Duration.ofSeconds(60);

    @Override
    public List<Figure> run(Path folder) throws Exception {
        var random = new Random(1);
        try (var server = Server.start(folder.resolve("data"));
                var http = HttpClient.newHttpClient();
                var db = server.connect("muster_owner")) {
            AuditEvents.declare(new Calls(server, http));
            var batches = new ArrayList<byte[]>();
            for (int i = 0; i < 64; i++) batches.add(AuditEvents.request(server, AuditEvents.batch(random)));
            var singles = new ArrayList<byte[]>();
            for (int i = 0; i < 2_000; i++) singles.add(AuditEvents.request(server, AuditEvents.event(random)));

            Load.runAny(server.port(), SENDERS, batches, WARM_UP);
            double cpuBefore = server.processorSeconds();
            var many = Load.runAny(server.port(), SENDERS, batches, MEASURED);
            double micros = (server.processorSeconds() - cpuBefore) * 1e6 / (many.answered() * AuditEvents.BATCH);
            long stored = AuditEvents.count(db);
            Load.runAny(server.port(), CONNECTIONS, singles, WARM_UP);
            var ones = Load.runAny(server.port(), CONNECTIONS, singles, WARM_UP);
            double raw = copy(server, db, "create table copied (like %s including all)");
            double peer = copy(server, db, THREE_AND_ONE);
            double perSecond = many.perSecond() * AuditEvents.BATCH;
            return List.of(
                    new Figure("events in batches of 500, for 60 s", perSecond, "1/s", new Promise.AtLeast(25_000)),
                    new Figure("half of the batches wait at most", many.millis(0.5), "ms", new Promise.None()),
                    new Figure("processor for an event", micros, "us", new Promise.None()),
                    new Figure("the same rows by COPY alone, our indexes", raw, "1/s", new Promise.None()),
                    new Figure("events for each of these", perSecond / raw, "", new Promise.None()),
                    new Figure("COPY alone, three B-trees and one GIN of words", peer, "1/s", new Promise.None()),
                    new Figure("events for each of these", perSecond / peer, "", new Promise.AtLeast(0.5)),
                    new Figure("single events, 256 connections", ones.perSecond(), "1/s", new Promise.AtLeast(10_000)),
                    new Figure("99 of 100 wait at most", ones.millis(0.99), "ms", new Promise.AtMost(60)),
                    new Figure("events in the database at the end of the batches", stored, "", new Promise.None()));
        }
    }

    /** An index set that searches as ours do, with PostgreSQL's own index of words. */
    private static final String THREE_AND_ONE = """
            create table copied (like %s);
            create unique index on copied (log_id, idx);
            create index on copied (log_id, actor_ref, idx);
            create index on copied (log_id, action, idx);
            create index on copied using gin (words)
            """;

    /** Rows a second into a new table, over two connections, each part of {@value #COPIED_TOGETHER} rows in a transaction of its own. */
    private static double copy(Server server, Connection db, String table) throws Exception {
        var leaf = "";
        try (var sql = db.createStatement();
                var rows = sql.executeQuery(
                        "select audit_month(now()), set_config('synchronize_seqscans', 'off', false)")) {
            rows.next();
            leaf = rows.getString(1);
        }
        var parts = new ArrayList<byte[]>();
        var copies = db.unwrap(PGConnection.class).getCopyAPI();
        for (int i = 0; i < 100; i++) {
            var out = new ByteArrayOutputStream();
            copies.copyOut(
                    "copy (select * from " + leaf + " offset " + i * COPIED_TOGETHER + " limit " + COPIED_TOGETHER
                            + ") to stdout (format binary)",
                    out);
            parts.add(out.toByteArray());
        }
        try (var sql = db.createStatement()) {
            sql.execute("drop table if exists copied");
            sql.execute(table.formatted(leaf));
        }
        long begun = System.nanoTime();
        try (var threads = Executors.newFixedThreadPool(2)) {
            var halves = new ArrayList<Callable<Void>>();
            for (int half = 0; half < 2; half++) {
                int first = half;
                halves.add(() -> {
                    try (var own = server.connect("muster_owner")) {
                        var api = own.unwrap(PGConnection.class).getCopyAPI();
                        for (int i = first; i < parts.size(); i += 2) {
                            api.copyIn(
                                    "copy copied from stdin (format binary)", new ByteArrayInputStream(parts.get(i)));
                        }
                        return null;
                    }
                });
            }
            for (var half : threads.invokeAll(halves)) half.get();
        }
        return parts.size() * COPIED_TOGETHER / ((System.nanoTime() - begun) / 1e9);
    }
}
