package io.muster.server.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.testing.ServerProcess.Start;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.util.FileSystemUtils;

/**
 * The tutorial of the README, typed literally into a shell: each block of {@code sh} is run, and each line of the block of
 * {@code text} behind it must be in what was printed. Only the port differs, as 8080 may be taken.
 */
class TutorialTest {
    private static final Pattern BLOCK = Pattern.compile("```(sh|text)\\n(.*?)```", Pattern.DOTALL);
    private static final String START = "./muster serve\n";

    private Path folder;

    @BeforeEach
    void newFolder() throws Exception {
        folder = Files.createTempDirectory("muster-tutorial-");
    }

    @AfterEach
    void removeFolder() throws Exception {
        FileSystemUtils.deleteRecursively(folder);
    }

    @Test
    void every_command_of_the_tutorial_works_and_prints_what_it_says() throws Exception {
        var readme = Files.readString(Path.of("../README.md"));
        var tutorial = readme.substring(readme.indexOf("\n## Tutorial"), readme.indexOf("\n## For real"));
        var blocks = BLOCK.matcher(tutorial)
                .results()
                .map(block -> List.of(block.group(1), block.group(2)))
                .toList();
        assertThat(blocks.getFirst()).containsExactly("sh", START);
        try (var server = Start.serve(folder.resolve("data")).startAndAwait()) {
            launcher(server.port());
            var script = new StringBuilder("set -eu\n");
            int number = 0;
            for (var block : blocks.subList(1, blocks.size())) {
                if (block.getFirst().equals("sh")) {
                    script.append("exec >printed-").append(++number).append("\n");
                    script.append(block.getLast().replace("localhost:8080", "localhost:" + server.port()));
                }
            }
            type(script.toString());
            number = 0;
            for (var block : blocks.subList(1, blocks.size())) {
                if (block.getFirst().equals("sh")) {
                    number++;
                } else {
                    assertThat(Files.readString(folder.resolve("printed-" + number)))
                            .contains(block.getLast().strip().split("\\n"));
                }
            }
        }
    }

    /** {@code ./muster}, with the client that the build has made. */
    private void launcher(int port) throws Exception {
        var client = Path.of("../cli/target/muster-cli.jar").toAbsolutePath().normalize();
        assertThat(client).as("build it first: ./muster build").exists();
        var launcher = folder.resolve("muster");
        Files.writeString(launcher, """
                #!/bin/sh
                export MUSTER_URL=http://localhost:%d
                exec '%s' -jar '%s' "$@"
                """.formatted(port, Path.of(System.getProperty("java.home"), "bin/java"), client));
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void type(String script) throws Exception {
        var file = Files.writeString(folder.resolve("typed.sh"), script);
        var errors = new File(folder.toFile(), "errors");
        var builder = new ProcessBuilder("sh", file.toString())
                .directory(folder.toFile())
                .redirectError(errors);
        builder.environment().keySet().removeIf(name -> name.startsWith("MUSTER_"));
        var shell = builder.start();
        assertThat(shell.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(shell.exitValue()).as(Files.readString(errors.toPath())).isZero();
    }
}
