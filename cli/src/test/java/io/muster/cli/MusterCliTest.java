package io.muster.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class MusterCliTest {
    @org.junit.jupiter.api.io.TempDir
    java.nio.file.Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void versionIsOneLineWithoutAServer() {
        assertEquals(0, run("version", "--server", "http://127.0.0.1:1"));
        assertEquals("muster (development)" + System.lineSeparator(), out.toString());
    }

    @Test
    void wrongUsageIs2() {
        assertEquals(2, run("ping"));
        assertTrue(err.toString().startsWith("Missing required parameter: 'ID'"), err.toString());
    }

    @Test
    void aMissingServerIsOneLineThatSaysWhatToDo() {
        assertEquals(1, run("ping", "--server", "http://127.0.0.1:1", "31365bce-8da9-4729-8ff3-aaa71d56b712"));
        assertEquals(
                "muster: no server answers at http://127.0.0.1:1: start it, or name it with --server"
                        + System.lineSeparator(),
                err.toString());
    }

    @Test
    void signInLinkWithoutAServerIsOneLineToo() throws java.io.IOException {
        var key = java.nio.file.Files.writeString(folder.resolve("key"), "k");
        assertEquals(1, run("sign-in-link", "--server", "http://127.0.0.1:1", "--key-file", key.toString()));
        assertEquals(
                "muster: no server answers at http://127.0.0.1:1: start it, or name it with --server"
                        + System.lineSeparator(),
                err.toString());
        assertEquals(2, run("sign-in-link", "--nope"));
    }

    private int run(String... args) {
        return MusterCli.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
    }
}
