package io.muster.benchmarks;

import io.muster.benchmarks.Bench.Benchmark;
import io.muster.benchmarks.Bench.Figure;
import io.muster.benchmarks.Bench.Promise;
import io.muster.benchmarks.Load.Then;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.AbstractList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A million checks, each with an armed deadline: what they cost while nothing is due, how soon is on record what falls due,
 * and whether server and pings cost what they cost among a thousand. The checks are written into the server's database by its
 * owner, for the API would take an hour. Processor time is that of server and PostgreSQL together.
 */
final class DeadlineBench implements Benchmark {
    private static final int FEW = 1_000;
    private static final int MANY = 1_000_000;
    private static final int DUE = 1_000;
    private static final int DUE_ROUNDS = 3;
    private static final int EARLY = 50_000;
    private static final int CONNECTIONS = 64;
    private static final Duration WARM_UP = Duration.ofSeconds(20);
    private static final Duration PINGED = Duration.ofSeconds(10);
    private static final Duration IDLE = Duration.ofSeconds(20);
    private static final Duration LIMIT = Duration.ofMinutes(2);

    /** What is measured of few checks, and of many. */
    private record Cost(double residentMib, double heapMib, double microsPerPing, double pingsPerSecond) {}

    @Override
    public List<Figure> run(Path folder) throws Exception {
        try (var server = Server.start(folder.resolve("data"));
                var db = server.connect("muster_owner")) {
            declare(db, 0, FEW);
            var few = cost(server, FEW);
            declare(db, FEW, MANY);
            settle(server, db);
            double idle = idle(server);
            var late = List.of(due(db), due(db), due(db));
            double early = early(server, db);
            var many = cost(server, MANY);
            return List.of(
                    new Figure(
                            "1,000 due in a second: the latest is noticed after",
                            max(late, 0),
                            "ms",
                            new Promise.AtMost(1_000)),
                    new Figure("99 of 100 are noticed after", max(late, 1), "ms", new Promise.None()),
                    new Figure("all are committed after", max(late, 2), "ms", new Promise.AtMost(1_000)),
                    new Figure("1,000,000 armed, none due: processor", idle * 100, "%", new Promise.AtMost(2)),
                    new Figure("a deadline that rang early is set again in", early, "us", new Promise.None()),
                    new Figure("heap in use, 1,000 checks", few.heapMib, "MiB", new Promise.None()),
                    new Figure(
                            "heap in use, 1,000,000 checks",
                            many.heapMib,
                            "MiB",
                            new Promise.AtMost(few.heapMib + 100)),
                    new Figure("server in memory, 1,000 checks", few.residentMib, "MiB", new Promise.None()),
                    new Figure("server in memory, 1,000,000 checks", many.residentMib, "MiB", new Promise.None()),
                    new Figure("processor for a ping, 1,000 checks", few.microsPerPing, "us", new Promise.None()),
                    new Figure("processor for a ping, 1,000,000 checks", many.microsPerPing, "us", new Promise.None()),
                    new Figure("pings, 1,000 checks", few.pingsPerSecond, "1/s", new Promise.None()),
                    new Figure("pings, 1,000,000 checks", many.pingsPerSecond, "1/s", new Promise.None()));
        }
    }

    private static double max(List<double[]> rounds, int figure) {
        return rounds.stream().mapToDouble(round -> round[figure]).max().orElseThrow();
    }

    // ---- the checks

    /** Checks {@code from} to {@code to}, each up and due in a day or later. */
    private static void declare(Connection db, int from, int to) throws SQLException {
        execute(db, """
                insert into checks (project, uuid, unique_key, job_id, slug, name, status, status_since, last_ping,
                                    last_success, pings, armed_at, created_at, updated_at)
                select 'default', cast(md5(cast(n as text)) as uuid), lpad(to_hex(n), 40, '0'), 'job-' || n, 'job-' || n,
                       'Job ' || n, 'up', now(), at, at, 1, at + interval '90000 seconds', now(), now()
                  from (select n, now() - n %% 3600 * interval '1 second' as at from generate_series(%d, %d) as n) as many
                """.formatted(from, to - 1));
        execute(db, """
                insert into deadline (kind, key, due_at)
                select 'check', cast(id as text), armed_at
                  from checks
                 where cast(substr(job_id, 5) as int) >= %d
                """.formatted(from));
    }

    /** What a database does by itself after a large load would be measured else. */
    private static void settle(Server server, Connection db) throws IOException, SQLException, InterruptedException {
        execute(db, "vacuum analyze"); // the pings of the first measurement too
        try (var superuser = server.connect("postgres")) {
            execute(superuser, "checkpoint");
        }
        TimeUnit.SECONDS.sleep(5);
    }

    private static void execute(Connection db, String text) throws SQLException {
        try (var sql = db.createStatement()) {
            sql.execute(text);
        }
    }

    private static double number(Connection db, String query) throws SQLException {
        try (var sql = db.createStatement();
                var rows = sql.executeQuery(query)) {
            rows.next();
            return rows.getDouble(1);
        }
    }

    // ---- what is measured

    /** The share of one core, while nothing is due and nobody calls. */
    private static double idle(Server server) throws IOException, InterruptedException {
        long begun = System.nanoTime();
        double before = server.processorSeconds();
        TimeUnit.NANOSECONDS.sleep(IDLE.toNanos());
        return (server.processorSeconds() - before) / ((System.nanoTime() - begun) / 1e9);
    }

    /** Of {@value #DUE} that fall due in one second: how late, in ms, the last and 99 of 100 were noticed, and all committed. */
    private static double[] due(Connection db) throws SQLException, InterruptedException, IOException {
        long flips = flips(db);
        execute(db, """
                with late as (update checks
                                 set last_ping = at - interval '90000 seconds', armed_at = at
                                from (select id as due, date_trunc('second', now()) + interval '4 seconds'
                                                        + row_number() over () * interval '1 millisecond' as at
                                        from (select id from checks where status = 'up' order by md5(job_id) limit %d) as picked) as soon
                               where id = due
                           returning id, at)
                update deadline set due_at = at from late where kind = 'check' and key = cast(id as text)
                """.formatted(DUE));
        await(db, flips + DUE);
        double committed = number(db, "select extract(epoch from clock_timestamp() - max(at)) from flip");
        var of = "select %s from (select recorded_at - at as late from flip order by id desc limit " + DUE
                + ") as flips";
        return new double[] {
            1_000 * number(db, of.formatted("extract(epoch from max(late))")),
            1_000 * number(db, of.formatted("extract(epoch from percentile_cont(0.99) within group (order by late))")),
            1_000 * committed
        };
    }

    private static long flips(Connection db) throws SQLException {
        return (long) number(db, "select count(*) from flip where reason = 'timeout'");
    }

    private static void await(Connection db, long flips) throws SQLException, InterruptedException, IOException {
        long begun = System.nanoTime();
        while (flips(db) < flips) {
            if (System.nanoTime() - begun > LIMIT.toNanos()) throw new IOException("deadlines are not noticed");
            TimeUnit.MILLISECONDS.sleep(10);
        }
    }

    /** Processor microseconds for each stored deadline that turns out to be earlier than the true one. */
    private static double early(Server server, Connection db) throws SQLException, IOException, InterruptedException {
        double before = 0;
        for (var round : List.of("warm up", "measure")) {
            before = server.processorSeconds();
            execute(db, """
                    with picked as (select id from checks where status = 'up' order by md5(job_id || '%s') limit %d)
                    update deadline set due_at = now() where kind = 'check' and key in (select cast(id as text) from picked)
                    """.formatted(round, EARLY));
            before = server.processorSeconds();
            long begun = System.nanoTime();
            while (number(db, "select count(*) from deadline where kind = 'check' and due_at <= now()") > 0) {
                if (System.nanoTime() - begun > LIMIT.toNanos()) throw new IOException("deadlines are not set again");
                TimeUnit.MILLISECONDS.sleep(250);
            }
        }
        return (server.processorSeconds() - before) / EARLY * 1e6;
    }

    private static Cost cost(Server server, int checks) throws IOException, InterruptedException {
        var pings = requests(checks);
        Load.run(server.port(), CONNECTIONS, pings, Then.KEEP, WARM_UP);
        double before = server.processorSeconds();
        var pinged = Load.run(server.port(), CONNECTIONS, pings, Then.KEEP, PINGED);
        double micros = (server.processorSeconds() - before) / pinged.answered() * 1e6;
        double heap = server.heapMib();
        return new Cost(server.residentMib(), heap, micros, pinged.perSecond());
    }

    /** Made when they are sent: a million of them would be more than all that is measured. */
    private static List<byte[]> requests(int checks) {
        return new AbstractList<>() {
            @Override
            public byte[] get(int n) {
                return ("GET /ping/" + uuid(n) + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII);
            }

            @Override
            public int size() {
                return checks;
            }
        };
    }

    /** As {@code md5} of PostgreSQL makes it. */
    private static String uuid(int n) {
        try {
            var digest =
                    MessageDigest.getInstance("MD5").digest(Integer.toString(n).getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().formatHex(digest).replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{12})", "$1-$2-$3-$4-$5");
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }
}
