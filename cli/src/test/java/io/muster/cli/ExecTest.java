package io.muster.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.muster.cli.Cli.Ended;
import io.muster.cli.Cli.Running;
import io.muster.cli.ReportServer.Mood;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code muster exec} as a process, with real jobs, signals and files, and a server that fails in every way. */
class ExecTest {
    private static final String ID = "31365bce-8da9-4729-8ff3-aaa71d56b712";

    @TempDir
    Path folder;

    private ReportServer muster;
    private Cli cli;
    private Path spool;

    @BeforeEach
    void start() throws IOException {
        muster = new ReportServer();
        cli = new Cli(folder);
        spool = folder.resolve("spool");
        cli.environment.putAll(
                Map.of("MUSTER_URL", muster.url(), "MUSTER_CHECK", ID, "MUSTER_SPOOL", spool.toString()));
    }

    @AfterEach
    void stop() {
        cli.killAll();
        muster.close();
    }

    // ---- a job and its reports ----

    @Test
    void a_run_is_reported_with_start_exit_code_and_output_under_one_run_id() throws Exception {
        var ended = sh("echo out; echo err >&2; echo $MUSTER_RUN_ID $MUSTER_CHECK $MUSTER_URL; exit 3");
        assertEquals(3, ended.code());
        var rid = muster.recorded().getFirst().rid();
        var told = rid + " " + ID + " " + muster.url();
        assertEquals("out\n" + told + "\n", ended.text());
        assertEquals("err\n", ended.err());
        assertEquals(List.of("/start", "/3"), muster.said());
        var end = muster.recorded().getLast();
        assertEquals("POST", end.method());
        assertEquals(rid, end.rid());
        assertEquals(rid, UUID.fromString(rid).toString());
        assertEquals(
                new TreeSet<>(List.of("err", "out", told)),
                new TreeSet<>(List.of(end.text().split("\n"))));
        assertEquals(0, sh("").code());
        assertEquals(List.of("/start", "/3", "/start", "/0"), muster.said());
        assertEquals("", muster.recorded().getLast().text());
        assertNotEquals(rid, muster.recorded().getLast().rid());
        assertEquals(List.of(), kept());
    }

    @Test
    void output_goes_through_unchanged_and_live_in_its_order_and_input_is_the_job_s() throws Exception {
        var bytes = new byte[256 * 20];
        for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) (i * 7);
        var input = Files.write(folder.resolve("input"), bytes);
        var go = folder.resolve("go");
        var command = Cli.java(
                List.of("exec", "--", "sh", "-c", "head -c 4000; until [ -e " + go + " ]; do sleep 0.05; done; cat"));
        var running = cli.startProcess(command, Redirect.from(input.toFile()));
        Cli.await("the first bytes are there while the job runs", () -> size(running.out()) == 4000);
        Files.createFile(go);
        var ended = running.await();
        assertArrayEquals(bytes, ended.out());
        assertArrayEquals(bytes, muster.recorded().getLast().body());

        var both = Cli.java(
                List.of("exec", "--", "sh", "-c", "for i in 1 2 3 4 5 6 7 8 9; do echo o$i; echo e$i >&2; done"));
        var out = folder.resolve("both");
        var shell = new ArrayList<>(List.of("sh", "-c", "exec \"$@\" >" + out + " 2>&1", "sh"));
        shell.addAll(both);
        cli.startProcess(shell, Redirect.PIPE).await();
        assertEquals(
                "o1 e1 o2 e2 o3 e3 o4 e4 o5 e5 o6 e6 o7 e7 o8 e8 o9 e9 ",
                Files.readString(out).replace('\n', ' '));
    }

    @Test
    void of_a_hundred_megabytes_the_end_is_reported_with_how_much_was_cut() throws Exception {
        var command = new ArrayList<>(List.of("sh", "-c", "\"$@\" | wc -c", "sh"));
        command.addAll(Cli.java(List.of("exec", "--", "sh", "-c", "yes 0123456789 | head -c 100000000; echo the end")));
        var ended = cli.startProcess(command, Redirect.PIPE).await(); // in a heap of 48 MB, see Cli
        assertEquals("100000008", ended.text().strip());
        var body = muster.recorded().getLast().text();
        assertTrue(body.length() > 9_990 && body.length() <= 10_000, body.length() + " bytes");
        assertTrue(body.startsWith("muster: the first 99,990,06"), body.substring(0, 80));
        assertTrue(body.endsWith("56789\n0the end\n"), body.substring(9_900));
    }

    @Test
    void a_check_that_takes_less_gets_less_and_nothing_if_nothing_is_to_be_reported() throws Exception {
        muster.bodyLimit = 100;
        sh("yes | head -c 1000");
        int length = muster.recorded().getLast().body().length;
        assertTrue(length > 90 && length <= 100, length + " bytes");
        var ended = exec("--no-output", "--", "sh", "-c", "echo secret; exit 1");
        assertEquals("secret\n", ended.text());
        assertEquals("", muster.recorded().getLast().text());
    }

    @Test
    void what_cannot_be_run_is_reported_with_the_code_that_shells_give() throws Exception {
        var ended = exec("--", "no-such-command", "-x");
        assertEquals(127, ended.code());
        assertEquals("muster: command not found: no-such-command: give its whole path, or set PATH\n", ended.err());
        var plain = Files.createFile(folder.resolve("plain"));
        assertEquals(126, exec("--", plain.toString()).code());
        assertEquals(List.of("/start", "/127", "/start", "/126"), muster.said());
        assertTrue(muster.recorded().get(1).text().contains("command not found"));
        assertEquals(128 + 9, sh("kill -9 $$").code());
        assertEquals("/137", muster.said().getLast());
    }

    @Test
    void arguments_are_the_job_s_whatever_they_look_like() throws Exception {
        var ended = exec("--", "printf", "%s|", "@file", "--timeout", "", "a b", "--", "$HOME");
        assertEquals("@file|--timeout||a b|--|$HOME|", ended.text());
        assertEquals("-n --check\n", exec("echo", "-n --check").text());
    }

    @Test
    void wrong_usage_is_2_and_runs_nothing() throws Exception {
        assertEquals(2, exec().code());
        assertEquals(
                2, exec("--check", "no such id", "--", "touch", folder + "/ran").code());
        assertEquals(2, exec("--timeout", "5", "--", "touch", folder + "/ran").code());
        assertEquals(2, exec("--replay", "--", "touch", folder + "/ran").code());
        cli.environment.remove("MUSTER_CHECK");
        var ended = exec("--", "touch", folder + "/ran");
        assertEquals(2, ended.code());
        assertTrue(ended.err().startsWith("of which check? Give --check ID, or set MUSTER_CHECK"), ended.err());
        assertFalse(Files.exists(folder.resolve("ran")));
        assertEquals(0, muster.requests());
    }

    @Test
    void a_check_is_named_by_slug_with_the_ping_key_or_looked_up_or_by_its_url() throws Exception {
        cli.environment.put("MUSTER_CHECK", "nightly");
        cli.environment.put("MUSTER_KEY", "an-api-key");
        muster.api.put("/api/v1/jobs/nightly", "{\"uuid\":\"" + ID + "\"}");
        sh("");
        cli.environment.put("MUSTER_PING_KEY", "pingkey");
        sh("");
        exec("--check", muster.url() + "/ping/k/other", "--", "true");
        assertEquals(
                List.of(ID, ID, "pingkey/nightly", "pingkey/nightly", "k/other", "k/other"),
                muster.recorded().stream().map(ReportServer.Seen::check).toList());
        cli.environment.remove("MUSTER_PING_KEY");
        cli.environment.remove("MUSTER_KEY");
        cli.environment.put("MUSTER_DATA", folder.toString());
        var ended = sh("exit 6");
        assertEquals(6, ended.code());
        assertTrue(ended.err().contains("give a key with --key-file or MUSTER_KEY"), ended.err());
    }

    // ---- time and signals ----

    @Test
    void a_job_that_takes_too_long_is_stopped_with_all_that_it_started() throws Exception {
        var ended = exec("--timeout", "1s", "--", "sh", "-c", "sleep 1000 & echo $!; wait");
        assertEquals(124, ended.code());
        assertEquals("muster: stopped after 1 s, see --timeout\n", ended.err());
        assertEquals("/124", muster.said().getLast());
        assertTrue(muster.recorded().getLast().text().startsWith("muster: stopped after 1 s, see --timeout\n"));
        awaitGone(ended.text());
        var stubborn = exec(
                "--timeout",
                "1s",
                "--kill-after",
                "0s",
                "--",
                "sh",
                "-c",
                "trap '' TERM; sleep 1000 & echo $!; wait; wait");
        assertEquals(124, stubborn.code());
        awaitGone(stubborn.text());
    }

    @ParameterizedTest
    @CsvSource({"TERM, 143", "INT, 130", "HUP, 129"})
    void a_signal_goes_to_the_job_and_its_end_is_awaited_and_reported(String signal, int code) throws Exception {
        var running = cli.start(List.of("exec", "--", "sh", "-c", "sleep 1000 & echo $!; exec sleep 1000"));
        Cli.await("the job runs", () -> size(running.out()) > 0);
        running.signal(signal);
        var ended = running.await();
        assertEquals(code, ended.code());
        assertEquals("/" + code, muster.said().getLast());
        assertEquals(
                "muster: told to stop by SIG" + signal,
                muster.recorded().getLast().text().split("\n")[0]);
        if (!signal.equals("INT")) awaitGone(ended.text()); // what a shell starts with & ignores INT
        else kill(ended.text());
    }

    @Test
    void a_job_that_ends_its_work_on_a_signal_ends_as_it_says() throws Exception {
        var running = cli.start(List.of(
                "exec", "--", "sh", "-c", "trap 'echo once; exit 7' TERM; echo up; while :; do sleep 0.05; done"));
        Cli.await("the job runs", () -> size(running.out()) > 0);
        running.signal("TERM");
        var ended = running.await();
        assertEquals(7, ended.code());
        assertEquals("up\nonce\n", ended.text());
        assertEquals("/7", muster.said().getLast());
    }

    @Test
    void at_a_terminal_what_is_typed_reaches_the_job() throws Exception {
        var job = "[ -t 0 ] && echo a terminal; trap 'echo caught; exit 5' INT; read line; echo got $line;"
                + " while :; do sleep 0.05; done";
        var typist = """
                import os, pty, sys
                child, terminal = pty.fork()
                if child == 0:
                    os.execv(sys.argv[1], sys.argv[1:])
                seen = b""
                def until(words):
                    global seen
                    while words not in seen:
                        seen += os.read(terminal, 1000)
                until(b"a terminal")
                os.write(terminal, b"hello\\n")
                until(b"got hello")
                os.write(terminal, b"\\x03")
                until(b"caught")
                print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
                """;
        var command = new ArrayList<>(List.of("python3", "-c", typist));
        command.addAll(Cli.java(List.of("exec", "--", "sh", "-c", job)));
        var ended = cli.startProcess(command, Redirect.PIPE).await();
        assertEquals("5\n", ended.text(), ended.err());
        assertEquals("/5", muster.said().getLast());
    }

    @Test
    void of_a_run_whose_exec_was_killed_the_next_one_tells() throws Exception {
        var running = cli.start(List.of("exec", "--", "sh", "-c", "echo $$; exec sleep 1000"));
        Cli.await("the job runs", () -> size(running.out()) > 0);
        var rid = muster.recorded().getFirst().rid();
        running.process().destroyForcibly().waitFor();
        kill(running.printed());
        sh("");
        assertEquals(List.of("/start", "/fail", "/start", "/0"), muster.said());
        var lost = muster.recorded().get(1);
        assertEquals(rid, lost.rid());
        assertTrue(
                lost.text()
                        .contains("exec was killed (as process "
                                + running.process().pid()),
                lost.text());
        sh("");
        assertEquals(6, muster.recorded().size());
    }

    @Test
    void a_run_that_goes_on_is_not_taken_for_a_lost_one() throws Exception {
        var go = folder.resolve("go");
        var long_ =
                cli.start(List.of("exec", "--", "sh", "-c", "echo up; until [ -e " + go + " ]; do sleep 0.05; done"));
        Cli.await("the job runs", () -> size(long_.out()) > 0);
        sh("");
        Files.createFile(go);
        assertEquals(0, long_.await().code());
        assertEquals(List.of("/start", "/start", "/0", "/0"), muster.said());
        assertEquals(List.of(), kept());
    }

    // ---- a server that fails ----

    @Test
    void a_job_begins_though_the_server_is_silent() throws Exception {
        muster.is(Mood.SILENT);
        var running = cli.start(List.of("exec", "--retry-for", "1m", "--", "sh", "-c", "echo ran; exit 3"));
        Cli.await("the job has run", () -> size(running.out()) > 0);
        assertEquals(List.of(), muster.recorded());
        muster.wakeUp();
        assertEquals(3, running.await().code());
        var end = muster.recorded().getLast();
        assertEquals("/3", end.said());
        assertTrue(
                end.text()
                        .matches(
                                "muster: the start could not be reported; the run began at \\S+Z and took .* s\nran\n"),
                end.text());
    }

    @Test
    void a_server_that_comes_back_in_time_is_told_by_the_same_exec() throws Exception {
        muster.is(Mood.BUSY);
        var running = cli.start(List.of("exec", "--retry-for", "1m", "--", "sh", "-c", "exit 4"));
        Cli.await("the end is tried", () -> muster.requests() >= 4);
        muster.is(Mood.WELL);
        assertEquals(4, running.await().code());
        assertEquals("/4", muster.said().getLast());
        assertEquals(List.of(), kept());
    }

    @Test
    void what_was_not_delivered_goes_out_before_the_next_exec_s_own_report() throws Exception {
        muster.is(Mood.BUSY);
        var ended = exec("--retry-for", "0s", "--", "sh", "-c", "echo first; exit 4");
        assertEquals(4, ended.code());
        assertEquals(
                "muster: the server answered 503: nothing was recorded\n" + "muster: the report is kept in " + spool
                        + ": it goes out with the next exec, or by ./muster exec --replay\n",
                ended.err());
        assertEquals(1, kept().size());
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(spool)));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(kept().getFirst())));
        muster.is(Mood.WELL);
        assertEquals(0, sh("echo second").code());
        assertEquals(List.of("/4", "/start", "/0"), muster.said());
        assertTrue(
                muster.recorded().getFirst().text().endsWith(" s\nfirst\n"),
                muster.recorded().toString());
        assertEquals(List.of(), kept());
    }

    @Test
    void a_server_that_is_gone_is_no_reason_to_fail_and_quiet_says_nothing() throws Exception {
        cli.environment.put("MUSTER_URL", "http://127.0.0.1:1");
        var ended = exec("--quiet", "--retry-for", "1s", "--", "sh", "-c", "echo ran");
        assertEquals(0, ended.code());
        assertEquals("ran\n", ended.text());
        assertEquals("", ended.err());
        assertEquals(1, kept().size());
    }

    @Test
    void what_the_server_refuses_for_good_is_said_once_and_neither_tried_again_nor_kept() throws Exception {
        muster.is(Mood.KNOWS_NO_CHECK);
        var ended = sh("exit 5");
        assertEquals(5, ended.code());
        assertEquals("muster: no check has this id: the page of the check shows it\n", ended.err());
        assertEquals(2, muster.requests());
        muster.is(Mood.ELSEWHERE);
        assertTrue(sh("").err().contains("name its real address with --server"));
        assertEquals(4, muster.requests());
        assertEquals(List.of(), kept());
    }

    @Test
    void what_is_replayed_does_not_pretend_to_be_now() throws Exception {
        keep("/1", Duration.ofHours(30), "older failure");
        keep("/0", Duration.ofHours(6), "old success");
        assertEquals("2 sent, 0 left\n", exec("--replay").text());
        assertEquals(List.of("/log", "/log"), muster.said());
        assertTrue(
                muster.recorded()
                        .get(0)
                        .text()
                        .matches("muster: replayed as a note: failure at \\S+Z, exit code 1, after 7 s\nolder failure"),
                muster.recorded().toString());
        assertTrue(
                muster.recorded()
                        .get(1)
                        .text()
                        .matches("muster: replayed as a note: success at \\S+Z, exit code 0, after 7 s\nold success"),
                muster.recorded().toString());

        keep("/0", Duration.ofMinutes(9), "success");
        keep("/2", Duration.ofMinutes(5), "newer failure");
        assertEquals("2 sent, 0 left\n", exec("--replay").text());
        assertEquals(List.of("/log", "/log", "/log", "/2"), muster.said());
        assertTrue(muster.recorded().getLast().text().startsWith("muster: told late: failure at "));

        keep("/2", Duration.ofMinutes(9), "failure");
        keep("/0", Duration.ofMinutes(5), "newer success");
        exec("--replay");
        assertEquals(List.of("/log", "/0"), muster.said().subList(4, 6));
        assertEquals("0 sent, 0 left\n", exec("--replay").text());
    }

    @Test
    void a_replay_that_cannot_deliver_says_why_and_ends_1() throws Exception {
        keep("/1", Duration.ofMinutes(1), "");
        muster.is(Mood.BUSY);
        var ended = exec("--replay");
        assertEquals(1, ended.code());
        assertEquals("0 sent, 1 left\n", ended.text());
        assertEquals("muster: the server answered 503: nothing was recorded\n", ended.err());
    }

    @Test
    void reports_of_other_checks_go_out_while_a_job_runs() throws Exception {
        var other = new Address.PingUrl(URI.create(muster.url() + "/ping/k/other"));
        keep(other, "/1", Duration.ofMinutes(30), "");
        sh("until [ $(find " + spool + " -name '*.report' | wc -l) = 0 ]; do sleep 0.05; done");
        assertEquals(List.of("/start", "/1", "/0"), muster.said());
        assertEquals("k/other", muster.recorded().get(1).check());
    }

    @Test
    void two_at_once_send_each_report_once() throws Exception {
        var expected = new ArrayList<String>();
        for (int i = 0; i < 30; i++) {
            keep("/0", Duration.ofHours(1), "report " + i);
            expected.add("report " + i);
        }
        muster.slowMillis = 20;
        var runs = new ArrayList<Running>();
        for (int i = 0; i < 3; i++) runs.add(cli.start(List.of("exec", "--retry-for", "1m", "--", "true")));
        for (var run : runs) assertEquals(0, run.await().code());
        var replayed = muster.recorded().stream()
                .filter(seen -> seen.said().equals("/log"))
                .flatMap(seen -> seen.text().lines().skip(1))
                .toList();
        assertEquals(expected, replayed); // an end that found a newer one waiting is a note too, of one line
        assertEquals(30 + 3 + 3, muster.recorded().size());
        assertEquals(List.of(), kept());
    }

    @Test
    void a_broken_file_is_set_aside_and_said_and_the_others_go_out() throws Exception {
        keep("/1", Duration.ofMinutes(5), "broken");
        var broken = kept().getFirst();
        Files.write(broken, "garbage\n".getBytes(StandardCharsets.US_ASCII));
        keep("/2", Duration.ofMinutes(4), "whole");
        var ended = sh("");
        assertEquals(0, ended.code());
        assertEquals("muster: a file of the spool is broken, and was set aside: " + broken + ".corrupt\n", ended.err());
        assertEquals(List.of("/2", "/start", "/0"), muster.said());
        assertTrue(Files.exists(Path.of(broken + ".corrupt")));
        assertEquals("", sh("").err());
    }

    @Test
    void a_spool_that_others_can_read_is_not_used_and_the_job_is_reported_all_the_same() throws Exception {
        Files.createDirectory(
                spool, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        var ended = sh("exit 3");
        assertEquals(3, ended.code());
        assertEquals(
                "muster: what cannot be delivered will be lost, as the spool " + spool
                        + " is of no use: others may look into it: chmod 700 " + spool + "\n",
                ended.err());
        assertEquals(List.of("/start", "/3"), muster.said());
        muster.is(Mood.BUSY);
        var lost = exec("--retry-for", "0s", "--spool", "/proc/no", "--", "true");
        assertEquals(0, lost.code());
        assertTrue(lost.err().contains("the report is lost"), lost.err());
    }

    // ---- manifests ----

    @Test
    void the_manifest_that_the_job_wrote_is_the_body_of_its_success() throws Exception {
        var file = folder.resolve("manifest.json");
        exec("--manifest", file.toString(), "--", "sh", "-c", "echo out; echo '{\"manifest\":1}' >" + file);
        assertEquals("{\"manifest\":1}\n", muster.recorded().getLast().text());

        var stale = exec("--manifest", file.toString(), "--", "echo", "out");
        assertEquals(0, stale.code());
        assertEquals("muster: reported without the manifest: " + file + " is of an earlier run\n", stale.err());
        assertEquals(stale.err() + "out\n", muster.recorded().getLast().text());

        muster.bodyLimit = 20;
        var large =
                exec("--manifest", file.toString(), "--", "sh", "-c", "echo 123456789012345678901234567890 >" + file);
        assertTrue(large.err().contains("has 31 bytes, and the check takes 20"), large.err());

        Files.delete(file);
        muster.bodyLimit = 10_000;
        exec("--manifest", file.toString(), "--", "sh", "-c", "exit 1");
        assertEquals("/1", muster.said().getLast());
        assertEquals("", muster.recorded().getLast().text());
    }

    // ---- shorter ----

    private Ended exec(String... arguments) throws Exception {
        return cli.run(Stream.concat(Stream.of("exec"), Stream.of(arguments)).toList());
    }

    private Ended sh(String script) throws Exception {
        return exec("--", "sh", "-c", script);
    }

    private void keep(String said, Duration ago, String body) throws IOException {
        keep(new Address.PingUrl(URI.create(muster.url() + "/ping/" + ID)), said, ago, body);
    }

    private void keep(Address to, String said, Duration ago, String body) throws IOException {
        var at = Instant.now().minus(ago);
        Spool.open(spool, Spool.Bounds.ORDINARY)
                .shelf(to)
                .keep(
                        new Report(
                                to,
                                said,
                                UUID.randomUUID(),
                                at,
                                Duration.ofSeconds(7),
                                false,
                                body.getBytes(StandardCharsets.UTF_8)),
                        at);
    }

    private List<Path> kept() throws IOException {
        if (!Files.exists(spool)) return List.of();
        try (var all = Files.walk(spool)) {
            return all.filter(file -> file.toString().endsWith(Shelf.REPORT)
                            || file.toString().endsWith(Shelf.RUN))
                    .sorted()
                    .toList();
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException none) {
            return -1;
        }
    }

    private static void awaitGone(String pid) throws InterruptedException {
        var process = ProcessHandle.of(Long.parseLong(pid.strip()));
        Cli.await(
                "process " + pid + " is gone",
                () -> process.isEmpty() || !process.get().isAlive());
    }

    private static void kill(String pid) {
        ProcessHandle.of(Long.parseLong(pid.strip())).ifPresent(ProcessHandle::destroyForcibly);
    }
}
