package io.muster.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {
    private static final String WELL =
            "{\"status\":\"UP\",\"components\":{\"version\":{\"status\":\"UP\",\"details\":{\"version\":\"9.1\"}}}}";

    @TempDir
    Path folder;

    private ReportServer muster;
    private Path key;
    private Path spool;
    private StringWriter out = new StringWriter();

    @BeforeEach
    void start() throws IOException {
        muster = new ReportServer();
        key = Files.writeString(folder.resolve("key"), "k\n");
        spool = Files.createDirectory(folder.resolve("spool"));
        Files.setPosixFilePermissions(spool, PosixFilePermissions.fromString("rwx------"));
        muster.api.put("/api/v1/jobs", "{\"items\":[]}");
    }

    @AfterEach
    void stop() {
        muster.close();
    }

    @Test
    void when_all_is_well_each_thing_is_named_and_the_end_is_0() {
        muster.api.put("/actuator/health", WELL);
        assertEquals(0, doctor(muster.url()), out.toString());
        assertTrue(out.toString().contains("ok     server: " + muster.url() + ", version 9.1\n"), out.toString());
        assertTrue(out.toString().contains("ok     clock: as the server's\nok     key: the server knows it\n"));
        assertTrue(out.toString().contains("ok     spool: " + spool + " is empty\n"), out.toString());
        out = new StringWriter();
        assertEquals(0, run("version", "--server", muster.url(), "--key-file", key.toString()));
        assertEquals("muster (development)\nserver 9.1 at " + muster.url() + "\n", out.toString());
    }

    @Test
    void what_is_wrong_is_said_with_what_to_do_and_the_end_is_1() throws IOException {
        muster.api.put("/actuator/health", """
                {"status":"DOWN","components":{"disk":{"status":"DOWN","details":{"reason":"the disk is full"}}}}""");
        muster.api.remove("/api/v1/jobs");
        muster.is(ReportServer.Mood.KNOWS_NO_CHECK);
        var shelf = Files.createDirectory(spool.resolve("of-a-check"));
        Files.writeString(shelf.resolve("1-x.report"), "");
        Files.writeString(shelf.resolve("2-x.report.corrupt"), "");
        assertEquals(1, doctor(muster.url()));
        for (var line : new String[] {
            "wrong  server: disk: the disk is full: see docs/bad-days.md\n",
            "wrong  key: the server answered 404\n",
            "wrong  spool: 1 reports wait in " + spool + ": ./muster exec --replay\n",
            "wrong  spool: " + spool + " has 1 broken files (*.corrupt): look at them, then delete them\n"
        }) {
            assertTrue(out.toString().contains(line), out.toString());
        }
        out = new StringWriter();
        assertEquals(1, doctor("http://127.0.0.1:1"));
        assertTrue(
                out.toString()
                        .contains(
                                "wrong  server: no server answers at http://127.0.0.1:1: start it, or name it with --server\n"),
                out.toString());
    }

    private int doctor(String url) {
        return run("doctor", "--server", url, "--key-file", key.toString(), "--spool", spool.toString());
    }

    private int run(String... arguments) {
        return MusterCli.commandLine().setOut(new PrintWriter(out, true)).execute(arguments);
    }
}
