package io.muster.server.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.server.testing.DocumentedShell;
import io.muster.server.testing.ServerProcess.Start;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.util.FileSystemUtils;

/**
 * The tutorial of the README, typed literally into a shell: each block of {@code sh} is run, and each line of the block of
 * {@code text} behind it must be in what was printed. Only the port differs, as 8080 may be taken.
 */
class TutorialTest {
    private static final String START = "```sh\n./muster serve\n```";

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
        assertThat(tutorial).contains(START);
        try (var server = Start.serve(folder.resolve("data")).startAndAwait()) {
            new DocumentedShell(folder, server.base()).types(tutorial.replace(START, ""), Map.of());
        }
    }
}
